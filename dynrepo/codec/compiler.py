"""From an annotation to its codec, decided once, when a class is defined.

What cannot be stored so that it comes back equal is refused here, with a SchemaError that says why
and what to write instead. The table of all types is in docs/reference/types.md.
"""

from __future__ import annotations

import sys
from enum import Enum
from types import NoneType
from typing import TYPE_CHECKING, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import (
    EncodedBytes,
    EncodedStr,
    Json,
    Secret,
    SecretBytes,
    SecretStr,
    Strict,
)
from pydantic.fields import FieldInfo
from pydantic_core import MISSING

from dynrepo.codec.annotations import (
    Member,
    TypeContext,
    alias_of,
    config_of,
    context_of,
    is_class,
    is_root_model,
    is_union,
    members_of,
    metadata_of,
    peeled,
    reference_to,
    refuse_misplaced,
)
from dynrepo.codec.catalogue import KNOWN, REFUSED, SELF, cure_of, refuse_one_way, refuse_secret
from dynrepo.codec.choices import enum, literal_of
from dynrepo.codec.containers import container
from dynrepo.codec.declarations import nested, record_of, refuse_lone_markers
from dynrepo.codec.discriminators import discriminator_of, union_by_field, union_by_function
from dynrepo.codec.foreign import CustomCodec, EncodedCodec, JsonTextCodec
from dynrepo.codec.forms import encoded
from dynrepo.codec.instances import refuse_abstract, refuse_unmade
from dynrepo.codec.lists import TupleCodec
from dynrepo.codec.own_code import refuse_input_only
from dynrepo.codec.plain_unions import mode_of, plain_union
from dynrepo.codec.scalars import BYTES, STR
from dynrepo.codec.serialized import (
    UnknownTypeError,
    serialized,
    serialized_by,
    serialized_dataclass,
)
from dynrepo.codec.times import TIMES_TO_LIVE
from dynrepo.codec.wrappers import ReferenceCodec, RootCodec, SecretCodec, optional
from dynrepo.errors import SchemaError
from dynrepo.markers import PlainText

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.codec.records import Record
    from dynrepo.codec.value import Codec


