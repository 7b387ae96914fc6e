"""Unions whose members are told apart by a discriminator.

https://docs.pydantic.dev/latest/concepts/unions/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynrepo.codec.untyped import decode_any
from dynrepo.codec.value import Codec, class_of, expected
from dynrepo.errors import CodecError

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
        return next((by_kind[kind] for kind in kinds), None)


class UnionByField(UnionCodec):
    """The codec of a union of records, told apart by the stored value of one field.

    `tables` holds for each attribute that is the discriminator of a member its stored values.
    `typed_dicts` holds the members that are of the class dict, all of them, by the class and the
    value of what is below that key.
    """

    def __init__(
        self,
        members: Sequence[Codec],
        tables: Mapping[str, Mapping[Any, Codec]],
        discriminator: str,
        typed_dicts: Mapping[tuple[type[Any], Any], Codec],
    ) -> None:
        super().__init__(members, frozenset({"M"}))
        self.tables = tables
        self.discriminator = discriminator
        self._typed_dicts = typed_dicts
        self._by_kind.pop(dict, None)

    def _inherited(self, value: Any) -> Codec | None:
        if class_of(value) is not dict:
            return super()._inherited(value)
        found = value.get(self.discriminator)
        for (kind, chosen), member in self._typed_dicts.items():
            if class_of(found) is kind and found == chosen:
                return member
        return None

    def decode(self, stored: AttributeValue) -> Any:
        """As the member that the discriminator names."""
        return self._stored_member(stored).decode(stored)

    def fast_decode(self, stored: AttributeValue) -> Any:
        """As the member that the discriminator names."""
        return self._stored_member(stored).fast_decode(stored)

    def _stored_member(self, stored: AttributeValue) -> Codec:
        attributes = stored.get("M", {})
        for attribute, table in self.tables.items():
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
