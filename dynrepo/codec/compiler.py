"""From an annotation to its codec, decided once, when a class is defined.

What cannot be stored so that it comes back equal is refused here, with a SchemaError that says why
and what to write instead. The table of all types is in docs/reference/types.md.
"""

from __future__ import annotations

import collections
import collections.abc
import re
import sys
import typing
from dataclasses import replace
from enum import Enum
from types import NoneType
from typing import TYPE_CHECKING, Any, Literal, TypeVar, Union, get_args, get_origin

import typing_extensions
from pydantic import (
    Discriminator,
    EncodedBytes,
    EncodedStr,
    FutureDate,
    FutureDatetime,
    ImportString,
    InstanceOf,
    Json,
    JsonValue,
    Secret,
    SecretBytes,
    SecretStr,
    SkipValidation,
    Strict,
    Tag,
    ValidateAs,
)
from pydantic.fields import FieldInfo
from pydantic_core import MISSING

from dynrepo.codec import containers, unions
from dynrepo.codec.annotations import (
    Member,
    Place,
    alias_of,
    config_of,
    is_class,
    is_root_model,
    is_union,
    members_of,
    metadata_of,
    peeled,
    place_in,
    reference_to,
    refuse_misplaced,
)
from dynrepo.codec.choices import Choices, enum, literal
from dynrepo.codec.declarations import attribute_of, nested, record_of, refuse_lone_markers
from dynrepo.codec.ends import NO_PARTS
from dynrepo.codec.foreign import custom, encoded, json_text
from dynrepo.codec.recursion import reference
from dynrepo.codec.scalars import AWARE, BYTES, EPOCH_SECONDS, SCALARS, STR
from dynrepo.codec.texts import TEXTS, pattern, secret
from dynrepo.codec.untyped import ANY, JSON_VALUE
from dynrepo.codec.value import Codec, expected, optional, single
from dynrepo.errors import SchemaError
from dynrepo.markers import Encoding, PlainText

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.codec.ends import Parts
    from dynrepo.codec.records import Record

_ARRAYS: dict[Any, type] = {
    list: list,
    collections.abc.Sequence: list,
    collections.abc.MutableSequence: list,
    collections.deque: collections.deque,
}
_COLLECTIONS: dict[Any, type] = {
    set: set,
    frozenset: frozenset,
    collections.abc.Set: set,
    collections.abc.MutableSet: set,
}
_MAPPINGS: dict[Any, type] = {
    dict: dict,
    collections.abc.Mapping: dict,
    collections.abc.MutableMapping: dict,
    collections.defaultdict: collections.defaultdict,
    collections.Counter: collections.Counter,
}
_NOTHING = single("NULL", lambda _value: True, lambda _stored: None, name="None", kinds=(NoneType,))
_KNOWN: dict[Any, Codec] = {
    **SCALARS,
    **TEXTS,
    Any: ANY,
    object: ANY,
    JsonValue: JSON_VALUE,
    None: _NOTHING,
    NoneType: _NOTHING,
}
# Type checkers see no class in what Pydantic imports.
_OF_ANOTHER: tuple[Any, ...] = (ValidateAs, ImportString)
_SELF: tuple[Any, ...] = tuple(vars(one)["Self"] for one in (typing, typing_extensions))
_CURE = (
    "give it functions of its own, as in Annotated[T, Encoding('S', encode=T.text, decode=T.parse)]"
)
_REFUSED: dict[Any, str] = {
    FutureDate: "a date in the future is read back in vain once it has passed: declare `date`, and"
    " check that it is in the future where it is made",
    FutureDatetime: "a time in the future is read back in vain once it has passed: declare"
    " `AwareDatetime`, and check that it is in the future where it is made",
    collections.OrderedDict: "a map of DynamoDB has no order: declare `dict`, or a list of pairs",
    complex: f"complex has no DynamoDB type: {_CURE}",
}