class Compiler:
    """Makes the codecs of a model, and keeps those in the making: a type may contain itself."""

    def __init__(self, *, by_alias: bool = False) -> None:
        self._by_alias = by_alias
        self._codecs: dict[Any, list[Codec]] = {}
        self._records: list[Record] = []
        self._by_reference: dict[str, Any] = {}
        self.uses_encodings = False
        """Whether something is written by functions of the user's."""

    def codec(self, annotation: Any, context: TypeContext, metadata: tuple[Any, ...] = ()) -> Codec:
        """The codec of an annotation; SchemaError when it has none."""
        declared, more = peeled(annotation)
        metadata = (*metadata, *more)
        for piece in metadata:
            refuse_misplaced(piece, context)
            if isinstance(piece, Strict):
                context = context._replace(strict=piece.strict)
        try:
            codec = self._by_type(declared, context, metadata)
        except UnknownTypeError:
            by_metadata = serialized_by(declared, metadata, config_of(context.owner))
            if by_metadata is None:
                raise
            codec = by_metadata
        refuse_unmade(codec, metadata)
        return codec

    def _by_type(self, annotation: Any, context: TypeContext, metadata: tuple[Any, ...]) -> Codec:
        return (
            self._json_text(annotation, context, metadata)
            or self._union(annotation, context, metadata)
            or self._marked(annotation, context, metadata)
            or self._plain(annotation, context)
        )

    def _json_text(
        self, annotation: Any, context: TypeContext, metadata: tuple[Any, ...]
    ) -> Codec | None:
        if annotation is Json:
            return JsonTextCodec(Any, config_of(context.owner))
        if any(piece is Json or type(piece) is Json for piece in metadata):
            return JsonTextCodec(annotation, config_of(context.owner))
        return None

    def _marked(
        self, annotation: Any, context: TypeContext, metadata: tuple[Any, ...]
    ) -> Codec | None:
        """The codec that the metadata decide on."""
        if _is_secret(annotation):
            return self._secret(annotation, context, metadata)
        codec = encoded(annotation, context, metadata, self.codec)
        if codec is not None:
            self.uses_encodings |= isinstance(codec, CustomCodec)
            return codec
        for piece in metadata:
            if isinstance(piece, EncodedBytes):
                return EncodedCodec(self.codec(annotation, context), piece.encode)
            if isinstance(piece, EncodedStr):
                return EncodedCodec(self.codec(annotation, context), piece.encode_str)
            refuse_one_way(piece)
        return None

    def _plain(self, annotation: Any, context: TypeContext) -> Codec:
        known = KNOWN.get(annotation)
        if known is not None:
            return TIMES_TO_LIVE.get(known, known) if context.epoch else known
        if annotation in SELF:
            return self._plain(context.owner, context)
        if getattr(annotation, "type_ref", None) in self._by_reference:
            return self._plain(self._by_reference[annotation.type_ref], context)
        if get_origin(annotation) is Literal:
            return literal_of(get_args(annotation), context)
        return (
            self._alias(annotation, context)
            or self._container(annotation, context.inner)
            or _network(annotation, context)
            or self._class(annotation, context)
        )

    def _alias(self, annotation: Any, context: TypeContext) -> Codec | None:
        if isinstance(annotation, TypeVar):
            return self._variable(annotation, context)
        value = alias_of(annotation)
        if value is None:
            return None
        if context.top:  # where markers count; the alias of a field is not the field's own part
            return self.codec(value, context)
        return self._once(annotation, context, lambda: self.codec(value, context))

    def _variable(self, variable: TypeVar, context: TypeContext) -> Codec:
        constraints = variable.__constraints__
        if constraints:
            return plain_union(constraints, self.codec, context.inner)
        return self.codec(variable.__bound__ or Any, context.inner)

    def _container(self, annotation: Any, context: TypeContext) -> Codec | None:
        return container(annotation, lambda part: self.codec(part, context), strict=context.strict)

    def _secret(self, annotation: Any, context: TypeContext, metadata: tuple[Any, ...]) -> Codec:
        if not any(isinstance(piece, PlainText) for piece in metadata):
            refuse_secret(annotation)
        if get_origin(annotation) is Secret:
            return SecretCodec(Secret, self.codec(get_args(annotation)[0], context.inner))
        return SecretCodec(annotation, STR if annotation is SecretStr else BYTES)

    def _union(
        self, annotation: Any, context: TypeContext, metadata: tuple[Any, ...]
    ) -> Codec | None:
        if not is_union(annotation):
            return None
        arguments = get_args(annotation)
        members = [kind for kind in arguments if kind not in (None, NoneType)]
        if len(members) == len(arguments):
            return self._of_members(annotation, members, context, metadata)
        # What is said of the union is said of the values: Annotated[SecretStr | None, ...].
        if len(members) == 1:
            return optional(self.codec(members[0], context, metadata))
        rest: Any = Union[tuple(members)]  # noqa: UP007
        return optional(self._of_members(rest, members, context, metadata))

    def _of_members(
        self, union: Any, members: list[Any], context: TypeContext, metadata: tuple[Any, ...]
    ) -> Codec:
        # `typing` hands out one union for all that are equal, whatever the order in their parts: so
        # what counts are the members as they were found.
        marked = self._marked(union, context, metadata)
        return marked or self._told_apart(members, context.inner, metadata)

    def _told_apart(
        self, members: list[Any], context: TypeContext, metadata: tuple[Any, ...]
    ) -> Codec:
        """The codec of a union, by what its members are told apart by."""
        chosen = discriminator_of(metadata)
        if chosen is None:
            return plain_union(members, self.codec, context, mode_of(metadata))
        if isinstance(chosen, str):
            return union_by_field(chosen, members, self.codec, context, by_alias=self._by_alias)
        return union_by_function(chosen, members, self.codec, context)

    def _class(self, annotation: Any, context: TypeContext) -> Codec:
        kind: Any = get_origin(annotation) or annotation
        if annotation is MISSING:
            raise SchemaError(
                "MISSING is stored by absence, as None is, so either could be read: declare"
                " `T | None = None`"
            )
        if not is_class(kind):
            raise SchemaError(f"{annotation!r} cannot be stored exactly: {cure_of('T')}")
        if is_class(kind, Enum):
            return enum(kind, values=context.enum_values)
        if is_root_model(kind):
            refuse_abstract(kind)
            return self._once(annotation, context, lambda: self._root(kind))
        own = serialized_dataclass(annotation, config_of(context.owner))
        if own is not None:
            return own
        if members_of(annotation) is not None:
            refuse_abstract(kind)
            return self._once(annotation, context, lambda: self._with_fields(annotation, context))
        if kind in REFUSED:
            raise SchemaError(REFUSED[kind])
        codec = serialized(annotation, config_of(context.owner))
        if codec is None:
            name = kind.__name__
            raise UnknownTypeError(f"{name} cannot be stored exactly: {cure_of(name)}")
        return codec

    def _once(self, annotation: Any, context: TypeContext, make: Callable[[], Codec]) -> Codec:
        """The codec of a type that may contain itself: made once, referred to in the making."""
        question = annotation, context.strict, context.enum_values
        cell = self._codecs.get(question)
        if cell is None:
            cell = self._codecs[question] = []
            cell.append(make())
        return cell[0] if cell else ReferenceCodec(annotation, cell)

    def _root(self, kind: type[Any]) -> Codec:
        (member,) = members_of(kind) or [Member("root", FieldInfo(annotation=Any))]
        root = self.codec(member.info.annotation, context_of(kind), metadata_of(member.info))
        return RootCodec(kind, root)

    def _with_fields(self, annotation: Any, context: TypeContext) -> Codec:
        if is_class(get_origin(annotation) or annotation, tuple):
            return self._named_tuple(annotation, get_origin(annotation) or annotation, context)
        record = self.record(annotation, enum_values=context.enum_values)
        refuse_lone_markers(record)
        return nested(annotation, record, strict=context.strict)

    def _named_tuple(self, annotation: Any, kind: type[Any], outer: TypeContext) -> Codec:
        members = members_of(annotation) or ()
        context = TypeContext(kind, enum_values=outer.enum_values)
        codecs = tuple(
            self.codec(member.info.annotation, context, metadata_of(member.info))
            for member in members
        )
        return TupleCodec(codecs, kind=kind, names=tuple(member.name for member in members))

    def record(self, annotation: Any, *, enum_values: bool = False) -> Record:
        """The fields of a model, dataclass or TypedDict."""
        self._by_reference[reference_to(annotation)] = annotation
        record = record_of(annotation, self.codec, by_alias=self._by_alias, values=enum_values)
        self._records.append(record)
        return record

    def check_defaults(self) -> None:
        """SchemaError for a default that cannot be stored; asked when all codecs are complete."""
        for record in self._records:
            for field in record.fields:
                field.check_default()
            refuse_input_only(record.kind, record.fields)


def _network(annotation: Any, context: TypeContext) -> Codec | None:
    """The codec of a type of `pydantic.networks`, which is imported where such a type is used."""
    if "pydantic.networks" not in sys.modules:
        return None
    from dynrepo.codec.network import network  # noqa: PLC0415 - few models have one

    return network(annotation, config_of(context.owner))


def _is_secret(annotation: Any) -> bool:
    return annotation in (SecretStr, SecretBytes) or get_origin(annotation) is Secret


def codec_for(annotation: Any) -> Codec:
    """The codec of a type; SchemaError when it has none."""
    return Compiler().codec(annotation, TypeContext())
