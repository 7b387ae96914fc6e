"""Unions without a discriminator: what is stored is read by the first member that reads it.

Members of tags of their own are told apart by the tag. Of those that share one the first that can
read a form has it; so a value that is written by a later member, and would be read as another value
by an earlier one, is refused when it is written.
https://docs.pydantic.dev/latest/concepts/unions/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dynrepo.codec.attempts import FailedAttempt, attempt, remembered
from dynrepo.codec.equality import is_same
from dynrepo.codec.value import Codec, SingleTag, class_of, expected, tag_of
from dynrepo.errors import CodecError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from dynrepo.codec.value import AttributeValue


class MisreadError(CodecError):
    """A value would be read as another one."""


class UnionMember(NamedTuple):
    """One type of a union."""

    codec: Codec
    kinds: tuple[type[Any], ...]
    """The classes of its values; empty where they may be of any."""
    make: Callable[[Any], Any] | None = None
    """Makes the value of what is read, where Pydantic makes it; it may raise anything."""

    @property
    def reader(self) -> Callable[[AttributeValue], Any]:
        """Makes the value of an attribute value; it may raise anything."""
        return self._making(self.codec.decode)

    @property
    def fast_reader(self) -> Callable[[AttributeValue], Any]:
        """`reader` at its fastest."""
        return self._making(self.codec.fast_decode)

    def _making(self, decode: Callable[[AttributeValue], Any]) -> Callable[[AttributeValue], Any]:
        make = self.make
        return decode if make is None else lambda stored: make(decode(stored))


class OrderedUnion(Codec):
    """The codec of a union whose members are tried in their order."""

    def __init__(
        self, members: Sequence[UnionMember], settle: Callable[[Any], Any] | None = None
    ) -> None:
        codecs = [member.codec for member in members]
        super().__init__(
            " | ".join(codec.name for codec in codecs),
            frozenset(tag for codec in codecs for tag in codec.tags),
            tuple(dict.fromkeys(kind for member in members for kind in member.kinds)),
            made=any(member.codec.made and not member.make for member in members),
            deep=any(codec.deep for codec in codecs),
            levels=max(codec.levels for codec in codecs),
            fixed=all(codec.fixed for codec in codecs),
        )
        self._settle = settle
        """What Pydantic makes of a value that is read, where it may be another."""
        self._sort(members)

    def _sort(self, members: Sequence[UnionMember]) -> None:
        """Lays the members out by the classes that they write and the tags that they read."""
        self._of_any_kind = [member for member in members if not member.kinds]
        # A type in the making does not know its tags yet.
        self._of_any_tag = [member for member in members if not member.codec.tags]
        self._readers = {
            tag: [member for member in members if tag in (member.codec.tags or self.tags)]
            for tag in self.tags
        }
        self._writers = {
            kind: [member for member in members if kind in (member.kinds or (kind,))]
            for kind in self.kinds
        }
        alone = {
            kind: writers[0].codec
            for kind, writers in self._writers.items()
            if len(writers) == 1 and self._reads_first(writers[0])
        }
        # Of the values of a class that no other member writes, nor might read; of the forms of a
        # tag that one member reads.
        self._encode_alone = {kind: codec.encode_part for kind, codec in alone.items()}
        self._fast_encode_alone = {kind: codec.fast_encode for kind, codec in alone.items()}
        sole = {tag: readers[0] for tag, readers in self._readers.items() if len(readers) == 1}
        self._decode_alone = {tag: member.reader for tag, member in sole.items()}
        self._fast_decode_alone = {tag: member.fast_reader for tag, member in sole.items()}
        self._fast_readers = {
            tag: [member.fast_reader for member in readers]
            for tag, readers in self._readers.items()
        }

    def _reads_first(self, member: UnionMember) -> bool:
        tags = member.codec.tags or self.tags
        return self._settle is None and all(self._readers[tag][0] is member for tag in tags)

    def encode_part(self, value: Any) -> AttributeValue:
        """As the first member that can write the value so that it is read as it is."""
        encode = self._encode_alone.get(class_of(value))
        return encode(value) if encode else self._encoded(value)

    def fast_encode(self, value: Any) -> AttributeValue:
        """As the first member that can write the value so that it is read as it is."""
        encode = self._fast_encode_alone.get(class_of(value))
        return encode(value) if encode else self._encoded(value)

    def decode(self, stored: AttributeValue) -> Any:
        """As the first member that reads it."""
        for tag in stored:
            if tag in self._decode_alone:
                return self._decode_alone[tag](stored)
        return self._remembered("decode", _payload_id(stored), self._decode, stored)

    def fast_decode(self, stored: AttributeValue) -> Any:
        """As the first member that reads it."""
        for tag in stored:
            if tag in self._fast_decode_alone:
                return self._fast_decode_alone[tag](stored)
        return self._remembered("fast_decode", _payload_id(stored), self._fast_decode, stored)

    def _encoded(self, value: Any) -> AttributeValue:
        return self._remembered("encode", id(value), self._encode, value)  # type: ignore[no-any-return]

    def _remembered(self, what: str, part: int, make: Callable[[Any], Any], given: Any) -> Any:
        return remembered((self, what, part), make, given) if self.deep else make(given)

    def _encode(self, value: Any) -> AttributeValue:
        refusal: Exception = expected(self.name, value)
        writers = self._writers_of(value)
        of_class = [member for member in writers if member.kinds] or writers
        only = of_class[0] if len(of_class) == 1 else None
        for member in writers:
            written: Any = attempt(lambda value: self._settled(member, value), value)  # noqa: B023
            if not isinstance(written, FailedAttempt):
                return written  # type: ignore[no-any-return]
            if member is only or isinstance(written.reason, MisreadError):
                refusal = written.reason
        raise refusal

    def _writers_of(self, value: Any) -> list[UnionMember]:
        writers = self._writers
        kinds = (kind for kind in type(value).__mro__ if kind in writers)
        return next((writers[kind] for kind in kinds), self._of_any_kind)

    def _settled(self, writer: UnionMember, value: Any) -> AttributeValue:
        """What a member writes, or an earlier one that reads that as an equal value.

        MisreadError where it would be read as another value.
        """
        stored = writer.codec.encode_part(value)
        for reader in self._readers_of(stored):
            read = value if reader is writer else attempt(reader.reader, stored)
            if isinstance(read, FailedAttempt):
                continue
            if not is_same(read, value):
                raise MisreadError(_claimed(reader.codec.name, writer.codec.name, stored))
            if reader is not writer:
                stored = reader.codec.encode_part(read)
            break
        if self._settle and not is_same(attempt(self._settle, self._decode(stored)), value):
            raise MisreadError(_unsettled(self.name, writer.codec.name))
        return stored

    def _decode(self, stored: AttributeValue) -> Any:
        return self._first([member.reader for member in self._readers_of(stored)], stored)

    def _fast_decode(self, stored: AttributeValue) -> Any:
        for tag in stored:
            if tag in self._fast_readers:
                return self._first(self._fast_readers[tag], stored)
        return self._decode(stored)

    def _first(self, readers: Sequence[Callable[[Any], Any]], stored: AttributeValue) -> Any:
        for read in readers:
            value = attempt(read, stored)
            if not isinstance(value, FailedAttempt):
                return value
        raise CodecError(f"the {tag_of(stored)} found is of no member of {self.name}")

    def _readers_of(self, stored: AttributeValue) -> list[UnionMember]:
        for tag in stored:
            readers = self._readers.get(tag, self._of_any_tag)
            if readers:
                return readers
        raise CodecError(f"found {tag_of(stored)}, which no member of the union is stored as")

    def is_as_written(self, stored: AttributeValue) -> bool:
        """Whether an attribute value is the one that is written for the value that it is read as.

        Numbers are compared by DynamoDB, whatever their digits.
        """
        for member in self._readers_of(stored):
            value = attempt(member.reader, stored)
            if not isinstance(value, FailedAttempt):
                is_canonical = member.codec.canonical
                if is_canonical is not None:
                    return bool(is_canonical(stored[member.codec.tag]))
                return self.encode(value) == stored
        return False

    def parts(self, value: Any) -> Sequence[tuple[Codec, Collection[Any]]]:
        """What a member of the value's class says that may be nested without end."""
        writers = [member.codec for member in self._writers_of(value)]
        codec = next((codec for codec in writers if codec.deep), None)
        return codec.parts(value) if codec else ()


