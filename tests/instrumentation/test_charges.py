"""What a call consumed is told of the partition keys that it is of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel

from dynrepo import Answer, Call, Location, Operation, PartitionKey, Repository, SortKey, Throttled
from dynrepo.instrumentation.charges import charges_of

if TYPE_CHECKING:
    from collections.abc import Callable


class Post(BaseModel):
    """A text of somebody's, found by its topic; its partition key is not its first field."""

    text: str = ""
    topic: Annotated[str, PartitionKey(index="by_topic")] = "all"
    number: Annotated[int, SortKey()]
    author: Annotated[str, PartitionKey()]


class Topic(BaseModel):
    """What posts are about."""

    title: str = ""
    name: Annotated[str, PartitionKey()]


class Topics(Repository[Topic]):
    """All topics."""

    table = "topics"
    unique = ("title",)


class Posts(Repository[Post]):
    """All posts."""

    table = "posts"


class TellingStore:
    """Answers each operation by a body that the test makes for it; keeps what was consumed."""

    table_prefix = ""
    deadline = 10.0
    location = Location()

    def __init__(self, body: Callable[[Operation[Any]], dict[str, Any]]) -> None:
        self.body = body
        self.charged: list[tuple[str, str | None, str, float]] = []

    def sleep(self, _seconds: float, /) -> None:
        """Does not wait."""

    def execute(self, operation: Operation[Any], /) -> Answer:
        """Answers, and looks at what such a call consumed."""
        answer = Answer(self.body(operation))
        call = Call(operation, Location, answer=answer)
        for keyspace, key, units in charges_of(call):
            self.charged.append((*keyspace, next(iter(key.values())), units))
        return answer


def of(table: str, units: float) -> dict[str, Any]:
    """What a table consumed."""
    return {"TableName": table, "CapacityUnits": units}


def posts(consumed: Any, **body: Any) -> tuple[Posts, TellingStore]:
    """A repository whose answers tell what was consumed."""
    store = TellingStore(lambda _: {**body, "ConsumedCapacity": consumed})
    return Posts(store, instruments=()), store


f = Posts.fields

OF_ONE: dict[str, Callable[[Posts], object]] = {
    "get": lambda posts: posts.get(("ada", 1)),
    "exists": lambda posts: posts.exists(("ada", 1)),
    "set": lambda posts: posts.set(Post(author="ada", number=1)),
    "create": lambda posts: posts.create(Post(author="ada", number=1)),
    "delete": lambda posts: posts.delete(("ada", 1)),
    "query": lambda posts: posts.query(f.author == "ada").all(),
    "sort key first": lambda posts: posts.query((f.number > 3) & (f.author == "ada")).all(),
    "count": lambda posts: posts.query(f.author == "ada", where=f.text == "x").count(),
}


@pytest.mark.parametrize("verb", OF_ONE)
def test_a_request_of_one_partition_is_all_for_its_key(verb: str) -> None:
    """A get, a write, a query: the partition key, wherever it stands in the item."""
    repository, store = posts(of("posts", 2.5), Items=[], Count=0, ScannedCount=0)
    OF_ONE[verb](repository)
    assert store.charged == [("posts", None, "ada", 2.5)]


def test_a_save_is_for_the_key_of_its_item() -> None:
    """As an update is."""
    item = {"author": {"S": "ada"}, "number": {"N": "1"}}
    repository, store = posts(of("posts", 1.0), Attributes=item)
    repository.save(Post(author="ada", number=1))
    repository.update(("ada", 1), repository.fields.text.set("x"))
    assert store.charged == [("posts", None, "ada", 1.0)] * 2


def test_a_query_of_an_index_is_for_the_key_of_the_index() -> None:
    """Which has partitions of its own."""
    repository, store = posts(of("posts", 4.0), Items=[], Count=0, ScannedCount=0)
    repository.query(repository.fields.topic == "sea", index="by_topic").all()
    assert store.charged == [("posts", "by_topic", "sea", 4.0)]


def test_a_scan_is_of_no_key() -> None:
    """It reads all of them."""
    repository, store = posts(of("posts", 128.0), Items=[], Count=0, ScannedCount=0)
    repository.scan().all()
    assert store.charged == []


