"""The core schemas of types that pydantic-core reads from the text below a tag as codecs do.

Each takes the text in one form only, has it made into the value as the codec makes it, and then
validates that as the model says. What is in another form is refused here, or read by the codec;
what is taken is compared with what the codec reads, on examples.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from pydantic_core import SchemaValidator, core_schema

from dynrepo.codec.choices import ChoiceCodec
from dynrepo.codec.core_schemas import (
    ANY,
    CoreSchema,
    NotAccelerated,
    PartParser,
    alone,
    chain,
    changed,
    either,
    function,
)
from dynrepo.codec.forms import FormCodec
from dynrepo.codec.number import DIGITS
from dynrepo.codec.scalars import BOOL, DECIMAL, FLOAT, IDENTIFIER, INT, STR
from dynrepo.codec.times import AWARE, DATE
from dynrepo.reading.odd_values import payload_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dynrepo.codec.choices import Choices
    from dynrepo.codec.value import AttributeValue, Codec, SingleTag


class _Known(NamedTuple):
    """How a type is validated from the payload of its tag."""

    kind: str
    """Pydantic's name of the type."""
    pattern: str = ""
    """The form that the text must have."""
    longest: int | None = None
    """The characters that it may have."""
    make: Callable[[Any], Any] | None = None
    """Makes the value from the text as the codec does, where Pydantic does otherwise."""


_NUMBER = r"^-?[0-9]+(\.[0-9]+)?$"
_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_KNOWN: Mapping[Codec, _Known] = {
    STR: _Known("str"),
    BOOL: _Known("bool"),
    INT: _Known("int", "^-?[0-9]+$", DIGITS),
    FLOAT: _Known("float", _NUMBER, sys.float_info.dig),
    DECIMAL: _Known("decimal", _NUMBER, DIGITS, Decimal),
    DATE: _Known("date", f"^{_DATE}$"),
    AWARE: _Known(
        "datetime",
        rf"^{_DATE}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}\.[0-9]{{6}}Z$",
        make=datetime.fromisoformat,
    ),
    IDENTIFIER: _Known("uuid", "^[0-9a-f-]{36}$"),
}
ONE_FORM = (DATE, AWARE, IDENTIFIER)
"""The types of which only the text that is written is taken."""

# A Decimal and an aware datetime are made without any need for validation.
_IMPLIED = {"type", "tz_constraint", "microseconds_precision", "metadata", "ref"}


def _leaf(codec: Codec, own: CoreSchema) -> CoreSchema:
    """The schema of a known type; `NotAccelerated` where it is none."""
    if codec.element is not None and own["type"] == codec.kinds[0].__name__:
        if isinstance(codec.element, FormCodec):  # two texts of a form may be one value
            return chain(function(payload_of(cast("SingleTag", codec))), own)
        return changed(own, items_schema=_leaf(codec.element, own.get("items_schema", ANY)))
    if isinstance(codec, ChoiceCodec):
        return _choice(codec.choices, own)
    if isinstance(codec, FormCodec):
        return chain(function(payload_of(codec)), own)
    known = _KNOWN.get(codec)
    if known is None or known.kind != own["type"] or own.get("strict"):
        raise NotAccelerated("the type is one that its codec reads")
    steps: list[CoreSchema] = [own if codec is not BOOL else changed(own, strict=True)]
    if known.make is not None:
        steps = [function(known.make), *(() if own.keys() <= _IMPLIED else steps)]
    if known.pattern:
        steps = [_text(known), *steps]
    return chain(*steps)


def _text(known: _Known) -> CoreSchema:
    # Said expressly, since the model may be configured to strip and to change its texts.
    return cast(
        "CoreSchema",
        core_schema.str_schema(
            pattern=known.pattern,
            max_length=known.longest,
            strip_whitespace=False,
            to_lower=False,
            to_upper=False,
        ),
    )


def _choice(choices: Choices, own: CoreSchema) -> CoreSchema:
    are_texts = all(
        tag == "S" and getattr(value, "value", value) == payload
        for (tag, payload), value in choices.by_stored.items()
    )
    if not are_texts or own["type"] not in ("enum", "literal"):
        raise NotAccelerated("the type is one that its codec reads")
    return own


def plain_schema(codec: Codec) -> CoreSchema:
    """The schema of a known type without any rules; one that takes all of another type."""
    if codec.element is not None:
        return {"type": codec.kinds[0].__name__, "items_schema": plain_schema(codec.element)}
    known = _KNOWN.get(codec)
    return ANY if known is None else {"type": known.kind}


