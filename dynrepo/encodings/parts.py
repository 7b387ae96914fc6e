"""Sets and lists in the place of each other, members by their names, any type as JSON."""

from __future__ import annotations

from decimal import Decimal
from enum import Enum, Flag
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from dynrepo.codec.annotations import config_of, is_class
from dynrepo.codec.foreign import JsonTextCodec
from dynrepo.codec.forms import NamedEncoding, unaliased
from dynrepo.codec.lists import ListCodec
from dynrepo.codec.maps import MapCodec
from dynrepo.codec.sets import ListedSetCodec, SetCodec
from dynrepo.codec.stored_keys import definitions_of, resolved
from dynrepo.codec.untyped import JSON_VALUE, listed
from dynrepo.codec.value import KEY_TAGS, Codec, SingleTag, expected, tag_of
from dynrepo.errors import CodecError, SchemaError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import ConfigDict

    from dynrepo.codec.annotations import TypeContext
    from dynrepo.codec.value import AttributeValue

_OF_VALUES = ("str_", "allow_inf_nan")
"""How the settings begin by which Pydantic changes or refuses values of JSON."""
_ORDERS: dict[str, Callable[[Any], Any]] = {"N": Decimal, "S": str, "B": str}
"""What the payloads of a tag are in the order of."""


class _SetAsList(NamedEncoding):
    def codec(self, annotation: Any, context: TypeContext, compile_: Callable[..., Codec]) -> Codec:
        """The codec of a set that is stored as a list."""
        plain = compile_(annotation, context)
        if isinstance(plain, SetCodec):
            return SortedSetCodec(plain.kinds[0], plain.entry)
        if isinstance(plain, ListedSetCodec):
            return plain
        raise SchemaError(f"{self!r} is a form of sets, and the type is {plain.name}")


class SortedSetCodec(ListedSetCodec):
    """The codec of a set that is stored as a list, in the order of what is stored."""

    def __init__(self, kind: type[Any], entry: SingleTag) -> None:
        super().__init__(kind, entry)
        self._tag, self._order = entry.tag, _ORDERS[entry.tag]
        self._read = entry.read

    def write(self, value: Any) -> list[AttributeValue]:
        """The attribute value of each element."""
        return self._sorted(super().write(value))

    def encode_part(self, value: Any) -> AttributeValue:
        """As `write`, with errors that say where."""
        return {"L": self._sorted(super().encode_part(value)["L"])}

    def read(self, payload: Any) -> Any:
        """The set of the elements of a list, in which none is twice."""
        tag, read = self._tag, self._read
        elements = [read(stored[tag]) for stored in payload]
        values = elements if self.made else self._kind(elements)
        if len(values) < len(payload):
            raise CodecError("two elements of the set found are equal")
        return values

    def _sorted(self, written: list[AttributeValue]) -> list[AttributeValue]:
        return sorted(written, key=lambda stored: self._order(stored[self._tag]))


class _ListAsSet(NamedEncoding):
    def codec(self, annotation: Any, context: TypeContext, compile_: Callable[..., Codec]) -> Codec:
        """The codec of a list that is stored as a set."""
        plain = compile_(annotation, context)
        entry = plain.entry if type(plain) is ListCodec else None
        if not isinstance(entry, SingleTag) or entry.tag not in KEY_TAGS:
            raise SchemaError(
                f"{self!r} is a form of lists of texts, numbers or bytes, and the type is"
                f" {plain.name}"
            )
        return SortedListCodec(plain.kinds[0], entry)


