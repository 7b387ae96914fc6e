"""Unions whose stored form tells the members apart: by the tag, or by a discriminator.

https://docs.pydantic.dev/latest/concepts/unions/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dynrepo.codec.choices import Choices, literal
from dynrepo.codec.ends import NO_PARTS
from dynrepo.codec.untyped import decode_any
from dynrepo.codec.value import Codec, class_of, expected, found, several
from dynrepo.errors import CodecError, SchemaError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dynrepo.codec.ends import Inside, Parts
    from dynrepo.codec.value import AttributeValue


class Tables(NamedTuple):
    """The members of a union by the attribute that tells, then by what is stored there."""

    by_attribute: Mapping[str, Mapping[Any, Codec]]

    def forms(self) -> list[tuple[str, Any]]:
        """Every attribute with every stored form."""
        return [(name, form) for name, table in self.by_attribute.items() for form in table]


def plain(members: Sequence[Codec]) -> Codec:
    """The codec of a union without discriminator; each tag must belong to one member."""
    members = _merged(members)
    if len(members) == 1:
        return members[0]
    by_tag: dict[str, Codec] = {}
    for member in members:
        for tag in member.tags:
            if tag in by_tag:
                raise SchemaError(
                    f"{by_tag[tag].name} and {member.name} are both stored as {tag}, so what is"
                    " read could be either: use a discriminated union, or one type for both"
                )
            by_tag[tag] = member

    def decode(stored: AttributeValue) -> Any:
        for tag in stored:
            if tag in by_tag:
                return by_tag[tag].decode(stored)
        raise CodecError(f"found {found(stored)}, which no member of the union is stored as")

    return several(frozenset(by_tag), _writer(members), decode, **_common(members))


def _merged(members: Sequence[Codec]) -> list[Codec]:
    """One codec for members that read alike: a class twice, a Literal of texts and str."""
    distinct = list(dict.fromkeys(members))
    literals = [one for one in distinct if isinstance(one.part, Choices) and one.part.literal]
    others = [one for one in distinct if one not in literals]
    open_kinds = {one.kinds for one in others if one.part is None}
    closed = [one for one in literals if one.kinds not in open_kinds]
    if len(closed) > 1:
        values = [value for one in closed for value in one.part.by_stored.values()]
        distinct_values: dict[Any, Any] = {(type(value), value): value for value in values}
        closed = [literal(distinct_values.values())]
    return others + closed


def _writer(members: Sequence[Codec]) -> Callable[[Any], AttributeValue]:
    find = _finder(members)
    name = " | ".join(member.name for member in members)

    def encode(value: Any) -> AttributeValue:
        member = find(value)
        if member is None:
            raise expected(name, value)
        return member.encode(value)

    return encode


def _finder(members: Sequence[Codec]) -> Callable[[Any], Codec | None]:
    """Finds the member that a value is of, by its class."""
    by_kind = {kind: member for member in members for kind in member.kinds}

    def find(value: Any) -> Codec | None:
        own = class_of(value)
        return by_kind.get(own) or next(
            (by_kind[kind] for kind in own.__mro__ if kind in by_kind), None
        )

    return find


def _inside(members: Sequence[Codec]) -> Inside | None:
    """What is inside a value: what its member says."""
    if not any(member.inside for member in members):
        return None
    find = _finder(members)

    def parts(value: Any) -> Parts:
        member = find(value)
        return member.inside(value) if member and member.inside else NO_PARTS

    return parts


def _common(members: Sequence[Codec]) -> dict[str, Any]:
    return {
        "name": " | ".join(member.name for member in members),
        "kinds": tuple(kind for member in members for kind in member.kinds),
        "inside": _inside(members),
        "made": any(member.made for member in members),
    }


def by_field(members: Sequence[Codec], tables: Mapping[str, Mapping[Any, Codec]]) -> Codec:
    """The codec of a union of records, told apart by the stored value of one field.

    `tables` holds for each attribute that is the discriminator of a member its stored values.
    """

    def decode(stored: AttributeValue) -> Any:
        attributes = stored.get("M", {})
        for attribute, table in tables.items():
            for tag, payload in attributes.get(attribute, {}).items():
                member = table.get((tag, payload))
                if member is not None:
                    return member.decode(stored)
        raise CodecError("the discriminator found names no member of the union")

    return several(
        frozenset({"M"}), _writer(members), decode, part=Tables(tables), **_common(members)
    )


def by_function(members: Mapping[Any, Codec], choose: Callable[[Any], Any]) -> Codec:
    """The codec of a union whose members a function tells apart.

    The function is asked about the value when it is written and about what is stored when it is
    read, as a dict of plain values; a value for which it would answer differently is refused.
    """

    def encode(value: Any) -> AttributeValue:
        tag = choose(value)
        if tag not in members:
            raise CodecError("the discriminator function names no member for the value")
        stored = members[tag].encode(value)
        if choose(decode_any(stored)) != tag:
            raise CodecError(
                "the discriminator function names another member for the stored form than for the"
                " value"
            )
        return stored

    def decode(stored: AttributeValue) -> Any:
        tag = choose(decode_any(stored))
        if tag not in members:
            raise CodecError("the discriminator function names no member for what is stored")
        return members[tag].decode(stored)

    codecs = tuple(members.values())
    tags = frozenset(tag for member in codecs for tag in member.tags)
    return several(tags, encode, decode, **_common(codecs))
