"""Enums and literals: a closed set of values, each with its stored form, looked up in a table."""

from __future__ import annotations

from enum import Enum, Flag
from typing import TYPE_CHECKING, Any, cast

from dynrepo.codec.number import read_int, write_int
from dynrepo.codec.scalars import NONE, SCALARS, always
from dynrepo.codec.times import TIMES
from dynrepo.codec.untyped import decode_any
from dynrepo.codec.value import FIXED, KEY_TAGS, Codec, SingleTag, class_of, expected, tag_of
from dynrepo.codec.wrappers import optional
from dynrepo.errors import CodecError, SchemaError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dynrepo.codec.annotations import TypeContext
    from dynrepo.codec.value import AttributeValue

_CODECS = SCALARS | TIMES


class Choices:
    """The values of a Literal, each with the tag and the payload that it is stored as."""

    def __init__(self, name: str, values: Sequence[Any], stored_values: Sequence[Any]) -> None:
        forms = [_form(name, value) for value in stored_values]
        self.name = name
        self.by_stored = dict(zip(forms, values, strict=True))
        if len(self.by_stored) != len(forms):
            raise SchemaError(f"{name} has two values with one stored form: leave one of them out")
        # A bool is an equal of an int, so the class is part of the question.
        self._by_value: dict[tuple[type[Any], Any], tuple[str, Any]] = {
            (class_of(value), value): form for value, form in zip(values, forms, strict=True)
        }

    @property
    def tags(self) -> frozenset[str]:
        """Every tag that a value is stored under."""
        return frozenset(tag for tag, _ in self.by_stored)

    @property
    def kinds(self) -> tuple[type[Any], ...]:
        """The classes of the values."""
        return tuple(dict.fromkeys(map(class_of, self.by_stored.values())))

    @property
    def has_one_form(self) -> bool:
        """Nothing is read as a value but what is written for it."""
        return True

    @property
    def fixed(self) -> bool:
        """Each stored form is short."""
        return all(len(str(payload)) <= FIXED for _, payload in self.by_stored)

    def form(self, value: Any) -> tuple[str, Any]:
        """The tag and the payload of a value."""
        try:
            return self._by_value[class_of(value), value]
        except (KeyError, TypeError):
            pass
        raise expected(self.name, value)

    def missing(self, stored: AttributeValue) -> Any:
        """The value of a stored form that is none of those in the table."""
        del stored
        raise CodecError("found none of the values of the Literal")


class Members(Choices):
    """The members of an Enum, or their values for a model that holds these."""

    def __init__(self, kind: type[Enum], *, values: bool) -> None:
        held = [member.value if values else member for member in kind]
        super().__init__(kind.__name__, held, [member.value for member in kind])
        self._kind = kind
        if values:  # a default is none yet: Pydantic leaves it as it is
            self._by_value |= {
                (kind, member): self.form(member.value) for member in kind if member == member.value
            }

    def form(self, value: Any) -> tuple[str, Any]:
        """The tag and the payload of a member, or of its value for a model that holds these."""
        try:
            return super().form(value)
        except CodecError:
            if not isinstance(value, self._kind):
                raise
        raise CodecError(_of_member(self.name))

    @property
    def has_one_form(self) -> bool:
        """The class makes no members of other values."""
        return cast("Any", self._kind)._missing_.__func__ is cast("Any", Enum)._missing_.__func__

    def missing(self, stored: AttributeValue) -> Any:
        """What `_missing_` of the class makes of it."""
        return self._kind(decode_any(stored))


def _of_member(name: str) -> str:
    return (
        f"found a member of {name}, and use_enum_values keeps the values of members, which are no"
        " equals of it: give it the .value"
    )


def _form(name: str, value: Any) -> tuple[str, Any]:
    codec = _CODECS.get(type(value))
    if codec is None:
        raise SchemaError(
            f"{name} has a value of type {type(value).__name__}, which has no one stored form: let"
            " its values be texts or numbers, and declare `T | None` for None"
        )
    try:
        return codec.tag, codec.write(value)
    except CodecError as error:
        raise SchemaError(
            f"{name} has a value that cannot be stored: {error}: leave it out, or write another"
        ) from None


