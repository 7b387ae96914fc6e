"""Fields, and the attribute maps that they make up, of an item or of a model inside it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, cast

from dynrepo.codec.ends import CONTAINER, NO_PARTS, SCALARS, check_ends, ended
from dynrepo.codec.generated import reader, writer
from dynrepo.codec.untyped import map_key
from dynrepo.codec.value import AttributeValue, Codec, Item, expected
from dynrepo.errors import CodecError, SchemaError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dynrepo.codec.ends import Inside, Parts
    from dynrepo.markers import Marker

_SETS = (set, frozenset)


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One field of a model: its name in Python, its attribute in DynamoDB, how it is stored."""

    name: str
    attribute: str
    codec: Codec
    markers: tuple[Marker, ...] = ()
    owner: str = ""
    """The name of the model."""
    none: Literal["refused", "absent", "stored"] = "refused"
    """How None is stored: by absence, where absence reads back as None, or as NULL."""
    empty_is_absent: bool = False
    """Whether the empty set is stored by absence, because absence reads back as the empty set."""
    required: bool = True
    computed: bool = False
    default: Any = None

    def encode(self, value: Any) -> AttributeValue | None:
        """The attribute value of a value; None when it is stored by the absence of the attribute.

        Raises CodecError, naming model and field, for a value that cannot be stored.
        """
        try:
            self._check_ends(value)
            return self.stored(value)
        except CodecError as error:
            reason = str(error)
        except Exception as error:  # noqa: BLE001  # a codec of the user's may raise anything
            reason = f"its encoding raised {type(error).__name__}"
        raise CodecError(self._labelled(reason))

    def _check_ends(self, value: Any) -> None:
        if self.codec.inside:
            check_ends(self.codec.inside, value)

    def stored(self, value: Any) -> AttributeValue | None:
        """What `encode` does, without the names in the errors."""
        if value is None and self.none != "refused":
            return None if self.none == "absent" else {"NULL": True}
        if self.empty_is_absent and not value and isinstance(value, _SETS):
            return None
        return self.codec.encode(value)

    def decode(self, stored: AttributeValue) -> Any:
        """The value of an attribute value; CodecError, naming model and field, if it has none."""
        try:
            return self.codec.decode(stored)
        except CodecError as error:
            reason = str(error)
        except Exception as error:  # noqa: BLE001  # what a foreign writer stored may break any reader
            reason = f"what is stored is no {self.codec.name} ({type(error).__name__})"
        raise CodecError(self._labelled(reason))

    def _labelled(self, reason: str) -> str:
        """A reason with the name of the field, which one that is recursive may hold already."""
        steps = reason.split(": ")
        known = steps.index(self.label) + 1 if self.label in steps else 0
        return ": ".join((self.label, *steps[known:]))

    def check_default(self) -> None:
        """SchemaError for a default that cannot be stored, for it is not of the field's type."""
        if self.default is None:
            return
        try:
            self.stored(self.default)
        except CodecError as error:
            raise SchemaError(
                f"{self.label}: its default cannot be stored: {error}: give it one of its"
                " type, or let Pydantic make it one with `validate_default=True`"
            ) from None

    @property
    def absent(self) -> Callable[[], Any] | None:
        """Makes what the field is when its attribute is absent; None leaves that to Pydantic."""
        if not self.required:
            return None
        if self.empty_is_absent:
            return self.codec.kinds[0]
        return nothing if self.none == "absent" else None

    @property
    def present(self) -> Codec:
        """The codec of a value that is not None."""
        part = self.codec.part
        nullable = isinstance(part, Codec) and self.codec.tags == part.tags | {"NULL"}
        return part if nullable else self.codec

    @property
    def label(self) -> str:
        """The field in messages."""
        renamed = "" if self.attribute == self.name else f" (attribute {self.attribute})"
        return f"{self.owner}.{self.name}{renamed}"


