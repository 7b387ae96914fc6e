"""Values that no repr shows, nor what goes through the attributes of objects.

Error trackers record the local variables of each frame of a traceback: their reprs, the members of
containers, and what objects have in `__dict__` and `__slots__`. A cell, as closures have them, is
none of these: its repr is `<cell at 0x...: dict object at 0x...>`.
"""

from __future__ import annotations

import functools
from operator import attrgetter
from types import CellType
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar, dataclass_transform

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


@dataclass_transform(frozen_default=True)
class OpaqueRecord:  # noqa: PLW1641 - most hold a dict
    """Makes of each class below it a record of the fields that it annotates, in their order.

    A record stays as it was made, equals one of the same values, and can be copied and pickled. It
    is no tuple, whose members would be recorded, and the fields that are `sealed` are in cells.
    """

    _fields: ClassVar[tuple[str, ...]]
    _values: ClassVar[Any]

    def __init_subclass__(cls, *, sealed: Collection[str] = ()) -> None:
        super().__init_subclass__()
        cls._fields = names = tuple(cls.__annotations__)
        cls._values = attrgetter(*names)
        defaults = {name: cls.__dict__[name] for name in names if name in cls.__dict__}
        cls.__init__ = _initializer(names, defaults, sealed)  # type: ignore[method-assign]
        for name in names:
            # Both are C: to read a field calls no function of Python's.
            path = f"_{name}.cell_contents" if name in sealed else f"_{name}"
            setattr(cls, name, property(attrgetter(path)))

    def replaced(self, **changes: Any) -> Self:
        """Another record, of which some fields are others."""
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


def _initializer(
    names: tuple[str, ...], defaults: Mapping[str, Any], sealed: Collection[str]
) -> Any:
    """The `__init__` of a record, compiled as those of dataclasses are."""
    taken = [f"{name}=defaults['{name}']" if name in defaults else name for name in names]
    stored = [f"self._{it} = {f'sealed({it})' if it in sealed else it}" for it in names]
    made: dict[str, Any] = {"defaults": defaults, "sealed": Sealed}
    exec(f"def __init__(self, {', '.join(taken)}):\n " + "\n ".join(stored), made)  # noqa: S102
    return made["__init__"]
