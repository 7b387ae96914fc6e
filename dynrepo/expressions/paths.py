"""A field, or a part of one, in conditions and actions: its values are written by its codec."""

# Half of PynamoDB's expression classes have no annotations, and what they are made of is private;
# what is used of them is pinned by tests.
# pyright: reportPrivateUsage=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false

from __future__ import annotations

from base64 import b64encode
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dynrepo.codec.number import is_number
from dynrepo.codec.value import SET_TAGS, TAGS
from dynrepo.errors import CodecError
from dynrepo.expressions.assignments import UnassignablePath
from dynrepo.expressions.nodes import (
    AddAction,
    BeginsWith,
    Contains,
    DeleteAction,
    In,
    IsType,
    RemoveAction,
    SetAction,
    Value,
)
from dynrepo.expressions.private import Operand
from dynrepo.expressions.ranges import RangedOperand
from dynrepo.expressions.segments import segment
from dynrepo.expressions.size import FieldSize
from dynrepo.expressions.trees import DirectPath, EncodingOperand, Fallback, default_of
from dynrepo.public import public

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.codec.value import AttributeValue, Codec, StoredField
    from dynrepo.expressions.bounds import Bounds
    from dynrepo.expressions.rules import Rules

_SETS = {set, frozenset}
IN_LIMIT = 100
"""Values that `is_in` may compare with."""


