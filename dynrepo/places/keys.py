"""How the key of an item in a shared table is made of values, and told from the keys of others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynrepo.codec.generated import identifier_of_stored
from dynrepo.errors import CodecError
from dynrepo.places.texts import placed_identifier, placed_key_writer
from dynrepo.schema.keys import KeyCodec, KeySchema

if TYPE_CHECKING:
    from pydantic import BaseModel

    from dynrepo.codec import AttributeValue, Field, Item
    from dynrepo.places.texts import Templates


class PlacedKeyCodec(KeyCodec):
    """How the key of an item is made of the values of its fields."""

    def __init__(
        self,
        name: str,
        models: tuple[type[BaseModel], ...],
        key: KeySchema,
        fields: tuple[Field, ...],
        templates: Templates,
    ) -> None:
        self._name = name
        self._models = frozenset(models)
        self._counts = {model: len(model.model_fields) for model in models}
        self._key = key
        self._fields = fields
        self._templates = templates
        self._is_pair = len(fields) != 1
        self._write = placed_key_writer(fields, templates, name)
        self._of_stored = identifier_of_stored(key.fields)
        self._of_instance = placed_identifier(fields, templates, name)

    def fields_of(self, key: Any) -> Item:
        """What is stored of the fields of a key, by attribute."""
        values = self._values(key)
        return {
            field.attribute: _encoded(field, value)
            for field, value in zip(self._fields, values, strict=True)
        }

    def _encode_carefully(self, values: Any) -> Item:
        stored = self.fields_of(values if self._is_pair else values[0])
        made = {name: template.stored(stored) for name, template in self._templates.items()}
        return {name: text for name, text in made.items() if text is not None}


def _encoded(field: Field, value: Any) -> AttributeValue:
    stored = field.encode(value)
    if stored is None:
        raise CodecError(f"{field.label}: a key has a value")
    return stored
