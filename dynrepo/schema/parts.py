"""A smaller model as a part of the items of another: some of its fields, stored as they are there.

The smaller model says which fields it has, and what stands for one that is absent; the attribute
and the form are those that the whole says, for what is stored was written by that.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

from pydantic import BaseModel

from dynrepo.codec.records import Record
from dynrepo.errors import SchemaError
from dynrepo.reading.parsers import AnswerParsers, accelerated_schema
from dynrepo.schema.entity import Fields
from dynrepo.schema.made import made_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from dynrepo.codec import AttributeValue, Field
    from dynrepo.codec.core_schemas import CoreSchema, Parse
    from dynrepo.reading.parsers import AnswerPart
    from dynrepo.schema.entity import Schema
    from dynrepo.schema.keys import KeyTexts

P = TypeVar("P", bound=BaseModel)


class PartFields(Fields[P]):
    """The fields of a smaller model, as they are stored in the items of another.

    SchemaError when it has a field that the items have not, or have with another type.
    """

    def __init__(self, model: type[P], whole: Schema[Any]) -> None:
        _check_fields(model, whole)
        super().__init__(model)
        fields = tuple([self._as_stored(field, whole) for field in self.fields])
        self.added = whole.added
        # No more than the declared attributes is asked for.
        self._lay_out(Record(self._record.name, model, fields))
        self._texts = texts = whole.key_texts
        own = dict.fromkeys(field.attribute for field in fields if not field.computed)
        self._of_key = frozenset[str]() if texts is None else texts.attributes & own.keys()
        self.asked = _asked(own, whole) if self._of_key else tuple(own)
        """The attributes that are to be read."""
        accelerated = partial(_accelerated, model, self._record, texts)
        parsers = AnswerParsers(accelerated, self.decode, _looked_at(whole))
        self.unaccelerated = parsers.unaccelerated
        """Why answers are read by the codec alone; empty where they are not."""
        self.parse: Callable[[AnswerPart], Parse | None] = parsers.__getitem__
        """What makes an answer from its text, with instances in a part of it; None for none."""

    def values(self, item: Mapping[str, AttributeValue]) -> dict[str, Any]:
        """The values in an attribute map by field name, those that are in its key among them."""
        return super().values(self._texts.completed(item, self._of_key) if self._texts else item)

    def _as_stored(self, field: Field, whole: Schema[Any]) -> Field:
        """A field with the attribute that is stored, and in its form."""
        if field.computed:
            return field
        stored = whole.field(field.name)
        own = self.model.model_fields[field.name].metadata
        others = [model.model_fields[field.name].metadata for model in whole.models]
        codec = field.codec if own in others else stored.codec
        return replace(field, attribute=stored.attribute, codec=codec, markers=stored.markers)


def part_in(whole: Schema[Any], model: type[P]) -> PartFields[P]:
    """A smaller model as a part of the items of another; TypeError for what is no class."""
    declared: Any = model
    if not isinstance(declared, type):
        found = type(declared).__name__
        raise TypeError(f"expected a smaller model, a class with some of the fields, found {found}")
    parts: WeakKeyDictionary[Schema[Any], PartFields[P]] = made_of(
        model, "parts", WeakKeyDictionary
    )
    if whole not in parts:
        parts[whole] = PartFields(model, whole)
    return parts[whole]


def _check_fields(model: type[BaseModel], whole: Schema[Any]) -> None:
    for name, info in model.model_fields.items():
        for each in whole.models:
            declared = each.model_fields.get(name)
            if declared is None:
                raise SchemaError(f"{model.__name__}.{name} is no field of {each.__name__}")
            if declared.annotation != info.annotation:
                raise SchemaError(
                    f"{model.__name__}.{name} has another type than {each.__name__}.{name}"
                )


def _asked(own: Iterable[str], whole: Schema[Any]) -> tuple[str, ...]:
    """Some attributes, those of the key in place of what may be in their texts alone."""
    unstored = whole.key_texts.unstored if whole.key_texts else ()
    keys = [field.attribute for field in whole.key_schema.fields]
    return (*(name for name in own if name not in unstored), *keys)


def _accelerated(model: type[BaseModel], record: Record, texts: KeyTexts | None) -> CoreSchema:
    """The schema of a part in the text of an answer."""
    if texts is None:
        return accelerated_schema(model, record)
    needed = texts.attributes - texts.unstored
    keys = [it for it in record.fields if it.attribute in needed and not it.computed]
    return accelerated_schema(model, Record(record.name, model, texts.as_read(record.fields)), keys)


def _looked_at(whole: Schema[Any]) -> list[str]:
    """The attributes of an item that are looked at beside the part: the key, and the end of life.

    They tell whether it is the item that was asked for, and is not over.
    """
    keys = [field.attribute for field in whole.key_schema.fields]
    return keys if whole.ttl is None else [*keys, whole.ttl.attribute]