@public
class FieldPath(UnassignablePath, RangedOperand, EncodingOperand, DirectPath):
    """A field, or a part of one, in conditions and actions.

    `== != < <= > >=`, `between`, `is_in`, `startswith`, `contains`, `exists`, `does_not_exist`,
    `is_type` and `size()` make conditions, which `& | ~` join; `set`, `add`, `remove`, `delete`,
    `append` and `prepend` make update actions. `[...]` steps into a nested model by field name,
    into a map by key and into a list by index. `+`, `-` and `if_not_exists` make values for `set`.
    Whatever does not fit the field is a CodecError at once.
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

    @cached_property
    def bounds(self) -> Bounds | None:
        """The numbers between which what is stored here stays; None where it has no bounds."""
        return self._rules.bounds if self._rules else None

    def is_in(self, *values: Any) -> In:
        """One of up to 100 values."""
        if not 1 <= len(values) <= IN_LIMIT:
            raise CodecError(f"{self.label}: is_in takes 1 to {IN_LIMIT} values, not {len(values)}")
        return super().is_in(*values)

    def startswith(self, prefix: Any) -> BeginsWith:
        """A text or binary value that begins so."""
        self._need("startswith", "S", "B")
        return BeginsWith(self, self._fragment(prefix))

    def contains(self, item: Any) -> Contains:
        """A set or list with this element, or a text or binary value with this part."""
        self._need("contains", "S", "B", "L", *SET_TAGS)
        if self.codec.tags & {"L", *SET_TAGS}:
            return Contains(self, Value(self._element(item)))
        return Contains(self, self._fragment(item))

    def is_type(self, attr_type: str) -> IsType:
        """An attribute of the DynamoDB type `S N B BOOL NULL L M SS NS` or `BS`."""
        if attr_type not in TAGS:
            raise CodecError(f"{self.label}: no type of DynamoDB: use one of {sorted(TAGS)}")
        return IsType(self, Value({"S": attr_type}))

    def size(self) -> FieldSize:
        """The number of characters, bytes or elements, to be compared with an int."""
        self._need("size", "S", "B", "L", "M", *SET_TAGS)
        return FieldSize(self)

    def set(self, value: Any) -> SetAction | RemoveAction:
        """Stores a value, or what a path, a sum or `if_not_exists` gives.

        None and the empty set remove what is stored where `save` would store nothing. A value has
        to pass the constraints and validators of its field, also of one in a nested model, in a
        list or in a map, and is stored as they return it. Not asked are validators of whole models,
        and those that look at other fields; nor is what a path gives, or the sum of two.
        """
        self._check_place()
        if isinstance(value, Operand):
            self._check_same_type(value)
            return SetAction(self, self._with_valid_default(value))
        encoded = self._checked(value)
        return RemoveAction(self) if encoded is None else SetAction(self, Value(encoded))

    def add(self, *values: Any) -> AddAction:
        """Adds to a number, or elements to a set; a missing attribute counts as 0 or empty.

        A sum beyond the bounds of the field (`ge`, `gt`, `le`, `lt`) is a `ConditionFailed` that
        names it, and nothing is written; `multiple_of` and validators cannot be checked, for only
        DynamoDB knows the sum. Where the field may hold both, as one without a type may, one number
        is an amount: give `{1}` to add it to a set.
        """
        self._need("add", "N", *SET_TAGS)
        self._check_place()
        if self.codec.tags & SET_TAGS and not (
            "N" in self.codec.tags and list(map(is_number, values)) == [True]
        ):
            return AddAction(self, self._elements(values, self._checked_element))
        return AddAction(self, self._amount(values))

    def delete(self, *values: Any) -> DeleteAction:
        """Takes elements out of a set."""
        self._need("delete", *SET_TAGS)
        return DeleteAction(self, self._elements(values, self._element))

    def append(self, *values: Any) -> SetAction:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        """Puts elements at the end of a list; a missing list counts as empty.

        More than the `max_length` of the field is a `ConditionFailed` that names it.
        """
        return SetAction(self, self._list().append(self._listed(values)))

    def prepend(self, *values: Any) -> SetAction:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        """Puts elements before a list, in their order; else as `append`."""
        return SetAction(self, self._list().prepend(self._listed(values)))

    def if_not_exists(self, value: Any) -> Fallback:
        """What is stored here, or `value` when nothing is: for `set`."""
        return Fallback(self, self._to_operand(value))

    def __or__(self, other: Any) -> Fallback:
        return self.if_not_exists(other)

    def __add__(self, other: Any) -> Any:
        self._need("+", "N")
        return super().__add__(other)  # type: ignore[no-untyped-call]

    def __sub__(self, other: Any) -> Any:
        self._need("-", "N")
        return super().__sub__(other)  # type: ignore[no-untyped-call]

    def __radd__(self, other: Any) -> Any:
        self._need("+", "N")
        return super().__radd__(other)  # type: ignore[no-untyped-call]

    def __rsub__(self, other: Any) -> Any:
        self._need("-", "N")
        return super().__rsub__(other)  # type: ignore[no-untyped-call]

    def _need(self, what: str, *tags: str) -> None:
        """Makes sure that a value of the field can be of one of these types."""
        if self.codec.tags.isdisjoint(tags):
            raise CodecError(f"{self.label}: {what} needs one of {', '.join(tags)}")

    def _fragment(self, value: Any) -> Value:
        """A part of a text or binary value; half a UUID is no UUID, and still a prefix."""
        if isinstance(value, str) and "S" in self.codec.tags:
            return Value({"S": value})
        if isinstance(value, bytes) and "B" in self.codec.tags:
            return Value({"B": b64encode(value).decode()})
        return self._to_value(value)

    def _check_place(self) -> None:
        """CodecError where nothing may be stored: under a key that its validators refuse."""
        if self._rules is not None and self._rules.refusal:
            raise CodecError(f"{self.label}: {self._rules.refusal}")

    def _check_same_type(self, operand: Operand) -> None:
        if isinstance(operand, EncodingOperand) and self.codec.tags.isdisjoint(operand.codec.tags):
            raise CodecError(f"{self.label}: cannot hold what {operand.label} holds")

    def _checked(self, value: Any) -> AttributeValue | None:
        """What is stored for a value that the rules of this place let pass."""
        rules = self._rules
        if rules is None or rules.validate is None:
            return self._written(value)
        return self._written(value, lambda value: rules.checked(value, self.codec, self.write))

    def _with_valid_default(self, operand: Any) -> Any:
        """An operand; of an `if_not_exists` with a value, that value checked."""
        path, default = default_of(operand) or (None, None)
        if not isinstance(default, Value):
            return operand
        stored = self._checked(self.codec.decode(default.value))
        return operand if stored is None else Fallback(path, Value(stored))

    def _element(self, value: Any) -> Any:
        """What is stored for an element of a set or a list."""
        return self._written(value, self._element_codec.encode)

    def _checked_element(self, value: Any) -> Any:
        """The same, for an element that the rules let pass."""
        rules = self._rules and self._rules.below(0)
        if rules is None:
            return self._element(value)
        codec = self._element_codec
        return self._written(value, lambda value: rules.checked(value, codec, codec.encode))

    @property
    def _element_codec(self) -> Codec:
        try:
            return self.codec.element or self.codec.child(0)[1]
        except CodecError as error:
            raise CodecError(f"{self.label}: {error}") from None

    def _amount(self, values: tuple[Any, ...]) -> Value:
        if len(values) != 1 or "N" not in (amount := self._to_value(values[0])).value:
            raise CodecError(f"{self.label}: add takes one number here")
        return amount

    def _elements(self, values: tuple[Any, ...], write: Callable[[Any], Any]) -> Value:
        """A set of DynamoDB, from elements or from one set."""
        if len(values) == 1 and isinstance(values[0], frozenset | set):
            values = tuple(values[0])
        elements = list(map(write, values))
        tags = {tag for element in elements for tag in element}
        if len(tags) != 1 or f"{min(tags)}S" not in self.codec.tags & SET_TAGS:
            raise CodecError(f"{self.label}: expected elements of a set, at least one, of one type")
        (tag,) = tags
        return Value({f"{tag}S": list(dict.fromkeys(element[tag] for element in elements))})

    def _list(self) -> Fallback:
        self._need("append and prepend", "L")
        self._check_place()
        if _SETS & set(self.codec.present.kinds):
            raise CodecError(
                f"{self.label}: append and prepend are for lists; a set has add, or is set as a"
                " whole where it is stored as a list"
            )
        return Fallback(self, Value({"L": []}))

    def _listed(self, values: tuple[Any, ...]) -> Value:
        return Value({"L": [self._checked_element(value) for value in values]})
