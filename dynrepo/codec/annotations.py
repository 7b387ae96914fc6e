"""What an annotation says below its layers, and the fields that a class declares."""

from __future__ import annotations

import dataclasses
import sys
import typing
from types import NoneType, SimpleNamespace, UnionType
from typing import Annotated, Any, NamedTuple, NewType, TypeVar, Union, get_args, get_origin

import typing_extensions
from pydantic import BaseModel, ConfigDict, Discriminator
from pydantic.fields import FieldInfo
from typing_extensions import TypeAliasType, get_type_hints, is_typeddict

from dynrepo.errors import SchemaError
from dynrepo.markers import Marker, TypeMarker

if typing.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_QUALIFIERS = frozenset(
    {
        typing.Required,
        typing.NotRequired,
        typing.Final,
        typing.ClassVar,
        typing_extensions.ReadOnly,
    }
)
_ALIASES = (TypeAliasType, getattr(typing, "TypeAliasType", TypeAliasType))


class Member(NamedTuple):
    """One field of a class, as its class declares it."""

    name: str
    info: FieldInfo
    present: bool = True
    """False for a key of a TypedDict that may be absent."""


class TypeContext(NamedTuple):
    """Where an annotation stands, as far as that matters for what it means."""

    owner: Any = None
    """The class that `Self` is."""
    strict: bool = False
    enum_values: bool = False
    epoch: bool = False
    """The field is a time to live."""
    top: bool = False
    """The annotation is that of a field, not of a part of it."""

    @property
    def inner(self) -> TypeContext:
        """The context of a part."""
        return self._replace(top=False, epoch=False)


def context_of(kind: type[Any]) -> TypeContext:
    """The context of the fields of a class."""
    config = config_of(kind)
    return TypeContext(kind, bool(config.get("strict")), bool(config.get("use_enum_values")))


