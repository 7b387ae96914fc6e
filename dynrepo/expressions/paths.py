"""A field, or a part of one, in conditions and actions: its values are written by its codec."""

# Half of PynamoDB's expression classes have no annotations, and what they are made of is private;
# what is used of them is pinned by tests.
# pyright: reportPrivateUsage=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false

from __future__ import annotations

from base64 import b64encode
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from pydantic import ValidationError

from dynrepo.codec.nesting import SCALARS
from dynrepo.errors import CodecError
from dynrepo.expressions.assignments import UnassignablePath
from dynrepo.expressions.nodes import (
    AddAction,
    BeginsWith,
    Between,
    Contains,
    DeleteAction,
    In,
    IsType,
    Path,
    RemoveAction,
    SetAction,
    Value,
)
from dynrepo.expressions.private import IfNotExists, Operand
from dynrepo.expressions.size import FieldSize
from dynrepo.expressions.trees import segment
from dynrepo.public import public

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.codec import AttributeValue, Codec

IN_LIMIT = 100
"""Values that `is_in` may compare with."""

_SETS = {"SS", "NS", "BS"}
_TYPES = {"S", "N", "B", "BOOL", "NULL", "L", "M", *_SETS}


class EncodingOperand:
    """An operand of PynamoDB whose values are written by a codec of ours."""

    codec: Codec
    label: str
    write: Callable[[Any], AttributeValue | None]

    # The two private methods of PynamoDB that are overridden; a test pins what they are called for.

    def _to_operand(self, value: Any) -> Any:
        if type(value) in SCALARS:  # of what else it may be, PynamoDB imports the classes each time
            return self._to_value(value)
        return cast("Any", super())._to_operand(value)  # noqa: SLF001 - overridden

    def _to_value(self, value: Any) -> Value:
        encoded = self._written(value)
        if encoded is None:
            raise CodecError(
                f"{self.label}: None and the empty set are not stored:"
                " ask exists() or does_not_exist()"
            )
        return Value(encoded)

    def _written(self, value: Any) -> AttributeValue | None:
        try:
            return self.write(value)
        except CodecError as error:
            reason = str(error)
        # A field names itself; an element does not. Outside the handler: no value in a cause.
        raise CodecError(reason if reason.startswith(self.label) else f"{self.label}: {reason}")

    def _need(self, what: str, *tags: str) -> None:
        """Makes sure that a value of the field can be of one of these types."""
        if self.codec.tags.isdisjoint(tags):
            raise CodecError(f"{self.label}: {what} needs one of {', '.join(tags)}")


class Fallback(EncodingOperand, IfNotExists):
    """What is stored, or a value where nothing is."""

    def __init__(self, path: Any, value: Any) -> None:
        self.codec, self.label, self.write = path.codec, path.label, path.write
        super().__init__(path, value)


