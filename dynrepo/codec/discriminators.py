"""The codecs of unions whose members are told apart by a field or by a function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from pydantic import Discriminator, Tag
from pydantic.fields import FieldInfo

from dynrepo.codec.annotations import TypeContext, alias_of, is_union, members_of, peeled
from dynrepo.codec.choices import choices_of
from dynrepo.codec.declarations import attribute_of
from dynrepo.codec.unions import UnionByField, UnionByFunction
from dynrepo.codec.value import class_of
from dynrepo.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dynrepo.codec.choices import Choices
    from dynrepo.codec.value import Codec

    CompileMember = Callable[[Any, TypeContext], Codec]


def discriminator_of(metadata: tuple[Any, ...]) -> Any:
    """What a union is told apart by: a field name, a function, or None."""
    for piece in metadata:
        chosen = piece.discriminator if isinstance(piece, FieldInfo | Discriminator) else None
        if isinstance(chosen, Discriminator):
            chosen = chosen.discriminator
        if chosen is not None:
            return chosen
    return None


def union_by_field(
    name: str, members: list[Any], compile_: CompileMember, context: TypeContext, *, by_alias: bool
) -> UnionByField:
    """The codec of a union of classes that each have a Literal in the field of this name."""
    codecs = [compile_(member, context) for member in members]
    tables: dict[str, dict[Any, Codec]] = {}
    typed_dicts: dict[tuple[type[Any], Any], Codec] = {}
    for member, codec in zip(members, codecs, strict=True):
        for kind in classes_in(member):
            attribute, choices = _discriminator(name, kind, compile_, by_alias=by_alias)
            table = tables.setdefault(attribute, {})
            _check_apart(name, codec, filter(None, map(table.get, choices.by_stored)))
            table.update(dict.fromkeys(choices.by_stored, codec))
            if dict in compile_(kind, context).kinds:
                values = choices.by_stored.values()
                typed_dicts.update({(class_of(value), value): codec for value in values})
    return UnionByField(codecs, tables, name, typed_dicts)


def _check_apart(name: str, codec: Codec, others: Iterable[Codec]) -> None:
    """SchemaError where another member has a value of the discriminator, too."""
    for other in others:
        if other is not codec:
            raise SchemaError(
                f"{other.name} and {codec.name} have one value of the discriminator {name!r}: what"
                " is written of one would be read as the other: give each a Literal of its own"
            )


def classes_in(annotation: Any) -> list[Any]:
    """The classes of a union, those of the unions in it included; a class is the one of itself."""
    declared, _ = opened(annotation)
    if not is_union(declared):
        return [declared]
    return [kind for member in get_args(declared) for kind in classes_in(member)]


def opened(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """The annotation below all its layers and aliases, and the metadata on the way."""
    declared, metadata = peeled(annotation)
    value = alias_of(declared)
    if value is None:
        return declared, metadata
    inner, more = opened(value)
    return inner, (*more, *metadata)


def _discriminator(
    name: str, kind: Any, compile_: CompileMember, *, by_alias: bool
) -> tuple[str, Choices]:
    """The attribute of a discriminator, and its values for a class."""
    declared, _ = peeled(kind)
    owner = getattr(declared, "__name__", "a member of the union")
    cure = f"declare `{name}: Literal[{owner.lower()!r}]` in it, with another text in each member"
    named = [member for member in members_of(declared) or () if member.name == name]
    if not named:
        raise SchemaError(f"{owner} has no field {name!r} to be told apart by: {cure}")
    (member,) = named
    choices = choices_of(compile_(member.info.annotation, TypeContext()))
    if choices is None or member.info.exclude:
        raise SchemaError(
            f"the discriminator {name!r} must be a stored Literal in each member, and is none in"
            f" {owner}: {cure}"
        )
    return attribute_of(member, by_alias=by_alias), choices


def union_by_function(
    choose: Callable[[Any], Any], members: list[Any], compile_: CompileMember, context: TypeContext
) -> UnionByFunction:
    """The codec of a union of types that each have a Tag, which the function names."""
    tagged: dict[Any, Codec] = {}
    for member in members:
        declared, metadata = peeled(member)
        tags = [piece.tag for piece in metadata if isinstance(piece, Tag)]
        if not tags:
            name = getattr(declared, "__name__", "T")
            raise SchemaError(
                "each member of a union with a discriminator function has a Tag: write"
                f" Annotated[{name}, Tag('...')], with what the function returns for it"
            )
        tagged[tags[0]] = compile_(member, context)
    return UnionByFunction(tagged, choose)
