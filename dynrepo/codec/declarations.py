"""From a class to its record: the name of each field, how it stores None and the empty set."""

from __future__ import annotations

import dataclasses
import typing
from typing import TYPE_CHECKING, Any, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from dynrepo.codec.annotations import (
    Member,
    TypeContext,
    config_of,
    context_of,
    is_class,
    is_marker,
    markers_of,
    marks_field,
    members_of,
    metadata_of,
    peeled,
    takes_settings,
)
from dynrepo.codec.field import Field
from dynrepo.codec.instances import refuse_init
from dynrepo.codec.nesting import MAX_DEPTH
from dynrepo.codec.records import Record, RecordCodec, StrictDataclassCodec
from dynrepo.codec.untyped import ANY, UNDECLARED
from dynrepo.codec.value import SET_TAGS
from dynrepo.errors import SchemaError
from dynrepo.markers import Attribute, Marker, PartitionKey, TimeToLive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pydantic.fields import FieldInfo

    from dynrepo.codec.field import How
    from dynrepo.codec.value import Codec

    Compile = Callable[[Any, TypeContext, tuple[Any, ...]], Codec]

_MAX_NAME = 65_535


def record_of(
    annotation: Any, compile_: Compile, *, by_alias: bool, values: bool = False
) -> Record:
    """The record of a model, dataclass or TypedDict.

    `values` says that the class around it has `use_enum_values`.
    """
    kind: Any = get_origin(annotation) or annotation
    context, config = context_of(kind), config_of(kind)
    if values and takes_settings(kind):
        context = context._replace(enum_values=True)
    members = [member for member in members_of(annotation) or () if not _excluded(member, kind)]
    fields = [_field(member, kind, context, compile_, by_alias=by_alias) for member in members]
    refuse_init(kind, fields)
    extra = config.get("extra") or "ignore"
    if is_class(kind, BaseModel):
        _refuse_lost_markers(kind)
        fields += _computed(kind, context, compile_, by_alias=by_alias)
    elif extra == "allow" or is_class(getattr(kind, "__extra_items__", None)):
        raise SchemaError(
            f"{kind.__name__}: extra attributes are stored for models only: declare it as"
            f" `class {kind.__name__}(BaseModel, extra='allow')`"
        )
    _refuse_shared_attributes(kind, fields)
    return Record(
        kind.__name__,
        dict if is_class(kind, dict) else kind,
        tuple(fields),
        extra=extra if is_class(kind, BaseModel) else "ignore",
        extra_codec=_extra(kind, context, compile_) if extra == "allow" else None,
    )


def _excluded(member: Member, kind: type[Any]) -> bool:
    if not member.info.exclude:
        return False
    if member.info.is_required():
        raise SchemaError(
            f"{kind.__name__}.{member.name} is excluded, so not stored, and could not be read back"
            " without a default: give it one"
        )
    return True


def _field(
    member: Member, kind: type[Any], context: TypeContext, compile_: Compile, *, by_alias: bool
) -> Field:
    info = member.info
    try:
        markers = markers_of(info.annotation, tuple(info.metadata))
        _refuse_marker(info.default)
        epoch = any(isinstance(marker, TimeToLive) for marker in markers)
        context = context._replace(top=True, epoch=epoch)
        codec = compile_(info.annotation, context, metadata_of(info))
        _refuse_deep(codec)
    except SchemaError as error:
        raise SchemaError(f"{kind.__name__}.{member.name}: {error}") from None
    sparse = is_class(kind, dict)
    return Field(
        member.name,
        attribute_of(member, by_alias=by_alias),
        codec,
        markers,
        owner=kind.__name__,
        none=_none(info, codec) if not sparse else ("stored" if _takes_none(codec) else "refused"),
        empty="stored" if sparse else _empty(info, codec),
        required=member.present if sparse else info.is_required(),
        default=_default(info, kind),
    )


def _refuse_marker(default: Any) -> None:
    if is_marker(default):
        raise SchemaError("a marker is no default: write Annotated[type, marker]")


def attribute_of(member: Member, *, by_alias: bool) -> str:
    """The attribute of a field: by its marker, by its alias if that is asked for, by its name."""
    markers = markers_of(member.info.annotation, tuple(member.info.metadata))
    for marker in markers:
        if isinstance(marker, Attribute):
            return marker.name
    alias = member.info.serialization_alias or member.info.alias
    return alias if by_alias and alias else member.name


def _refuse_deep(codec: Codec) -> None:
    if codec.levels > MAX_DEPTH:
        raise SchemaError(
            f"its values have {codec.levels} levels, and DynamoDB stores {MAX_DEPTH}: declare"
            " fewer, or `Json[T]` for those inside"
        )


def _none(info: FieldInfo, codec: Codec) -> How:
    nullable = _takes_none(codec)
    if (nullable and info.is_required()) or (info.default is None and info.default_factory is None):
        return "absent"
    return "stored" if nullable else "refused"


def _takes_none(codec: Codec) -> bool:
    """Whether NULL is None; it is another value where an Encoding says so."""
    return "NULL" in codec.tags and object not in codec.kinds


