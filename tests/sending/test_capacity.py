"""Whether an engine tells consumed capacity, and so whether an empty answer is one."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel

from dynrepo import (
    Answer,
    DynamoStore,
    DynrepoError,
    OutcomeUnknown,
    PartitionKey,
    Repository,
    Unavailable,
)
from dynrepo.operations.operation import Operation, nothing
from dynrepo.sending.capacity import ConsumedCapacity, capacity_probe
from tests.loopback import Loopback, answer

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from tests.loopback import Received


class Row(BaseModel):
    """A row."""

    id: Annotated[str, PartitionKey()]
    n: int = 0


class Rows(Repository[Row]):
    """Rows."""

    table = "rows"


class Engine:
    """An engine over HTTP, whose answers have what is left of them."""

    def __init__(self, leave: Callable[[str, dict[str, Any]], dict[str, Any]]) -> None:
        self.asked: list[str] = []
        self._items: dict[str, Any] = {}
        self._leave = leave

    def __call__(self, connection: socket.socket, request: Received) -> None:
        """Answers a request."""
        name = request.headers["x-amz-target"].partition(".")[2]
        self.asked.append(name)
        body = getattr(self, name)(request.json)
        connection.sendall(answer(self._leave(name, {**body, "ConsumedCapacity": {}})))

    def GetItem(self, request: Any) -> dict[str, Any]:  # noqa: N802 - as DynamoDB names it
        """An item."""
        found = self._items.get(request["Key"]["id"]["S"])
        return {} if found is None else {"Item": found}

    def PutItem(self, request: Any) -> dict[str, Any]:  # noqa: N802
        """Puts an item."""
        self._items[request["Item"]["id"]["S"]] = request["Item"]
        return {}

    def DeleteItem(self, request: Any) -> dict[str, Any]:  # noqa: N802
        """Deletes an item."""
        found = self._items.pop(request["Key"]["id"]["S"], None)
        return {} if found is None else {"Attributes": found}

    def BatchWriteItem(self, _: Any) -> dict[str, Any]:  # noqa: N802
        """Leaves nothing to do, and does nothing."""
        return {}

    def BatchGetItem(self, _: Any) -> dict[str, Any]:  # noqa: N802
        """Finds nothing."""
        return {"Responses": {"rows": []}}

    def TransactWriteItems(self, _: Any) -> dict[str, Any]:  # noqa: N802
        """Says that it is done."""
        return {}

    def Scan(self, _: Any) -> dict[str, Any]:  # noqa: N802
        """Finds nothing."""
        return {"Items": [], "Count": 0, "ScannedCount": 0}


def untold(_: str, body: dict[str, Any]) -> dict[str, Any]:
    """An answer without consumed capacity."""
    body.pop("ConsumedCapacity", None)
    return body


VERBS: dict[str, tuple[Callable[[Rows], Any], Any]] = {
    "get": (lambda rows: rows.get("x"), None),
    "exists": (lambda rows: rows.exists("x"), False),
    "create": (lambda rows: rows.create(Row(id="a")), Row(id="a")),
    "set": (lambda rows: rows.set(Row(id="a")), Row(id="a")),
    "delete": (lambda rows: rows.delete("x"), None),
    "set_many": (lambda rows: rows.set_many([Row(id="a")]), None),
    "get_many": (lambda rows: rows.get_many(["x"]), [None]),
}


@pytest.mark.parametrize("transport", ["auto", "botocore"])
@pytest.mark.parametrize("first", VERBS)
def test_an_engine_that_tells_none_is_believed(transport: Any, first: str) -> None:
    """Whatever is asked first: it is asked about capacity once, and never again."""
    engine = Engine(untold)
    with Loopback(engine) as server:
        store = DynamoStore(endpoint=server.url, region="eu-west-1", transport=transport)
        rows = Rows(store, instruments=[])
        call, expected = VERBS[first]
        assert call(rows) == expected
        for call, _ in VERBS.values():
            call(rows)
        store.close()
    assert engine.asked.count("Scan") == 1


def test_a_transaction_of_an_engine_that_tells_none_is_done() -> None:
    """It has nothing else to say."""
    engine = Engine(untold)
    with Loopback(engine) as server:
        store = DynamoStore(endpoint=server.url, region="eu-west-1")
        rows = Rows(store)
        with rows.transaction() as tx:
            tx.set(rows, Row(id="t"))
        store.close()
    assert engine.asked == ["TransactWriteItems", "Scan"]


@pytest.mark.parametrize("transport", ["auto", "botocore"])
@pytest.mark.parametrize("told_before", [True, False])
def test_where_it_is_told_an_empty_answer_has_lost_its_members(
    transport: Any, *, told_before: bool
) -> None:
    """Also as the first one of all: the engine is asked then, and its answer is not lost."""
    losing = not told_before

    def lossy(name: str, body: dict[str, Any]) -> dict[str, Any]:
        return {} if losing and name in ("GetItem", "PutItem") else body

    with Loopback(Engine(lossy)) as server:
        store = DynamoStore(endpoint=server.url, region="eu-west-1", transport=transport)
        rows = Rows(store, instruments=[])
        if told_before:
            rows.set(Row(id="a"))
            losing = True
        with pytest.raises(Unavailable, match="AnswerBroken"):
            rows.get("a")
        with pytest.raises(OutcomeUnknown, match="AnswerBroken"):
            rows.set(Row(id="a"))
        losing = False
        assert rows.get("a") == Row(id="a")
        store.close()


def test_what_answers_everything_with_nothing_is_no_engine() -> None:
    """A proxy that says `{}` to whatever it is asked has stored nothing, and found nothing."""
    with Loopback(Engine(lambda _, __: {})) as server:
        store = DynamoStore(endpoint=server.url, region="eu-west-1", attempts=1)
        with pytest.raises(Unavailable):
            Rows(store).get("a")
        with pytest.raises(OutcomeUnknown):
            Rows(store).set(Row(id="a"))
        store.close()


class Guarded(Engine):
    """One whose roles may not scan."""

    def __call__(self, connection: socket.socket, request: Received) -> None:
        """Answers a request."""
        if request.headers["x-amz-target"].endswith(".Scan"):
            self.asked.append("Scan")
            connection.sendall(answer({"__type": self.code}, status=400))
        else:
            super().__call__(connection, request)

    code = "com.amazon.coral.service#AccessDeniedException"


@pytest.mark.parametrize("transport", ["auto", "botocore"])
def test_where_nothing_may_be_scanned_an_item_shows_what_is_told(transport: Any) -> None:
    """A whole answer that has no capacity is enough, where the engine cannot be asked."""
    engine = Guarded(untold)
    with Loopback(engine) as server:
        store = DynamoStore(endpoint=server.url, region="eu-west-1", transport=transport)
        rows = Rows(store, instruments=[])
        with pytest.raises(OutcomeUnknown):
            rows.set(Row(id="a"))  # nothing is known yet
        assert rows.get("a") == Row(id="a")
        for call, expected in VERBS.values():
            assert call(rows) == expected
        store.close()
    assert engine.asked.count("Scan") <= 3


def test_where_an_engine_cannot_be_asked_for_a_moment_nothing_is_known() -> None:
    """Throttled, it may tell capacity all the same."""
    engine = Guarded(untold)
    engine.code = "com.amazonaws.dynamodb.v20120810#ThrottlingException"
    with Loopback(engine) as server:
        store = DynamoStore(endpoint=server.url, region="eu-west-1", attempts=1)
        rows = Rows(store)
        with pytest.raises(OutcomeUnknown):
            rows.set(Row(id="a"))
        assert rows.get("a") == Row(id="a")
        with pytest.raises(Unavailable):
            rows.get("x")
        store.close()


@pytest.mark.parametrize("verb", ["get", "create", "set", "delete", "set_many"])
def test_what_is_asked_in_vain_is_one_of_the_attempts(verb: str) -> None:
    """A call sends as many requests as it may, whatever they are."""
    engine = Guarded(untold)
    with Loopback(engine) as server:
        store = DynamoStore(endpoint=server.url, region="eu-west-1", attempts=4)
        with suppress(DynrepoError):  # a create is seen to be done
            VERBS[verb][0](Rows(store))
        store.close()
    assert "Scan" in engine.asked
    assert len(engine.asked) <= 4


def test_told_once_is_told() -> None:
    """Whatever answer lacks it afterwards."""
    capacity = ConsumedCapacity()
    assert not capacity.is_known
    capacity.learn(Answer({"Count": 0}))
    assert capacity.is_known
    assert not capacity.is_told
    capacity.learn(Answer({"ConsumedCapacity": {}}))
    capacity.learn(Answer({"Count": 0}))
    assert capacity.is_told


def test_the_probe_reads_the_table_of_the_request() -> None:
    """The first one of a transaction; in the time that a probe has."""
    get: Operation[Any] = Operation("GetItem", "rows", {}, nothing, deadline=1.0)
    assert capacity_probe(get).request == {"TableName": "rows", "Limit": 1}
    assert capacity_probe(get).deadline == 1.0
    both: Operation[Any] = Operation("TransactWriteItems", "rows,more", {}, nothing, parts=(get,))
    assert capacity_probe(both).table == "rows"
