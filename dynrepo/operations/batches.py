"""Many items at once: read by 100, written by 25, sent again while some come back unprocessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Self, TypeAlias, TypeVar, overload

from pydantic import BaseModel
from pydantic_core import from_json, to_json

from dynrepo.clock import draw
from dynrepo.errors import DynrepoError, OutcomeUnknown, StoreError, Unprocessed
from dynrepo.operations.operation import Answer, Effect, Operation, Table
from dynrepo.operations.program import Pause, Program, run
from dynrepo.operations.stamps import stamped

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator
    from types import TracebackType

    from dynrepo.codec import Item

T = TypeVar("T", bound=BaseModel)
Execute: TypeAlias = "Callable[[Operation[Any]], Any]"
A = TypeVar("A")

READ_SIZE = 100
"""Keys in one BatchGetItem."""

WRITE_SIZE = 25
"""Writes in one BatchWriteItem."""

WRITE_BYTES = 15_900_000
"""Bytes of JSON in one BatchWriteItem: DynamoDB takes 16 MB, names and braces included."""

ROUNDS = 10
"""How often a chunk is sent at most, until `Unprocessed` is raised."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0


class Write(NamedTuple):
    """One write of a batch: its request as JSON, the key that it is of, what it came from."""

    text: bytes
    identity: Hashable
    item: Any = None
    key: Any = None


class Requests(Sequence[Mapping[str, Any]]):
    """The requests of some writes, each made of its JSON when somebody looks at it.

    Who sends the JSON looks at none. To keep twenty dicts an item until the answer is there would
    cost a sixth of the time of a batch.
    """

    def __init__(self, writes: Iterable[Write]) -> None:
        self._texts = [write.text for write in writes]

    def __len__(self) -> int:
        return len(self._texts)

    @overload
    def __getitem__(self, place: int) -> Mapping[str, Any]: ...
    @overload
    def __getitem__(self, place: slice) -> list[Mapping[str, Any]]: ...
    def __getitem__(self, place: int | slice) -> Mapping[str, Any] | list[Mapping[str, Any]]:
        if isinstance(place, slice):
            return [from_json(text) for text in self._texts[place]]
        made: Mapping[str, Any] = from_json(self._texts[place])
        return made

    def json(self) -> bytes:
        """All of them, as a list."""
        return b"[%b]" % b",".join(self._texts)


def put(table: Table[T], item: T) -> Write:
    """Creates or replaces an item."""
    # A stamp may be a part of the key: then the item has another than the one that is written.
    schema = table.schema
    stored, json = stamped(table, item) if schema.is_stamped else (item, schema.json(item))
    return Write(b'{"PutRequest":{"Item":%b}}' % json, schema.identity(stored), item)


def delete(table: Table[T], key: Any) -> Write:
    """Deletes the item under a key."""
    stored = table.schema.key(key)
    text = to_json({"DeleteRequest": {"Key": stored}})
    return Write(text, table.schema.identity(stored), key=key)


def batch_get(
    table: Table[T], keys: list[Item], *, consistent: bool
) -> Operation[tuple[dict[Hashable, T], list[Item]]]:
    """Reads up to 100 items: those found by identity, and the keys that the engine left.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
    """
    wanted = {"Keys": keys, "ConsistentRead": consistent}

    def read(answer: Answer) -> tuple[dict[Hashable, T], list[Item]]:
        left = answer.body.get("UnprocessedKeys", {}).get(table.name, {})
        stored = instances = answer.items
        if instances is None:
            stored = table.shown(answer.body["Responses"].get(table.name, []))
            instances = [table.decode(item) for item in stored]
        names = table.schema.identities(stored or ())
        return dict(zip(names, instances, strict=True)), left.get("Keys", [])

    return Operation(
        "BatchGetItem",
        table.name,
        {"RequestItems": {table.name: wanted}},
        read,
        parse=table.parse("Responses"),
    )


def batch_write(table: Table[Any], writes: Iterable[Write]) -> Operation[list[Any]]:
    """Puts and deletes up to 25 items; returns the requests that the engine did not come to.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
    """
    requests = Requests(writes)
    return Operation(
        "BatchWriteItem",
        table.name,
        {"RequestItems": {table.name: requests}},
        lambda answer: answer.body.get("UnprocessedItems", {}).get(table.name, []),
        Effect.REPEATABLE,
        text=b'{"RequestItems":{%b:%b}}' % (to_json(table.name), requests.json()),
    )