def _empty(info: FieldInfo, codec: Codec) -> How:
    """Whether absence is read as the empty set; not where it is read as None."""
    if not codec.tags & SET_TAGS or codec.tags - SET_TAGS - {"L", "NULL"} or not codec.kinds:
        return "stored"
    if len({*codec.present.kinds}) > 1:  # the set of which member?
        return "stored"
    if _none(info, codec) == "absent":
        return "stored"
    is_empty = info.default_factory in (set, frozenset) or info.default in (set(), frozenset())
    return "absent" if info.is_required() or is_empty else "stored"


def _default(info: FieldInfo, kind: type[Any]) -> Any:
    validated = info.validate_default or config_of(kind).get("validate_default")
    known = info.default is not PydanticUndefined and not validated
    return info.default if known else None


def _computed(
    kind: type[BaseModel], context: TypeContext, compile_: Compile, *, by_alias: bool
) -> list[Field]:
    fields: list[Field] = []
    for name, computed in kind.model_computed_fields.items():
        markers = markers_of(computed.return_type)
        if not markers:
            continue
        attribute = next((marker.name for marker in markers if isinstance(marker, Attribute)), None)
        alias = computed.alias if by_alias else None
        context = context._replace(top=True)
        try:
            codec = compile_(computed.return_type, context, ())
        except SchemaError as error:
            raise SchemaError(f"{kind.__name__}.{name}: {error}") from None
        fields.append(
            Field(
                name,
                attribute or alias or name,
                codec,
                markers,
                owner=kind.__name__,
                none="absent" if _takes_none(codec) else "refused",
                required=False,
                computed=True,
            )
        )
    return fields


def _extra(kind: type[Any], context: TypeContext, compile_: Compile) -> Codec:
    declared = typing.get_type_hints(kind, include_extras=True).get("__pydantic_extra__")
    for annotation in (declared, *get_args(declared)):
        if get_origin(annotation) is dict:
            codec = compile_(get_args(annotation)[1], context, ())
            return UNDECLARED if codec is ANY else codec
    return UNDECLARED


def _refuse_shared_attributes(kind: type[Any], fields: Iterable[Field]) -> None:
    owners: dict[str, str] = {}
    for field in fields:
        _refuse_name(f"{kind.__name__}.{field.name}", field.attribute)
        other = owners.setdefault(field.attribute, field.name)
        if other != field.name:
            raise SchemaError(
                f"{kind.__name__}: {other} and {field.name} are both stored as the attribute"
                f" {field.attribute}: give one of them another Attribute(...)"
            )


def _refuse_name(label: str, attribute: str) -> None:
    if not attribute:
        raise SchemaError(
            f"{label}: an attribute name cannot be empty: leave the Attribute(...) out, or name one"
        )
    if len(attribute.encode(errors="replace")) > _MAX_NAME:
        raise SchemaError(f"{label}: an attribute name has {_MAX_NAME} bytes at most: shorten it")


def _refuse_lost_markers(kind: type[BaseModel]) -> None:
    for base in kind.__mro__[1:]:
        if not issubclass(base, BaseModel):
            continue
        for name, info in base.model_fields.items():
            lost = markers_of(info.annotation, tuple(info.metadata))
            mine = kind.model_fields.get(name)
            if lost and mine and not markers_of(mine.annotation, tuple(mine.metadata)):
                raise SchemaError(
                    f"{kind.__name__}.{name} declares the field of {base.__name__} again without"
                    f" its {type(lost[0]).__name__}(...): repeat the marker"
                )
    for name, hint in _other_hints(kind).items():
        if any(is_marker(piece) for piece in peeled(hint)[1]):
            raise SchemaError(
                f"{kind.__name__}.{name} is marked, but is no field of the model: private and class"
                " attributes are not stored: take the mark away, or declare a field"
            )


def _other_hints(kind: type[BaseModel]) -> dict[str, Any]:
    """The annotations of class and private attributes, as far as they can be read."""
    try:
        hints = typing.get_type_hints(kind, include_extras=True)
    except (NameError, TypeError):
        return {}
    return {name: hint for name, hint in hints.items() if name not in kind.model_fields}


def refuse_lone_markers(record: Record) -> None:
    """SchemaError for the markers of a nested class, unless it is an item in its own right."""
    marked = [
        (field, marker) for field in record.fields for marker in field.markers if _is_lone(marker)
    ]
    if marked and not any(marker == PartitionKey() for _, marker in marked):
        field, marker = marked[0]
        raise SchemaError(
            f"{field.label}: {type(marker).__name__}(...) marks a field of a nested {record.name},"
            " and keys are attributes of the item itself: add a field or a computed field there"
        )


def _is_lone(marker: Marker) -> bool:
    return marks_field(marker) and not isinstance(marker, Attribute)


def nested(annotation: Any, record: Record, *, strict: bool) -> RecordCodec:
    """The codec of a record inside an item: a map."""
    kind: Any = get_origin(annotation) or annotation
    if dataclasses.is_dataclass(kind) and (strict or config_of(kind).get("strict")):
        return StrictDataclassCodec(record, annotation)
    return RecordCodec(record)
