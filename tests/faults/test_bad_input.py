"""What cannot be stored is refused before anything is sent; what can comes back as it was.

Three tables of cases: values for fields, values for keys, and rows that somebody else stored. Each
lists what is accepted; everything else must be refused, by an error that shows no value.
"""

from __future__ import annotations

import enum
import math
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel, create_model

from dynrepo import (
    CodecError,
    DynamoStore,
    InvalidCursor,
    PartitionKey,
    Repository,
    SortKey,
)
from dynrepo.operations.cursor import text_of
from dynrepo.operations.mapper import Mapper
from dynrepo.operations.writes import put_item
from dynrepo.schema.entity import Schema, schema_of
from tests.faults.ledger import Entries, Entry
from tests.operations.test_cursor import BROKEN, digest_of
from tests.scripted import Scripted

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = "kirsikka"


class Color(enum.StrEnum):
    """A choice."""

    RED = "red"


class Inner(BaseModel):
    """A model in a model."""

    x: int


def deep(levels: int) -> Any:
    """A list in a list in a list."""
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def cycle() -> list[Any]:
    """A list that holds itself."""
    value: list[Any] = []
    value.append(value)
    return value


VALUES: dict[str, Any] = {
    "None": None,
    "True": True,
    "1": 1,
    "-1": -1,
    "39 digits": 10**38 + 1,
    "1.5": 1.5,
    "nan": math.nan,
    "inf": math.inf,
    "text": SECRET,
    "empty text": "",
    "half a surrogate": SECRET + "\ud800",
    "bytes": SECRET.encode(),
    "empty bytes": b"",
    "decimal": Decimal("1.5"),
    "decimal nan": Decimal("NaN"),
    "too small": Decimal("1e-140"),
    "too large": Decimal("1e130"),
    "naive": datetime(2026, 1, 2),  # noqa: DTZ001 - on purpose
    "aware": datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC),
    "date": date(2026, 1, 2),
    "UUID": UUID(int=1),
    "Color": Color.RED,
    "list": [1],
    "list of text": [SECRET],
    "set": {SECRET},
    "empty set": set(),
    "dict": {"a": 1},
    "dict by number": {1: 1},
    "Inner": Inner(x=1),
    "object": object(),
    "cycle": cycle(),
    "too deep": deep(40),
    "too large an item": SECRET * 60_000,
}

# type of the field -> what it takes of VALUES; everything else is refused
FIELDS: dict[str, tuple[Any, set[str]]] = {
    "str": (str, {"text", "empty text"}),
    "int": (int, {"1", "-1"}),
    "float": (float, {"1", "-1", "1.5"}),
    "Decimal": (Decimal, {"1", "-1", "decimal"}),
    "bool": (bool, {"True"}),
    "bytes": (bytes, {"bytes", "empty bytes"}),
    "UUID": (UUID, {"UUID"}),
    "AwareDatetime": (AwareDatetime, {"aware"}),
    "date": (date, {"date"}),
    "Color": (Color, {"Color"}),
    "list": (list[int], {"list"}),
    "set": (set[str], {"set", "empty set"}),
    "dict": (dict[str, int], {"dict"}),
    "Inner": (Inner, {"Inner"}),
    "int or None": (int | None, {"None", "1", "-1"}),
    "Any": (
        Any,
        {
            *("None", "True", "1", "-1", "text", "empty text", "bytes", "empty bytes", "decimal"),
            *("list", "list of text", "set", "dict"),
        },
    ),
}

KEYS: dict[str, tuple[Any, set[str]]] = {
    "str": (str, {"text"}),
    "int": (int, {"1", "-1"}),
    "Decimal": (Decimal, {"1", "-1", "decimal"}),
    "bytes": (bytes, {"bytes"}),
    "UUID": (UUID, {"UUID"}),
    "AwareDatetime": (AwareDatetime, {"aware"}),
    "date": (date, {"date"}),
    "Color": (Color, {"Color"}),
}
KEY_VALUES = {
    **VALUES,
    "no parts": (),
    "three parts": (SECRET, 1, 2),
    "over 2,048 bytes": "ä" * 1_025,
    "over 2,048 bytes of data": b"x" * 2_049,
}