class Compiler:
    """Makes the codecs of a model, and knows those in the making: a type may contain itself."""

    def __init__(self, *, by_alias: bool = False) -> None:
        self._by_alias = by_alias
        self._codecs: dict[Any, list[Codec]] = {}
        self._records: list[Record] = []
        self._by_reference: dict[str, Any] = {}

    def codec(self, annotation: Any, place: Place, metadata: tuple[Any, ...] = ()) -> Codec:
        """The codec of an annotation; SchemaError when it has none."""
        inner, more = peeled(annotation)
        metadata = (*metadata, *more)
        for one in metadata:
            refuse_misplaced(one, place)
            if isinstance(one, Strict):
                place = place._replace(strict=one.strict)
        if inner is Json or any(one is Json or type(one) is Json for one in metadata):
            text = json_text(Any if inner is Json else inner, config_of(place.owner))
            return self._asked(text, metadata)
        if is_union(inner):
            return self._asked(self._union(inner, place, metadata), metadata)
        known = self._marked(inner, place, metadata) or self._plain(inner, place)
        return self._asked(known, metadata)

    def _asked(self, codec: Codec, metadata: tuple[Any, ...]) -> Codec:
        """The codec, unless Pydantic is told not to make what it would have to make."""
        for one in metadata:
            if codec.made and isinstance(one, InstanceOf | SkipValidation):
                raise SchemaError(
                    f"{codec.name} is made by Pydantic when an item is read, which"
                    f" {type(one).__name__} forbids: declare the type without it"
                )
        return codec

    def _marked(self, annotation: Any, place: Place, metadata: tuple[Any, ...]) -> Codec | None:
        """The codec that the metadata decide on."""
        if _is_secret(annotation):
            return self._secret(annotation, place, metadata)
        for one in metadata:
            if isinstance(one, Encoding):
                return custom(one)
            if isinstance(one, EncodedBytes):
                return encoded(self.codec(annotation, place), one.encode)
            if isinstance(one, EncodedStr):
                return encoded(self.codec(annotation, place), one.encode_str)
            if isinstance(one, _OF_ANOTHER):
                raise SchemaError(
                    f"{type(one).__name__} takes another value than it gives, so what is stored"
                    f" could not be read back: {_CURE}"
                )
            if getattr(one, "path_type", None):
                raise SchemaError(
                    "whether a path exists may have changed when the item is read: declare `Path`,"
                    " and check it where it is made"
                )
        return None

    def _plain(self, annotation: Any, place: Place) -> Codec:
        known = _KNOWN.get(annotation)
        if known is not None:
            return EPOCH_SECONDS if place.epoch and known is AWARE else known
        if annotation in _SELF:
            return self._plain(place.owner, place)
        if getattr(annotation, "type_ref", None) in self._by_reference:
            return self._plain(self._by_reference[annotation.type_ref], place)
        if get_origin(annotation) is Literal:
            return _literal(get_args(annotation), place)
        return (
            self._alias(annotation, place)
            or self._container(annotation, place.inner)
            or _network(annotation, place)
            or self._class(annotation, place)
        )

    def _alias(self, annotation: Any, place: Place) -> Codec | None:
        if isinstance(annotation, TypeVar):
            return self._variable(annotation, place)
        value = alias_of(annotation)
        if value is None:
            return None
        if place.top:  # where markers count; the alias of a field is not the field's own part
            return self.codec(value, place)
        return self._once(annotation, place, lambda: self.codec(value, place))

    def _variable(self, variable: TypeVar, place: Place) -> Codec:
        if variable.__constraints__:
            members = [self.codec(one, place.inner) for one in variable.__constraints__]
            return unions.plain(members)
        return self.codec(variable.__bound__ or Any, place.inner)

    def _secret(self, annotation: Any, place: Place, metadata: tuple[Any, ...]) -> Codec:
        if not any(isinstance(one, PlainText) for one in metadata):
            raise SchemaError(
                "a secret is not stored unless the field says so: Annotated[SecretStr, PlainText()]"
            )
        if get_origin(annotation) is Secret:
            return secret(Secret, self.codec(get_args(annotation)[0], place.inner))
        return secret(annotation, STR if annotation is SecretStr else BYTES)

    # Unions

    def _union(self, annotation: Any, place: Place, metadata: tuple[Any, ...]) -> Codec:
        arguments = get_args(annotation)
        members = [one for one in arguments if one not in (None, NoneType)]
        if len(members) < len(arguments):
            # What is said of the union is said of the values: Annotated[SecretStr | None, ...].
            return optional(self.codec(Union[tuple(members)], place, metadata))  # noqa: UP007
        marked = self._marked(annotation, place, metadata)
        if marked is not None:
            return marked
        chosen = _discriminator(metadata)
        if chosen is None:
            return unions.plain([self.codec(one, place.inner) for one in members])
        if isinstance(chosen, str):
            return self._union_by_field(chosen, members, place.inner)
        return self._union_by_function(chosen, members, place.inner)

    def _union_by_field(self, name: str, members: list[Any], place: Place) -> Codec:
        codecs = [self.codec(one, place) for one in members]
        tables: dict[str, dict[Any, Codec]] = {}
        for member, codec in zip(members, codecs, strict=True):
            nested = codec.part if isinstance(codec.part, unions.Tables) else None
            forms = nested.forms() if nested else self._forms(name, member)
            for attribute, form in forms:
                tables.setdefault(attribute, {})[form] = codec
        return unions.by_field(codecs, tables)

    def _forms(self, name: str, kind: Any) -> list[tuple[str, Any]]:
        """The attribute of a discriminator, with each value stored there for a class."""
        inner, _ = peeled(kind)
        member = next((one for one in members_of(inner) or () if one.name == name), None)
        if member is None:
            raise SchemaError(f"a member of the union has no field {name!r} to be told apart by")
        codec = self.codec(member.info.annotation, Place())
        if not isinstance(codec.part, Choices) or member.info.exclude:
            raise SchemaError(f"the discriminator {name!r} must be a stored Literal in each member")
        attribute = attribute_of(member, by_alias=self._by_alias)
        return [(attribute, form) for form in codec.part.by_stored]

    def _union_by_function(self, choose: Any, members: list[Any], place: Place) -> Codec:
        tagged: dict[Any, Codec] = {}
        for member in members:
            _, metadata = peeled(member)
            tag = next((one.tag for one in metadata if isinstance(one, Tag)), None)
            if tag is None:
                raise SchemaError("each member of a union with a discriminator function has a Tag")
            tagged[tag] = self.codec(member, place)
        return unions.by_function(tagged, choose)

    # Containers

    def _container(self, annotation: Any, place: Place) -> Codec | None:
        origin, arguments = get_origin(annotation) or annotation, get_args(annotation)
        if origin is tuple:
            return self._tuple(arguments, place)
        if origin in _ARRAYS:
            return containers.array(_ARRAYS[origin], self._element(arguments, place))
        if origin in _COLLECTIONS:
            element = self._element(arguments, place)
            return containers.collection(_COLLECTIONS[origin], element, strict=place.strict)
        if origin is collections.Counter:
            arguments = (*arguments, int) if arguments else (Any, int)
        if origin in _MAPPINGS:
            key, value = arguments or (str, Any)
            keys = STR if key is Any else self.codec(key, place)
            return containers.mapping(_MAPPINGS[origin], keys, self.codec(value, place))
        if origin is re.Pattern:
            return pattern(BYTES if arguments == (bytes,) else STR)
        return None

    def _element(self, arguments: tuple[Any, ...], place: Place) -> Codec:
        return self.codec(arguments[0], place) if arguments else ANY

    def _tuple(self, arguments: tuple[Any, ...], place: Place) -> Codec:
        if not arguments:
            return containers.array(tuple, ANY)
        if len(arguments) == 2 and arguments[1] is Ellipsis:  # noqa: PLR2004
            return containers.array(tuple, self.codec(arguments[0], place))
        if any(get_origin(one) is typing.Unpack for one in arguments):
            raise SchemaError("a tuple with an unpacked part has no one form: declare a list")
        return containers.fixed(tuple(self.codec(one, place) for one in arguments))

    # Classes

    def _class(self, annotation: Any, place: Place) -> Codec:
        kind: Any = get_origin(annotation) or annotation
        if annotation is MISSING:
            raise SchemaError(
                "MISSING is stored by absence, as None is, so either could be read: declare"
                " `T | None = None`"
            )
        if not is_class(kind):
            raise SchemaError(f"{annotation!r} cannot be stored exactly: {_CURE}")
        if is_class(kind, Enum):
            return enum(kind, values=place.enum_values)
        if is_root_model(kind):
            return self._once(annotation, place, lambda: self._root(kind))
        if members_of(annotation) is not None:
            return self._once(annotation, place, lambda: self._shape(annotation, place))
        raise SchemaError(_REFUSED.get(kind, f"{kind.__name__} cannot be stored exactly: {_CURE}"))

    def _once(self, annotation: Any, place: Place, make: Callable[[], Codec]) -> Codec:
        """The codec of a type that may contain itself: made once, referred to in the making."""
        question = annotation, place.strict, place.enum_values
        cell = self._codecs.get(question)
        if cell is None:
            cell = self._codecs[question] = []
            cell.append(make())
        return cell[0] if cell else reference(annotation, cell)

    def _root(self, kind: type[Any]) -> Codec:
        (member,) = members_of(kind) or [Member("root", FieldInfo(annotation=Any))]
        inner = self.codec(member.info.annotation, place_in(kind), metadata_of(member.info))

        def encode(value: Any) -> Any:
            if type(value) is not kind:
                raise expected(kind.__name__, value)
            return inner.encode(value.root)

        def inside(value: Any) -> Parts:
            known = inner.inside
            return known(value.root) if known and type(value) is kind else NO_PARTS

        return replace(
            inner,
            encode=encode,
            write=None,
            read=None,
            name=kind.__name__,
            kinds=(kind,),
            key="",
            element=None,
            inside=inside if inner.inside else None,
            made=True,
            part=None,
        )

    def _shape(self, annotation: Any, place: Place) -> Codec:
        kind: Any = get_origin(annotation) or annotation
        if is_class(kind, tuple):
            return self._named_tuple(annotation, kind)
        record = self.record(annotation)
        refuse_lone_markers(record)
        return nested(annotation, record, strict=place.strict)

    def record(self, annotation: Any) -> Record:
        """The fields of a model, dataclass or TypedDict."""
        self._by_reference[reference_to(annotation)] = annotation
        record = record_of(annotation, self.codec, by_alias=self._by_alias)
        self._records.append(record)
        return record

    def check_defaults(self) -> None:
        """SchemaError for a default that cannot be stored; asked when all codecs are complete."""
        for record in self._records:
            for field in record.fields:
                field.check_default()

    def _named_tuple(self, annotation: Any, kind: type[Any]) -> Codec:
        members = members_of(annotation) or ()
        codecs = [
            self.codec(one.info.annotation, Place(kind), metadata_of(one.info)) for one in members
        ]
        names = tuple(one.name for one in members)
        return containers.fixed(tuple(codecs), kind=kind, names=names)


