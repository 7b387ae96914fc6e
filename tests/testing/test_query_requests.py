"""Query and Scan in memory: pages, filters, indexes, segments."""

from __future__ import annotations

from typing import Any

import pytest
from pynamodb.expressions.operand import Path, Value

from dynrepo import OutcomeUnknown, StoreError
from dynrepo.testing.memory import MemoryStore
from models.document import Document, Documents
from tests.testing.rows import Rows, key, put, send
from tests.testing.test_tables import DEFINITION

IN_X = Path("p") == Value({"S": "x"})
BACKWARDS = Path("s").between(Value({"N": "2"}), Value({"N": "1"}))
B_EXISTS = {"FilterExpression": Path("b").exists()}
ONLY_B = {"ProjectionExpression": (Path("b"),)}
BLUE = {"KeyConditionExpression": Path("g") == Value({"S": "blue"})}


@pytest.fixture
def store() -> MemoryStore:
    """A table with an index that has all, one that has some, and one that has the keys."""
    made = MemoryStore()
    definition = {**DEFINITION, "TableName": "rows"}
    (some,) = DEFINITION["GlobalSecondaryIndexes"]
    indexes = [some, {**some, "IndexName": "by_g_all", "Projection": {"ProjectionType": "ALL"}}]
    send(made, "CreateTable", **{**definition, "GlobalSecondaryIndexes": indexes})
    for sort in (1, 2, 3):
        put(made, s={"N": str(sort)}, g={"S": "blue"}, a={"S": "x"}, b={"N": str(sort)})
    return made


def sorts(body: Any) -> list[str]:
    """The sort keys of a page."""
    return [item["s"]["N"] for item in body["Items"]]


def query(store: MemoryStore, trees: dict[str, Any] | None = None, **options: Any) -> Any:
    """A page of a query of one partition."""
    trees = {"KeyConditionExpression": IN_X, **(trees or {})}
    return send(store, "Query", trees, TableName="rows", **options)


def test_a_query_reads_a_partition_in_order(store: MemoryStore) -> None:
    """Or backwards."""
    assert sorts(query(store)) == ["1", "2", "3"]
    assert sorts(query(store, ScanIndexForward=False)) == ["3", "2", "1"]


def test_pages_follow_each_other(store: MemoryStore) -> None:
    """Each from the last key of the one before; the last has none."""
    first = query(store, Limit=2)
    assert (sorts(first), first["LastEvaluatedKey"]) == (["1", "2"], key(2))
    second = query(store, Limit=2, ExclusiveStartKey=first["LastEvaluatedKey"])
    assert (sorts(second), "LastEvaluatedKey" in second) == (["3"], False)


def test_a_filter_hides_what_was_read(store: MemoryStore) -> None:
    """It is counted as read, and limits count what is read."""
    where = {"FilterExpression": Path("b") > Value({"N": "2"})}
    page = query(store, where, Limit=2)
    assert (sorts(page), page["Count"], page["ScannedCount"]) == ([], 0, 2)
    assert sorts(query(store, where)) == ["3"]


def test_a_count_has_no_items(store: MemoryStore) -> None:
    """Only their number."""
    page = query(store, Select="COUNT")
    assert (page["Count"], "Items" in page) == (3, False)


def test_a_projection_gives_parts(store: MemoryStore) -> None:
    """Of each item."""
    page = query(store, {"ProjectionExpression": (Path("b"),)}, Limit=1)
    assert page["Items"] == [{"b": {"N": "1"}}]


def test_an_index_gives_what_it_has(store: MemoryStore) -> None:
    """All, or keys and what is included."""
    (some, *_) = send(store, "Query", BLUE, TableName="rows", IndexName="by_g")["Items"]
    assert some.keys() == {"p", "s", "g", "a"}
    (whole, *_) = send(store, "Query", BLUE, TableName="rows", IndexName="by_g_all")["Items"]
    assert whole.keys() == {"p", "s", "g", "a", "b"}


def test_a_scan_of_an_index_finds_nothing_of_what_it_has_not(store: MemoryStore) -> None:
    """It reads the items, and the filter sees no more of them than the index has."""
    where = {"FilterExpression": Path("b").exists()}
    page = send(store, "Scan", where, TableName="rows", IndexName="by_g")
    assert (page["Count"], page["ScannedCount"]) == (0, 3)


