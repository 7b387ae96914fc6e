"""Tables in memory keep their items, and those of their indexes, in the order of the keys."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from dynrepo.sending.outcomes import Refused
from dynrepo.testing.memory import MemoryStore
from dynrepo.testing.rules import admitted
from dynrepo.testing.tables import MemoryTable
from dynrepo.testing.tables import Row as TableRow
from tests.testing.rows import Row, Rows, key

DEFINITION: dict[str, Any] = {
    "TableName": "things",
    "AttributeDefinitions": [
        {"AttributeName": name, "AttributeType": kind}
        for name, kind in {"p": "S", "s": "N", "g": "S", "l": "B"}.items()
    ],
    "KeySchema": [
        {"AttributeName": "p", "KeyType": "HASH"},
        {"AttributeName": "s", "KeyType": "RANGE"},
    ],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "by_g",
            "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a"]},
        }
    ],
    "LocalSecondaryIndexes": [
        {
            "IndexName": "by_l",
            "KeySchema": [
                {"AttributeName": "p", "KeyType": "HASH"},
                {"AttributeName": "l", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        }
    ],
}


@pytest.fixture
def table() -> MemoryTable:
    """A table with an index of each kind."""
    return MemoryTable(DEFINITION)


def stored(table: MemoryTable, sort: int, **attributes: Any) -> Any:
    """Puts an item; where it stands."""
    item, size = admitted({**key(sort), **attributes})
    position = table.keys.position(item)
    table.put(position, item, size)
    return position


def sorts(table: MemoryTable, index: str | None = None) -> list[str]:
    """The sort keys in a table or an index, in their order."""
    view = table.view(index)
    return [view.rows[position].item["s"]["N"] for position in view.order]


def test_items_are_in_the_order_of_their_keys(table: MemoryTable) -> None:
    """However they came."""
    for sort in (10, -1, 2):
        stored(table, sort)
    assert sorts(table) == ["-1", "2", "10"]


def test_an_item_is_replaced_and_removed(table: MemoryTable) -> None:
    """In the indexes too, which have only what has their keys."""
    position = stored(table, 1, g={"S": "blue"}, l={"B": "AA=="})
    stored(table, 2)
    assert (sorts(table, "by_g"), sorts(table, "by_l")) == (["1"], ["1"])
    small = table.size(position)
    stored(table, 1, g={"S": "red"}, a={"S": "x" * 100})
    assert (sorts(table, "by_g"), sorts(table, "by_l")) == (["1"], [])
    assert table.size(position) > small
    table.remove(position)
    table.remove(position)
    assert (sorts(table), sorts(table, "by_g")) == (["2"], [])
    assert (table.get(position), table.size(position)) == (None, 0)


def test_an_index_has_the_attributes_it_projects(table: MemoryTable) -> None:
    """The keys of both, and what it includes; None for all."""
    assert table.indexes["by_g"].projection == frozenset({"p", "s", "g", "a"})
    assert table.indexes["by_l"].projection == frozenset({"p", "s", "l"})
    assert (table.indexes["by_g"].local, table.indexes["by_l"].local) == (False, True)
    assert MemoryTable({**DEFINITION, "LocalSecondaryIndexes": None}).indexes.keys() == {"by_g"}


def test_an_index_key_of_another_type_is_refused(table: MemoryTable) -> None:
    """Before it is stored."""
    table.check(admitted({**key(), "g": {"S": "blue"}})[0])
    with pytest.raises(Refused):
        table.check(admitted({**key(), "g": {"N": "1"}})[0])


def test_an_index_key_has_the_length_of_its_part() -> None:
    """2,048 bytes for the partition, 1,024 for the sort key."""
    (by_g,) = DEFINITION["GlobalSecondaryIndexes"]
    schema = [*by_g["KeySchema"], {"AttributeName": "l", "KeyType": "RANGE"}]
    both = MemoryTable({**DEFINITION, "GlobalSecondaryIndexes": [{**by_g, "KeySchema": schema}]})
    long = {"g": {"S": "x" * 2048}, "l": {"B": b64encode(bytes(1024)).decode()}}
    both.check({**key(), **long})
    for wrong in ({"g": {"S": "x" * 2049}}, {"l": {"B": b64encode(bytes(1025)).decode()}}):
        with pytest.raises(Refused, match="size limit"):
            both.check({**key(), **long, **wrong})


@pytest.mark.parametrize(
    "wrong",
    [{"p": {"S": "x"}}, {**key(), "a": {"S": "x"}}, {"p": {"N": "1"}, "s": {"N": "1"}}],
    ids=str,
)
def test_a_key_must_be_the_key(table: MemoryTable, wrong: dict[str, Any]) -> None:
    """All of it, nothing but it, of its types."""
    with pytest.raises(Refused) as caught:
        table.position(wrong)
    assert "does not match the schema" in caught.value.response["Error"]["Message"]
    with pytest.raises(Refused) as caught:
        table.position(key(partition=""))
    assert "empty" in caught.value.response["Error"]["Message"]


def test_a_read_goes_on_after_a_key(table: MemoryTable) -> None:
    """Of the table or of an index, whether or not an item stands there."""
    position = stored(table, 1, g={"S": "blue"})
    item = table.get(position)
    assert item is not None
    for name in (None, "by_g"):
        view = table.view(name)
        last = table.last(view, item)
        assert table.start(view, last) == view.order[0]
        assert table.start(view, None) is None
    assert table.start(table.items, key(7)) not in table.items.rows


@pytest.mark.parametrize("wrong", [{"p": {"S": "x"}}, {"p": {"N": "1"}, "s": {"N": "1"}}], ids=str)
def test_a_foreign_start_key_is_refused(table: MemoryTable, wrong: dict[str, Any]) -> None:
    """One that no item could have."""
    with pytest.raises(Refused) as caught:
        table.start(table.items, wrong)
    assert "starting key is invalid" in caught.value.response["Error"]["Message"]


def test_what_is_not_defined_is_refused(table: MemoryTable) -> None:
    """An index, and a key without a type."""
    with pytest.raises(Refused):
        table.view("by_h")
    with pytest.raises(Refused):
        MemoryTable({**DEFINITION, "AttributeDefinitions": []})


def test_an_index_holds_what_has_its_keys() -> None:
    """An item without the attribute is not in it, and leaves it with the attribute."""
    rows = Rows(MemoryStore(Rows))
    rows.set(Row(p="x", s=1, g="blue"))
    rows.set(Row(p="x", s=2))
    blue = rows.query(Rows.fields.g == "blue", index="by_g")
    assert [row.s for row in blue] == [1]
    rows.update(("x", 1), Rows.fields.g.remove())
    assert blue.all() == []


@pytest.mark.parametrize(
    ("before", "after", "sizes"),
    [
        ({}, {"g": {"S": "x"}}, [7]),
        ({"g": {"S": "x"}}, {}, [7]),
        ({"g": {"S": "x"}}, {"g": {"S": "yy"}}, [7, 8]),
        ({"g": {"S": "x"}, "a": {"S": "1"}}, {"g": {"S": "x"}, "a": {"S": "22"}}, [10]),
        ({"g": {"S": "x"}, "b": {"S": "1"}}, {"g": {"S": "x"}, "b": {"S": "22"}}, []),
        ({"g": {"S": "x"}, "l": {"B": "eA=="}}, None, [7, 7]),
        (None, {}, []),
    ],
)
def test_an_index_is_written_where_what_it_has_of_an_item_changes(
    table: MemoryTable, before: Any, after: Any, sizes: list[int]
) -> None:
    """Once for each item that enters, changes or leaves, and twice where its key there changes."""
    position = table.keys.position(key(1))
    if before is not None:
        stored(table, 1, **before)
    new = None if after is None else TableRow(*admitted({**key(1), **after}))
    assert table.sizes_written(position, new) == sizes
