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
        """Asks for one of several values.

        Args:
            *values: 1 to 100 of the type of the field, one by one.

        Returns:
            A condition.

        Raises:
            CodecError: There are none or more than 100, or one does not fit.
        """
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
        """Asks for something that is stored here.

        Returns:
            A condition.
        """
        return Exists(self)

    def does_not_exist(self) -> NotExists:
        """Asks for nothing that is stored here, as where the value is None.

        Returns:
            A condition.
        """
        return NotExists(self)

    @overload
    def startswith(self: ValueSource[TextLike | None], prefix: str) -> BeginsWith: ...
    @overload
    def startswith(self: ValueTarget[str], prefix: str) -> BeginsWith: ...
    @overload
    def startswith(self: ValueTarget[bytes], prefix: bytes) -> BeginsWith: ...
    def startswith(self, prefix: Any) -> BeginsWith:
        """Asks for a text or binary value that begins so.

        Args:
            prefix: A str or bytes, as the field is stored: a part of a UUID will do.

        Returns:
            A condition.

        Raises:
            CodecError: The field is neither text nor binary, or the prefix is of another type.
        """
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
        """Asks for an element of a set or list, or for a part of a text or binary value.

        Args:
            item: The element, or the part: a str or bytes.

        Returns:
            A condition.

        Raises:
            CodecError: The field is none of these, or the item does not fit.
        """
        self._need("contains", "S", "B", "L", *SET_TAGS)
        if self.codec.tags & {"L", *SET_TAGS}:
            return Contains(self, ShapedValue(self._element(item)))
        return Contains(self, self._fragment(item))

    def is_type(self, attr_type: str) -> IsType:
        """Asks for an attribute of a type of DynamoDB.

        Args:
            attr_type: One of `S N B BOOL NULL L M SS NS BS`.

        Returns:
            A condition.

        Raises:
            CodecError: There is no such type.
        """
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
        """Measures what is stored here, to be compared with an int: `fields.name.size() > 3`.

        Returns:
            The characters of a text, the bytes of a binary value, or the elements of a set, list or
                map.

        Raises:
            CodecError: The field is none of these.
        """
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
