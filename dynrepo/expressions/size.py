"""The size of what is stored in a field, in conditions."""

# Half of PynamoDB's expression classes have no annotations.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from typing import Any

from dynrepo.errors import CodecError
from dynrepo.expressions.nodes import Value
from dynrepo.expressions.private import Size


class FieldSize(Size):
    """The size of what is stored: characters, bytes, elements."""

    def __init__(self, path: Any) -> None:
        self.label = path.label
        super().__init__(path)

    def _to_value(self, value: Any) -> Value:
        if type(value) is not int:
            raise CodecError(f"size of {self.label}: expected int, found {type(value).__name__}")
        return Value({"N": str(value)})
