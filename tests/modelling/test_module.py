"""Modules that are proposed for tables of other writers."""

from __future__ import annotations

import ast
import re
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynrepo import CodecError, model_of
from dynrepo.codec.value import canonical_item
from dynrepo.operations.operation import Effect, Operation, nothing
from dynrepo.testing import MemoryStore
from tests.modelling.propose import PROPOSED, keeps, proposed, repositories_in
from tests.modelling.recorded import TABLES, Recorded, described, index

if TYPE_CHECKING:
    from collections.abc import Iterator

SINGLE = [name for name in TABLES if name not in ("devices", "shop")]
"""The tables whose rows are of one kind."""


@pytest.mark.parametrize("name", TABLES)
def test_what_is_proposed_is_what_the_checkers_have_seen(name: str) -> None:
    """ruff, mypy and pyright read tests/typing; `python -m tests.modelling.propose` writes it."""
    written = (PROPOSED / f"{name}.py").read_text(encoding="utf-8")
    assert proposed(TABLES[name]) == written


def stored(store: MemoryStore, table: str) -> list[Any]:
    """All rows of a table, as they are stored."""
    items: list[Any] = store.execute(Operation("Scan", table, {"TableName": table}, nothing)).body[
        "Items"
    ]
    return items


def filled(name: str) -> tuple[MemoryStore, list[Any]]:
    """A store that holds the rows of a table, and repositories of what is proposed for it."""
    table, store = TABLES[name], MemoryStore()
    repositories = [kind(store) for kind in repositories_in(proposed(table))]
    repositories[0].ensure_table()
    for row in rows_of(table):
        request = {"TableName": repositories[0].table, "Item": row}
        put = Operation("PutItem", request["TableName"], request, nothing, Effect.REPEATABLE)
        store.execute(put)
    return store, repositories


def rows_of(table: Recorded) -> list[Any]:
    """The rows as they travel: what boto3 gives as bytes is base64."""
    return [
        {
            name: {"B": b64encode(value["B"]).decode()}
            if isinstance(value.get("B"), bytes)
            else value
            for name, value in row.items()
        }
        for row in table.rows
    ]


@pytest.mark.parametrize("name", TABLES)
def test_each_row_is_read_and_saved_as_it_is(name: str) -> None:
    """By the repository of its kind; the counter of writes aside, which counts on."""
    store, repositories = filled(name)
    table = repositories[0].table
    rows = stored(store, table)
    for row in rows:
        (repository,) = [each for each in repositories if keeps(type(each), row)]
        repository.save(repository.decode(row))
    after = stored(store, table)
    assert set(map(unversioned, after)) == set(map(unversioned, rows))
    assert len(after) == len(rows)


def unversioned(row: Any) -> Any:
    """A row without the counter of writes, as DynamoDB compares it."""
    return canonical_item({name: value for name, value in row.items() if name != "version"})


@pytest.mark.parametrize("name", SINGLE)
def test_the_table_is_as_its_model_says(name: str) -> None:
    """Keys, indexes, expiry and every row."""
    (repository,) = filled(name)[1]
    difference = repository.verify_table(sample="all")
    assert not difference, str(difference)


def texts_in(value: Any) -> Iterator[str]:
    """The texts and the long numbers in attribute values, and what no class can name: dict keys."""
    for tag, payload in value.items():
        if tag in ("S", "N"):
            yield payload
        elif tag in ("SS", "NS"):
            yield from payload
        elif tag == "M":
            yield from (text for each in payload.values() for text in texts_in(each))
        elif tag == "L":
            yield from (text for each in payload for text in texts_in(each))
        elif tag == "B":
            yield payload.decode("latin1") if isinstance(payload, bytes) else payload


@pytest.mark.parametrize("name", TABLES)
def test_no_value_is_in_what_is_proposed(name: str) -> None:
    """Neither as a Literal, a default or a comment, nor in the name of a class."""
    table = TABLES[name]
    values = {text for row in table.rows for each in row.values() for text in texts_in(each)}
    text = proposed(table)
    words = set(re.findall(r"\w+", text))
    assert [
        value
        for value in values
        if len(value) > 1 and (value in words or (len(value) > 3 and value in text))
    ] == []


@pytest.mark.parametrize("name", TABLES)
def test_nothing_of_one_form_is_any(name: str) -> None:
    """But what is empty in all rows, which nothing is known of."""
    text = proposed(TABLES[name])
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if "Any" in line and "import" not in line:
            assert "empty in all rows" in lines[number - 1]


