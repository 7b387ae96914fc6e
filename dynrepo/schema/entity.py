"""What a Pydantic model is as a DynamoDB item: its keys, indexes and attributes.

`schema_of(model)` reads the markers once and lays out the functions that every call uses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from threading import RLock
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar, cast

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError

from dynrepo.codec import AttributeValue, Compiler, Field, Item, accelerator, decode_any, encode_any
from dynrepo.codec.annotations import is_root_model
from dynrepo.codec.core import Core, Parse, Unfit
from dynrepo.codec.limits import MAX_ITEM, check_depth, check_key, checked_json
from dynrepo.codec.scalars import always
from dynrepo.codec.source import json_writer, writer
from dynrepo.errors import CodecError, SchemaError
from dynrepo.markers import CreatedAt, Marker, TimeToLive, UpdatedAt, Version
from dynrepo.schema.keys import KeyCodec, Limit, canonical_of, keys_of, limits_of

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from dynrepo.codec.records import Record

__all__ = ["Field", "Fields", "Schema", "fields_of", "schema_of"]

T = TypeVar("T", bound=BaseModel)

Upcast: TypeAlias = Callable[[dict[str, Any]], Mapping[str, Any]]
"""Turns the attributes of an older version, as plain values, into those of today."""


class Fields(Generic[T]):
    """The fields of a model, and how an instance becomes an attribute map and the reverse."""

    def __init__(self, model: type[T], *, by_alias: bool = False) -> None:
        if not _is_model(model):
            raise SchemaError(f"{model!r} is no model: an item is a class of its own on BaseModel")
        if is_root_model(model):
            raise SchemaError(f"{model.__name__} is a RootModel, and an item has named fields")
        compiler = Compiler(by_alias=by_alias)
        self.model = model
        self._record = compiler.record(model)
        compiler.check_defaults()
        self.fields = self._record.fields
        self._by_name = {field.name: field for field in self.fields}
        self._read: Callable[[Mapping[str, AttributeValue]], dict[str, Any]] = self._record.read
        self._canonical: tuple[tuple[str, str, Callable[[Any], Any]], ...] = ()
        # The validator of the model itself, for `model_validate` is a call and a half around it.
        self._validate = model.__pydantic_validator__.validate_python
        open_ended = model.model_config.get("extra") == "allow"
        self._deep = open_ended or any(field.codec.deep for field in self.fields)
        self._limits: dict[str, Limit] = {}

    def field(self, name: str) -> Field:
        """The field of a name; AttributeError, with the nearest names, when there is none."""
        try:
            return self._by_name[name]
        except KeyError:
            from difflib import get_close_matches  # noqa: PLC0415 - only after a typo

            near = get_close_matches(name, self._by_name)
        hint = (
            f"did you mean {' or '.join(near)}?" if near else f"it has {', '.join(self._by_name)}"
        )
        raise AttributeError(f"{self.model.__name__} has no field {name}: {hint}")

    def encode(self, instance: T) -> Item:
        """The attribute map of an instance; CodecError, naming the field that cannot be stored."""
        try:
            return self._write(instance)
        except Exception:  # noqa: BLE001  # whatever it was, the careful way says it better
            careful = self._record.encode
        return self._limited(careful(instance))

    @cached_property
    def _write(self) -> Callable[[T], Item]:
        """`encode` at its fastest, which may raise anything."""
        if self._deep:
            return lambda instance: self._limited(self._record.write(instance))
        return writer(self._record, self._short)

    @property
    def _short(self) -> dict[str, int]:
        return {attribute: limit.short for attribute, limit in self._limits.items()}

    def _limited(self, item: Item) -> Item:
        """The attribute map, when nothing of it is too deep, nor a key too long."""
        if self._deep:
            check_depth(self.model.__name__, item)
        for attribute, limit in self._limits.items():
            if attribute in item:
                check_key(limit.field.label, item[attribute], limit.bytes)
        return item

    def decode(self, item: Mapping[str, AttributeValue], *, upcast: Upcast | None = None) -> T:
        """The instance that an attribute map holds; CodecError where it is not one.

        `upcast` is given the attributes as plain values, as an `extra="allow"` model would hold
        them, and returns those of today's version.
        """
        try:
            stored = item if upcast is None else self._upcast(item, upcast)
            instance: T = self._validate(self._values(stored), by_name=True, by_alias=False)
        except CodecError as error:
            reason, cause = str(error), None
        except ValidationError as error:
            reason, cause = self._reason(error), _without_inputs(error)
        else:
            return instance
        # Raised outside the handlers, so that no context of the error holds the stored values.
        raise CodecError(reason, key=self._key_of(item)) from cause

    def _values(self, item: Mapping[str, AttributeValue]) -> dict[str, Any]:
        try:
            for attribute, tag, canonical in self._canonical:
                if not canonical(item[attribute][tag]):
                    break
            else:
                return self._read(item)
        except Exception:  # noqa: BLE001, S110  # whatever it was, the careful way says it better
            pass
        return self._read_carefully(item)

    def _read_carefully(self, item: Mapping[str, AttributeValue]) -> dict[str, Any]:
        return self._record.decode(item)

    def _key_of(self, _item: Mapping[str, AttributeValue]) -> Item | None:
        return None

    def _upcast(self, item: Mapping[str, AttributeValue], upcast: Upcast) -> Item:
        old = {name: decode_any(stored) for name, stored in item.items()}
        try:
            plain: Any = upcast(old)
        except Exception as error:  # noqa: BLE001  # a function of the user's may raise anything
            reason = f"raised {type(error).__name__}"
        else:
            if isinstance(plain, Mapping):
                return self._of_today(cast("Mapping[str, Any]", plain))
            reason = f"returned {type(plain).__name__}, which is no mapping of attributes"
        # Raised outside the handler: the error in hand may quote the item.
        raise CodecError(f"{self.model.__name__}: its upcast {reason}")

    def _of_today(self, plain: Mapping[str, Any]) -> Item:
        try:
            return {name: encode_any(value) for name, value in plain.items()}
        except CodecError as error:
            reason = str(error)
        raise CodecError(f"{self.model.__name__}: its upcast made what is no attribute: {reason}")

    def _reason(self, error: ValidationError) -> str:
        found = error.errors(include_input=False, include_url=False, include_context=False)
        places = ", ".join(f"{self._place(one['loc'])} ({one['type']})" for one in found)
        return f"the stored item is no {self.model.__name__}: {places}"

    def _place(self, location: tuple[int | str, ...]) -> str:
        """A place in the model, without the keys of dicts, which are data."""
        field = self._by_name.get(str(location[0])) if location else None
        if field is None:
            return "an undeclared attribute" if location else "the whole"
        return field.label + "".join(
            f"[{step}]" if isinstance(step, int) else "[...]" for step in location[1:]
        )


def _is_model(found: object) -> bool:
    return isinstance(found, type) and issubclass(found, BaseModel) and found is not BaseModel


class Schema(Fields[T]):
    """A model as items of a table: what a repository needs to know of it."""

    def __init__(self, model: type[T], *, by_alias: bool = False) -> None:
        super().__init__(model, by_alias=by_alias)
        self.key_schema, self.indexes = keys_of(model, self.fields)
        self._key = KeyCodec(model, self.key_schema)
        self.key: Callable[[Any], Item] = self._key.encode
        """The key attributes of a value, a `(partition, sort)` tuple or an instance."""
        self.key_of: Callable[[Mapping[str, AttributeValue]], Item] = self._key.stored
        """The key attributes of a stored item, as they are stored."""
        self.identity: Callable[[Item | T], Hashable] = self._key.identity
        """What items, keys and instances have in common when they are of one key."""
        self.identities: Callable[[Sequence[Item | T]], list[Hashable]] = self._key.identities
        """The identity of each of some items."""
        self.version = self._only(Version)
        self.ttl = self._only(TimeToLive)
        self.created = self._only(CreatedAt)
        self.updated = self._only(UpdatedAt)
        self.is_stamped = (self.version or self.created or self.updated) is not None
        """Whether a write adds something of its own to an item."""
        self._limits = limits_of(self.key_schema, *self.indexes.values())
        # A required key that has one form only is looked for, and judged, when it is read.
        self._canonical = tuple(
            (field.attribute, field.codec.tag, canonical_of(field.codec))
            for field in self.key_schema.fields
            if not (field.required and field.codec.canonical is always)
        )
        self._check_markers()
        self._core, self.unaccelerated = _core(model, self._record, self.key_schema.fields)
        self._parsers: dict[str, Parse | None] = {}

    def json(self, instance: T) -> bytes:
        """The JSON of the attribute map of an instance; CodecError also when it is over 400 KB."""
        try:
            text = b"" if self._deep else self._write_json(instance)
        except Exception:  # noqa: BLE001  # whatever it was, the careful way says it better
            text = b""
        if 0 < len(text) <= MAX_ITEM:  # it is longer than what DynamoDB counts
            return text
        return checked_json(self.model.__name__, self.encode(instance))

    @cached_property
    def _write_json(self) -> Callable[[T], bytes]:
        return json_writer(self._record, self._short)

    def parse(self, part: accelerator.Part) -> Parse | None:
        """What makes an answer from its text, with instances in a part of it; None for none.

        Then `unaccelerated` says why. What comes in any order has to be found by its key, so where
        an instance may have another than is stored, such parts are left to the codec, too.
        """
        if part not in self._parsers:
            self._parsers[part] = self._parser(part)
        return self._parsers[part]

    def _parser(self, part: accelerator.Part) -> Parse | None:
        if self._core is None:
            return None
        if part == "Responses" and not accelerator.keeps_keys(self.model, self.key_schema.fields):
            return None
        return accelerator.parser(self._core, part)

    def _key_of(self, item: Mapping[str, AttributeValue]) -> Item:
        return self.key_of(item)

    def _read_carefully(self, item: Mapping[str, AttributeValue]) -> dict[str, Any]:
        self._key.check(item)
        return super()._read_carefully(item)

    def _only(self, kind: type[Marker]) -> Field | None:
        marked = [one for one in self.fields if any(isinstance(m, kind) for m in one.markers)]
        if len(marked) > 1:
            raise SchemaError(
                f"{self.model.__name__}: {marked[0].name} and {marked[1].name} are both marked"
                f" {kind.__name__}(): mark one"
            )
        return marked[0] if marked else None

    def _check_markers(self) -> None:
        if self.version and self.version.codec.kinds != (int,):
            raise SchemaError(f"{self.version.label}: a Version() is an int")
        if self.ttl and (self.ttl.codec.tag != "N" or self.ttl.codec.name.startswith("Decimal")):
            raise SchemaError(f"{self.ttl.label}: a TimeToLive() is an aware datetime")
        for field, kind in ((self.created, CreatedAt), (self.updated, UpdatedAt)):
            if field and not field.codec.name.startswith("aware datetime"):
                raise SchemaError(f"{field.label}: a {kind.__name__}() is an aware datetime")


def _core(
    model: type[BaseModel], record: Record, keys: tuple[Field, ...]
) -> tuple[Core | None, str]:
    """The core schema for items in JSON; None where the codec reads alone, and why."""
    try:
        core = accelerator.straight(model, record, keys)
        accelerator.parser(core, "Item")  # that it can be made is found out here
    except Unfit as reason:
        return None, str(reason)
    except Exception as error:  # noqa: BLE001 - the schemas of pydantic-core may change
        return None, f"this Pydantic is not known ({type(error).__name__})"
    else:
        return core, ""


def _without_inputs(error: ValidationError) -> ValidationError:
    """The error of Pydantic without what was validated, and without the texts that may quote it."""
    found: Any = error.errors(include_input=False, include_url=False, include_context=False)
    return ValidationError.from_exception_data(
        error.title,
        [
            {
                "type": PydanticCustomError(one["type"], "not valid"),
                "loc": tuple(step if isinstance(step, int) else "..." for step in one["loc"][1:]),
                "input": None,
            }
            for one in found
        ],
        hide_input=True,
    )


_known: dict[tuple[Any, ...], Any] = {}
_lock = RLock()


def _once(kind: type[Any], model: type[BaseModel], *, by_alias: bool) -> Any:
    question = kind, model, by_alias
    with _lock:
        if question not in _known:
            _known[question] = kind(model, by_alias=by_alias)
        return _known[question]


def fields_of(model: type[T], *, by_alias: bool = False) -> Fields[T]:
    """The fields of a model that need not be an item of its own, as the part of one."""
    fields: Fields[T] = _once(Fields, model, by_alias=by_alias)
    return fields


def schema_of(model: type[T], *, by_alias: bool = False) -> Schema[T]:
    """The schema of a model; SchemaError, naming model, field and cure, when it has none.

    `by_alias` names the attributes by the Pydantic aliases of the fields.
    """
    schema: Schema[T] = _once(Schema, model, by_alias=by_alias)
    return schema
