"""The conditions that a field, or a part of one, makes."""

# Half of PynamoDB's expression classes have no annotations, and what they are made of is private;
# what is used of them is pinned by tests.
# pyright: reportPrivateUsage=false, reportUnknownMemberType=false
# pyright: reportIncompatibleMethodOverride=false

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any, TypeVar, overload

from dynrepo.codec.value import SET_TAGS, TAGS
from dynrepo.errors import CodecError
from dynrepo.expressions.conditions import (
    BeginsWith,
    ComparedOperand,
    Contains,
    Exists,
    In,
    IsType,
    NotExists,
)
from dynrepo.expressions.nodes import ShapedValue
from dynrepo.expressions.ranges import RangedOperand
from dynrepo.expressions.size import FieldSize
from dynrepo.expressions.trees import DirectPath, EncodingOperand

if TYPE_CHECKING:
    from collections import deque
    from decimal import Decimal

    from dynrepo.codec.value import Codec
    from dynrepo.expressions.nodes import Comparison, Value
    from dynrepo.expressions.sources import Measured, TextLike, ValueSource, ValueTarget

V = TypeVar("V")
E = TypeVar("E")

_COLLECTIONS = (list, tuple, set, frozenset, range)

IN_LIMIT = 100
"""Values that `is_in` may compare with."""


class ComparedPath(  # noqa: PLW1641 - has no hash
    RangedOperand[V], ComparedOperand, EncodingOperand, DirectPath
):
    """A path as conditions take it: its values are written by its codec."""

    if TYPE_CHECKING:  # when the program runs, `ComparedOperand` compares

        @overload  # type: ignore[override]
        def __eq__(self, other: V | ValueSource[V | None]) -> Comparison: ...
        @overload
        def __eq__(
            self: ValueTarget[Decimal], other: int | ValueSource[int | None]
        ) -> Comparison: ...
        def __eq__(self, other: object) -> Comparison: ...

        @overload  # type: ignore[override]
        def __ne__(self, other: V | ValueSource[V | None]) -> Comparison: ...
        @overload
        def __ne__(
            self: ValueTarget[Decimal], other: int | ValueSource[int | None]
        ) -> Comparison: ...
        def __ne__(self, other: object) -> Comparison: ...

    def is_in(self, *values: V | ValueSource[V | None]) -> In:
        """One of up to 100 values."""
        if not 1 <= len(values) <= IN_LIMIT:
            raise CodecError(f"{self.label}: is_in takes 1 to {IN_LIMIT} values, not {len(values)}")
        try:
            return In(self, *map(self._to_operand, values))
        except CodecError as error:
            if len(values) != 1 or not isinstance(values[0], _COLLECTIONS):
                raise
            reason = str(error)
        raise CodecError(f"{reason}: write is_in(*values), which are given one by one")

    def exists(self) -> Exists:
        """Something that is stored here."""
        return Exists(self)

    def does_not_exist(self) -> NotExists:
        """Nothing that is stored here, as where the value is None."""
        return NotExists(self)

    @overload
    def startswith(self: ValueSource[TextLike | None], prefix: str) -> BeginsWith: ...
    @overload
    def startswith(self: ValueTarget[str], prefix: str) -> BeginsWith: ...
    @overload
    def startswith(self: ValueTarget[bytes], prefix: bytes) -> BeginsWith: ...
    def startswith(self, prefix: Any) -> BeginsWith:
        """A text or binary value that begins so."""
        self._need("startswith", "S", "B")
        return BeginsWith(self, self._fragment(prefix))

    @overload
    def contains(self: ValueTarget[list[E]], item: E) -> Contains: ...
    @overload
    def contains(self: ValueTarget[set[E]], item: E) -> Contains: ...
    @overload
    def contains(self: ValueTarget[frozenset[E]], item: E) -> Contains: ...
    @overload
    def contains(self: ValueTarget[tuple[E, ...]], item: E) -> Contains: ...
    @overload
    def contains(self: ValueTarget[deque[E]], item: E) -> Contains: ...
    @overload
    def contains(self: ValueSource[TextLike | None], item: str) -> Contains: ...
    @overload
    def contains(self: ValueTarget[str], item: str) -> Contains: ...
    @overload
    def contains(self: ValueTarget[bytes], item: bytes) -> Contains: ...
    def contains(self, item: Any) -> Contains:
        """A set or list with this element, or a text or binary value with this part."""
        self._need("contains", "S", "B", "L", *SET_TAGS)
        if self.codec.tags & {"L", *SET_TAGS}:
            return Contains(self, ShapedValue(self._element(item)))
        return Contains(self, self._fragment(item))

    def is_type(self, attr_type: str) -> IsType:
        """An attribute of the DynamoDB type `S N B BOOL NULL L M SS NS` or `BS`."""
        if attr_type not in TAGS:
            raise CodecError(f"{self.label}: no type of DynamoDB: use one of {sorted(TAGS)}")
        return IsType(self, ShapedValue({"S": attr_type}))

    @overload
    def size(self: ValueSource[Measured | None]) -> FieldSize: ...
    @overload
    def size(self: ValueTarget[str]) -> FieldSize: ...
    @overload
    def size(self: ValueTarget[bytes]) -> FieldSize: ...
    def size(self) -> FieldSize:
        """The number of characters, bytes or elements, to be compared with an int."""
        self._need("size", "S", "B", "L", "M", *SET_TAGS)
        return FieldSize(self)

    def _fragment(self, value: Any) -> Value:
        """A part of a text or binary value; half a UUID is no UUID, and still a prefix."""
        if isinstance(value, str) and "S" in self.codec.tags:
            return ShapedValue({"S": value})
        if isinstance(value, bytes) and "B" in self.codec.tags:
            return ShapedValue({"B": b64encode(value).decode()})
        return self._to_value(value)

    def _element(self, value: Any) -> Any:
        """What is stored for an element of a set or a list."""
        return self._written(value, self._element_codec.encode)

    @property
    def _element_codec(self) -> Codec:
        try:
            return self.codec.element or self.codec.child(0)[1]
        except CodecError as error:
            raise CodecError(f"{self.label}: {error}") from None
