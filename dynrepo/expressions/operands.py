"""Operands of conditions and actions, whose values are written by the codec of a field."""

# Half of PynamoDB's expression classes have no annotations, and what they are made of is private;
# what is used of them is pinned by tests.
# pyright: reportPrivateUsage=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from dynrepo.codec.nesting import SCALARS
from dynrepo.errors import CodecError
from dynrepo.expressions.nodes import Value
from dynrepo.expressions.private import IfNotExists, Size

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.codec import AttributeValue, Codec


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


class FieldSize(Size):
    """The size of what is stored: characters, bytes, elements."""

    def __init__(self, path: Any) -> None:
        self.label = path.label
        super().__init__(path)

    def _to_value(self, value: Any) -> Value:
        if type(value) is not int:
            raise CodecError(f"size of {self.label}: expected int, found {type(value).__name__}")
        return Value({"N": str(value)})
