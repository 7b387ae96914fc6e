"""A partition as one value for each of several repositories."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from dynrepo import CodecError, Group, Index, Key, Repository, SharedTable, many, one
from dynrepo.operations.grouping import grouping
from dynrepo.operations.operation import Answer, Operation
from dynrepo.operations.program import Together
from dynrepo.testing import MemoryStore
from tests.places.test_queries import asked
from tests.shop import ADA, CUSTOMER, ORDER, Customers, Orders

STORE = MemoryStore()
CUSTOMERS, ORDERS = Customers(STORE), Orders(STORE)
OF_ADA = CUSTOMERS.fields.user_id == ADA
ORDERS_OF_ADA = [ORDER.model_copy(update={"number": number}) for number in range(1, 6)]


class Office(SharedTable):
    """A table whose models name the same things in their own ways."""

    table = "office"
    key = Key("pk", "sk")
    gsi1 = Index("gsi1pk", "gsi1sk")
    mark = "_et"


class Task(BaseModel):
    """Has parts."""

    team: str
    number: int
    day: str = ""


class Part(BaseModel):
    """Belongs to a task."""

    group: str
    of: int
    at: str = ""
    name: str = ""


class Tasks(Repository[Task]):
    """Tasks."""

    place = Office.place(
        "TEAM#{team}", "T#{number:04d}", entity="TASK", by_day=Office.gsi1("D#{day}", "{team}")
    )


class Parts(Repository[Part]):
    """Parts."""

    place = Office.place(
        "TEAM#{group}",
        "T#{of:04d}#{name}",
        entity="PART",
        when=Office.gsi1("D#{at}", "{group}"),
    )


TASKS, PARTS = Tasks(STORE), Parts(STORE)
OF_TEAM = TASKS.fields.team == "a"


def program(*groups: Group[Any], condition: Any = OF_ADA, **options: Any) -> Any:
    """The program of a grouped read."""
    first = groups[0].repository
    options = {"index": None, "unknown": "raise", "consistent": False, **options}
    index, unknown = options.pop("index"), options.pop("unknown")
    return grouping(first, groups, condition, index, unknown, **options).program()


def answer(*items: Any, **more: Any) -> Answer:
    """An answer with items of either repository."""
    schemas = {type(item): kind.schema for item, kind in ((CUSTOMER, CUSTOMERS), (ORDER, ORDERS))}
    rows = [schemas[type(item)].encode(item) for item in items]
    body = {"Items": rows, "Count": len(rows), "ScannedCount": len(rows), **more}
    return Answer(body)


def ended(running: Any, *answers: Answer) -> Any:
    """What a program returns, which asks for nothing more than there are answers."""
    operation = next(running)
    try:
        for each in answers:
            operation = running.send(operation.read(each))
    except StopIteration as end:
        return end.value
    raise AssertionError(operation)


def queries(running: Any) -> list[str]:
    """What a program asks at once."""
    command = next(running)
    assert isinstance(command, Together)
    operations = [next(each) for each in command.programs]
    assert all(isinstance(operation, Operation) for operation in operations)
    return [asked(_Sent(operation)) for operation in operations]


class _Sent:
    """An operation in the place of the query that makes it."""

    def __init__(self, operation: Operation[Any]) -> None:
        self.operation = lambda *_: operation


def test_one_query_is_told_apart() -> None:
    """Page after page."""
    running = program(one(CUSTOMERS), many(ORDERS))
    last = {"LastEvaluatedKey": {"pk": {"S": "x"}, "sk": {"S": "x"}}}
    pages = answer(*ORDERS_OF_ADA[:3], **last), answer(*ORDERS_OF_ADA[3:], CUSTOMER)
    assert ended(running, *pages) == (CUSTOMER, ORDERS_OF_ADA)
    assert ended(program(one(CUSTOMERS), many(ORDERS)), answer()) == (None, [])
    both = program(many(ORDERS), one(CUSTOMERS), condition=ORDERS.fields.user_id == ADA)
    assert ended(both, answer(ORDER)) == ([ORDER], None)


def test_two_in_the_place_of_one_are_an_error() -> None:
    """Whose key is that of the second."""
    running = program(one(CUSTOMERS), one(ORDERS))
    with pytest.raises(CodecError, match=r"^Order: one item is asked for, and there is") as raised:
        ended(running, answer(*ORDERS_OF_ADA))
    assert raised.value.key == ORDERS.schema.key(ORDERS_OF_ADA[1])


def test_an_unknown_row_is_what_the_caller_says() -> None:
    """As in a query of several models."""
    stranger = {"Items": [{"pk": {"S": "x"}}], "Count": 1, "ScannedCount": 1}
    with pytest.raises(CodecError, match="is of none of them"):
        ended(program(one(CUSTOMERS), many(ORDERS)), Answer(stranger))
    rows: list[Any] = []
    running = program(one(CUSTOMERS), many(ORDERS), unknown=rows.append)
    assert ended(running, Answer(stranger)) == (None, [])
    assert rows == stranger["Items"]


def test_the_latest_are_asked_for_by_queries_of_each() -> None:
    """From the end of their keys; of the only one another is looked for."""
    running = program(one(CUSTOMERS), many(ORDERS, latest=3))
    command = next(running)
    of_customers, of_orders = command.programs
    first, second = next(of_customers), next(of_orders)
    assert asked(_Sent(first)) == f"(pk = USER#{ADA} AND sk = PROFILE) | "
    assert asked(_Sent(second)) == f"(pk = USER#{ADA} AND begins_with (sk, ORDER#)) | "
    assert (first.request["Limit"], first.request["ScanIndexForward"]) == (2, True)
    assert (second.request["Limit"], second.request["ScanIndexForward"]) == (3, False)
    found = [
        ended(_begun(of_customers, first), answer(CUSTOMER)),
        ended(_begun(of_orders, second), answer(*ORDERS_OF_ADA[:1:-1])),
    ]
    assert found == [[CUSTOMER], ORDERS_OF_ADA[2:]]
    with pytest.raises(StopIteration) as end:
        running.send(found)
    assert end.value.value == (CUSTOMER, ORDERS_OF_ADA[2:])


def _begun(running: Any, operation: Operation[Any]) -> Any:
    """A program that has asked for its first operation, as one that has not."""

    def again() -> Any:
        result = yield operation
        while True:
            try:
                result = yield running.send(result)
            except StopIteration as end:
                return end.value

    return again()


def test_a_condition_is_asked_in_the_fields_of_each() -> None:
    """Whatever they are called, also in an index."""
    of_task = OF_TEAM & (TASKS.fields.number == 7)
    found = queries(program(one(TASKS), many(PARTS, latest=2), condition=of_task))
    assert found[0].startswith("(pk = TEAM#a AND sk = T#0007) | ")
    assert found[1].startswith("(pk = TEAM#a AND begins_with (sk, T#0007#)) | ")
    ranged = OF_TEAM & TASKS.fields.number.between(3, 7)
    found = queries(program(many(TASKS), many(PARTS, latest=2), condition=ranged))
    assert "sk BETWEEN T#0003 AND T#0007)" in found[0]
    assert "sk BETWEEN T#0003 AND T#0007#\U0010ffff)" in found[1]
    by_day = program(
        many(TASKS), many(PARTS, latest=2), condition=TASKS.fields.day == "x", index="by_day"
    )
    assert [text.partition(" |")[0] for text in queries(by_day)] == ["gsi1pk = D#x"] * 2


def test_groups_are_of_repositories_that_are_read_together() -> None:
    """The first of the one that reads."""
    wrong: list[tuple[list[Any], str]] = [
        ([], "Customers.grouped begins with a group of its own"),
        ([many(ORDERS), one(CUSTOMERS)], "Customers.grouped begins with a group of its own"),
        ([one(CUSTOMERS)], "together with others, each given once"),
        ([one(CUSTOMERS), one(CUSTOMERS)], "together with others, each given once"),
        ([one(CUSTOMERS), many(Orders(MemoryStore()))], "not of one store"),
    ]
    for groups, says in wrong:
        with pytest.raises(ValueError, match=says):
            grouping(CUSTOMERS, groups, OF_ADA, None, "raise", consistent=False)
    with pytest.raises(TypeError, match=r"takes one\(users\) and many\(orders\), not Orders"):
        grouping(CUSTOMERS, [one(CUSTOMERS), ORDERS], OF_ADA, None, "raise", consistent=False)

    class Others(Repository[Task]):
        """The same model in another place."""

        place = Office.place("TEAM#{team}", "OTHER", entity="OTHER")

    with pytest.raises(ValueError, match="two groups are of Task"):
        program(one(TASKS), one(Others(STORE)), condition=OF_TEAM)


def test_the_latest_are_counted() -> None:
    """From one."""
    with pytest.raises(ValueError, match="latest counts items: at least 1, not 0"):
        many(ORDERS, latest=0)
    wrong: Any = "3"
    with pytest.raises(TypeError, match="a count is an int"):
        many(ORDERS, latest=wrong)
