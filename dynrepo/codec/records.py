"""Fields, and the attribute maps that they make up: what an item and a nested model have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from dynrepo.codec.untyped import map_key
from dynrepo.codec.value import AttributeValue, Codec, Item
from dynrepo.errors import CodecError, SchemaError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dynrepo.markers import Marker


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
            return self.stored(value)
        except CodecError as error:
            reason = str(error)
        except Exception as error:  # noqa: BLE001  # a codec of the user's may raise anything
            reason = f"its encoding raised {type(error).__name__}"
        raise CodecError(f"{self.label}: {reason}")

    def stored(self, value: Any) -> AttributeValue | None:
        """What `encode` does, without the names in the errors."""
        if value is None and self.none != "refused":
            return None if self.none == "absent" else {"NULL": True}
        if self.empty_is_absent and not value and isinstance(value, set | frozenset):
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
        raise CodecError(f"{self.label}: {reason}")

    def check_default(self) -> None:
        """SchemaError for a default that cannot be stored, for it is not of the field's type."""
        if self.default is None:
            return
        try:
            self.stored(self.default)
        except CodecError as error:
            raise SchemaError(f"{self.label}: its default cannot be stored: {error}") from None

    @property
    def label(self) -> str:
        """The field in messages."""
        renamed = "" if self.attribute == self.name else f" (attribute {self.attribute})"
        return f"{self.owner}.{self.name}{renamed}"


class Record:
    """The fields of a class, and how an instance becomes an attribute map and a map its values.

    What a call does is laid out here once, so that a call is a loop over rows of functions.
    """

    def __init__(
        self,
        name: str,
        fields: tuple[Field, ...],
        *,
        values: Callable[[Any], Mapping[str, Any]] = vars,
        extra: Literal["ignore", "allow", "forbid"] = "ignore",
        extra_codec: Codec | None = None,
        sparse: bool = False,
    ) -> None:
        """`sparse` is for TypedDict: a key that is absent stays absent, None is stored."""
        self.name = name
        self.fields = fields
        self._values = values
        self._extra = extra
        self._extra_codec = extra_codec
        self._sparse = sparse
        self._labels = {field.name: field.label for field in fields}
        self._attributes = frozenset(field.attribute for field in fields)
        own = [field for field in fields if not field.computed]
        direct = [] if sparse else [one for one in own if _direct(one)]
        maybe = [one for one in direct if one.none == "absent"]
        self._writes = tuple(_write_row(one) for one in direct if one not in maybe)
        self._maybe_writes = tuple(_write_row(one) for one in maybe)
        self._other_writes = tuple(one for one in own if one not in direct)
        self._computed = tuple(one for one in fields if one.computed)
        self._reads = tuple(_read_row(one) for one in own)
        self._absent = tuple(row for row in map(_absent_row, own) if row) if not sparse else ()

    def encode(self, instance: Any) -> Item:
        """The attribute map of an instance; CodecError, naming the field that cannot be stored."""
        values, item = self._values(instance), {}
        name = ""
        try:
            for name, attribute, tag, write in self._writes:
                item[attribute] = {tag: write(values[name])}
            for name, attribute, tag, write in self._maybe_writes:
                value = values[name]
                if value is not None:
                    item[attribute] = {tag: write(value)}
            for field in self._other_writes:
                name = field.name
                if name not in values and self._sparse:
                    continue
                stored = field.stored(values[name])
                if stored is not None:
                    item[field.attribute] = stored
            for field in self._computed:
                name = field.name
                stored = field.stored(getattr(instance, name))
                if stored is not None:
                    item[field.attribute] = stored
        except CodecError as error:
            reason = str(error)
        except KeyError:
            reason = "has no value" if name not in values else "its encoding raised KeyError"
        except Exception as error:  # noqa: BLE001  # a codec of the user's may raise anything
            reason = f"its encoding raised {type(error).__name__}"
        else:
            if self._extra == "allow":
                self._encode_extra(item, instance.__pydantic_extra__ or {})
            return item
        # Raised outside the handlers: the error in hand may quote the value.
        raise CodecError(f"{self._labels[name]}: {reason}")

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
        name = ""
        try:
            for attribute, name, tag, read, decode in self._reads:
                stored = item.get(attribute)
                if stored is not None:
                    values[name] = read(stored[tag]) if tag in stored else decode(stored)
        except CodecError as error:
            reason = str(error)
        except Exception as error:  # noqa: BLE001  # what a foreign writer stored may break any reader
            reason = f"what is stored is not of its type ({type(error).__name__})"
        else:
            for name, make in self._absent:
                if name not in values:
                    values[name] = make()
            if self._extra != "ignore":
                self._decode_extra(item, values)
            return values
        raise CodecError(f"{self._labels[name]}: {reason}")

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


def _direct(field: Field) -> bool:
    inner = _present(field)
    return inner.write is not None and (inner is field.codec or field.none == "absent")


def _present(field: Field) -> Codec:
    """The codec of a value that is not None."""
    part = field.codec.part
    nullable = isinstance(part, Codec) and field.codec.tags == part.tags | {"NULL"}
    return part if nullable else field.codec


def _write_row(field: Field) -> tuple[str, str, str, Callable[[Any], Any]]:
    codec = _present(field)
    assert codec.write is not None  # noqa: S101  # seen to by `_direct`
    return field.name, field.attribute, codec.tag, codec.write


def _read_row(
    field: Field,
) -> tuple[str, str, str, Callable[[Any], Any], Callable[[AttributeValue], Any]]:
    codec = _present(field)
    if codec.read is None:
        return field.attribute, field.name, "", field.codec.decode, field.codec.decode
    return field.attribute, field.name, codec.tag, codec.read, field.codec.decode


def _absent_row(field: Field) -> tuple[str, Callable[[], Any]] | None:
    """What a required field is when its attribute is absent."""
    if not field.required:
        return None
    if field.empty_is_absent:
        return field.name, field.codec.kinds[0]
    return (field.name, _nothing) if field.none == "absent" else None


def _nothing() -> None:
    return None