EXPECTED = {
    "devices": """
        device_id: Annotated[UUID, PartitionKey()]
        version: Annotated[int, Version()] = 0
        expires: Annotated[AwareDatetime, TimeToLive()]
        labels: frozenset[str] = frozenset()
        place: Place
        AwareDatetime, encodings.ISO_BASIC_OFFSET, SortKey(index="owner-index")
        class Devices2(Repository[Device2]):
    """,
    "invoices": """
        due: Annotated[date, SortKey(index="by_due")]
        rates: frozenset[Decimal]
        lines: list[Line]
        discount: Decimal | None = None
        notes: list[str] | None = None
        # The index by_state holds keys only: no instance is read from it.
    """,
    "articles": """
        subtitle: str | None = Field(default_factory=type(None))
        views_by_country: dict[str, int]
        published: Annotated[AwareDatetime, encodings.ISO_OFFSET]
        related: list[Any]
    """,
    "carts": """
        # perhaps times, encodings.EPOCH_MILLISECONDS: nothing in a number says so
        expires_at: Annotated[AwareDatetime, TimeToLive(), Attribute("expiresAt")]
        dimensions: Dimensions
        items: list[Item]
        discount: int | str
        coupon: None = Field(default_factory=type(None))
    """,
    "jobs": """
        # perhaps durations, encodings.NANOSECONDS: nothing in a number says so
        # texts of times finer than microseconds, which encodings.truncated(...) would cut
        env: Annotated[dict[str, str], Attribute("Env")]
        payload: Annotated[bytes, Attribute("Payload")]
    """,
    "customer_account": """
        version: Annotated[int, Version()] = 0
        address: Address | None = Field(default_factory=type(None))
        geo: Geo
        last_login: Annotated[AwareDatetime, encodings.ISO_INSTANT, Attribute("lastLogin")]
        # The index byEmail holds some attributes only: no instance is read from it.
    """,
    "shop": """
        gsi1_sk: Annotated[str, SortKey(index="GSI1"), Attribute("GSI1SK")]
        gsi1_sk: Annotated[date | None, SortKey(index="GSI1"), Attribute("GSI1SK")] = None
        class Shop1Rows(Repository[Shop1]):
        class Shop2Rows(Repository[Shop2]):
        # The rows are of several kinds, told by how their keys begin: name the models after
    """,
    "odd": """
        user_id_2: Annotated[str, PartitionKey(), Attribute("user-id")]
        user_id: str
        class_: Annotated[int, SortKey(), Attribute("class")]
        items_0: Annotated[str, Attribute("items[0]")]
    """,
}


@pytest.mark.parametrize("name", TABLES)
def test_what_the_rows_show_is_found(name: str) -> None:
    """Keys, indexes, expiry, versions, optional and nested fields, and the doubts."""
    lines = [line.strip() for line in proposed(TABLES[name]).splitlines()]
    assert [each for each in EXPECTED[name].strip().split("\n") if each.strip() not in lines] == []


THINGS = described("things", "pk", pk="S")

NAMES = st.one_of(
    st.sampled_from(["type", "version", "date", "2x", "class", "user-id", "userId", "a[0]"]),
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=5),
)
SCALARS = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=5).map(lambda text: {"S": text}),
    st.sampled_from(
        ["2024-01-01", "2024-01-01T00:00:00.000000Z", "12:00", "2024-01-01T00:00:00Z", "PT1H"]
    ).map(lambda text: {"S": text}),
    st.integers(-(10**20), 10**20).map(lambda number: {"N": str(number)}),
    st.sampled_from(["0.5", "-12.25"]).map(lambda number: {"N": number}),
    st.booleans().map(lambda flag: {"BOOL": flag}),
    st.binary(max_size=3).map(lambda data: {"B": b64encode(data).decode()}),
    st.sampled_from([{"SS": ["a", "b"]}, {"NS": ["1"]}, {"NS": ["1.5"]}, {"SS": ["12:00"]}]),
)
VALUES = st.recursive(
    SCALARS,
    lambda parts: st.one_of(
        st.lists(parts | st.just({"NULL": True}), max_size=3).map(lambda parts: {"L": parts}),
        st.dictionaries(NAMES, parts, max_size=3).map(lambda parts: {"M": parts}),
    ),
    max_leaves=5,
)


