"""Several models in a shared table: how rows become instances, and what is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from pydantic import BaseModel

from dynrepo import CodecError, Key, Repository, SharedTable
from dynrepo.operations.collection_mapper import UnknownRow, collected
from dynrepo.operations.operation import Answer
from dynrepo.testing import MemoryStore
from tests.shop import ADA, CUSTOMER, LINE, ORDER, Customers, Lines, Orders
from tests.things import Bares

if TYPE_CHECKING:
    from collections.abc import Mapping

STORE = MemoryStore()
CUSTOMERS, ORDERS, LINES = Customers(STORE), Orders(STORE), Lines(STORE)
OF_ADA = CUSTOMERS.fields.user_id == ADA
UNKNOWN = {"pk": {"S": f"USER#{ADA}"}, "sk": {"S": "ORDERS"}, "x": {"S": "secret"}}
ROWS = [ORDERS.schema.encode(ORDER), UNKNOWN, CUSTOMERS.schema.encode(CUSTOMER)]


class Note(BaseModel):
    """Anything."""

    id: str


class Elsewhere(SharedTable):
    """Another table of the same name."""

    table = "shop"
    key = Key("pk", "sk")


class Notes(Repository[Note]):
    """Notes there."""

    place = Elsewhere.place("N#{id}", "N")


def answers(query: Any, rows: list[Any]) -> tuple[Answer, Answer]:
    """An answer with rows, and the same as a sender makes it of its text."""
    operation = query.operation(None, None)
    body = {"Items": rows, "Count": len(rows), "ScannedCount": len(rows)}
    made = operation.parse(json.dumps(body).encode())
    assert made is not None
    return Answer(body), Answer(made[0], items=made[1])


def read(query: Any, rows: list[Any]) -> list[Any]:
    """The items of an answer, in either way of reading."""
    slow, fast = (query.operation(None, None).read(it) for it in answers(query, rows))
    items = list(query.items_of(slow))
    assert list(query.items_of(fast)) == items
    return items


def test_rows_are_read_by_their_repositories() -> None:
    """In either way of reading."""
    seen: list[Any] = []
    query = CUSTOMERS.query_with(ORDERS, condition=OF_ADA, unknown=seen.append)
    assert read(query, ROWS) == [ORDER, CUSTOMER]
    assert seen == [UNKNOWN, UNKNOWN]
    assert read(query, ROWS[::2]) == [ORDER, CUSTOMER]


def test_an_unknown_row_leaves_the_others_to_the_one_pass() -> None:
    """It alone is read by a codec."""
    fast = answers(CUSTOMERS.query_with(ORDERS, condition=OF_ADA), ROWS)[1]
    assert fast.items is not None
    assert [type(row).__name__ for row in fast.items] == ["Order", "UnknownRow", "Customer"]


def test_an_unknown_row_is_an_error_that_names_no_value() -> None:
    """But for its key, apart."""
    query = CUSTOMERS.query_with(ORDERS, condition=OF_ADA)
    with pytest.raises(CodecError, match=r"^Customer \| Order: a row of shop is of none") as raised:
        read(query, ROWS)
    assert "secret" not in str(raised.value)
    assert raised.value.key == {"pk": UNKNOWN["pk"], "sk": UNKNOWN["sk"]}
    errors: list[CodecError] = []
    query = CUSTOMERS.query_with(ORDERS, condition=OF_ADA, bad_rows=errors.append)
    assert read(query, ROWS) == [ORDER, CUSTOMER]
    assert len(errors) == 2


def test_a_page_of_another_partition_is_left_to_the_codecs() -> None:
    """As is one whose rows are not in order."""
    query = CUSTOMERS.query_with(ORDERS, condition=OF_ADA)
    operation = query.operation(None, None)
    assert operation.parse is not None
    later = ORDERS.schema.encode(ORDER.model_copy(update={"number": 9}))
    for rows in ([later, ROWS[0]], [{**ROWS[0], "user_id": {"S": str(UUID(int=1))}}]):
        body = {"Items": rows, "Count": len(rows), "ScannedCount": len(rows)}
        assert operation.parse(json.dumps(body).encode()) is None


def test_an_upcast_takes_its_own_rows_out_of_the_one_pass() -> None:
    """Whatever it raises is raised by the codec's way."""

    class Older(Orders):
        """Orders with a hook."""

        is_broken = False

        def upcast(self, attributes: dict[str, Any]) -> Mapping[str, Any]:
            """Notes that it ran."""
            if self.is_broken:
                raise KeyboardInterrupt
            return {**attributes, "note": "upcast"}

    older = Older(STORE)
    query = CUSTOMERS.query_with(older, condition=OF_ADA)
    noted = ORDER.model_copy(update={"note": "upcast"})
    assert read(query, ROWS[::2]) == [noted, CUSTOMER]
    older.is_broken = True
    with pytest.raises(KeyboardInterrupt):
        read(query, ROWS)