class ChoiceCodec(SingleTag):
    """The codec of values that are all stored under one tag."""

    def __init__(self, choices: Choices) -> None:
        (tag,) = choices.tags
        is_key = tag in KEY_TAGS
        super().__init__(
            tag,
            choices.name,
            choices.kinds,
            key="sort" if is_key else "",
            canonical=always if is_key and choices.has_one_form else None,
            fixed=choices.fixed,
        )
        self.choices = choices
        self._by_payload = {payload: value for (_, payload), value in choices.by_stored.items()}

    def write(self, value: Any) -> Any:
        """The payload of a value."""
        return self.choices.form(value)[1]

    def read(self, payload: Any) -> Any:
        """The value of a payload."""
        try:
            return self._by_payload[payload]
        except KeyError:
            return self.choices.missing({self.tag: payload})


class MixedChoiceCodec(Codec):
    """The codec of values that are stored under several tags."""

    def __init__(self, choices: Choices) -> None:
        super().__init__(choices.name, choices.tags, choices.kinds, fixed=choices.fixed)
        self.choices = choices

    def encode_part(self, value: Any) -> AttributeValue:
        """The stored form of a value."""
        tag, payload = self.choices.form(value)
        return {tag: payload}

    def decode(self, stored: AttributeValue) -> Any:
        """The value of a stored form."""
        ((tag, payload),) = stored.items()
        try:
            return self.choices.by_stored[tag, payload]
        except KeyError:
            if tag in self.tags:
                return self.choices.missing(stored)
        raise CodecError(f"found {tag_of(stored)}, which no value of {self.name} is stored as")


def choices_of(codec: Codec) -> Choices | None:
    """The values of an Enum or a Literal; None for any other type."""
    return codec.choices if isinstance(codec, ChoiceCodec | MixedChoiceCodec) else None


class FlagCodec(SingleTag):
    """The codec of a Flag: the number of its bits."""

    def __init__(self, kind: type[Flag], *, values: bool) -> None:
        held: type[Any] = int if values else kind
        super().__init__("N", kind.__name__, (held,), key="partition", canonical=always)
        self._kind = kind
        self._takes_numbers = values
        self._takes_members = not values or issubclass(kind, int)

    def write(self, value: Any) -> str:
        """The number of a flag."""
        if self._takes_numbers and type(value) is int:
            return write_int(value)
        if not isinstance(value, self._kind):
            raise expected(self.name, value)
        if not self._takes_members:
            raise CodecError(_of_member(self.name))
        return write_int(value.value)

    def read(self, payload: Any) -> Flag:
        """The flag of a number."""
        number = read_int(payload)
        made = self._kind(number)
        if made.value != number:  # as Python has it for -1, which is every bit there is
            raise CodecError("the N found has bits that the flag has not")
        return made


def enum(kind: type[Enum], *, values: bool = False) -> Codec:
    """The codec of an Enum, by the values of its members.

    `values` is for a model with `use_enum_values`, whose instances hold the value, not the member.
    """
    if issubclass(kind, Flag):
        return FlagCodec(kind, values=values)
    if not list(kind):
        raise SchemaError(f"{kind.__name__} has no members: give it one, or declare another type")
    return _codec(Members(kind, values=values))


def literal_of(values: tuple[Any, ...], context: TypeContext) -> Codec:
    """The codec of a Literal in a model."""
    stored = tuple(value for value in values if value is not None)
    if context.enum_values and any(isinstance(value, Enum) for value in stored):
        raise SchemaError(
            "a Literal of members of an Enum holds their values where use_enum_values is set, and"
            " takes none of them back: declare a Literal of the values"
        )
    if not stored:
        return NONE
    codec = literal(stored)
    return codec if len(stored) == len(values) else optional(codec)


def literal(values: Iterable[Any]) -> Codec:
    """The codec of a Literal without None, which makes it optional."""
    values = tuple(values)
    stored = [value.value if isinstance(value, Enum) else value for value in values]
    return _codec(Choices(f"Literal of {len(values)}", values, stored))


def _codec(choices: Choices) -> Codec:
    return ChoiceCodec(choices) if len(choices.tags) == 1 else MixedChoiceCodec(choices)