class OneTagUnion(SingleTag):
    """The codec of a union whose values are all stored under one tag.

    So it may be a key, the element of a set, and the key of a map.
    """

    def __init__(self, union: OrderedUnion, members: Sequence[UnionMember]) -> None:
        (tag,) = union.tags
        keys = {member.codec.key for member in members}
        super().__init__(
            tag,
            union.name,
            union.kinds,
            key="" if "" in keys else "partition" if "partition" in keys else "sort",
            canonical=self._is_as_written,
            fixed=union.fixed,
            made=union.made,
            deep=union.deep,
            levels=union.levels,
        )
        self._union = union
        self.encode_part = union.encode_part  # type: ignore[method-assign]
        self.fast_encode = union.fast_encode  # type: ignore[method-assign]
        self.decode = union.decode  # type: ignore[method-assign]
        self.fast_decode = union.fast_decode  # type: ignore[method-assign]
        self.parts = union.parts  # type: ignore[method-assign]

    def write(self, value: Any) -> Any:
        """The payload of a value."""
        return self._union.fast_encode(value)[self.tag]

    def read(self, payload: Any) -> Any:
        """The value of a payload."""
        return self._union.fast_decode({self.tag: payload})

    def _is_as_written(self, payload: Any) -> bool:
        return self._union.is_as_written({self.tag: payload})


def ordered_union(
    members: Sequence[UnionMember], settle: Callable[[Any], Any] | None = None
) -> OrderedUnion | OneTagUnion:
    """The codec of a union of several types that do not read alike."""
    union = OrderedUnion(members, settle)
    if len(union.tags) == 1 and all(isinstance(member.codec, SingleTag) for member in members):
        return OneTagUnion(union, members)
    return union


def _payload_id(stored: AttributeValue) -> int:
    """What tells an attribute value from others that are alive: its payload, as part of an item."""
    return id(next(iter(stored.values()), stored))


def _claimed(reader: str, writer: str, stored: AttributeValue) -> str:
    name = writer.lower()
    named = f"Field(discriminator='kind'), with `kind: Literal[{name!r}] = {name!r}` in it and such"
    is_model = "M" in stored and writer.isidentifier()
    cure = f"{named} a text in each" if is_model else "an Encoding"
    return (
        f"what would be stored for a value of {writer} is another value of {reader}, which stands"
        f" before it in the union and is stored as {tag_of(stored)} too: let {writer} stand first,"
        f" or tell them apart by {cure}"
    )


def _unsettled(union: str, writer: str) -> str:
    return (
        f"Pydantic makes another value of what is read of {writer} in the union {union}: declare"
        f" one type, or tell them apart by an Encoding"
    )
