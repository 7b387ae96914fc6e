"""Enums and literals: a closed set of values, each with its stored form, looked up in a table."""

from __future__ import annotations

from enum import Enum, Flag
from typing import TYPE_CHECKING, Any, NamedTuple

from dynrepo.codec.number import read_int, write_int
from dynrepo.codec.scalars import SCALARS, always
from dynrepo.codec.untyped import decode_any
from dynrepo.codec.value import FIXED, KEY_TAGS, Codec, expected, found, several, single
from dynrepo.errors import CodecError, SchemaError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from dynrepo.codec.value import AttributeValue


class Choices(NamedTuple):
    """The values that a codec knows, by their stored form."""

    by_stored: Mapping[tuple[str, Any], Any]
    literal: bool


def enum(kind: type[Enum], *, values: bool = False) -> Codec:
    """The codec of an Enum, by the values of its members.

    `values` is for a model with `use_enum_values`, whose instances hold the value, not the member.
    """
    if issubclass(kind, Flag):
        return _flag(kind, values=values)
    members = [
        (member.value if values else member, _stored(kind.__name__, member.value))
        for member in kind
    ]
    if not members:
        raise SchemaError(f"{kind.__name__} has no members: give it one, or declare another type")

    def missing(stored: AttributeValue) -> Any:
        return kind(decode_any(stored))  # `_missing_` of the class has the last word

    return _choices(kind.__name__, members, missing)


def literal(values: Iterable[Any]) -> Codec:
    """The codec of a Literal; None among its values makes it optional, which the caller sees to."""
    values = tuple(values)
    name = f"Literal of {len(values)}"

    def missing(_stored: AttributeValue) -> Any:
        raise CodecError("found none of the values of the Literal")

    return _choices(
        name,
        [
            (value, _stored(name, value.value if isinstance(value, Enum) else value))
            for value in values
        ],
        missing,
        literal=True,
    )


def _stored(name: str, value: Any) -> tuple[str, Any]:
    codec = SCALARS.get(type(value))
    if codec is None or codec.write is None:
        raise SchemaError(
            f"{name} has a value of type {type(value).__name__}, which has no one stored form: let"
            " its values be texts or numbers, and declare `T | None` for None"
        )
    try:
        return codec.tag, codec.write(value)
    except CodecError as error:
        raise SchemaError(f"{name} has a value that cannot be stored: {error}") from None


def _choices(
    name: str,
    members: list[tuple[Any, tuple[str, Any]]],
    missing: Callable[[AttributeValue], Any],
    *,
    literal: bool = False,
) -> Codec:
    by_stored = {stored: value for value, stored in members}
    if len(by_stored) != len(members):
        raise SchemaError(f"{name} has two values with one stored form: leave one of them out")
    tags = frozenset(tag for tag, _ in by_stored)
    # A bool is an equal of an int, so the class is part of the question.
    by_value: dict[tuple[Any, Any], tuple[str, Any]] = {
        (type(value), value): stored for value, stored in members
    }
    more: dict[str, Any] = {
        "name": name,
        "kinds": _kinds(members),
        "fixed": all(len(str(payload)) <= FIXED for _, payload in by_stored),
        "part": Choices(by_stored, literal),
    }
    if len(tags) == 1:
        return _one_tag(next(iter(tags)), by_value, by_stored, missing, more)

    def encode(value: Any) -> AttributeValue:
        tag, payload = _lookup(by_value, value, name)
        return {tag: payload}

    def decode(stored: AttributeValue) -> Any:
        ((tag, payload),) = stored.items()
        try:
            return by_stored[tag, payload]
        except KeyError:
            if tag in tags:
                return missing(stored)
        raise CodecError(f"found {found(stored)}, which no value of {name} is stored as")

    return several(tags, encode, decode, **more)


def _kinds(members: list[tuple[Any, Any]]) -> tuple[type[Any], ...]:
    kinds: dict[type[Any], None] = {type(value): None for value, _ in members}
    return tuple(kinds)


def _one_tag(
    tag: str,
    by_value: Mapping[Any, tuple[str, Any]],
    by_stored: Mapping[tuple[str, Any], Any],
    missing: Callable[[AttributeValue], Any],
    more: dict[str, Any],
) -> Codec:
    by_payload = {payload: value for (_, payload), value in by_stored.items()}
    name = more["name"]

    def write(value: Any) -> Any:
        return _lookup(by_value, value, name)[1]

    def read(payload: Any) -> Any:
        try:
            return by_payload[payload]
        except KeyError:
            return missing({tag: payload})

    if tag in KEY_TAGS:
        more |= {"key": "sort", "canonical": always}
    return single(tag, write, read, **more)


def _lookup(by_value: Mapping[Any, Any], value: Any, name: str) -> Any:
    try:
        return by_value[type(value), value]
    except (KeyError, TypeError):
        pass
    raise expected(name, value)


def _flag(kind: type[Flag], *, values: bool) -> Codec:
    held: Any = int if values else kind

    def write(value: Any) -> str:
        if type(value) is not held:
            raise expected(kind.__name__, value)
        return write_int(value if values else value.value)

    def read(text: str) -> Flag:
        number = read_int(text)
        made = kind(number)
        if made.value != number:  # as Python has it for -1, which is every bit there is
            raise CodecError("the N found has bits that the flag has not")
        return made

    return single(
        "N",
        write,
        read,
        name=kind.__name__,
        kinds=(held,),
        key="partition",
        canonical=always,
    )