def peeled(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """The annotation below `Annotated`, `NewType` and qualifiers, and the metadata on the way."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, metadata = peeled(annotation.__origin__)
        return inner, (*metadata, *_flat(annotation.__metadata__))
    if origin in _QUALIFIERS:
        return peeled(get_args(annotation)[0])
    if isinstance(annotation, NewType):
        return peeled(annotation.__supertype__)
    return annotation, ()


def _flat(metadata: tuple[Any, ...]) -> Iterator[Any]:
    for piece in metadata:
        yield piece
        if isinstance(piece, FieldInfo):
            yield from piece.metadata


def alias_of(annotation: Any) -> Any:
    """The value of a `type X = ...`, its parameters filled in; None for any other annotation."""
    if isinstance(annotation, _ALIASES):
        return _resolved(annotation)
    origin = get_origin(annotation)
    if isinstance(origin, _ALIASES):
        bound = dict(zip(origin.__type_params__, get_args(annotation), strict=True))
        return substituted(_resolved(origin), bound)
    return None


def _resolved(alias: TypeAliasType) -> Any:
    """The value of an alias. Before Python 3.12 an alias that names itself does so in a string."""
    names = getattr(sys.modules.get(alias.__module__ or ""), "__dict__", {})
    holder = SimpleNamespace(__annotations__={"value": alias.__value__})
    return get_type_hints(holder, globalns=names, include_extras=True)["value"]


def substituted(annotation: Any, bound: Mapping[Any, Any]) -> Any:
    """The annotation with its type variables replaced."""
    if isinstance(annotation, TypeVar):
        return bound.get(annotation, annotation)
    parameters = getattr(annotation, "__parameters__", ())
    if not parameters or isinstance(annotation, type):
        return annotation
    return annotation[tuple(bound.get(variable, variable) for variable in parameters)]


def metadata_of(info: FieldInfo) -> tuple[Any, ...]:
    """What stands beside the type of a field."""
    chosen = info.discriminator
    more = (Discriminator(chosen) if isinstance(chosen, str) else chosen,) if chosen else ()
    return (*info.metadata, *more)


def is_class(annotation: Any, base: type = object) -> bool:
    """Whether the annotation is a class, below `base`."""
    # A function of its own, for what type checkers conclude from `issubclass` is half unknown.
    return isinstance(annotation, type) and issubclass(annotation, base)


def is_root_model(annotation: Any) -> bool:
    """Whether the annotation is a RootModel: any model may have a field `root`."""
    module = sys.modules.get("pydantic.root_model")  # to import it takes time: it makes a model
    return module is not None and is_class(annotation, module.RootModel)


def is_union(annotation: Any) -> bool:
    """Whether the annotation is a union."""
    return get_origin(annotation) in (Union, UnionType)


def markers_of(annotation: Any, metadata: tuple[Any, ...] = ()) -> tuple[Marker, ...]:
    """The markers of a field: on its annotation, in an alias, or in a union with None."""
    inner, more = peeled(annotation)
    here = tuple(checked(piece) for piece in (*metadata, *more) if is_marker(piece))
    value = alias_of(inner)
    if value is not None:
        return here + markers_of(value)
    if is_union(inner):
        rest = [member for member in get_args(inner) if member is not NoneType]
        if len(rest) == 1:
            return here + markers_of(rest[0])
    return here


def is_marker(metadata: Any) -> bool:
    """Whether a piece of metadata is a marker, or the class of one."""
    return isinstance(metadata, Marker) or (
        isinstance(metadata, type) and issubclass(metadata, Marker)
    )


def checked(marker: Any) -> Marker:
    """The marker; SchemaError for a class without parentheses."""
    if isinstance(marker, Marker):
        return marker
    raise SchemaError(f"{marker.__name__} lacks its parentheses: write `{marker.__name__}()`")


def marks_field(marker: Any) -> bool:
    """Whether a marker says something of a field, not of a type anywhere within it."""
    return is_marker(marker) and not isinstance(marker, TypeMarker)


def refuse_misplaced(metadata: Any, context: TypeContext) -> None:
    """SchemaError for a marker that lacks its parentheses, or stands where it means nothing."""
    if is_marker(metadata) and marks_field(checked(metadata)) and not context.top:
        raise SchemaError(
            f"{type(metadata).__name__}() stands inside the type, where it means nothing: mark the"
            " field itself"
        )


def members_of(kind: Any) -> tuple[Member, ...] | None:
    """The fields of a model, dataclass, TypedDict or NamedTuple; None for any other annotation."""
    origin: Any = get_origin(kind) or kind
    if not is_class(origin):
        return None
    if is_class(origin, BaseModel):
        return _model_members(origin)
    bound = dict(zip(getattr(origin, "__parameters__", ()), get_args(kind), strict=False))
    if hasattr(origin, "__dataclass_fields__"):
        return _dataclass_members(origin, bound)
    if is_typeddict(origin):
        return _typed_dict_members(origin, bound)
    if is_class(origin, tuple) and hasattr(origin, "_fields"):
        return _named_tuple_members(origin, bound)
    return None


def _model_members(kind: type[BaseModel]) -> tuple[Member, ...]:
    try:
        kind.model_rebuild()  # nothing is done where it is complete
    except NameError as error:
        raise SchemaError(
            f"{kind.__name__} names the type {error.name}, which is not defined yet: define it"
            f" first, or call {kind.__name__}.model_rebuild() where it is known"
        ) from None
    return tuple(Member(name, info) for name, info in kind.model_fields.items())


def _dataclass_members(kind: type[Any], bound: Mapping[Any, Any]) -> tuple[Member, ...]:
    known: Mapping[str, FieldInfo] = getattr(kind, "__pydantic_fields__", {})
    hints = get_type_hints(kind, include_extras=True)
    members: list[Member] = []
    for field in dataclasses.fields(kind):
        if not field.init:
            raise SchemaError(
                f"{kind.__name__}.{field.name} has init=False, so what was stored could not be read"
                " back: compute it in a property, or give it to __init__"
            )
        hint = substituted(hints[field.name], bound)
        members.append(Member(field.name, known.get(field.name) or _info(field, hint)))
        if bound:
            members[-1] = Member(field.name, _info(field, hint))
    if any(isinstance(hint, dataclasses.InitVar) for hint in hints.values()):
        raise SchemaError(
            f"{kind.__name__} has an InitVar, which is not stored, so what was made with it could"
            " not be read back: declare a field in its place"
        )
    return tuple(members)


def _info(field: dataclasses.Field[Any], hint: Any) -> FieldInfo:
    if field.default is not dataclasses.MISSING:
        return FieldInfo.from_annotated_attribute(hint, field.default)
    if field.default_factory is not dataclasses.MISSING:
        info = FieldInfo.from_annotation(hint)
        info.default_factory = field.default_factory
        return info
    return FieldInfo.from_annotation(hint)


def _typed_dict_members(kind: Any, bound: Mapping[Any, Any]) -> tuple[Member, ...]:
    hints = get_type_hints(kind, include_extras=True)
    return tuple(
        Member(
            name,
            FieldInfo.from_annotation(_unqualified(substituted(hint, bound))),
            present=_is_required(hint, name in kind.__required_keys__),
        )
        for name, hint in hints.items()
    )


def _is_required(hint: Any, otherwise: bool) -> bool:  # noqa: FBT001  # what holds otherwise
    # Where annotations are strings, the class itself could not see its qualifiers.
    while get_origin(hint) in _QUALIFIERS | {Annotated}:
        if get_origin(hint) in (typing.Required, typing.NotRequired):
            return get_origin(hint) is typing.Required
        hint = get_args(hint)[0]
    return otherwise


def _unqualified(hint: Any) -> Any:
    while get_origin(hint) in _QUALIFIERS:
        (hint,) = get_args(hint)
    return hint


def _named_tuple_members(kind: Any, bound: Mapping[Any, Any]) -> tuple[Member, ...]:
    hints = get_type_hints(kind, include_extras=True)
    return tuple(
        Member(name, FieldInfo.from_annotation(substituted(hints.get(name, Any), bound)))
        for name in kind._fields
    )


def reference_to(kind: Any) -> str:
    """What Pydantic calls a model in the annotations of a generic model that contains itself."""
    complete = getattr(kind, "__pydantic_complete__", False)
    schema: Mapping[str, Any] = getattr(kind, "__pydantic_core_schema__", {}) if complete else {}
    inner: Mapping[str, Any] = schema.get("schema") or {}
    return str(schema.get("ref") or inner.get("schema_ref") or "")


def config_of(kind: Any) -> ConfigDict:
    """Pydantic's settings of a class."""
    origin = get_origin(kind) or kind
    config: ConfigDict | None = getattr(origin, "model_config", None)
    return config or getattr(origin, "__pydantic_config__", None) or ConfigDict()


def takes_settings(kind: Any) -> bool:
    """Whether Pydantic's settings of the class around hold in a class, which has none then."""
    return not is_class(kind, BaseModel) and getattr(kind, "__pydantic_config__", None) is None
