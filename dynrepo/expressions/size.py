"""The size of what is stored in a field, in conditions."""

# Half of PynamoDB's expression classes have no annotations.
# pyright: reportUnknownMemberType=false, reportIncompatibleMethodOverride=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from dynrepo.errors import CodecError
from dynrepo.expressions.conditions import ComparedOperand
from dynrepo.expressions.nodes import ShapedValue
from dynrepo.expressions.private import Size

if TYPE_CHECKING:
    from dynrepo.expressions.nodes import Comparison, Value
    from dynrepo.expressions.sources import ValueSource

    _Count: TypeAlias = int | ValueSource[int | None]


class FieldSize(ComparedOperand, Size):  # noqa: PLW1641 - has no hash
    """The size of what is stored: characters, bytes, elements."""

    def __init__(self, path: Any) -> None:
        self.label = path.label
        super().__init__(path)

    if TYPE_CHECKING:  # when the program runs, `ComparedOperand` compares

        def __eq__(self, other: _Count) -> Comparison: ...  # type: ignore[override]
        def __ne__(self, other: _Count) -> Comparison: ...  # type: ignore[override]
        def __lt__(self, other: _Count) -> Comparison: ...
        def __le__(self, other: _Count) -> Comparison: ...
        def __gt__(self, other: _Count) -> Comparison: ...
        def __ge__(self, other: _Count) -> Comparison: ...

    def _to_value(self, value: Any) -> Value:
        if type(value) is not int:
            raise CodecError(f"size of {self.label}: expected int, found {type(value).__name__}")
        return ShapedValue({"N": str(value)})