@public
class FieldPath(UnassignablePath, EncodingOperand, Path):
    """A field, or a part of one, in conditions and actions.

    `== != < <= > >=`, `between`, `is_in`, `startswith`, `contains`, `exists`, `does_not_exist`,
    `is_type` and `size()` make conditions, which `& | ~` join; `set`, `add`, `remove`, `delete`,
    `append` and `prepend` make update actions. `[...]` steps into a nested model by field name,
    into a map by key and into a list by index. `+`, `-` and `if_not_exists` make values for `set`.
    Whatever does not fit the field is a CodecError at once.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
    """

    def __init__(
        self,
        segments: list[str],
        codec: Codec,
        label: str,
        *,
        name: str,
        write: Callable[[Any], AttributeValue | None] | None = None,
        valid: Callable[[Any], Any] | None = None,
    ) -> None:
        super().__init__(segments)
        self.codec = codec
        self.write = write or codec.encode
        self.name = name
        """What leads here from the fields: `left`, `lines[0].price`, `prices[...]`."""
        self._valid = valid
        self.label = label  # the last: from here on nothing is assigned

    def __getitem__(self, item: int | str) -> FieldPath:
        try:
            place, codec = self.codec.child(item)
        except CodecError as error:
            raise CodecError(f"{self.label}: {error}") from None
        if isinstance(place, int):
            segments = [*self.path[:-1], f"{self.path[-1]}[{place}]"]
            step = f"[{place}]"
            return FieldPath(segments, codec, self.label + step, name=self.name + step)
        segments = [*self.path, segment(place, self.label)]
        return FieldPath(segments, codec, f"{self.label}[...]", name=f"{self.name}[...]")

    def serialize(
        self,
        placeholder_names: dict[str, str],
        expression_attribute_values: dict[str, Any],
    ) -> str:
        """The path as text; PynamoDB writes those of more than one step, and those into lists."""
        name = self.path[0]
        if len(self.path) > 1 or "[" in name:
            return str(super().serialize(placeholder_names, expression_attribute_values))
        return placeholder_names.setdefault(name, f"#{len(placeholder_names)}")

    def between(self, lower: Any, upper: Any) -> Between:
        """From `lower` to `upper`, both included."""
        return super().between(lower, upper)

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
        self._need("contains", "S", "B", "L", *_SETS)
        if self.codec.tags & {"L", *_SETS}:
            return Contains(self, Value(self._element(item)))
        return Contains(self, self._fragment(item))

    def is_type(self, attr_type: str) -> IsType:
        """An attribute of the DynamoDB type `S N B BOOL NULL L M SS NS` or `BS`."""
        if attr_type not in _TYPES:
            raise CodecError(
                f"{self.label}: that is no type of DynamoDB: use one of {sorted(_TYPES)}"
            )
        return IsType(self, Value({"S": attr_type}))

    def size(self) -> FieldSize:
        """The number of characters, bytes or elements, to be compared with an int."""
        self._need("size", "S", "B", "L", "M", *_SETS)
        return FieldSize(self)

    def set(self, value: Any) -> SetAction | RemoveAction:
        """Stores a value, or what a path, a sum or `if_not_exists` gives.

        None and the empty set remove the attribute where they are stored by its absence. A value
        for a whole field must be valid for it, as in the model, but for the model's validators.
        """
        if isinstance(value, Operand):
            self._check_same_type(value)
            return SetAction(self, value)
        encoded = self._written(value)
        if self._valid is not None and encoded is not None:
            encoded = self._written(self._validated(self._valid, value))
        return RemoveAction(self) if encoded is None else SetAction(self, Value(encoded))

    def add(self, *values: Any) -> AddAction:
        """Adds to a number, or elements to a set; a missing attribute counts as 0 or empty.

        Where the field may hold both, as one without a type may, one number is an amount: give
        `{1}` to add it to a set.
        """
        self._need("add", "N", *_SETS)
        if self.codec.tags & _SETS and not ("N" in self.codec.tags and _is_amount(values)):
            return AddAction(self, self._elements(values))
        return AddAction(self, self._amount(values))

    def delete(self, *values: Any) -> DeleteAction:
        """Takes elements out of a set."""
        self._need("delete", *_SETS)
        return DeleteAction(self, self._elements(values))

    def append(self, *values: Any) -> SetAction:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        """Puts elements at the end of a list; a missing list counts as empty."""
        return SetAction(self, self._list().append(self._listed(values)))

    def prepend(self, *values: Any) -> SetAction:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        """Puts elements before a list, in their order; a missing list counts as empty."""
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

    def _fragment(self, value: Any) -> Value:
        """A part of a text or binary value; half a UUID is no UUID, and still a prefix."""
        if isinstance(value, str) and "S" in self.codec.tags:
            return Value({"S": value})
        if isinstance(value, bytes) and "B" in self.codec.tags:
            return Value({"B": b64encode(value).decode()})
        return self._to_value(value)

    def _validated(self, valid: Callable[[Any], Any], value: Any) -> Any:
        """The value as the field would hold it, by the constraints of its annotation."""
        try:
            return valid(value)
        except ValidationError as error:
            reasons = ", ".join(detail["type"] for detail in error.errors(include_input=False))
        raise CodecError(f"{self.label}: not valid ({reasons})")

    def _check_same_type(self, operand: Operand) -> None:
        if isinstance(operand, EncodingOperand) and self.codec.tags.isdisjoint(operand.codec.tags):
            raise CodecError(f"{self.label}: cannot hold what {operand.label} holds")

    def _element(self, value: Any) -> AttributeValue:
        try:
            codec = self.codec.element or self.codec.child(0)[1]
            return codec.encode(value)
        except CodecError as error:
            raise CodecError(f"{self.label}: {error}") from None

    def _amount(self, values: tuple[Any, ...]) -> Value:
        if len(values) != 1 or "N" not in (amount := self._to_value(values[0])).value:
            raise CodecError(f"{self.label}: add takes one number here")
        return amount

    def _elements(self, values: tuple[Any, ...]) -> Value:
        """A set of DynamoDB, from elements or from one set."""
        if len(values) == 1 and isinstance(values[0], frozenset | set):
            values = tuple(values[0])
        elements = [self._element(value) for value in values]
        tags = {tag for element in elements for tag in element}
        if len(tags) != 1 or f"{min(tags)}S" not in self.codec.tags & _SETS:
            raise CodecError(f"{self.label}: expected elements of a set, at least one, of one type")
        (tag,) = tags
        return Value({f"{tag}S": list(dict.fromkeys(element[tag] for element in elements))})

    def _list(self) -> Fallback:
        self._need("append and prepend", "L")
        if self.codec.element is not None:
            raise CodecError(f"{self.label}: append and prepend are for lists; a set has add")
        return Fallback(self, Value({"L": []}))

    def _listed(self, values: tuple[Any, ...]) -> Value:
        return Value({"L": [self._element(value) for value in values]})


def _is_amount(values: tuple[Any, ...]) -> bool:
    """Whether `add` is given one number, which a bool is not."""
    (first, *more) = values or (None,)
    return not more and isinstance(first, int | float | Decimal) and not isinstance(first, bool)