def test_a_batch_is_shared_out_evenly() -> None:
    """To the keys that were read or written; one that is there twice has two shares."""
    repository, store = posts([of("posts", 3.0)], Responses={})
    repository.get_many([("ada", 1), ("ada", 2), ("bob", 1)])
    repository.set_many(Post(author=author, number=1) for author in ("ada", "bob", "eve"))
    repository.delete_many([("ada", 1), ("bob", 1)])
    assert store.charged == [
        *[("posts", None, author, 1.0) for author in ("ada", "ada", "bob")],
        *[("posts", None, author, 1.0) for author in ("ada", "bob", "eve")],
        *[("posts", None, author, 1.5) for author in ("ada", "bob")],
    ]


def test_what_was_not_processed_has_no_share() -> None:
    """It is asked for again, and has its share of that answer."""
    bob = {"author": {"S": "bob"}, "number": {"N": "1"}}
    bodies = [{"UnprocessedKeys": {"posts": {"Keys": [bob]}}, "Responses": {}}, {"Responses": {}}]
    consumed = [of("posts", 2.0)]
    store = TellingStore(lambda _: {**bodies.pop(0), "ConsumedCapacity": consumed})
    Posts(store, instruments=()).get_many([("ada", 1), ("bob", 1)])
    assert store.charged == [("posts", None, "ada", 2.0), ("posts", None, "bob", 2.0)]
    item = {"PutRequest": {"Item": Posts.schema.encode(Post(author="bob", number=1))}}
    bodies = [{"UnprocessedItems": {"posts": [item]}}, {}]
    store.charged = []
    Posts(store, instruments=()).set_many(Post(author=name, number=1) for name in ("ada", "bob"))
    assert store.charged == [("posts", None, "ada", 2.0), ("posts", None, "bob", 2.0)]


def test_a_transaction_is_shared_out_by_table() -> None:
    """What each table consumed, evenly to its keys there."""
    store = TellingStore(
        lambda operation: {
            "ConsumedCapacity": [of("posts", 4.0), of("topics", 6.0)],
            "Responses": [{}] * len(operation.parts),
        }
    )
    repository, topics = Posts(store, instruments=()), Topics(store, instruments=())
    with repository.transaction() as tx:
        tx.set(repository, Post(author="ada", number=1))
        tx.delete(repository, ("bob", 1))
    repository.get_together(repository.lookup(("ada", 1)), topics.lookup("sea"))
    assert store.charged == [
        ("posts", None, "ada", 2.0),
        ("posts", None, "bob", 2.0),
        ("posts", None, "ada", 4.0),
        ("topics", None, "sea", 6.0),
    ]


def test_a_guard_of_a_unique_value_has_a_key_of_its_own() -> None:
    """It is written beside the item, in the same transaction, and consumes as much."""
    store = TellingStore(lambda _: {"ConsumedCapacity": [of("topics", 4.0)]})
    Topics(store, instruments=()).create(Topic(name="sea", title="Sea"))
    (_, _, first, units), (_, _, second, others) = store.charged
    assert (units, others) == (2.0, 2.0)
    assert "sea" in (first, second)
    assert first != second


@pytest.mark.parametrize(
    "body", [{}, {"ConsumedCapacity": []}, {"ConsumedCapacity": of("posts", 0.0)}]
)
def test_what_is_not_told_is_not_shared_out(ended: Any, body: dict[str, Any]) -> None:
    """No units, no charge."""
    request = {"Key": {"author": {"S": "ada"}}}
    assert list(charges_of(ended(request=request, body=body))) == []


def test_a_failure_tells_nothing(ended: Any) -> None:
    """Its error has no capacity."""
    assert list(charges_of(ended(request={"Key": {"a": {"S": "1"}}}, error=Throttled()))) == []


@pytest.mark.parametrize(
    ("name", "request_"),
    [
        ("PutItem", {"Item": {"a": {"S": "1"}}}),
        ("Query", {"KeyConditionExpression": "a"}),
        ("BatchWriteItem", {"RequestItems": {"notes": [{"PutRequest": {"Item": {}}}]}}),
    ],
)
def test_a_request_of_somebody_else_s_may_name_no_key(
    ended: Any, name: str, request_: dict[str, Any]
) -> None:
    """Then nothing is told of it."""
    call = ended(name, request=request_, body={"ConsumedCapacity": of("notes", 1.0)})
    assert list(charges_of(call)) == []
