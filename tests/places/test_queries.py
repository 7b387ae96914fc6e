"""Queries of shared tables: what they ask, and that they read rows of their own."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from dynrepo import CodecError, Repository
from dynrepo.operations.operation import Answer
from dynrepo.places.queries import PlacedQuery
from dynrepo.places.schema import PlacedSchema, placed_schema_of
from dynrepo.places.shared_table import SharedTable
from dynrepo.places.table_keys import Index, Key
from dynrepo.testing import MemoryStore
from tests.shop import ADA, NOW, ORDER, Customers, Lines, Order, Orders

SCHEMA: PlacedSchema[Order] = placed_schema_of(Order, Orders.place)
f = Orders.fields
OF_ADA = f.user_id == ADA
PARTITION = {"pk": {"S": f"USER#{ADA}"}}


def asked(query: Any) -> str:
    """What a query asks, with names and values in it."""
    request = query.operation(None, None).request
    text = request.get("KeyConditionExpression", "") + " | " + request.get("FilterExpression", "")
    for name, attribute in request.get("ExpressionAttributeNames", {}).items():
        text = text.replace(name, attribute)
    for name, value in request.get("ExpressionAttributeValues", {}).items():
        text = text.replace(name, "".join(value.values()))
    return text


def test_a_query_asks_keys_by_fields() -> None:
    """Of the table, and of an index under the repository's name for it."""
    orders = Orders(MemoryStore())
    whole = f"pk = USER#{ADA} AND begins_with (sk, ORDER#)"
    assert whole in asked(orders.query(OF_ADA))
    one = orders.query((f.number == 7) & (f.placed == NOW) & OF_ADA)
    assert "sk = ORDER#2026-01-02T03:04:05.000006Z#00000007" in asked(one)
    later = orders.query(OF_ADA & (f.placed >= NOW))
    assert "sk BETWEEN ORDER#2026-01-02T03:04:05.000006Z AND ORDER#" in asked(later)
    by_status = orders.query(
        (f.status == "open") & f.placed.startswith("2026-01-02"), index="by_status"
    )
    assert "gsi1pk = STATUS#open#2026-01-02" in asked(by_status)
    assert by_status.operation(None, None).request["IndexName"] == "gsi1"


def test_a_query_says_what_it_lacks() -> None:
    """By the names of fields."""
    orders = Orders(MemoryStore())
    wrong: list[tuple[Any, str]] = [
        (f.placed >= NOW, "`user_id == ...` is missing"),
        (OF_ADA & (f.number == 1), "`placed == ...` is missing"),
        (
            OF_ADA & (f.placed >= NOW) & (f.placed <= NOW),
            "`placed` is compared twice: between",
        ),
        (OF_ADA & f.note.exists(), "the rest belongs in where="),
        (OF_ADA | (f.placed >= NOW), "the rest belongs in where="),
        (OF_ADA & (f.note == "x"), "`note` is no part of the key"),
        (f.user_id != ADA, "the rest belongs in where="),
    ]
    for condition, says in wrong:
        with pytest.raises(ValueError, match=says):
            orders.query(condition)
    with pytest.raises(TypeError, match="expected a condition"):
        orders.query("user")  # type: ignore[arg-type]


def test_what_cannot_match_is_not_asked_for() -> None:
    """No request is sent."""
    store = MemoryStore()  # without a table
    orders = Orders(store)
    never = orders.query(OF_ADA & f.placed.between(NOW, NOW - timedelta(1)))
    assert never.is_empty
    assert never.all() == []
    assert never.first() is None
    assert never.count() == 0
    assert never.page(3).items == []
    assert [list(page) for page in never.pages()] == []


def test_a_scan_reads_one_entity() -> None:
    """By the mark, beside what else is asked."""
    orders = Orders(MemoryStore())
    assert asked(orders.scan()) == " | _et = ORDER"
    assert asked(orders.scan(where=f.note == "x")) == " | (_et = ORDER AND note = x)"


class Unmarked(SharedTable):
    """A table without a mark."""

    table = "unmarked"
    key = Key("pk", "sk")
    gsi = Index("gpk", "sk")


class Thing(BaseModel):
    """One entity of it."""

    id: str
    kind: str = "k"


class Part(Thing):
    """Another."""


class Things(Repository[Thing]):
    """Things."""

    place = Unmarked.place("THING#{id}", "X", by=Unmarked.gsi("KIND#{kind}", "X"))


class Parts(Repository[Part]):
    """Parts, in the same index."""

    place = Unmarked.place("PART#{id}", "X", by=Unmarked.gsi("KIND#{kind}", "X"))


def test_entities_without_a_mark_are_told_by_their_keys() -> None:
    """By what their texts begin with; DynamoDB takes no filter by a key of the query."""
    store = MemoryStore(Things, Parts)
    things, parts = Things(store), Parts(store)
    assert asked(things.scan()) == " | (begins_with (pk, THING#) AND sk = X)"
    by_kind = parts.query(Parts.fields.kind == "k", index="by")
    assert asked(by_kind) == "(gpk = KIND#k AND sk = X) | begins_with (pk, PART#)"
    things.set(Thing(id="1"))
    parts.set_many([Part(id="1"), Part(id="2")])
    assert [part.id for part in by_kind] == ["1", "2"]
    assert by_kind.count() == parts.scan().count() == 2
    assert things.scan().all() == [Thing(id="1")]


