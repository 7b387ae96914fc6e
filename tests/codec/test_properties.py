"""Whatever a type can hold comes back equal: the law of the codec, on generated values."""

from __future__ import annotations

import json
from collections import deque
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from functools import cache
from ipaddress import IPv4Address, IPv6Address
from itertools import permutations
from pathlib import PurePosixPath
from typing import Any, Literal
from uuid import UUID

import pytest
from boto3.dynamodb.types import TypeDeserializer
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel, JsonValue, NaiveDatetime, create_model
from pydantic_core import to_json

from dynrepo.codec import codec_for, decode_any, encode_any
from dynrepo.codec.equality import is_same
from dynrepo.codec.limits import size_of
from dynrepo.errors import CodecError
from dynrepo.schema.entity import Fields
from tests.encodings import Cat, Level, Line, Node, Pair, Point, Right, Status

ZONES = st.builds(timezone, st.timedeltas(timedelta(hours=-23), timedelta(hours=23)))
TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
INTS = st.integers(-(10**38) + 1, 10**38 - 1)
FLOATS = st.floats(allow_nan=False, allow_infinity=False).filter(
    lambda x: x == 0 or 1e-130 <= abs(x) < 1e126
)
DECIMALS = st.builds(
    lambda digits, exponent: Decimal(digits).scaleb(exponent),
    st.integers(-(10**20), 10**20),
    st.integers(-100, 100),
)
AWARE = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=ZONES)  # noqa: DTZ001
CHOICE = Literal["a", 1] | None
SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXT,
    int: INTS,
    float: FLOATS,
    Decimal: DECIMALS,
    bool: st.booleans(),
    bytes: st.binary(max_size=20),
    date: st.dates(),
    time: st.times(timezones=st.none() | ZONES),
    timedelta: st.timedeltas(),
    AwareDatetime: AWARE,
    NaiveDatetime: st.datetimes(),
    UUID: st.uuids(),
    IPv4Address: st.ip_addresses(v=4),
    IPv6Address: st.ip_addresses(v=6),
    PurePosixPath: st.builds(PurePosixPath, TEXT.filter(lambda text: "\0" not in text)),
    Status: st.sampled_from(Status),
    Level: st.sampled_from(Level),
    Right: st.sampled_from([Right(n) for n in range(4)]),
    CHOICE: st.sampled_from(["a", 1, None]),
}
# A whole Decimal without a declared type reads back as an equal int.
FRACTIONS = DECIMALS.filter(lambda number: number != number.to_integral_value())
PLAIN = st.recursive(
    st.none() | st.booleans() | INTS | FRACTIONS | TEXT | st.binary(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TEXT.filter(bool), inner, max_size=3)
    ),
    max_leaves=8,
)
JSON = st.recursive(
    st.none() | st.booleans() | INTS | TEXT | FLOATS.filter(lambda x: not x.is_integer()),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TEXT.filter(bool), inner, max_size=3)
    ),
    max_leaves=8,
)
LINES = st.builds(Line, sku=TEXT, count=INTS, note=st.none() | TEXT)
OTHERS: dict[Any, st.SearchStrategy[Any]] = {
    Line: LINES,
    Point: st.builds(Point, x=INTS, y=INTS),
    Pair: st.builds(Pair, INTS, TEXT),
    Node: st.recursive(
        st.builds(Node, name=TEXT),
        lambda inner: st.builds(Node, name=TEXT, children=st.lists(inner, max_size=3)),
        max_leaves=5,
    ),
    int | str | bytes | None: INTS | TEXT | st.binary() | st.none(),
    Line | list[int] | bool: LINES | st.lists(INTS) | st.booleans(),
    tuple[int, str]: st.tuples(INTS, TEXT),
    tuple[date, ...]: st.lists(st.dates()).map(tuple),
    deque[int]: st.lists(INTS).map(deque),
    dict[UUID, Line]: st.dictionaries(st.uuids(), LINES, max_size=3),
    dict[Decimal, str]: st.dictionaries(DECIMALS, TEXT, max_size=3),
    dict[str, set[int]]: st.dictionaries(TEXT.filter(bool), st.sets(INTS, max_size=3), max_size=3),
    list[Cat | None]: st.lists(st.builds(Cat, lives=INTS) | st.none(), max_size=3),
    Any: PLAIN,
    JsonValue: JSON,
}
for _element in (str, int, Decimal, float, bytes, date, UUID, AwareDatetime, Status, Level, bool):
    OTHERS[frozenset[_element]] = st.frozensets(SCALARS[_element], max_size=4)  # type: ignore[valid-type]

TYPES = SCALARS | OTHERS


@pytest.mark.parametrize("annotation", TYPES, ids=repr)
@given(data=st.data())
def test_what_is_written_reads_back_equal(annotation: Any, data: st.DataObject) -> None:
    """Through the text of JSON, and through Pydantic, value and type stay what they were."""
    value = data.draw(TYPES[annotation])
    model = sample(annotation)

    item = json.loads(json.dumps(Fields(model).encode(model.model_construct(field=value))))
    read = Fields(model).decode(item).field  # type: ignore[attr-defined]

    assert read == value
    assert type(read) is type(value)


