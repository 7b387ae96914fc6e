"""Attribute values that are not as they are written, read by their codecs where they stand.

The functions here are for core schemas: they are given what the text of an answer holds, and raise
a ValueError for what is no value of the type.
"""

from __future__ import annotations

from copy import deepcopy
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from pydantic_core import PydanticUseDefault, SchemaValidator, core_schema

from dynrepo.codec.core_schemas import changed
from dynrepo.codec.value import class_of
from dynrepo.errors import CodecError
from dynrepo.interruption import pass_strike

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.codec.core_schemas import CoreSchema
    from dynrepo.codec.value import AttributeValue, Codec, SingleTag


class Validator:
    """What validates a value of a type as a field does, made when it is first asked.

    Most models never meet a value that asks it.
    """

    def __init__(self, own: CoreSchema, definitions: list[CoreSchema], config: Any) -> None:
        self._own = own
        self._definitions = definitions
        self._config = config

    @cached_property
    def validate(self) -> Callable[..., Any]:
        """`validate_python` of the type's own schema."""
        own, definitions = cast("Any", self._own), cast("Any", self._definitions)
        schema = core_schema.definitions_schema(own, definitions)
        return SchemaValidator(schema, self._config).validate_python

    def __call__(self, value: Any) -> Any:
        """The value, validated; ValidationError for one that is not valid."""
        return self.validate(value, by_name=True, by_alias=False)


class Given:
    """A value in the place of an attribute value, for a field of which nothing is stored."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


def given_by(make: Callable[[], Any]) -> CoreSchema:
    """The schema, but for that of the type, of a field for which a function gives the value."""
    return {
        "type": "default",
        "default_factory": lambda: Given(make()),
        "validate_default": True,
    }


def given_default(default: CoreSchema) -> CoreSchema | None:
    """The same for a default that is to be validated; None where its factory is told of others."""
    if default.get("default_factory_takes_data"):
        return None
    make = default.get("default_factory")
    if make is None:
        make = _copier(default["default"])
    rest = {name: part for name, part in default.items() if name != "default"}
    return changed(rest, **given_by(make))


def _copier(value: Any) -> Callable[[], Any]:
    """Gives a value as Pydantic does: one that may be changed as a copy."""
    try:
        hash(value)
    except TypeError:
        return lambda: deepcopy(value)
    return lambda: value


def attribute_reader(codec: Codec, validate: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Reads an attribute value by its codec, and validates what that says."""
    decode = decoder(codec)

    def read(stored: Any) -> Any:
        return validate(stored.value if type(stored) is Given else decode(stored))

    return read


def payload_reader(codec: Codec, validate: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The same for what stands below the tag of a type that is no map.

    And for the whole attribute value where there is another tag, as for None. What looks like one
    and stands below the tag is refused, together with `Misplaced`.
    """
    decode, tag = decoder(codec), codec.present.tag

    def read(found: Any) -> Any:
        if type(found) is Given:
            return validate(found.value)
        is_whole = class_of(found) is dict
        return validate(decode(_in_place(found, tag) if is_whole else {tag: found}))

    return read


def default_of_null(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Reads an attribute value, and has the default of the field taken for a NULL."""

    def read_or_default(found: Any) -> Any:
        if class_of(found) is dict and found.keys() == {"NULL"} and found["NULL"] is True:
            raise PydanticUseDefault
        return read(found)

    return read_or_default


def _in_place(stored: AttributeValue, tag: str) -> AttributeValue:
    if tag in stored or str in map(class_of, stored.values()):
        raise CodecError("what stands below the tag is no payload")
    return stored


def key_reader(
    codec: Codec, validate: Callable[[Any], Any], is_written: Callable[[Any], Any]
) -> Callable[[Any], Any]:
    """Reads a part of a key, which by another form than the written one would not be found."""
    decode, tag = decoder(codec), codec.tag

    def read(stored: Any) -> Any:
        value = decode(stored)
        if not is_written(stored[tag]):
            raise CodecError("the key is in another form than the one that is written")
        return validate(value)

    return read


def payload_of(codec: SingleTag) -> Callable[[Any], Any]:
    """Reads what stands below the one tag of a type."""
    read, decode, tag = codec.read, decoder(codec), codec.tag

    def read_payload(payload: Any) -> Any:
        try:
            return read(payload)
        except Exception as error:  # noqa: BLE001 - whatever it was, the careful way says what
            pass_strike(error)
        return decode({tag: payload})

    return read_payload


def decoder(codec: Codec) -> Callable[[AttributeValue], Any]:
    """Reads by a codec as fast as it can; CodecError for what it does not read."""
    fast, careful = codec.fast_decode, codec.decode

    def decode(stored: AttributeValue) -> Any:
        try:
            return fast(stored)
        except Exception as error:  # noqa: BLE001 - whatever it was, the careful way says what
            pass_strike(error)
        try:
            return careful(stored)
        except (CodecError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 - what is stored may be anything
            pass_strike(error)
        raise CodecError(f"what is stored is no {codec.name}")

    return decode