# a stored attribute value -> the types of field that can hold it
ROWS: dict[str, tuple[Any, set[str]]] = {
    "text": ({"S": SECRET}, {"str", "Any"}),
    "empty text": ({"S": ""}, {"str", "Any"}),
    "digits as text": ({"S": "1"}, {"str", "Any"}),
    "number": ({"N": "1"}, {"int", "float", "Decimal", "int or None", "Any"}),
    "half": ({"N": "1.5"}, {"float", "Decimal", "Any"}),
    "no number": ({"N": SECRET}, set()),
    "empty number": ({"N": ""}, set()),
    "a billion digits": ({"N": "1E+999999999"}, set()),
    "data": ({"B": "YQ=="}, {"bytes", "Any"}),
    "no base64": ({"B": "%%%"}, set()),
    "true": ({"BOOL": True}, {"bool", "Any"}),
    "null": ({"NULL": True}, {"int or None", "Any"}),
    "list": ({"L": [{"N": "1"}]}, {"list", "Any"}),
    "list of text": ({"L": [{"S": SECRET}]}, {"Any"}),
    "list of junk": ({"L": [1]}, set()),
    "map": ({"M": {"x": {"N": "1"}}}, {"dict", "Inner", "Any"}),
    "map of another": ({"M": {"y": {"S": SECRET}}}, {"Any"}),
    "map that is none": ({"M": [1]}, set()),
    "texts": ({"SS": [SECRET]}, {"set", "Any"}),
    "numbers": ({"NS": ["1"]}, {"Any"}),
    "several data": ({"BS": ["YQ=="]}, {"Any"}),
    "no type": ({}, set()),
    "an unknown type": ({"Q": SECRET}, set()),
    "no value": (SECRET, set()),
}


def schema_for(kind: Any) -> Schema[Any]:
    """The schema of a model with one field of a type."""
    return schema_of(create_model("Row", id=(Annotated[str, PartitionKey()], ...), v=(kind, ...)))


def keyed_by(kind: Any) -> Schema[Any]:
    """The schema of a model with a key of a type."""
    return schema_of(create_model("Keyed", id=(Annotated[kind, PartitionKey()], ...)))


FIELD_SCHEMAS = {name: schema_for(kind) for name, (kind, _) in FIELDS.items()}
KEY_SCHEMAS = {name: keyed_by(kind) for name, (kind, _) in KEYS.items()}


def refusal(call: Callable[[], object]) -> CodecError | str:
    """The error of a call that shows no value; what is wrong, where there is none."""
    try:
        taken = call()
    except CodecError as error:
        return f"shows the value: {error}" if SECRET in str(error) else error
    except Exception as error:  # noqa: BLE001 - no other may come out
        return f"another error: {error!r}"
    return f"taken: {taken!r:.100}"


def is_refused(call: Callable[[], object]) -> bool:
    """Whether it is, by an error that shows no value."""
    return isinstance(refusal(call), CodecError)


@pytest.mark.parametrize("field", FIELDS)
def test_a_value_is_exact_or_refused(field: str) -> None:
    """What a field takes comes back equal; what it does not is a `CodecError`."""
    schema, (_, fits) = FIELD_SCHEMAS[field], FIELDS[field]
    table: Mapper[Any] = Mapper("values", schema)

    def stored(value: Any) -> Any:
        item = schema.model.model_construct(id="1", v=value)
        return put_item(table, item).request["Item"]

    for name in fits:
        assert schema.decode(stored(VALUES[name])).v == VALUES[name], name
    refused = {name for name, value in VALUES.items() if is_refused(partial(stored, value))}
    assert refused == set(VALUES) - fits


@pytest.mark.parametrize("key", KEYS)
def test_a_key_is_exact_or_refused(key: str) -> None:
    """A key of the wrong type, empty, too long or in parts never reaches the engine."""
    schema, (_, fits) = KEY_SCHEMAS[key], KEYS[key]
    for name in fits:
        assert set(schema.key(KEY_VALUES[name])) == {"id"}, name
    refused = {name for name, value in KEY_VALUES.items() if is_refused(partial(schema.key, value))}
    assert refused == set(KEY_VALUES) - fits


@pytest.mark.parametrize("field", FIELDS)
def test_a_row_is_the_model_or_refused(field: str) -> None:
    """What somebody else stored is validated, never guessed at; the error holds the row's key."""
    schema = FIELD_SCHEMAS[field]
    for name, (stored, fits) in ROWS.items():
        item = {"id": {"S": "1"}, "v": stored}
        if field in fits:
            assert schema.decode(item).id == "1", name
            continue
        error = refusal(partial(schema.decode, item))
        assert isinstance(error, CodecError), name
        assert error.key == {"id": {"S": "1"}}, name