AWKWARD: dict[Any, list[Any]] = {
    str: ["", "1", "open", "a", "01:02:03", "10.0.0.1", "::1", "2024-01-01"],
    int: [0, 1, 2, 2**53 + 1, 10**22],
    float: [0.0, 1.0, 0.1, 1e22, 1e-130],
    Decimal: [Decimal(1), Decimal("0.1"), Decimal("0.5")],
    bool: [True],
    bytes: [b"", b"open"],
    date: [date(2024, 1, 1)],
    time: [time(1, 2, 3), time(1, tzinfo=UTC)],
    timedelta: [timedelta(seconds=1), timedelta(microseconds=1)],
    AwareDatetime: [datetime(2024, 1, 1, tzinfo=UTC)],
    NaiveDatetime: [datetime(2024, 1, 1)],  # noqa: DTZ001
    UUID: [UUID(int=1)],
    IPv4Address: [IPv4Address("10.0.0.1")],
    IPv6Address: [IPv6Address("::1")],
    PurePosixPath: [PurePosixPath("a/b")],
    Status: [Status.OPEN],
    Level: [Level.LOW],
    Right: [Right.READ],
    CHOICE: ["a", 1, None],
}
"""Values of each type whose stored form another type might read."""
AWKWARD[str] += [
    form["S"]
    for kind, values in AWKWARD.items()
    for value in values
    if "S" in (form := codec_for(kind).encode(value))
]


@pytest.mark.parametrize("first", AWKWARD, ids=repr)
def test_a_union_of_two_types_reads_back_what_it_writes(first: Any) -> None:
    """Equal and of an equal class, through Pydantic too; or it is refused with both names."""
    for second in [kind for kind in AWKWARD if kind is not first]:
        model = union_of(first, second)
        for value in AWKWARD[first] + AWKWARD[second]:
            instance = model.model_construct(field=value)
            try:
                item = Fields(model).encode(instance)
            except CodecError as error:
                assert _names_both(str(error), first, second)  # noqa: PT017
            else:
                assert is_same(Fields(model).decode(item).field, value)  # type: ignore[attr-defined]


@cache
def union_of(first: Any, second: Any) -> type[BaseModel]:
    """A model with a field of either type, the first tried first."""
    return create_model("Sample", field=(first | second, ...))


def _names_both(reason: str, *kinds: Any) -> bool:
    # Or that Pydantic would make another value of it, as it makes 1 of True for a Literal.
    return all(codec_for(kind).present.name in reason for kind in kinds)


@given(data=st.data())
def test_a_union_of_any_two_types_does_too(data: st.DataObject) -> None:
    """Whatever its values."""
    first, second = data.draw(st.sampled_from([*permutations(SCALARS, 2)]))
    model = union_of(first, second)
    instance = model.model_construct(field=data.draw(SCALARS[first] | SCALARS[second]))
    try:
        item = json.loads(json.dumps(Fields(model).encode(instance)))
    except CodecError as error:
        assert _names_both(str(error), first, second)  # noqa: PT017
    else:
        assert is_same(Fields(model).decode(item).field, instance.field)  # type: ignore[attr-defined]


@pytest.mark.parametrize("annotation", TYPES, ids=repr)
@given(data=st.data())
def test_an_item_is_no_larger_than_its_json(annotation: Any, data: st.DataObject) -> None:
    """As DynamoDB counts: an item whose JSON is small enough is, too."""
    model = sample(annotation)

    item = Fields(model).encode(model.model_construct(field=data.draw(TYPES[annotation])))

    assert size_of(item) <= len(to_json(item))


@cache
def sample(annotation: Any) -> type[BaseModel]:
    """A model with a field of the type."""
    return create_model("Sample", field=(annotation, ...))


@given(value=PLAIN)
def test_an_independent_reader_agrees(value: Any) -> None:
    """boto3 reads what an undeclared attribute is stored as, as the value that was written."""
    stored = encode_any(value)

    assert decode_any(stored) == value
    assert _plain(TypeDeserializer().deserialize(_with_bytes(stored))) == value


SORTABLE = [one for one in SCALARS if codec_for(one).key == "sort" and one is not CHOICE]


@pytest.mark.parametrize("annotation", SORTABLE, ids=repr)
@given(data=st.data())
def test_the_order_of_keys_is_the_order_of_values(annotation: Any, data: st.DataObject) -> None:
    """Where a type may be a sort key, DynamoDB sorts stored forms as Python sorts values."""
    codec = codec_for(annotation)
    one, two = data.draw(SCALARS[annotation]), data.draw(SCALARS[annotation])

    assert (one < two) == (_sorted_by(codec.encode(one)) < _sorted_by(codec.encode(two)))


def _sorted_by(stored: dict[str, Any]) -> Any:
    """What DynamoDB compares: numbers, UTF-8 bytes, bytes."""
    ((tag, payload),) = stored.items()
    if tag == "N":
        return Decimal(payload)
    return payload.encode() if tag == "S" else decode_any(stored)


def _with_bytes(stored: dict[str, Any]) -> dict[str, Any]:
    """An attribute value as botocore hands it out, with bytes for base64."""
    ((tag, payload),) = stored.items()
    if tag == "B":
        return {"B": decode_any(stored)}
    if tag == "L":
        return {"L": [_with_bytes(one) for one in payload]}
    if tag == "M":
        return {"M": {key: _with_bytes(one) for key, one in payload.items()}}
    return stored


def _plain(value: Any) -> Any:
    """A value of boto3's, with bytes for its own class of them."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return bytes(value) if hasattr(value, "value") else value
