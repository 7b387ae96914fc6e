"""Values that no repr shows, nor what goes through the attributes of objects.

Error trackers record the local variables of each frame of a traceback: their reprs, the members of
containers, and what objects have in `__dict__` and `__slots__`. Two things are none of these: a
slot that `__slots__` does not name, as records have them, and what is in a cell, as closures have
them, whose repr is `<cell at 0x...: dict object at 0x...>`.
"""

from __future__ import annotations

import functools
from operator import attrgetter
from types import CellType
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self, TypeVar, dataclass_transform

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

R = TypeVar("R")

Sealed = CellType
"""Holds one value, its `cell_contents`, which its repr does not show."""


def unsealed(slot: str) -> Any:
    """A property that reads what is sealed in a slot."""
    return property(attrgetter(f"{slot}.cell_contents"))


class OpaquePartial(functools.partial[R]):
    """A `functools.partial` whose repr names its function, and not the arguments."""

    def __repr__(self) -> str:
        return f"<{getattr(self.func, '__qualname__', type(self.func).__name__)} with arguments>"


class _RecordType(type):
    """Makes of the fields that a class annotates the slots of a class above it.

    An instance is one of that class while its slots are filled, and then of the class itself, which
    lets none be set: so what is not sealed is read as fast as any slot.
    """

    def __new__(
        cls,
        name: str,
        bases: tuple[type, ...],
        members: dict[str, Any],
        sealed: Collection[str] = (),
    ) -> Any:
        if not bases:
            return super().__new__(cls, name, bases, members)
        names = tuple(members.get("__annotations__", ()))
        defaults = {it: members.pop(it) for it in names if it in members}
        shared = {it: members[it] for it in _OF_BOTH if it in members}
        above: Any = super().__new__(cls, name, bases, {**shared, "__slots__": names})
        above.__slots__ = tuple([it for it in names if it not in sealed])  # what trackers ask
        own = {
            "_fields": names,
            "_values": attrgetter(*names),
            "__new__": _maker(above, names, defaults),
        }
        fixed = {"__slots__": (), "__setattr__": _refuse, "__delattr__": _refuse}
        return super().__new__(cls, name, (above,), {**members, **own, **fixed})


_OF_BOTH = ("__module__", "__orig_bases__")


@dataclass_transform(frozen_default=True)
class OpaqueRecord(metaclass=_RecordType):  # noqa: PLW1641 - most hold a dict
    """Makes of each class below it a record of the fields that it annotates, in their order.

    A record stays as it was made, equals one of the same values, and can be copied and pickled. It
    is no tuple, whose members would be recorded, and the fields that are `sealed` are in slots that
    `__slots__` does not name.
    """

    __slots__ = ()

    _fields: ClassVar[tuple[str, ...]]
    _values: ClassVar[Any]

    if TYPE_CHECKING:

        def __init_subclass__(cls, *, sealed: Collection[str] = ()) -> None: ...

    def replaced(self, **changes: Any) -> Self:
        """Another record, of which some fields are others.

        Args:
            **changes: The fields that differ, by name.

        Returns:
            The other record; this one stays as it is.
        """
        return type(self)(**dict(zip(self._fields, self._values(self), strict=True)) | changes)

    _replace = replaced  # as named tuples have it

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, type(self)):
            return NotImplemented
        return bool(self._values(self) == other._values(other))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self._values(self)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


def _refuse(record: object, field: str, *_: object) -> NoReturn:
    raise AttributeError(f"a {type(record).__name__} stays as it was made: {field} is not set")


def _maker(above: type, names: Collection[str], defaults: Mapping[str, Any]) -> Any:
    """The `__new__` of a record, compiled as the `__init__` of dataclasses is."""
    taken = [f"{it}=defaults['{it}']" if it in defaults else it for it in names]
    lines = ["record = above()", *(f"record.{it} = {it}" for it in names)]
    lines += ["record.__class__ = cls", "return record"]
    text = f"def __new__(cls, {', '.join(taken)}):\n " + "\n ".join(lines)
    made: dict[str, Any] = {"defaults": defaults, "above": above}
    exec(text, made)  # of the names of fields  # noqa: S102  # nosec B102
    return made["__new__"]