class Record:
    """The fields of a class, and how an instance becomes an attribute map and a map its values.

    `write` and `read` are laid out once and run straight through; `encode` and `decode` do the same
    field by field, and name the field that stops them.
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
        self._sparse = kind is dict  # in a TypedDict a key that is absent stays absent
        self._extra = extra
        self._extra_codec = extra_codec
        self._labels = {field.name: field.label for field in fields}
        self._deep = [
            (field.label, field.name, field.codec.inside)
            for field in fields
            if field.codec.inside and not field.computed
        ]
        self._attributes = frozenset(field.attribute for field in fields)
        self._plain = extra != "allow" and not self._sparse
        self._inside_extra = extra_codec.inside if extra_codec else None
        self.inside: Inside | None = self._parts if self._deep or self._inside_extra else None
        self._check = self._check_ends if self.inside else None
        self.encode: Callable[[Any], Item] = ended(self._check, self._encode)
        self.read = reader(self) if self._plain and extra == "ignore" else self.decode

    @cached_property
    def write(self) -> Callable[[Any], Item]:
        """From an instance to its attribute map, with errors that name nothing."""
        return ended(self._check, writer(self, {})) if self._plain else self.encode

    def _parts(self, instance: Any) -> Parts:
        """What of an instance may be nested without end."""
        if type(instance) is not self.kind:
            return NO_PARTS
        values, inside_extra = _values_of(instance), self._inside_extra
        parts = [
            (inside, part)
            for _, name, inside in self._deep
            if type(part := values.get(name)) not in SCALARS
        ]
        if inside_extra:
            parts += [(inside_extra, one) for one in _extra_of(instance).values()]
        return CONTAINER, parts

    def _check_ends(self, instance: Any) -> None:
        """CodecError, naming the field, for a value without end."""
        if type(instance) is not self.kind:
            return
        values = _values_of(instance)
        for label, name, inside in self._deep:
            _check_ends(label, inside, values.get(name))
        if self._inside_extra:
            for one in _extra_of(instance).values():
                _check_ends(f"{self.name}, extra attribute", self._inside_extra, one)

    def _encode(self, instance: Any) -> Item:
        """The attribute map of an instance; CodecError, naming the field that cannot be stored."""
        if type(instance) is not self.kind:
            raise expected(self.name, instance)
        if self._sparse and not instance.keys() <= self._labels.keys():
            raise CodecError(f"{self.name}: a key that is not declared would not be read back")
        item: Item = {}
        for field in self.fields:
            if self._sparse and not field.required and field.name not in instance:
                continue
            stored = field.encode(self._value(instance, field))
            if stored is not None:
                item[field.attribute] = stored
        if self._extra == "allow":
            self._encode_extra(item, _extra_of(instance))
        return item

    def _value(self, instance: Any, field: Field) -> Any:
        try:
            return instance[field.name] if self._sparse else getattr(instance, field.name)
        except (AttributeError, KeyError):
            reason = "has no value"
        except Exception as error:  # noqa: BLE001  # a property of the user's may raise anything
            reason = f"raised {type(error).__name__}"
        raise CodecError(f"{field.label}: {reason}")

    def _encode_extra(self, item: Item, extra: Mapping[str, Any]) -> None:
        """Adds the attributes that no field declares."""
        codec = self._extra_codec
        for name, value in extra.items():
            if name in self._attributes:
                raise CodecError(f"{self.name}: an extra attribute has the name of a declared one")
            try:
                item[map_key(name)] = codec.encode(value) if codec else {}
            except CodecError as error:
                reason = str(error)
            else:
                continue
            raise CodecError(f"{self.name}, extra attribute: {reason}")

    def decode(self, item: Mapping[str, AttributeValue]) -> dict[str, Any]:
        """The values of an attribute map by field name; CodecError, naming the field."""
        values: dict[str, Any] = {}
        for field in self.fields:
            stored = item.get(field.attribute)
            if field.computed:
                continue
            if stored is not None:
                values[field.name] = field.decode(stored)
            elif (make := field.absent) is not None and not self._sparse:
                values[field.name] = make()
        if self._extra != "ignore":
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
            # Where extra attributes are forbidden Pydantic wants their names only.
            values[attribute] = codec.decode(item[attribute]) if codec else None


def _check_ends(label: str, inside: Inside, value: Any) -> None:
    try:
        check_ends(inside, value)
    except CodecError as error:
        reason = f"{label}: {error}"
    else:
        return
    raise CodecError(reason)


def _extra_of(instance: Any) -> dict[str, Any]:
    extra: dict[str, Any] | None = instance.__pydantic_extra__
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


def nothing() -> None:
    """What a required field that may be None is when its attribute is absent."""
    return
