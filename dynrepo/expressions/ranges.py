"""Ranges of values, where what is stored has the order of the values."""

# Half of PynamoDB's expression classes have no annotations.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast, overload

from dynrepo.errors import CodecError
from dynrepo.expressions.sources import ValueSource, ValueTarget

if TYPE_CHECKING:
    from decimal import Decimal

    from dynrepo.codec import Codec
    from dynrepo.expressions.nodes import Between, Comparison

V = TypeVar("V")


class RangedOperand(ValueSource[V], ValueTarget[V]):
    """An operand of PynamoDB that is compared only where its stored form is in the same order.

    An encoding may have another one: of RFC 3339 with fractions of any length, `10Z` is after
    `10.5Z`.
    """

    codec: Codec
    label: str

    @overload
    def __lt__(self, other: V | ValueSource[V | None]) -> Comparison: ...
    @overload
    def __lt__(self: ValueTarget[Decimal], other: int | ValueSource[int | None]) -> Comparison: ...
    def __lt__(self, other: Any) -> Comparison:
        return self._ordered.__lt__(other)  # type: ignore[no-any-return]

    @overload
    def __le__(self, other: V | ValueSource[V | None]) -> Comparison: ...
    @overload
    def __le__(self: ValueTarget[Decimal], other: int | ValueSource[int | None]) -> Comparison: ...
    def __le__(self, other: Any) -> Comparison:
        return self._ordered.__le__(other)  # type: ignore[no-any-return]

    @overload
    def __gt__(self, other: V | ValueSource[V | None]) -> Comparison: ...
    @overload
    def __gt__(self: ValueTarget[Decimal], other: int | ValueSource[int | None]) -> Comparison: ...
    def __gt__(self, other: Any) -> Comparison:
        return self._ordered.__gt__(other)  # type: ignore[no-any-return]

    @overload
    def __ge__(self, other: V | ValueSource[V | None]) -> Comparison: ...
    @overload
    def __ge__(self: ValueTarget[Decimal], other: int | ValueSource[int | None]) -> Comparison: ...
    def __ge__(self, other: Any) -> Comparison:
        return self._ordered.__ge__(other)  # type: ignore[no-any-return]

    @overload
    def between(
        self, lower: V | ValueSource[V | None], upper: V | ValueSource[V | None]
    ) -> Between: ...
    @overload
    def between(
        self: ValueTarget[Decimal], lower: Decimal | int, upper: Decimal | int
    ) -> Between: ...
    def between(self, lower: Any, upper: Any) -> Between:
        """Asks for a value from `lower` to `upper`, both included.

        Args:
            lower: The least value, of the type of the field.
            upper: The greatest one.

        Returns:
            A condition.

        Raises:
            CodecError: A value does not fit, or the field is stored in another order than its
                values.
        """
        return self._ordered.between(lower, upper)  # type: ignore[no-any-return]

    @property
    def _ordered(self) -> Any:
        """The operand as PynamoDB has it; CodecError where its order is another."""
        if not self.codec.ordered:
            raise CodecError(
                f"{self.label}: {self.codec.name} is stored in another order than that of its"
                " values, so there are no ranges of it: ask for single values"
            )
        return cast("Any", super())