def _network(annotation: Any, place: Place) -> Codec | None:
    """The codec of a type of `pydantic.networks`, which whoever has one has imported."""
    if "pydantic.networks" not in sys.modules:
        return None
    from dynrepo.codec.network import network  # noqa: PLC0415 - few models have one

    return network(annotation, config_of(place.owner))


def _literal(values: tuple[Any, ...], place: Place) -> Codec:
    stored = tuple(one for one in values if one is not None)
    if place.enum_values and any(isinstance(one, Enum) for one in stored):
        raise SchemaError(
            "a Literal of members of an Enum holds their values where use_enum_values is set, and"
            " takes none of them back: declare a Literal of the values"
        )
    if not stored:
        return _NOTHING
    codec = literal(stored)
    return codec if len(stored) == len(values) else optional(codec)


def _discriminator(metadata: tuple[Any, ...]) -> Any:
    """What a union is told apart by: a field name, a function, or None."""
    for one in metadata:
        chosen = one.discriminator if isinstance(one, FieldInfo | Discriminator) else None
        if isinstance(chosen, Discriminator):
            chosen = chosen.discriminator
        if chosen is not None:
            return chosen
    return None


def _is_secret(annotation: Any) -> bool:
    return annotation in (SecretStr, SecretBytes) or get_origin(annotation) is Secret


def codec_for(annotation: Any) -> Codec:
    """The codec of a type; SchemaError when it has none."""
    return Compiler().codec(annotation, Place())