def test_only_and_keys_are_of_one_model() -> None:
    """So they are refused."""
    query = CUSTOMERS.query_with(ORDERS, condition=OF_ADA)
    with pytest.raises(ValueError, match=r"^Customer \| Order: only\(\) is of a query of one"):
        query.only(Note)
    with pytest.raises(ValueError, match=r"keys\(\) is of a query of one model"):
        query.keys()


def test_what_is_read_together_is_of_one_table_and_store() -> None:
    """Each once."""
    wrong: list[tuple[list[Any], str]] = [
        ([CUSTOMERS], "together with others, each given once"),
        ([CUSTOMERS, Customers(STORE)], "together with others, each given once"),
        ([CUSTOMERS, Orders(MemoryStore())], "Orders and Customers are not of one store"),
        ([CUSTOMERS, Notes(STORE)], "Notes and Customers are not of one shared table"),
        ([CUSTOMERS, Bares(STORE)], "Bares has no place in a shared table"),
        ([Bares(STORE), CUSTOMERS], "Bares has no place in a shared table"),
    ]
    for repositories, says in wrong:
        with pytest.raises(ValueError, match=says):
            collected(repositories)
    for other in (Orders, "orders"):
        with pytest.raises(TypeError, match=r"made as Orders\(store\), not (Orders|str)"):
            collected([CUSTOMERS, other])


def test_what_becomes_of_rows_is_a_word_or_a_plain_function() -> None:
    """Not one that would have to be awaited."""

    async def awaited(_: Any) -> None:
        """Never called."""

    wrong: list[Any] = ["ignore", awaited, 3]
    for unknown in wrong:
        with pytest.raises(TypeError, match="unknown is 'raise', 'skip', or called with what"):
            collected([CUSTOMERS, ORDERS], unknown=unknown)
    with pytest.raises(TypeError, match="bad_rows is called with a CodecError"):
        collected([CUSTOMERS, ORDERS], bad_rows=awaited)

    def late(row: Any) -> Any:
        return awaited(row)

    query = CUSTOMERS.query_with(ORDERS, condition=OF_ADA, unknown=late)
    with pytest.raises(TypeError, match="unknown returned a coroutine"):
        read(query, ROWS)


def test_the_models_of_a_row_of_none_can_be_added() -> None:
    """Then it is one of theirs, or none of the partition."""
    with pytest.raises(ValueError, match="Line's 'LINES#"):
        CUSTOMERS.query_with(LINES, condition=OF_ADA)
    mapper = collected([CUSTOMERS, ORDERS])
    with pytest.raises(UnknownRow) as raised:
        mapper.decode(LINES.schema.encode(LINE))
    assert raised.value.item == LINES.schema.encode(LINE)
    assert mapper.visible(UNKNOWN)
    assert not mapper.of_known().visible(UNKNOWN)
    assert mapper.without_expired(ROWS) == ROWS
