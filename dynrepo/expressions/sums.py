"""The values that a field, or a part of one, gives to `set`: sums and defaults."""

# Half of PynamoDB's expression classes have no annotations.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, overload

from dynrepo.expressions.comparisons import ComparedPath
from dynrepo.expressions.trees import Fallback

if TYPE_CHECKING:
    from decimal import Decimal

    from dynrepo.expressions.sources import Number, ValueSource, ValueTarget

V = TypeVar("V")


class SummedPath(ComparedPath[V]):
    """A path as the values of `set` take it, too."""

    @overload
    def if_not_exists(self, value: V | ValueSource[V | None]) -> Fallback[V]: ...
    @overload
    def if_not_exists(self: ValueTarget[Decimal], value: int) -> Fallback[V]: ...
    def if_not_exists(self, value: Any) -> Fallback[Any]:
        """Gives what is stored here, or a value when nothing is: for `set`.

        Args:
            value: Of the type of the field, or an operand of one.

        Returns:
            What `set` takes in the place of a value.

        Raises:
            CodecError: The field cannot hold the value.
        """
        return Fallback(self, self._to_operand(value))

    def __or__(self, other: V | ValueSource[V | None]) -> Fallback[V]:
        return self.if_not_exists(other)

    @overload
    def __add__(
        self: ValueSource[Number | None], other: V | int | ValueSource[Number | None]
    ) -> ValueSource[V]: ...
    @overload
    def __add__(self: ValueTarget[int], other: int) -> ValueSource[V]: ...
    def __add__(self, other: Any) -> Any:
        self._need("+", "N")
        return super().__add__(other)  # type: ignore[no-untyped-call]

    @overload
    def __sub__(
        self: ValueSource[Number | None], other: V | int | ValueSource[Number | None]
    ) -> ValueSource[V]: ...
    @overload
    def __sub__(self: ValueTarget[int], other: int) -> ValueSource[V]: ...
    def __sub__(self, other: Any) -> Any:
        self._need("-", "N")
        return super().__sub__(other)  # type: ignore[no-untyped-call]

    @overload
    def __radd__(
        self: ValueSource[Number | None], other: V | int | ValueSource[Number | None]
    ) -> ValueSource[V]: ...
    @overload
    def __radd__(self: ValueTarget[int], other: int) -> ValueSource[V]: ...
    def __radd__(self, other: Any) -> Any:
        self._need("+", "N")
        return super().__radd__(other)  # type: ignore[no-untyped-call]

    @overload
    def __rsub__(
        self: ValueSource[Number | None], other: V | int | ValueSource[Number | None]
    ) -> ValueSource[V]: ...
    @overload
    def __rsub__(self: ValueTarget[int], other: int) -> ValueSource[V]: ...
    def __rsub__(self, other: Any) -> Any:
        self._need("-", "N")
        return super().__rsub__(other)  # type: ignore[no-untyped-call]
