"""Answers of a shared table, made from their text, with instances that are in their place.

What makes an instance knows nothing of the table's key. Where an answer has one item, the stored
key is taken from the text beside the instance, and the two are compared; where they differ, the
codec reads the answer, and says what is amiss.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynrepo.codec.core_schemas import NotAccelerated, PartParser, alone, either, function
from dynrepo.reading.parsers import AnswerParsers, accelerated_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from pydantic import BaseModel

    from dynrepo.codec import Field, Item
    from dynrepo.codec.core_schemas import CoreSchema, Parse
    from dynrepo.codec.records import Record
    from dynrepo.reading.parsers import AnswerPart

_OF_ONE = ("Item", "Attributes")
"""The parts of answers that are one item."""


class PlacedParsers(AnswerParsers):
    """What makes answers from their text, by the part that has the items.

    `key` are the attributes of the table's key. `is_in_place` tells whether an instance has the key
    that is given by these attributes. Several items in an answer are not compared with their keys.
    """

    def __init__(
        self,
        accelerated: Callable[[], CoreSchema],
        decode: Callable[[Any], Any],
        key: Sequence[Field],
        is_in_place: Callable[[Any, Item], bool],
    ) -> None:
        self._is_in_place = is_in_place
        super().__init__(accelerated, decode, [field.attribute for field in key])

    def _made(self, schema: CoreSchema, part: AnswerPart) -> Parse:
        if part not in _OF_ONE:
            return super()._made(schema, part)
        item = either(schema, function(self._decode))
        return PlacedParser(self._is_in_place, part, item, self._looked_at)


class PlacedParser(PartParser):
    """Takes the one item out of an answer, where the instance has the key that is stored."""

    __slots__ = ("_is_in_place",)

    def __init__(
        self,
        is_in_place: Callable[[Any, Item], bool],
        part: AnswerPart,
        schema: CoreSchema,
        key: Collection[str],
    ) -> None:
        super().__init__(part, schema, alone, key, required=False)
        self._is_in_place = is_in_place

    def taken(self, found: dict[str, Any]) -> tuple[dict[str, Any], Sequence[Any] | None] | None:
        """The rest of an answer, and the instance; None where it has another key."""
        answer = super().taken(found)
        if answer is None or (made := answer[1]) is None:
            return answer
        return answer if self._is_in_place(made[0], answer[0][self._part]) else None


def placed_schema(model: type[BaseModel], record: Record, keys: Collection[Field]) -> CoreSchema:
    """The schema that makes instances of items in JSON, where the fields of their key are there.

    `NotAccelerated` as `accelerated_schema`, and where all attributes are the model's.
    """
    if record.extra != "ignore":
        raise NotAccelerated(
            "in a shared table an item has attributes that no field declares: let the model ignore"
            " what it does not declare"
        )
    return accelerated_schema(model, record, keys)