def got(table: Table[T], keys: Iterable[Any], *, consistent: bool) -> Program[list[T | None]]:
    """Reads the items under any number of keys, in their order, None where nothing is stored."""
    schema, asked = table.schema, list(keys)
    wanted = [schema.key(key) for key in asked]
    names = schema.identities(wanted)
    distinct = dict(zip(names, wanted, strict=True))
    found: dict[Hashable, Any] = {}
    chunks = _chunks(distinct.values(), READ_SIZE)
    for chunk in chunks:
        left = chunk
        for attempt in range(ROUNDS):
            items, left = yield batch_get(table, left, consistent=consistent)
            found.update(items)
            if not left:
                break
            if attempt < ROUNDS - 1:
                yield Pause(_pause(attempt))
        else:
            named = dict(zip(names, asked, strict=True))
            unread = [named[name] for name in schema.identities([*chain(left, *chunks)])]
            raise Unprocessed(
                f"{table.name}: {len(unread)} keys were not read", keys=unread, **_told(None)
            )
    return [found.get(name) for name in names]


def written(table: Table[Any], writes: Iterable[Write]) -> Program[None]:
    """Makes any number of writes, by 25; of several on one key in a chunk, only the last.

    A chunk is read whole before it is sent: nothing of it is, when reading it raises.
    """
    begun = False
    chunks = _write_chunks(writes)
    for chunk in chunks:
        left, error = yield from _sent(table, chunk)
        if error is not None and not begun and len(left) == len(chunk) and _certain(error):
            raise error  # nothing at all was written
        if left:
            left = [*left, *chain.from_iterable(chunks)]
            raise Unprocessed(
                f"{table.name}: {len(left)} writes were not made",
                items=[write.item for write in left if write.item is not None],
                keys=[write.key for write in left if write.key is not None],
                **_told(error),
            ) from error
        begun = True


def _told(error: DynrepoError | None) -> dict[str, Any]:
    """What ended a batch: an error, or that its rounds were over."""
    if error is None:
        return {"retryable": True, "attempts": ROUNDS}
    return {
        "code": error.code,
        "request_id": error.request_id,
        "retryable": error.retryable or isinstance(error, OutcomeUnknown),  # twice is as once
        "attempts": error.attempts,
    }


def _certain(error: Exception) -> bool:
    return not isinstance(error, OutcomeUnknown)


def _sent(
    table: Table[Any], chunk: list[Write]
) -> Program[tuple[list[Write], DynrepoError | None]]:
    """Sends a chunk until nothing is left, or no round is; returns what is left, and why."""
    left = {write.identity: write for write in chunk}
    for attempt in range(ROUNDS):
        try:
            requests = yield batch_write(table, left.values())
        except (StoreError, OutcomeUnknown) as error:
            return list(left.values()), error
        if not requests:
            return [], None
        left = {name: left[name] for name in (_written_to(table, one) for one in requests)}
        if attempt < ROUNDS - 1:
            yield Pause(_pause(attempt))
    return list(left.values()), None


def _written_to(table: Table[Any], request: Mapping[str, Any]) -> Hashable:
    if "PutRequest" in request:
        return table.schema.identity(request["PutRequest"]["Item"])
    return table.schema.identity(request["DeleteRequest"]["Key"])


def _write_chunks(writes: Iterable[Write]) -> Iterator[list[Write]]:
    """Chunks of 25, fewer where they would be over 16 MB."""
    chunk: list[Write] = []
    size = 0
    for write in writes:
        size += len(write.text)
        if chunk and size > WRITE_BYTES:
            yield chunk
            chunk, size = [], len(write.text)
        chunk.append(write)
        if len(chunk) == WRITE_SIZE:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _chunks(values: Iterable[A], size: int) -> Iterator[list[A]]:
    iterator = iter(values)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _pause(attempt: int) -> float:
    """Seconds before a chunk is sent again: exponential, with full jitter."""
    return draw() * min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0**attempt)


class Batch(Generic[T]):
    """Collects writes and sends them by 25, the rest at the end of the `with` block.

    When the block raises, nothing more is sent; what went before stays written.
    """

    def __init__(
        self,
        table: Table[T],
        execute: Execute,
        requests: Callable[[Execute], AbstractContextManager[Execute]],
    ) -> None:
        self._table = table
        self._execute = execute
        self._opened = requests(execute)
        self._waiting: dict[Hashable, Write] = {}

    def set(self, item: T) -> None:
        """Creates or replaces an item."""
        self._add(put(self._table, item))

    def delete(self, key: Hashable | T) -> None:
        """Deletes the item under a key."""
        self._add(delete(self._table, key))

    def __enter__(self) -> Self:
        self._execute = self._opened.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with ExitStack() as ending:
            if error is None:
                ending.push(self._opened)  # hears of it when the rest cannot be sent
                self._send()
            else:
                self._opened.__exit__(kind, error, trace)

    def _add(self, write: Write) -> None:
        self._waiting[write.identity] = write
        if len(self._waiting) == WRITE_SIZE:
            self._send()

    def _send(self) -> None:
        writes, self._waiting = list(self._waiting.values()), {}
        run(written(self._table, writes), self._execute)