class SortedListCodec(Codec):
    """The codec of a list that is stored as a set, which has no order and nothing twice.

    So the list is in the order of what is stored, and another one is refused.
    """

    def __init__(self, kind: type[Any], entry: SingleTag) -> None:
        tag = f"{entry.tag}S"
        name = f"{kind.__name__} of {entry.name} as a set"
        super().__init__(name, frozenset({tag, "L"}), (kind,), made=entry.made)
        self.tag = tag
        self._kind, self._entry = kind, entry
        self._order = _ORDERS[entry.tag]

    def encode_part(self, value: Any) -> AttributeValue:
        """A set of what is stored for each element; an empty list for none."""
        if type(value) is not self._kind:
            raise expected(self.name, value)
        written = [self._entry.write(element) for element in value]
        ordered = list(map(self._order, written))
        if any(first >= second for first, second in pairwise(ordered)):
            raise CodecError(
                "a list that is stored as a set comes back in order, each element once: give it"
                " sorted(set(...))"
            )
        return {self.tag: written} if written else {"L": []}

    def decode(self, stored: AttributeValue) -> Any:
        """The elements in their order, or none."""
        if self.tag in stored:
            found = sorted(listed(stored[self.tag]), key=self._order)
            return self._kind([self._entry.decode({self._entry.tag: text}) for text in found])
        if stored.get("L") == []:
            return self._kind()
        raise CodecError(f"expected {self.tag} for {self.name}, found {tag_of(stored)}")

    def fast_decode(self, stored: AttributeValue) -> Any:
        """The elements in their order."""
        read = self._entry.read
        return [read(payload) for payload in sorted(stored[self.tag], key=self._order)]


class _EnumName(NamedEncoding):
    def codec(self, annotation: Any, context: TypeContext, compile_: Callable[..., Codec]) -> Codec:
        """The codec of an Enum by the names of its members."""
        del compile_
        kind = unaliased(annotation)
        if not is_class(kind, Enum) or is_class(kind, Flag):
            raise SchemaError(f"{self!r} is a form of an Enum that is no Flag")
        if context.enum_values:
            raise SchemaError(
                f"{self!r} stores members, and use_enum_values keeps their values: leave that out"
            )
        return EnumNameCodec(kind)


class EnumNameCodec(SingleTag):
    """The codec of an Enum by the names of its members."""

    def __init__(self, kind: type[Enum]) -> None:
        name = f"{kind.__name__} by name"
        super().__init__("S", name, (kind,), key="sort", ordered=False)
        self._kind = kind
        self.read = dict(kind.__members__).__getitem__

    def write(self, value: Any) -> str:
        """The name of a member."""
        if type(value) is not self._kind:
            raise expected(self.name, value)
        return str(value.name)


class _JsonText(NamedEncoding):
    def codec(self, annotation: Any, context: TypeContext, compile_: Callable[..., Codec]) -> Codec:
        """The codec of a type as JSON text."""
        plain = compile_(annotation, context)  # what cannot be stored exactly has no JSON that can
        return JsonFormCodec(annotation, config_of(context.owner), is_json=_is_json(plain))


class JsonFormCodec(JsonTextCodec):
    """The codec of a type as JSON text, which is read as the value itself.

    `is_json` says that it is one of the types of JSON, of which a text is a value as it is.
    """

    def __init__(self, annotation: Any, config: ConfigDict, *, is_json: bool = False) -> None:
        super().__init__(annotation, config)
        self.made = False
        self.read = self._adapter.validator.validate_json
        if is_json and not any(name.startswith(_OF_VALUES) for name in config):
            schema: Any = self._adapter.core_schema
            self.validated = resolved(schema, definitions_of(schema))


def _is_json(codec: Codec) -> bool:
    """Whether a type is `JsonValue`, or a list or dict of such."""
    if type(codec) is ListCodec and codec.kinds == (list,):
        return _is_json(codec.entry)
    if isinstance(codec, MapCodec) and codec.is_plain:
        return _is_json(codec.entry)
    return codec is JSON_VALUE


AS_LIST = _SetAsList("AS_LIST")
"""A `set` or `frozenset` as a list, in the order of what is stored: JavaScript, Go, Java."""
AS_SET = _ListAsSet("AS_SET")
"""A list of texts, numbers or bytes as a set: sorted, each element once."""
ENUM_NAME = _EnumName("ENUM_NAME")
"""An Enum by the names of its members: Java, C#. In no order."""
JSON_TEXT = _JsonText("JSON_TEXT")
"""A value of any type as JSON text: PynamoDB's `JSONAttribute`, `json.dumps`, `JSON.stringify`."""
