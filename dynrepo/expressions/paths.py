"""A field, or a part of one, in conditions and actions: its values are written by its codec."""

# Half of PynamoDB's expression classes have no annotations, and what they are made of is private;
# what is used of them is pinned by tests.
# pyright: reportPrivateUsage=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from dynrepo.errors import CodecError
from dynrepo.expressions.assignments import UnassignablePath
from dynrepo.expressions.attribute_names import segment
from dynrepo.expressions.changes import ChangedPath
from dynrepo.expressions.misuses import ValuelessPath
from dynrepo.public import public

if TYPE_CHECKING:
    import typing_extensions

    from dynrepo.codec.value import Codec, StoredField
    from dynrepo.expressions.bounds import Bounds
    from dynrepo.expressions.rules import Rules

    V = typing_extensions.TypeVar("V", default=Any)
else:
    V = TypeVar("V")  # no default before Python 3.13, where only type checkers ask for it


@public
class FieldPath(UnassignablePath, ValuelessPath, ChangedPath[V]):
    """A field, or a part of one, in conditions and actions.

    `== != < <= > >=`, `between`, `is_in`, `startswith`, `contains`, `exists`, `does_not_exist`,
    `is_type` and `size()` make conditions, which `& | ~` join; `set`, `add`, `remove`, `delete`,
    `append` and `prepend` make update actions. `[...]` steps into a nested model by field name,
    into a map by key and into a list by index. `+`, `-` and `if_not_exists` make values for `set`.
    Whatever does not fit the field is a CodecError at once. To type checkers `FieldPath[int]`, as
    `path` gives it, is that of an `int`, and a plain one, as in `fields.visits`, of anything.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
    """

    name: str
    """What leads here from the fields: `left`, `lines[0].price`, `prices[...]`."""
    needed: bool
    """Whether nobody can read the item without what is stored here."""
    _rules: Rules | None

    def __init__(
        self,
        segments: list[str],
        codec: Codec,
        label: str,
        *,
        name: str,
        field: StoredField | None = None,
        rules: Rules | None = None,
    ) -> None:
        super().__init__(segments)
        # With a label it is made: from here on nothing is assigned.
        self.__dict__.update(
            codec=codec,
            label=label,
            name=name,
            write=codec.encode if field is None else field.encode,
            needed=field is not None and field.needed,
            _rules=rules,
        )

    def __getitem__(self, item: int | str) -> FieldPath:
        try:
            place, codec = self.codec.child(item)
            field = self.codec.field(item)
        except CodecError as error:
            raise CodecError(f"{self.label}: {error}") from None
        if isinstance(place, int):
            segments = [*self.path[:-1], f"{self.path[-1]}[{place}]"]
            step = f"[{place}]"
            label, name = self.label + step, self.name + step
        else:
            segments = [*self.path, segment(place, self.label)]
            label = f"{self.label}[...]"
            name = f"{self.name}[...]" if field is None else f"{self.name}.{item}"
        rules = self._rules and self._rules.below(item)
        return FieldPath(segments, codec, label, name=name, field=field, rules=rules)

    def __str__(self) -> str:
        return self.name  # which has no key of a map

    __repr__ = __str__

    @cached_property
    def bounds(self) -> Bounds | None:
        """The numbers between which what is stored here stays; None where it has no bounds."""
        return self._rules.bounds if self._rules else None
