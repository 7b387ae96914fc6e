"""What a codec is: the pair of functions that writes and reads one type of value.

An attribute value is DynamoDB JSON as it travels: `{"S": "ada"}`, `{"N": "36"}`, `{"B": "base64"}`.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from dynrepo.errors import CodecError, SchemaError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from dynrepo.codec.ends import Inside

AttributeValue: TypeAlias = dict[str, Any]
Item: TypeAlias = dict[str, AttributeValue]

class_of: Callable[[Any], Any] = type
"""`type`, for where it is not to narrow what a type checker knows of its argument."""

SET_TAGS = frozenset({"SS", "NS", "BS"})
KEY_TAGS = frozenset({"S", "N", "B"})
FIXED = 64


@dataclass(frozen=True, slots=True, eq=False)
class Codec:
    """How one type is stored: under which tag, and the functions there and back.

    `encode` and `decode` work on attribute values, and what they refuse is a CodecError that says
    where in the value it is. `write` and `read` do the same for what stands below the tag as fast
    as they can, and may raise anything: the caller then asks `encode` or `decode`. A type that may
    be stored under more than one tag has neither, and an empty `tag`; but `int | None` has the tag
    N, and a set of strings SS, with a `read` for it, although None is a NULL and an empty set,
    where it cannot be left out, an empty list.
    """

    tag: str
    encode: Callable[[Any], AttributeValue]
    decode: Callable[[AttributeValue], Any]
    write: Callable[[Any], Any] | None = None
    read: Callable[[Any], Any] | None = None
    name: str = ""
    """The type in messages."""
    tags: frozenset[str] = frozenset()
    """Every tag that the type is stored under."""
    kinds: tuple[type[Any], ...] = ()
    """The classes of the values, by which a union finds the member to write with."""
    key: Literal["", "partition", "sort"] = ""
    """What the type may be in a key: nothing, a partition key, or a sort key too."""
    canonical: Callable[[Any], bool] | None = None
    """Whether the text below the tag is the one that `write` makes; None: compare and see."""
    fixed: bool = False
    """The stored form is short, `FIXED` characters at most, whatever the value."""
    inside: Inside | None = None
    """The parts of a value that may be nested without end; None where the type sets an end."""
    made: bool = False
    """Pydantic makes the value of what is read, as a model of a dict, or a URL of its text."""
    element: Codec | None = None
    """The codec of the elements of a set that is stored as a set of DynamoDB."""
    step: Callable[[str | int], tuple[str | int, Codec]] | None = None
    part: Any = None
    """What the type is made of, for the modules of this package."""

    @property
    def deep(self) -> bool:
        """The value may be nested without end: it is recursive, or of any type."""
        return self.inside is not None

    def child(self, step: str | int) -> tuple[str | int, Codec]:
        """The part below a field name, an index or a map key: its place in DynamoDB, its codec."""
        if self.step is None:
            raise CodecError(f"{self.name} has no parts to step into")
        return self.step(step)


def single(
    tag: str,
    write: Callable[[Any], Any],
    read: Callable[[Any], Any],
    *,
    careful_write: Callable[[Any], Any] | None = None,
    careful_read: Callable[[Any], Any] | None = None,
    **more: Any,
) -> Codec:
    """The codec of a type that is always stored under one tag.

    The careful functions say more of what they refuse; a type without parts needs none.
    """
    name = more.get("name", tag)
    write_named, read_named = careful_write or write, careful_read or read

    def encode(value: Any) -> AttributeValue:
        return {tag: write_named(value)}

    def decode(stored: AttributeValue) -> Any:
        if tag not in stored:
            raise CodecError(f"expected {tag} for {name}, found {found(stored)}")
        try:
            return read_named(stored[tag])
        except CodecError:
            raise
        except Exception as error:  # noqa: BLE001  # what a foreign writer stored may break any reader
            reason = type(error).__name__
        # Raised outside the handler: the error in hand may quote the value.
        raise CodecError(f"the {tag} found is no {name} ({reason})")

    return Codec(tag, encode, decode, write, read, tags=frozenset({tag}), **more)


def several(
    tags: frozenset[str],
    encode: Callable[[Any], AttributeValue],
    decode: Callable[[AttributeValue], Any],
    **more: Any,
) -> Codec:
    """The codec of a type whose tag depends on the value."""
    return Codec("", encode, decode, tags=tags, **more)


def optional(inner: Codec) -> Codec:
    """The codec of a type or None. A field stores None by absence instead where it can."""
    if "NULL" in inner.tags and inner.kinds and type(None) not in inner.kinds:
        raise SchemaError(
            f"None and a {inner.name} of None are both stored as NULL, so what is read could be"
            " either: let one of them take no None"
        )
    encode_inner, decode_inner = inner.encode, inner.decode

    def encode(value: Any) -> AttributeValue:
        return {"NULL": True} if value is None else encode_inner(value)

    def decode(stored: AttributeValue) -> Any:
        return None if "NULL" in stored else decode_inner(stored)

    return replace(
        inner,
        encode=encode,
        decode=decode,
        write=None,
        read=None,
        name=f"{inner.name} | None",
        tags=inner.tags | {"NULL"},
        kinds=(*inner.kinds, type(None)),
        part=inner,
    )


def found(stored: AttributeValue) -> str:
    """The tag of an attribute value, for a message."""
    known = [tag for tag in TAGS if tag in stored]
    return known[0] if len(known) == 1 else "no attribute value"


def expected(name: str, value: Any) -> CodecError:
    """The error of a value of a wrong type; the value itself stays out of it."""
    return CodecError(f"expected {name}, found {type(value).__name__}")


TAGS = KEY_TAGS | SET_TAGS | {"BOOL", "NULL", "L", "M"}


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