def test_a_local_index_gives_the_rest_from_its_table(store: MemoryStore) -> None:
    """Where it is asked for; else only what it has."""
    put(store, l={"B": "AA=="}, b={"N": "7"})

    def item(trees: Any = None, **options: Any) -> Any:
        return query(store, trees, IndexName="by_l", **options)["Items"][0]

    assert item().keys() == {"p", "s", "l"}
    assert item(Select="ALL_PROJECTED_ATTRIBUTES").keys() == {"p", "s", "l"}
    assert item(Select="ALL_ATTRIBUTES").keys() == {"p", "s", "l", "b"}
    assert item({"ProjectionExpression": (Path("b"),)}) == {"b": {"N": "7"}}


def test_a_local_index_can_be_read_consistently(store: MemoryStore) -> None:
    """It has only the items with its sort key."""
    put(store, l={"B": "AA=="})
    page = query(store, IndexName="by_l", ConsistentRead=True)
    assert sorts(page) == ["1"]


@pytest.mark.parametrize(
    ("name", "trees", "options"),
    [
        ("Query", {}, {}),
        ("Query", {"KeyConditionExpression": IN_X}, {"Limit": 0}),
        ("Query", {"KeyConditionExpression": IN_X}, {"ExclusiveStartKey": key(1, "y")}),
        ("Query", {"KeyConditionExpression": IN_X, "FilterExpression": Path("s").exists()}, {}),
        ("Query", BLUE, {"IndexName": "by_g", "ConsistentRead": True}),
        ("Query", BLUE, {"IndexName": "by_g", "Select": "ALL_ATTRIBUTES"}),
        ("Query", BLUE | B_EXISTS, {"IndexName": "by_g"}),
        ("Query", {"KeyConditionExpression": IN_X} | B_EXISTS, {"IndexName": "by_l"}),
        ("Query", BLUE | ONLY_B, {"IndexName": "by_g"}),
        ("Scan", ONLY_B, {"IndexName": "by_g"}),
        ("Scan", ONLY_B, {"Select": "COUNT"}),
        ("Scan", {}, {"Select": "SPECIFIC_ATTRIBUTES"}),
        ("Scan", {}, {"Select": "ALL_PROJECTED_ATTRIBUTES"}),
        ("Scan", {}, {"Segment": 0}),
        ("Scan", {}, {"TotalSegments": 2}),
        ("Scan", {}, {"Segment": 0, "TotalSegments": 1_000_001}),
        ("Query", {"KeyConditionExpression": Path("p") == Path("s")}, {}),
        ("Query", {"KeyConditionExpression": IN_X & BACKWARDS}, {}),
        ("Scan", {}, {"IndexName": "by_h"}),
        ("Scan", {}, {"Segment": 2, "TotalSegments": 2}),
        ("Scan", {}, {"ExclusiveStartKey": {"p": {"S": "x"}}}),
        ("Scan", {"FilterExpression": Path("b") < Value({"NULL": True})}, {}),
    ],
)
def test_a_request_that_is_not_valid_is_refused(
    store: MemoryStore, name: str, trees: dict[str, Any], options: dict[str, Any]
) -> None:
    """With the code of DynamoDB."""
    with pytest.raises(StoreError, match=r"ValidationException|no index by_h"):
        send(store, name, trees, TableName="rows", **options)


def test_the_text_alone_of_an_expression_is_not_understood(store: MemoryStore) -> None:
    """No expression is parsed: a request without the tree is a fault of the library."""
    with pytest.raises(OutcomeUnknown, match="TypeError"):
        send(store, "Scan", TableName="rows", FilterExpression="a = :0")


def test_a_page_ends_at_a_megabyte() -> None:
    """Without a limit too, and the next page goes on."""
    documents = Documents(MemoryStore(Documents))
    documents.set_many(Document(name=str(n), text="x" * 300_000) for n in range(5))
    assert [len(page) for page in documents.scan().pages()] == [4, 1]


def test_segments_share_a_scan() -> None:
    """Every item is in one of them, whatever their number."""
    documents = Documents(MemoryStore(Documents))
    names = {str(n) for n in range(50)}
    documents.set_many(Document(name=name) for name in names)
    for total in (1, 3, 7):
        parts = [documents.scan(segment=(n, total)).all() for n in range(total)]
        assert sorted(document.name for part in parts for document in part) == sorted(names)
        assert total == 1 or max(map(len, parts)) < len(names)


def test_rows_are_in_a_scan_of_their_table(store: MemoryStore) -> None:
    """All of them, a repository's too."""
    assert len(Rows(store).scan().all()) == 3