def checked(codec: Codec, own: CoreSchema, *, is_loose: bool = False) -> CoreSchema:
    """The schema of a known type, when it takes nothing but what the codec reads, and as that.

    One that is loose has what is not in the form that is written read by the codec.
    """
    if codec.validated == own:
        return function(payload_of(cast("SingleTag", codec)))
    leaf = _leaf(codec, own)
    loose = _loose(codec, own, leaf)
    if not _is_agreed(codec, own, loose):
        raise NotAccelerated("pydantic-core takes what the codec does not, or otherwise")
    return loose if is_loose else leaf


def _loose(codec: Codec, own: CoreSchema, leaf: CoreSchema) -> CoreSchema:
    known = _KNOWN.get(codec)
    if known is None or not known.pattern:
        return leaf
    return either(leaf, chain(function(payload_of(cast("SingleTag", codec))), own))


def _is_agreed(codec: Codec, own: CoreSchema, schema: CoreSchema) -> bool:
    if codec not in _KNOWN:  # of this one model, and not to be held beyond its life
        return _agree(codec, own, schema)
    question = codec, repr(own)
    if question not in _agreed:
        _agreed[question] = _agree(codec, own, schema)
    return _agreed[question]


_agreed: dict[tuple[Codec, str], bool] = {}


def _agree(codec: Codec, own: CoreSchema, schema: CoreSchema) -> bool:
    """Whether the schema of a known type and its codec read the examples alike."""
    parse = PartParser("x", schema, alone, validation_alias=[["x", codec.tag], ["x"]])
    validate = SchemaValidator(cast("Any", own)).validate_python
    for stored in _examples(codec):
        found = parse(json.dumps({"x": stored}).encode())
        if found is None:
            continue
        (value,) = found[1] or (None,)
        if not _is(value, lambda: validate(codec.decode(stored))):  # noqa: B023
            return False
    return True


def _is(value: Any, read: Callable[[], Any]) -> bool:
    try:
        expected = read()
    except Exception:  # noqa: BLE001 - it is not read at all
        return False
    # As text, too: equal times may be in zones of other classes.
    return value == expected and (
        isinstance(value, set | frozenset) or repr(value) == repr(expected)
    )


def _examples(codec: Codec) -> Iterator[AttributeValue]:
    """Attribute values that the codec reads, and many that it should not."""
    if isinstance(codec, ChoiceCodec):
        yield from ({tag: payload} for tag, payload in codec.choices.by_stored)
    element = codec.element
    for text in _TEXTS:
        yield {codec.tag: text if element is None else [text]}
    yield from ({tag: "1"} for tag in ("S", "N", "B", "BOOL"))
    yield from ({"BOOL": value} for value in (True, False, 1, None))
    yield from ({tag: ["1"]} for tag in ("SS", "NS", "BS"))
    yield from ({"NULL": True}, {"L": []}, {"M": {}}, {"L": [{"S": "1"}]}, {})


_TEXTS = (
    *("", "a", " a ", "\u00e9", "true", "null"),
    *("0", "-0", "1", "01", "+1", " 1", "1 ", "1_0", "1.0", "1.5", ".5", "1.", "1E+2", "1e2"),
    *(
        "NaN",
        "Infinity",
        "\u0661",
        "9" * 38,
        "9" * 39,
        "9" * 38 + ".5",
        "0.1234567890123456789",
        "1.5\n",
        "1\n",
    ),
    *("2024-02-29", "2024-02-30", "20240229", "2024-W09-4", "1709164800"),
    *("2024-02-29T01:02:03.000004Z", "2024-02-29T01:02:03.000004+00:00", "2024-02-29T01:02:03Z"),
    *("2024-02-29T01:02:03.000004", "2024-02-29 01:02:03.000004Z", "2024-02-29T24:00:00.000000Z"),
    *("2024-02-29T01:02:60.000000Z", "0000-00-00T00:00:00.000000Z", "2024-02-29T00:00:00.000000Z"),
    "123e4567-e89b-12d3-a456-426614174000",
    "123E4567-E89B-12D3-A456-426614174000",
    "123e4567e89b12d3a456426614174000----",
    "123e4567e89b12d3a456426614174000",
    "urn:uuid:123e4567-e89b-12d3-a456-426614174000",
)
