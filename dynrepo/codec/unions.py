"""Unions whose stored form tells the members apart: by the tag, or by a discriminator.

https://docs.pydantic.dev/latest/concepts/unions/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynrepo.codec.choices import Members, choices_of, literal
from dynrepo.codec.untyped import decode_any
from dynrepo.codec.value import Codec, class_of, expected, tag_of
from dynrepo.errors import CodecError, SchemaError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from dynrepo.codec.value import AttributeValue


class UnionCodec(Codec):
    """The codec of a union: it is written by the member that a value is of, by its class."""

    def __init__(self, members: Sequence[Codec], tags: frozenset[str]) -> None:
        super().__init__(
            " | ".join(member.name for member in members),
            tags,
            tuple(kind for member in members for kind in member.kinds),
            made=any(member.made for member in members),
            deep=any(member.deep for member in members),
            levels=max(member.levels for member in members),
        )
        self._by_kind = {kind: member for member in members for kind in member.kinds}
        self._of_any_kind = _of_any_kind(members)

    def encode_part(self, value: Any) -> AttributeValue:
        """As the member of the value."""
        member = self._by_kind.get(class_of(value)) or self._member(value)
        return member.encode_part(value)

    def fast_encode(self, value: Any) -> AttributeValue:
        """As the member of the value."""
        member = self._by_kind.get(class_of(value)) or self._member(value)
        return member.fast_encode(value)

    def parts(self, value: Any) -> Sequence[tuple[Codec, Collection[Any]]]:
        """What the member of the value says."""
        member = self._inherited(value)
        return member.parts(value) if member else ()

    def _member(self, value: Any) -> Codec:
        member = self._inherited(value)
        if member is None:
            raise expected(self.name, value)
        return member

    def _inherited(self, value: Any) -> Codec | None:
        """The member that the class of a value, or the first of its bases, belongs to."""
        by_kind = self._by_kind
        kinds = (kind for kind in type(value).__mro__ if kind in by_kind)
        return next((by_kind[kind] for kind in kinds), self._of_any_kind)


def _of_any_kind(members: Sequence[Codec]) -> Codec | None:
    """The member whose values may be of any class, as those of an Encoding."""
    found = [member for member in members if not member.kinds]
    if len(found) > 1:
        raise SchemaError(
            f"{found[0].name} and {found[1].name} tell nothing of the classes of their values, so a"
            " value could be of either: give the whole union one Encoding"
        )
    return found[0] if found else None


class UnionByTag(UnionCodec):
    """The codec of a union whose members have tags of their own."""

    def __init__(self, members: Sequence[Codec]) -> None:
        by_tag: dict[str, Codec] = {}
        for member in members:
            for tag in member.tags:
                if tag in by_tag:
                    raise SchemaError(
                        f"{by_tag[tag].name} and {member.name} are both stored as {tag}, so what is"
                        " read could be either: use a discriminated union, or one type for both"
                    )
                by_tag[tag] = member
        super().__init__(members, frozenset(by_tag))
        self._by_tag = by_tag

    def decode(self, stored: AttributeValue) -> Any:
        """As the member of the tag."""
        return self._stored_member(stored).decode(stored)

    def fast_decode(self, stored: AttributeValue) -> Any:
        """As the member of the tag."""
        return self._stored_member(stored).fast_decode(stored)

    def _stored_member(self, stored: AttributeValue) -> Codec:
        for tag in stored:
            if tag in self._by_tag:
                return self._by_tag[tag]
        raise CodecError(f"found {tag_of(stored)}, which no member of the union is stored as")


class UnionByField(UnionCodec):
    """The codec of a union of records, told apart by the stored value of one field.

    `tables` holds for each attribute that is the discriminator of a member its stored values.
    `typed_dicts` holds for each key that is one of a TypedDict its values, by class and value, for
    these members are all of the class dict.
    """

    def __init__(
        self,
        members: Sequence[Codec],
        tables: Mapping[str, Mapping[Any, Codec]],
        typed_dicts: Mapping[str, Mapping[Any, Codec]],
    ) -> None:
        super().__init__(members, frozenset({"M"}))
        self._tables = tables
        self.typed_dicts = typed_dicts
        self._by_kind.pop(dict, None)

    def _inherited(self, value: Any) -> Codec | None:
        if class_of(value) is not dict:
            return super()._inherited(value)
        for name, members in self.typed_dicts.items():
            found = value.get(name)
            for (kind, chosen), member in members.items():
                if class_of(found) is kind and found == chosen:
                    return member
        return None

    def forms(self) -> list[tuple[str, Any]]:
        """Every attribute that is a discriminator, with every stored form."""
        return [(name, form) for name, table in self._tables.items() for form in table]

    def decode(self, stored: AttributeValue) -> Any:
        """As the member that the discriminator names."""
        return self._stored_member(stored).decode(stored)

    def fast_decode(self, stored: AttributeValue) -> Any:
        """As the member that the discriminator names."""
        return self._stored_member(stored).fast_decode(stored)

    def _stored_member(self, stored: AttributeValue) -> Codec:
        attributes = stored.get("M", {})
        for attribute, table in self._tables.items():
            for form in attributes.get(attribute, {}).items():
                if form in table:
                    return table[form]
        raise CodecError("the discriminator found names no member of the union")


class UnionByFunction(UnionCodec):
    """The codec of a union whose members a function tells apart.

    The function is asked about the value when it is written and about what is stored when it is
    read, as a dict of plain values; a value for which it would answer differently is refused.
    """

    def __init__(self, members: Mapping[Any, Codec], choose: Callable[[Any], Any]) -> None:
        codecs = tuple(members.values())
        super().__init__(codecs, frozenset(tag for member in codecs for tag in member.tags))
        self._members = members
        self._choose = choose

    def encode_part(self, value: Any) -> AttributeValue:
        """As the member that the function names."""
        name = self._choose(value)
        if name not in self._members:
            raise CodecError("the discriminator function names no member for the value")
        stored = self._members[name].encode_part(value)
        if self._choose(decode_any(stored)) != name:
            raise CodecError(
                "the discriminator function names another member for the stored form than for the"
                " value"
            )
        return stored

    fast_encode = encode_part

    def parts(self, value: Any) -> Sequence[tuple[Codec, Collection[Any]]]:
        """What the member says that the function names."""
        member = self._members.get(self._choose(value))
        return member.parts(value) if member else ()

    def decode(self, stored: AttributeValue) -> Any:
        """As the member that the function names."""
        name = self._choose(decode_any(stored))
        if name not in self._members:
            raise CodecError("the discriminator function names no member for what is stored")
        return self._members[name].decode(stored)


def union_by_tag(members: Sequence[Codec]) -> Codec:
    """The codec of a union without discriminator; each tag must belong to one member."""
    members = _merged(members)
    return members[0] if len(members) == 1 else UnionByTag(members)


def _merged(members: Sequence[Codec]) -> list[Codec]:
    """One codec for members that read alike: a class twice, a Literal of texts and str."""
    distinct = list(dict.fromkeys(members))
    literals = [member for member in distinct if _is_literal(member)]
    others = [member for member in distinct if not _is_literal(member)]
    open_kinds = {member.kinds for member in others if choices_of(member) is None}
    closed = [member for member in literals if member.kinds not in open_kinds]
    if len(closed) > 1:
        values = [value for member in closed for value in _values_of(member)]
        distinct_values: dict[Any, Any] = {(type(value), value): value for value in values}
        closed = [literal(distinct_values.values())]
    return others + closed


def _is_literal(codec: Codec) -> bool:
    choices = choices_of(codec)
    return choices is not None and not isinstance(choices, Members)


def _values_of(codec: Codec) -> Collection[Any]:
    choices = choices_of(codec)
    return choices.by_stored.values() if choices else ()