class Pair(BaseModel):
    """A model with a key of two parts."""

    a: Annotated[str, PartitionKey()]
    b: Annotated[int, SortKey()]


class Pairs(Repository[Pair]):
    """All pairs."""

    table = "pairs"


ENTRY = Entry(account="a", number=1)
CALLS: list[tuple[str, type[Exception], Callable[[Entries], object]]] = [
    ("get None", CodecError, lambda e: e.get(None)),
    ("get one part", CodecError, lambda e: e.get("a")),
    ("get no parts", CodecError, lambda e: e.get(())),
    ("get three parts", CodecError, lambda e: e.get(("a", 1, 2))),
    ("get parts turned round", CodecError, lambda e: e.get((1, "a"))),
    ("get an empty part", CodecError, lambda e: e.get(("", 1))),
    ("get a list as part", CodecError, lambda e: e.get(("a", [1]))),
    ("get a half", CodecError, lambda e: e.get(("a", 1.5))),
    ("get a bool", CodecError, lambda e: e.get(("a", True))),
    ("get too long a key", CodecError, lambda e: e.get((SECRET * 300, 1))),
    ("get another model", CodecError, lambda e: e.get(Pair(a="a", b=1))),
    ("exists None", CodecError, lambda e: e.exists(None)),
    ("require a list", CodecError, lambda e: e.require([1])),  # type: ignore[arg-type]
    ("set text", CodecError, lambda e: e.set(SECRET)),  # type: ignore[arg-type]
    ("set None", CodecError, lambda e: e.set(None)),  # type: ignore[arg-type]
    ("set a dict", CodecError, lambda e: e.set({"account": SECRET})),  # type: ignore[arg-type]
    ("set a class", CodecError, lambda e: e.set(Entry)),  # type: ignore[arg-type]
    ("set another model", CodecError, lambda e: e.set(Pair(a="a", b=1))),  # type: ignore[arg-type]
    ("set half an item", CodecError, lambda e: e.set(Entry.model_construct(account=SECRET))),
    ("create None", CodecError, lambda e: e.create(None)),  # type: ignore[arg-type]
    ("save None", CodecError, lambda e: e.save(None)),  # type: ignore[arg-type]
    ("delete None", CodecError, lambda e: e.delete(None)),
    ("delete on text", TypeError, lambda e: e.delete(("a", 1), condition=SECRET)),  # type: ignore[arg-type]
    ("update nothing", ValueError, lambda e: e.update(("a", 1))),
    ("update by text", TypeError, lambda e: e.update(("a", 1), SECRET)),  # type: ignore[arg-type]
    ("update the key", ValueError, lambda e: e.update(("a", 1), e.fields.account.set("b"))),
    (
        "update to a wrong type",
        CodecError,
        lambda e: e.update(("a", 1), e.fields.amount.set(SECRET)),
    ),
    ("update by nan", CodecError, lambda e: e.update(("a", 1), e.fields.amount.add(math.nan))),
    ("update no field", AttributeError, lambda e: e.update(("a", 1), e.fields.nope.set(1))),
    ("append a wrong type", CodecError, lambda e: e.update(("a", 1), e.fields.notes.append(1))),
    ("query nothing", TypeError, lambda e: e.query(None).all()),  # type: ignore[arg-type]
    ("query text", TypeError, lambda e: e.query(SECRET).all()),  # type: ignore[arg-type]
    ("query without key", ValueError, lambda e: e.query(e.fields.amount == 1).all()),
    ("query a wrong type", CodecError, lambda e: e.query(e.fields.account == 1).all()),
    ("query for None", CodecError, lambda e: e.query(e.fields.account == None).all()),  # noqa: E711
    ("query no index", ValueError, lambda e: e.query(e.fields.account == "a", index="x").all()),
    ("query none of it", ValueError, lambda e: e.query(e.fields.account == "a", limit=0).all()),
    ("query less", ValueError, lambda e: e.query(e.fields.account == "a", limit=-1).all()),
    ("a page of none", ValueError, lambda e: e.query(e.fields.account == "a").page(size=0)),
    ("scan in no segments", ValueError, lambda e: e.scan(segments=0).all()),
    ("scan past the end", ValueError, lambda e: e.scan(segment=(2, 2)).all()),
    ("is in nothing", CodecError, lambda e: e.scan(where=e.fields.amount.is_in()).all()),
    ("get_many None", TypeError, lambda e: e.get_many(None)),  # type: ignore[arg-type]
    ("get_many a bad key", CodecError, lambda e: e.get_many([("a", 1), None])),
    ("set_many a bad item", CodecError, lambda e: e.set_many([ENTRY, None])),  # type: ignore[list-item]
    ("delete_many a bad key", CodecError, lambda e: e.delete_many([("a", 1), SECRET])),
    ("get nothing together", ValueError, lambda e: e.get_together()),
    ("drop another", ValueError, lambda e: e.drop_table(confirm="x")),
]