@settings(max_examples=15)
@given(st.lists(st.dictionaries(NAMES, VALUES, max_size=4), min_size=1, max_size=4))
def test_whatever_is_stored_is_read_and_written_as_it_is(rows: list[dict[str, Any]]) -> None:
    """Whatever attributes are called, and whatever is in them."""
    rows = [{**row, "pk": {"S": f"k{number}"}} for number, row in enumerate(rows)]
    kinds = repositories_in(model_of(THINGS, rows))
    assert all(any(keeps(kind, row) for kind in kinds) for row in rows)


def test_a_table_without_rows_has_its_keys() -> None:
    """And a comment that says so."""
    text = model_of({"Table": THINGS}, [])
    assert "# No row was given: the model has the keys of the table only." in text
    assert "    pk: Annotated[str, PartitionKey()]" in text
    ast.parse(text)


@pytest.mark.parametrize("item", [{"pk": "plain"}, {"pk": {"S": "a", "N": "1"}}, [1], {"pk": 5}])
def test_what_is_no_item_is_refused(item: Any) -> None:
    """As boto3's resource gives them, in values of Python; nothing of it is quoted."""
    with pytest.raises(CodecError, match="things: not an item in DynamoDB JSON") as caught:
        model_of(THINGS, [item])
    assert "plain" not in str(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize("description", [{}, {"TableName": "t"}, {**THINGS, "TableName": 'x"""'}])
def test_what_describes_no_table_is_refused(description: Any) -> None:
    """Its name stands in the module, and a table has a key."""
    with pytest.raises(ValueError, match="give what DescribeTable answers"):
        model_of(description, [])


ODD_NAMES = (
    *("class", "def", "None", "match", "self", "cls", "print", "__init__", "__dict__", "__", "_"),
    *("model_", "model_config", "model_fields", "model_dump", "schema", "json", "dict", "copy"),
    *("BaseModel", "Annotated", "Repository", "Field", "datetime", "list", "frozenset", "type"),
    *("größe", "名前", "\N{SMILE}", "\u200b", "a\u0301", "\u00e1", "\ufb01", "fi"),
    *("tab\tname", "new\nline", "quo\"te's", "back\\slash", "{brace}", "%s", "#hash", ":colon"),
    *(
        "a.b",
        "a-b",
        "a_b",
        "a b",
        "aB",
        "A-B",
        "a[0]",
        "a[0].b",
        "[",
        "1st",
        "1",
        "0x10",
        "x" * 200,
    ),
)


def test_attributes_may_have_any_name() -> None:
    """Each is a field of its own, in a row with a binary key, of a local index, in a map."""
    types = {"a.b": "B", "a-b": "N", "größe": "S"}
    table = described("odd-names", "a.b a-b", index("by_size", "a.b größe", local=True), **types)
    texts: Any = {name: {"S": f"t{number}"} for number, name in enumerate(ODD_NAMES)}
    rows: list[Any] = [
        {**texts, "a.b": {"B": "AP8="}, "a-b": {"N": number}, "map": {"M": texts}}
        for number in ("1", "2.5", "12345678901234567890123456789012345678")
    ]
    (kind,) = repositories_in(model_of(table, rows))
    store = MemoryStore(kind)
    repository = kind(store)
    for row in rows:
        instance = repository.decode(row)
        assert len(type(instance).model_fields) == len(ODD_NAMES) + 1
        repository.save(instance)
        assert repository.get(instance) == instance
    assert set(map(canonical_item, stored(store, kind.table))) == set(map(canonical_item, rows))


def test_a_key_may_have_any_name() -> None:
    """The row is found by it, and saved as it is."""
    table = described("things", "p[k]", index("by_a", "a.b[0]"), **{"p[k]": "S", "a.b[0]": "S"})
    row: Any = {"p[k]": {"S": "1"}, "a.b[0]": {"S": "x"}}
    (kind,) = repositories_in(model_of(table, [row]))
    things = kind(MemoryStore(kind))
    instance = things.decode(row)
    assert things.create(instance) == instance
    assert things.get("1") == things.save(instance) == instance
    assert things.query(things.fields.a_b_0 == "x", index="by_a").all() == [instance]
    assert things.update("1", things.fields.a_b_0.set("y")) != instance
    assert things.delete("1")
