"""What a codec is: the class that writes and reads the values of one type.

An attribute value is DynamoDB JSON as it travels: `{"S": "ada"}`, `{"N": "36"}`, `{"B": "base64"}`.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, TypedDict, Unpack

from dynrepo.codec.nesting import check_nesting
from dynrepo.errors import CodecError
from dynrepo.interruption import pass_strike

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence

AttributeValue: TypeAlias = dict[str, Any]
Item: TypeAlias = dict[str, AttributeValue]

class_of: Callable[[Any], Any] = type
"""`type`, for where it is not to narrow what a type checker knows of its argument."""

KEY_TAGS = frozenset({"S", "N", "B"})
SET_TAGS = frozenset({"SS", "NS", "BS"})
TAGS = KEY_TAGS | SET_TAGS | {"BOOL", "NULL", "L", "M"}
FIXED = 64


class CodecOptions(TypedDict, total=False):
    """What the types of a family may differ in."""

    key: Literal["", "partition", "sort"]
    canonical: Callable[[Any], Any] | None
    fixed: bool
    made: bool
    deep: bool
    levels: int
    ordered: bool


class StoredField(Protocol):
    """A field of a record, by its rule of absence."""

    @property
    def needed(self) -> bool:
        """Whether nobody can read a record without the attribute."""
        ...

    def encode(self, value: Any) -> AttributeValue | None:
        """What is stored for a value; None where that is nothing."""
        ...


class Codec:
    """How one type is stored. Each family of types has a subclass.

    `encode` and `decode` refuse what does not fit with a CodecError that says where in the value it
    is. `fast_encode` and `fast_decode` do the same as fast as they can, and may raise anything: the
    caller then asks the careful ones.
    """

    tag = ""
    """The tag that every value but None and the empty set is stored under; "" if there is none."""
    unit = timedelta(microseconds=1)
    """The least part of a time that a form has."""
    element: Codec | None = None
    """The codec of the elements of a set that is stored as a set of DynamoDB."""
    validated: dict[str, Any] | None = None
    """The core schema that what is read is valid by, so that nobody has to ask it again."""

    def __init__(
        self,
        name: str,
        tags: frozenset[str],
        kinds: tuple[type[Any], ...] = (),
        *,
        key: Literal["", "partition", "sort"] = "",
        canonical: Callable[[Any], Any] | None = None,
        fixed: bool = False,
        made: bool = False,
        deep: bool = False,
        levels: int = 1,
        ordered: bool = True,
    ) -> None:
        self.name = name
        """The type in messages."""
        self.tags = tags
        """Every tag that the type is stored under."""
        self.kinds = kinds
        """The classes of the values, by which a union finds the member to write with."""
        self.key: Literal["", "partition", "sort"] = key
        """What the type may be in a key: nothing, a partition key, or a sort key too."""
        self.canonical = canonical
        """Whether the text below the tag is the one that `write` makes; None: compare and see."""
        self.fixed = fixed
        """The stored form is short, `FIXED` characters at most, whatever the value."""
        self.made = made
        """Pydantic makes the value of what is read, as a model of a dict, or a URL of its text."""
        self.deep = deep
        """The value may be nested without end: it is recursive, or of any type."""
        self.levels = levels
        """How deep a value goes, itself the first level; one that is recursive goes deeper."""
        self.ordered = ordered
        """Values may be compared as they are stored; False where that is another order."""

    @property
    def present(self) -> Codec:
        """The codec of a value that is not None."""
        return self

    @property
    def plain(self) -> Codec:
        """The codec of the type without an encoding."""
        return self

    def encode(self, value: Any) -> AttributeValue:
        """The attribute value of a value; CodecError for one that cannot be stored."""
        if self.deep:
            check_nesting(self, value)
        return self.encode_part(value)

    def encode_part(self, value: Any) -> AttributeValue:
        """`encode` for a part of a value that has been checked for its nesting."""
        raise NotImplementedError

    def decode(self, stored: AttributeValue) -> Any:
        """The value of an attribute value; CodecError for one that the type is not stored as."""
        raise NotImplementedError

    def fast_encode(self, value: Any) -> AttributeValue:
        """`encode_part` at its fastest."""
        return self.encode_part(value)

    def fast_decode(self, stored: AttributeValue) -> Any:
        """`decode` at its fastest."""
        return self.decode(stored)

    def encode_each(self, values: Iterable[Any]) -> list[AttributeValue]:
        """`fast_encode` of each value."""
        encode = self.fast_encode
        return [encode(value) for value in values]

    def encode_entries(
        self, write_key: Callable[[Any], str], entries: Mapping[Any, Any]
    ) -> dict[str, AttributeValue]:
        """`fast_encode` of each value of a map, by its key as `write_key` writes it."""
        encode = self.fast_encode
        return {write_key(key): encode(value) for key, value in entries.items()}

    def decode_each(self, stored: Iterable[AttributeValue]) -> list[Any]:
        """`fast_decode` of each attribute value."""
        decode = self.fast_decode
        return [decode(value) for value in stored]

    def decode_entries(self, stored: Mapping[str, AttributeValue]) -> dict[str, Any]:
        """`fast_decode` of each attribute value of a map, by its name."""
        decode = self.fast_decode
        return {name: decode(value) for name, value in stored.items()}

    def child(self, step: str | int) -> tuple[str | int, Codec]:
        """The part below a field name, an index or a map key: its place in DynamoDB, its codec."""
        del step
        raise CodecError(f"{self.name} has no parts to step into")

    def field(self, step: str | int) -> StoredField | None:
        """The field of a name below; None where the parts are no fields."""
        del step
        return None

    def parts(self, value: Any) -> Sequence[tuple[Codec, Collection[Any]]]:
        """The parts of a value that may be nested without end, by their codecs."""
        del value
        return ()


class SingleTag(Codec):
    """The codec of a type that is always stored under one tag.

    `write` and `read` make what stands below the tag and take it.
    """

    write: Callable[[Any], Any]
    read: Callable[[Any], Any]

    def __init__(
        self,
        tag: str,
        name: str,
        kinds: tuple[type[Any], ...] = (),
        **options: Unpack[CodecOptions],
    ) -> None:
        super().__init__(name, frozenset({tag}), kinds, **options)
        self.tag = tag

    def encode_part(self, value: Any) -> AttributeValue:
        """What `write` makes, below the tag; types with parts say more of what they refuse."""
        return {self.tag: self.write(value)}

    fast_encode = encode_part

    def decode(self, stored: AttributeValue) -> Any:
        """What `read_part` takes from below the tag."""
        if self.tag not in stored:
            raise CodecError(f"expected {self.tag} for {self.name}, found {tag_of(stored)}")
        try:
            return self.read_part(stored[self.tag])
        except (CodecError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001  # what a foreign writer stored may break any reader
            pass_strike(error)
            reason = type(error).__name__
        # Raised outside the handler: the error in hand may quote the value.
        raise CodecError(f"the {self.tag} found is no {self.name} ({reason})")

    def fast_decode(self, stored: AttributeValue) -> Any:
        """What `read` takes from below the tag."""
        return self.read(stored[self.tag])

    def encode_each(self, values: Iterable[Any]) -> list[AttributeValue]:
        """What `write` makes of each value, below the tag."""
        tag, write = self.tag, self.write
        return [{tag: write(value)} for value in values]

    def encode_entries(
        self, write_key: Callable[[Any], str], entries: Mapping[Any, Any]
    ) -> dict[str, AttributeValue]:
        """What `write` makes of each value of a map, below the tag."""
        tag, write = self.tag, self.write
        return {write_key(key): {tag: write(value)} for key, value in entries.items()}

    def decode_each(self, stored: Iterable[AttributeValue]) -> list[Any]:
        """What `read` takes of each attribute value from below the tag."""
        tag, read = self.tag, self.read
        return [read(value[tag]) for value in stored]

    def decode_entries(self, stored: Mapping[str, AttributeValue]) -> dict[str, Any]:
        """What `read` takes of each attribute value of a map, by its name."""
        tag, read = self.tag, self.read
        return {name: read(value[tag]) for name, value in stored.items()}

    def read_part(self, payload: Any) -> Any:
        """`read`; types with parts say more of what they refuse."""
        return self.read(payload)


def canonical_of(codec: Codec) -> Callable[[Any], Any]:
    """Whether a payload, in the key of an item, is the one that would be written for its value."""

    def is_as_written(payload: Any) -> bool:
        stored = {codec.tag: payload}
        return codec.encode(codec.decode(stored)) == stored

    return codec.canonical or is_as_written


def tag_of(stored: AttributeValue) -> str:
    """The tag of an attribute value, for a message."""
    known = [tag for tag in TAGS if tag in stored]
    return known[0] if len(known) == 1 else "no attribute value"


def expected(name: str, value: Any) -> CodecError:
    """The error of a value of a wrong type; the value itself stays out of it."""
    return CodecError(f"expected {name}, found {type(value).__name__}")


# Attribute values are compared as DynamoDB compares them: `1` and `1.0` are one number, and a set
# has no order; their texts say otherwise.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html


def canonical(value: Mapping[str, Any]) -> Hashable:
    """A form of an attribute value, in DynamoDB JSON, that is equal where DynamoDB says equal."""
    ((tag, content),) = value.items()
    made = _CANONICAL.get(tag)
    return tag, content if made is None else made(content)


def canonical_item(item: Mapping[str, Mapping[str, Any]]) -> Hashable:
    """A form of an attribute map, of a key for instance, that can be compared and hashed."""
    return frozenset((name, canonical(value)) for name, value in item.items())


_CANONICAL: dict[str, Callable[[Any], Hashable]] = {
    "N": Decimal,
    "NS": lambda numbers: frozenset(map(Decimal, numbers)),
    "SS": frozenset,
    "BS": frozenset,
    "L": lambda values: tuple(map(canonical, values)),
    "M": canonical_item,
}