@pytest.mark.parametrize(("error", "call"), [pytest.param(*rest, id=name) for name, *rest in CALLS])
def test_a_wrong_call_sends_nothing(
    error: type[Exception], call: Callable[[Entries], object]
) -> None:
    """It is refused here, by an error that says what is wrong and shows no value."""
    connection = Scripted({"ConsumedCapacity": {}})
    with pytest.raises(error) as caught:
        call(Entries(DynamoStore(connection=connection), instruments=[]))
    assert SECRET not in str(caught.value)
    assert connection.sent == []


CURSORS = [
    "",
    "junk",
    "é",
    "\ud800",
    "A" * 100_000,
    "=",
    "....",
    "a.b.c",
    "eyJhIjoxfQ",
    "\n",
    "%00",
]


@pytest.mark.parametrize("cursor", [*CURSORS, b"x", 1, None.__class__, ["a"]], ids=repr)
def test_a_cursor_from_a_stranger_is_refused(cursor: Any) -> None:
    """Whatever a client hands back."""
    connection = Scripted({})
    entries = Entries(DynamoStore(connection=connection), instruments=[])
    with pytest.raises(InvalidCursor):
        entries.query(entries.fields.account == "a").page(size=1, after=cursor)
    assert connection.sent == []


@pytest.mark.parametrize("payload", BROKEN.values(), ids=BROKEN)
def test_a_cursor_that_a_stranger_made_sends_nothing(payload: bytes) -> None:
    """All of it is right but the key: that is no JSON, or none that DynamoDB would take."""
    connection = Scripted({})
    entries = Entries(DynamoStore(connection=connection), instruments=[])
    query = entries.query(entries.fields.account == "a")
    digest = digest_of(payload, query._identity())
    with pytest.raises(InvalidCursor):
        query.page(size=1, after=text_of(b"\x02" + digest + payload))
    assert connection.sent == []


anything = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(),
        st.binary(),
        st.decimals(),
        st.datetimes(),
        st.uuids(),
    ),
    lambda inner: st.one_of(
        st.lists(inner), st.tuples(inner, inner), st.dictionaries(st.text(), inner)
    ),
    max_leaves=5,
)


@given(field=st.sampled_from(sorted(FIELDS)), value=anything)
def test_any_value_is_exact_or_refused(field: str, value: Any) -> None:
    """Whatever is put into a field."""
    schema = FIELD_SCHEMAS[field]
    try:
        stored = schema.encode(schema.model.model_construct(id="1", v=value))
    except CodecError:
        return
    assert schema.decode(stored).v == value


@given(key=st.sampled_from(sorted(KEYS)), value=anything)
def test_any_key_is_a_key_or_refused(key: str, value: Any) -> None:
    """Whatever is given for one."""
    try:
        stored = KEY_SCHEMAS[key].key(value)
    except CodecError:
        return
    assert KEY_SCHEMAS[key].decode(stored).id == value


@given(account=anything, number=anything)
def test_any_pair_is_a_key_or_refused(account: Any, number: Any) -> None:
    """Only text and a whole number make this one."""
    connection = Scripted({"ConsumedCapacity": {}})
    pairs = Pairs(DynamoStore(connection=connection), instruments=[])
    try:
        assert pairs.get((account, number)) is None
    except CodecError:
        assert connection.sent == []
        return
    assert (type(account), type(number)) == (str, int)


stored_json = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
    lambda inner: st.one_of(
        st.lists(inner),
        st.dictionaries(
            st.sampled_from(["S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "x"]), inner
        ),
    ),
    max_leaves=6,
)


@given(field=st.sampled_from(sorted(FIELDS)), stored=stored_json)
def test_any_row_is_the_model_or_refused(field: str, stored: Any) -> None:
    """Whatever an answer holds where an attribute value should be."""
    try:
        found = FIELD_SCHEMAS[field].decode({"id": {"S": "1"}, "v": stored})
    except CodecError:
        return
    assert found.id == "1"
