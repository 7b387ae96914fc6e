"""Core schemas that make of items in JSON the values that their codecs read, not yet validated.

For models that are made by their own validator, of the values of all fields at once: those that are
strict, keep or forbid what no field declares, or have code of their own that sees what they are
made from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynrepo.codec.core_schemas import ANY, CoreSchema, NotAccelerated, after, function
from dynrepo.codec.generated import key_matcher
from dynrepo.codec.lists import ListCodec
from dynrepo.codec.maps import MapCodec
from dynrepo.codec.records import RecordCodec
from dynrepo.codec.wrappers import OptionalCodec
from dynrepo.reading.known_types import plain_schema
from dynrepo.reading.odd_values import decoder
from dynrepo.reading.rewriter import Rewriter

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from dynrepo.codec.field import Field
    from dynrepo.codec.records import Record
    from dynrepo.codec.value import Codec


def schema_by_values(
    validate: Callable[..., Any], record: Record, reader: ValuesReader, *, keeps_keys: bool
) -> CoreSchema:
    """The schema of instances that the model's own `validate` makes of what stands in items.

    Without `keeps_keys` an instance is compared with the key that is stored.
    """
    beside = () if keeps_keys else reader.keys
    values = reader.item(record, beside)
    return after(values, _maker(validate, record, beside, reader.put_aside))


class ValuesReader(Rewriter):
    """Makes core schemas for dicts of values by field name, as `Record.decode` makes them.

    The attributes that are `added` to items are none of the values.
    """

    def __init__(self, keys: Collection[Field], added: Collection[str] = ()) -> None:
        super().__init__({}, keys)
        self.keys = keys
        self.put_aside = {_aside(name): name for name in added}
        """The attributes that are none of the values, by the names under which they stand there."""

    def item(self, record: Record, beside: Collection[Field]) -> CoreSchema:
        """The schema of the values of an item, with its stored key `beside` them."""
        values = self.values(record)
        for key in beside:
            field = {"type": "typed-dict-field", "schema": ANY, "required": True}
            path = [[key.attribute, key.codec.tag]]
            values["fields"][_stored_name(key)] = {**field, "validation_alias": path}
        if record.extra == "ignore":
            return values
        for name, attribute in self.put_aside.items():
            field = {"type": "typed-dict-field", "schema": ANY, "required": False}
            values["fields"][name] = {**field, "validation_alias": [[attribute]]}
        if any(field.name != field.attribute for field in record.fields):
            raise NotAccelerated(_RENAMED)
        codec = record.extra_codec
        extra = function(_nothing if codec is None else decoder(codec))
        return {**values, "extra_behavior": "allow", "extras_schema": extra}

    def values(self, record: Record, above: tuple[str, ...] = ()) -> CoreSchema:
        """The schema of the values of a record's fields."""
        with self._of_record(record, {}) as misplaced:
            fields = {
                field.name: self._value(field, above)
                for field in record.fields
                if not field.computed
            }
        return {"type": "typed-dict", "fields": misplaced.looked_for(fields)}

    def _value(self, field: Field, above: tuple[str, ...]) -> CoreSchema:
        is_needed = field.required or field in self._keys
        own = _laid_out(field.codec)
        schema, paths = self._read(own, None, field, above, is_needed=is_needed)
        made = {"type": "typed-dict-field", "schema": schema, "validation_alias": paths}
        return {**made, "required": is_needed and schema["type"] != "default"}

    def _nested(self, own: CoreSchema, record: Record, above: tuple[str, ...]) -> CoreSchema:
        del own
        if record.extra != "ignore" or not any(field.needed for field in record.fields):
            raise NotAccelerated("the type is one that its codec reads")
        return self.values(record, above)

    def _validator(self, own: CoreSchema) -> Callable[[Any], Any]:
        del own
        return _as_it_is


def _maker(
    validate: Callable[..., Any],
    record: Record,
    beside: Collection[Field],
    put_aside: Collection[str],
) -> Callable[[dict[str, Any]], Any]:
    """Makes an instance of values; ValueError where it has another key than the stored one."""
    undeclared = [field.attribute for field in record.fields if field.computed]
    undeclared += put_aside if record.extra != "ignore" else ()
    stored = [(key.attribute, key.codec.tag, _stored_name(key)) for key in beside]
    has_key = key_matcher(tuple(beside)) if beside else None

    def make(values: dict[str, Any]) -> Any:
        key = {attribute: {tag: values.pop(name)} for attribute, tag, name in stored}
        for attribute in undeclared:
            values.pop(attribute, None)
        instance = validate(values, by_name=True, by_alias=False)
        if has_key is not None and not has_key(instance, key):
            raise ValueError
        return instance

    return make


def _laid_out(codec: Codec) -> CoreSchema:
    """A schema that takes what a codec reads, as far as pydantic-core reads such a type."""
    if isinstance(codec, OptionalCodec):
        return {"type": "nullable", "schema": _laid_out(codec.present)}
    if isinstance(codec, ListCodec) and codec.kinds == (list,):
        return {"type": "list", "items_schema": _laid_out(codec.entry)}
    if isinstance(codec, MapCodec) and codec.is_plain:
        return {"type": "dict", "values_schema": _laid_out(codec.entry), **_TEXT_KEYS}
    return ANY if isinstance(codec, RecordCodec) else plain_schema(codec)


def _stored_name(key: Field) -> str:
    return f"the stored {key.attribute}"


def _aside(attribute: str) -> str:
    return f"the added {attribute}"


def _as_it_is(value: Any) -> Any:
    return value


def _nothing(_stored: Any) -> None:
    """What is forbidden is needed by its name only."""


_TEXT_KEYS: CoreSchema = {"keys_schema": {"type": "str"}}
_RENAMED = (
    "an extra attribute may have the name of a field whose attribute has another one: give the"
    " attributes the names of their fields, or ignore what no field declares"
)
