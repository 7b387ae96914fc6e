"""The attribute maps of items, and of models, dataclasses and TypedDicts inside them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, cast

from pydantic import BaseModel, TypeAdapter

from dynrepo.codec.generated import reader, writer
from dynrepo.codec.nesting import check_nesting
from dynrepo.codec.undeclared import check_declared
from dynrepo.codec.untyped import map_key
from dynrepo.codec.value import SingleTag, expected
from dynrepo.errors import CodecError
from dynrepo.interruption import pass_strike

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from dynrepo.codec.field import Field
    from dynrepo.codec.value import AttributeValue, Codec, Item


class Record:
    """The fields of a class, and how an instance becomes an attribute map and a map its values.

    `write_part` and `read` are laid out once and run straight through; `encode_part` and `decode`
    do the same field by field, and name the field that stops them. `write` and `encode` are for a
    whole value: they check its nesting before.
    """

    def __init__(
        self,
        name: str,
        kind: type[Any],
        fields: tuple[Field, ...],
        *,
        extra: Literal["ignore", "allow", "forbid"] = "ignore",
        extra_codec: Codec | None = None,
    ) -> None:
        self.name = name
        self.kind = kind
        self.fields = fields
        self._is_model = issubclass(kind, BaseModel)
        self._sparse = kind is dict  # in a TypedDict a key that is absent stays absent
        self.extra: Literal["ignore", "allow", "forbid"] = extra
        """What is done with attributes that no field declares."""
        self._extra_codec = extra_codec
        self._labels = {field.name: field.label for field in fields}
        self._attributes = frozenset(field.attribute for field in fields)
        self._with_default = {
            field.name for field in fields if field.null_is_absent and kind is not dict
        }
        self.nulls = [(field.attribute, field.name) for field in fields if field.null_is_default]
        """The attributes and names of fields that a stored NULL sets to their defaults."""
        self._is_plain = extra != "allow" and not self._sparse
        self._deep_fields = [field for field in fields if field.codec.deep and not field.computed]
        self._deep_extra = extra_codec if extra_codec and extra_codec.deep else None
        self.deep = bool(self._deep_fields or self._deep_extra)
        """An instance may be nested without end."""
        self.read: Callable[[Any], dict[str, Any]] = (
            reader(self) if self._is_plain and extra == "ignore" else self.decode
        )

    @property
    def extra_codec(self) -> Codec | None:
        """The codec of what no field declares; None where that is not kept."""
        return self._extra_codec

    @cached_property
    def write_part(self) -> Callable[[Any], Item]:
        """From an instance to its attribute map, with errors that name nothing."""
        return writer(self, {}) if self._is_plain else self.encode_part

    def write(self, instance: Any) -> Item:
        """What `write_part` makes of an instance that is not nested without end."""
        self._check_nesting(instance)
        return self.write_part(instance)

    def encode(self, instance: Any) -> Item:
        """What `encode_part` makes of an instance that is not nested without end."""
        self._check_nesting(instance)
        return self.encode_part(instance)

    def _check_nesting(self, instance: Any) -> None:
        """CodecError, naming the field, for an instance that is nested without end."""
        if not self.deep or type(instance) is not self.kind:
            return
        values = _values_of(instance)
        for field in self._deep_fields:
            field.check_nesting(values.get(field.name))
        if self._deep_extra:
            self._check_extra(_extra_of(instance), self._deep_extra)

    def _check_extra(self, extra: Mapping[str, Any], codec: Codec) -> None:
        try:
            for value in extra.values():
                check_nesting(codec, value)
        except CodecError as error:
            reason = str(error)
        else:
            return
        raise CodecError(f"{self.name}, extra attribute: {reason}")

    def parts(self, instance: Any) -> Sequence[tuple[Codec, Collection[Any]]]:
        """What of an instance may be nested without end."""
        if type(instance) is not self.kind:
            return ()
        values = _values_of(instance)
        parts: list[tuple[Codec, Collection[Any]]] = [
            (field.codec, (value,))
            for field in self._deep_fields
            if (value := values.get(field.name)) is not None
        ]
        if self._deep_extra:
            parts.append((self._deep_extra, _extra_of(instance).values()))
        return parts

    def encode_part(self, instance: Any) -> Item:
        """The attribute map of an instance; CodecError, naming the field that cannot be stored."""
        if type(instance) is not self.kind:
            raise expected(self.name, instance)
        if self._sparse and not instance.keys() <= self._labels.keys():
            raise CodecError(f"{self.name}: a key that is not declared would not be read back")
        if self._is_model:
            check_declared(instance)
        item: Item = {}
        for field in self.fields:
            if self._sparse and not field.required and field.name not in instance:
                continue
            stored = field.encode_part(self._value(instance, field))
            if stored is not None:
                item[field.attribute] = stored
        if self.extra == "allow":
            self._encode_extra(item, _extra_of(instance))
        return item

    def _value(self, instance: Any, field: Field) -> Any:
        try:
            return instance[field.name] if self._sparse else getattr(instance, field.name)
        except (AttributeError, KeyError):
            reason = "has no value"
        except Exception as error:  # noqa: BLE001  # a property of the user's may raise anything
            pass_strike(error)
            reason = f"raised {type(error).__name__}"
        raise CodecError(f"{field.label}: {reason}")

    def _encode_extra(self, item: Item, extra: Mapping[str, Any]) -> None:
        """Adds the attributes that no field declares."""
        codec = self._extra_codec
        for name, value in extra.items():
            if name in self._attributes:
                raise CodecError(f"{self.name}: an extra attribute has the name of a declared one")
            try:
                item[map_key(name)] = codec.encode_part(value) if codec else {}
            except CodecError as error:
                reason = str(error)
            else:
                continue
            raise CodecError(f"{self.name}, extra attribute: {reason}")

    def decode(self, item: Mapping[str, AttributeValue]) -> dict[str, Any]:
        """The values of an attribute map by field name; CodecError, naming the field."""
        values: dict[str, Any] = {}
        for field in self.fields:
            if field.computed:
                continue
            if field.attribute in item:
                stored = item[field.attribute]
                if not (field.name in self._with_default and _is_null(stored)):
                    values[field.name] = field.decode(stored)
            elif (make := field.absent) is not None and not self._sparse:
                values[field.name] = make()
        if self.extra != "ignore":
            self._decode_extra(item, values)
        return values

    def _decode_extra(self, item: Mapping[str, AttributeValue], values: dict[str, Any]) -> None:
        codec = self._extra_codec
        for attribute in item.keys() - self._attributes:
            if attribute in self._labels:
                raise CodecError(
                    f"{self.name}: an undeclared attribute has the name of the field"
                    f" {self._labels[attribute]}"
                )
            # Where extra attributes are forbidden Pydantic needs their names only.
            values[attribute] = codec.decode(item[attribute]) if codec else None


class RecordCodec(SingleTag):
    """The codec of a model, a dataclass or a TypedDict inside an item: a map of DynamoDB."""

    def __init__(self, record: Record) -> None:
        levels = 1 + max([field.codec.levels for field in record.fields], default=0)
        super().__init__(
            "M", record.name, (record.kind,), made=True, deep=record.deep, levels=levels
        )
        self.record = record
        self.write = record.write_part
        self.read = record.read
        self._fields = {field.name: field for field in record.fields}

    def encode(self, value: Any) -> AttributeValue:
        """As the record, with the names of its fields in errors."""
        return {"M": self.record.encode(value)}

    def encode_part(self, value: Any) -> AttributeValue:
        """As the record, with the names of its fields in errors."""
        return {"M": self.record.encode_part(value)}

    def read_part(self, payload: Any) -> Any:
        """As the record, with the names of its fields in errors."""
        return self.record.decode(payload)

    def child(self, step: str | int) -> tuple[str | int, Codec]:
        """A field, by its name."""
        field = self._fields.get(str(step))
        if field is None:
            raise CodecError(f"{self.name} has no such field: it has {', '.join(self._fields)}")
        return field.attribute, field.codec

    def field(self, step: str | int) -> Field | None:
        """A field, by its name."""
        return self._fields.get(str(step))

    def parts(self, value: Any) -> Sequence[tuple[Codec, Collection[Any]]]:
        """What of an instance may be nested without end."""
        return self.record.parts(value)


class StrictDataclassCodec(RecordCodec):
    """The codec of a dataclass where Pydantic is strict, and takes no dict for one."""

    def __init__(self, record: Record, annotation: Any) -> None:
        super().__init__(record)
        self.made = False
        self.read = self.read_part
        self._validate = TypeAdapter(annotation).validator.validate_python

    def read_part(self, payload: Any) -> Any:
        """An instance, made by Pydantic of the values."""
        values = self.record.decode(payload)
        return self._validate(values, strict=False, by_name=True, by_alias=False)


def _extra_of(instance: Any) -> dict[str, Any]:
    try:
        extra: dict[str, Any] | None = instance.__pydantic_extra__
    except AttributeError:  # the public property, which a field of the model may hide
        extra = instance.model_extra
    return extra or {}


def _values_of(instance: Any) -> Mapping[str, Any]:
    """The values of an instance by name."""
    if isinstance(instance, dict):
        return cast("dict[str, Any]", instance)
    values: Mapping[str, Any] | None = getattr(instance, "__dict__", None)
    if values is not None:
        return values
    names = instance.__dataclass_fields__  # a dataclass with slots
    return {name: getattr(instance, name, None) for name in names}


def _is_null(stored: Any) -> bool:
    return isinstance(stored, dict) and stored.keys() == {"NULL"}