def test_rows_that_are_not_as_asked_are_compared_with_their_keys() -> None:
    """Those of another key are errors in their turn."""
    mapper = Orders(MemoryStore()).mapper
    query = PlacedQuery(SCHEMA, SCHEMA.key_schema, OF_ADA, descending=False)
    parse = query.compared(mapper.parse_items)
    assert parse is not None
    rows = [SCHEMA.encode(ORDER.model_copy(update={"number": number})) for number in (7, 8)]

    def parsed(*rows: Any) -> Any:
        return parse(json.dumps({"Items": rows, "Count": len(rows)}).encode())

    assert parsed(*rows)[1] == [ORDER, ORDER.model_copy(update={"number": 8})]
    assert parsed() == ({"Count": 0}, [])
    assert parsed(rows[1], rows[0])[1] == [ORDER.model_copy(update={"number": 8}), ORDER]
    wrong = parsed(rows[0], {**rows[1], "number": {"N": "6"}})[1]
    assert wrong[0] == ORDER
    assert "another key than the stored one" in str(wrong[1])
    lacking = {name: stored for name, stored in rows[0].items() if name != "sk"}
    assert parsed(rows[1], lacking) is None
    assert parsed({**rows[0], "user_id": {"S": str(NOW)}}, rows[1])[1][1].number == 8
    assert parse(b"no json") is None
    assert query.compared(None) is None
    scan = PlacedQuery(SCHEMA, SCHEMA.key_schema, None, descending=False)
    assert scan.compared(mapper.parse_items) is mapper.parse_items


def test_a_stale_row_of_an_index_does_not_send_its_page_to_the_codec(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What an index holds of a row may be of another time: only the table's key makes it wrong."""
    mapper = Orders(MemoryStore()).mapper
    of_day = (f.status == "open") & f.placed.between(NOW, NOW)
    query = PlacedQuery(SCHEMA, SCHEMA.indexes["by_status"], of_day, descending=False)
    parse = query.compared(mapper.parse_items)
    assert parse is not None
    orders = [
        ORDER.model_copy(update={"number": number, "status": status})
        for number, status in ((7, "open"), (8, "paid"), (9, None), (10, "open"))
    ]
    index = {name: SCHEMA.encode(ORDER)[name] for name in ("gsi1pk", "gsi1sk")}
    rows = [{**SCHEMA.encode(order), **index} for order in orders]
    monkeypatch.setattr(SCHEMA, "values", None)  # by which the codec reads
    answer = parse(json.dumps({"Items": rows, "Count": 4}).encode())
    assert answer == ({"Count": 4}, orders)


def test_a_wrong_row_is_an_error_in_its_turn() -> None:
    """Which names the key that it is stored under."""
    orders = Orders(MemoryStore(Orders))
    query = orders.query(OF_ADA)
    row = SCHEMA.encode(ORDER)
    wrong = {**row, "number": {"N": "9"}}
    answer = query.operation(None, None).read(
        Answer({"Items": [row, wrong], "Count": 2, "ScannedCount": 2})
    )
    assert answer.has_errors
    assert answer.rows[0] == ORDER
    assert isinstance(answer.rows[1], CodecError)
    assert answer.rows[1].key == SCHEMA.key(ORDER)


def test_keys_are_read_from_their_texts() -> None:
    """As `get` takes them; not where a form has lost a part."""
    store = MemoryStore(Orders, Customers, Lines)
    orders = Orders(store)
    orders.set(ORDER)
    (key,) = orders.query(OF_ADA).keys()
    assert key == (ADA, NOW, 7)
    assert orders.get(key) == ORDER

    class Folded(Repository[Thing]):
        place = Unmarked.place("FOLDED#{id:lower}", "X", lossy=True)

    with pytest.raises(ValueError, match="id cannot be read from a key"):
        Folded(store).scan().keys()


class Marked(SharedTable):
    """A table with a mark, and an index that stands over a key of the table too."""

    table = "marked"
    key = Key("pk", "sk")
    gsi = Index("gpk", "gsk")
    other = Index("gpk", "sk", name="other")
    mark = "_et"


class Tag(Thing):
    """Like a thing, and told from it by its key."""


class Tags(Repository[Tag]):
    """Tags."""

    place = Marked.place(
        "TAG#{id}",
        "TAG",
        entity="TAG",
        by=Marked.gsi("KIND#{kind}", "{id}"),
        and_by=Marked.other("KIND#{kind}", "TAG"),
    )


class Bag(Thing):
    """In the same indexes."""


class Bags(Repository[Bag]):
    """Bags."""

    place = Marked.place(
        "BAG#{id}",
        "TAG",
        entity="BAG",
        by=Marked.gsi("KIND#{kind}", "{id}"),
        and_by=Marked.other("KIND#{kind}", "TAG"),
    )


def test_an_index_is_filtered_by_the_keys_of_the_table() -> None:
    """Which each index holds, and not by the mark, unless the keys begin alike."""
    tags = Tags(MemoryStore())
    of_kind = Tags.fields.kind == "k"
    by_key = " | (begins_with (pk, TAG#) AND sk = TAG)"
    assert asked(tags.query(of_kind, index="by")) == f"gpk = KIND#k{by_key}"
    assert asked(tags.query(of_kind, index="and_by")).endswith(" | _et = TAG")

    class Short(Repository[Thing]):
        place = Marked.place("TAG#{id}", "S#{kind}#", entity="SHORT", by=Marked.gsi("K", "{kind}"))

    class Long(Repository[Part]):
        place = Marked.place("TAG#{id}", "S#{kind}#L", entity="LONG", by=Marked.gsi("K", "{kind}"))

    for kind, mark in ((Short, "SHORT"), (Long, "LONG")):
        by = kind(MemoryStore()).query(kind.fields.kind == "k", index="by")
        assert asked(by) == f"(gpk = K AND gsk = k) | _et = {mark}"
