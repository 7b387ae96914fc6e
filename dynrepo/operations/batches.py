"""Many items at once: read by 100, written by 25, sent again while some come back unprocessed."""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Self, TypeAlias, TypeVar

from pydantic import BaseModel
from pydantic_core import SchemaSerializer, core_schema, to_json

from dynrepo.clock import draw
from dynrepo.codec.limits import MAX_ITEM, checked_json
from dynrepo.errors import DynrepoError, OutcomeUnknown, StoreError, Unprocessed
from dynrepo.operations.operation import Answer, Effect, Operation, Table
from dynrepo.operations.program import Pause, Program, run
from dynrepo.operations.stamps import stamped

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
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
    """One write of a batch: its request, the key that it is of, what it came from."""

    request: Mapping[str, Any]
    identity: Hashable
    item: Any = None
    key: Any = None


def put(table: Table[T], item: T) -> Write:
    """Creates or replaces an item."""
    schema = table.schema
    # A stamp may be a part of the key: then the item has another than the one that is written.
    stored = stamped(table, item)[0] if schema.is_stamped else schema.encode(item)
    return Write({"PutRequest": {"Item": stored}}, schema.identity(stored), item)


def delete(table: Table[T], key: Any) -> Write:
    """Deletes the item under a key."""
    stored = table.schema.key(key)
    return Write({"DeleteRequest": {"Key": stored}}, table.schema.identity(stored), key=key)


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

    CodecError for an item over 400 KB.
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
    """
    requests = [write.request for write in writes]
    request = {"RequestItems": {table.name: requests}}
    text = _json_of(request)
    if len(text) > MAX_ITEM:
        for each in requests:
            _check_size(table, each)
    return Operation(
        "BatchWriteItem",
        table.name,
        request,
        lambda answer: answer.body.get("UnprocessedItems", {}).get(table.name, []),
        Effect.REPEATABLE,
        text=text,
    )


def _texts_to(values: core_schema.CoreSchema) -> core_schema.CoreSchema:
    return core_schema.dict_schema(core_schema.str_schema(), values)


# Told what a request is, it asks less about each part than `to_json` does.
_ITEM = _texts_to(_texts_to(core_schema.any_schema()))
_REQUESTS = core_schema.list_schema(_texts_to(_texts_to(_ITEM)))
_json_of = SchemaSerializer(_texts_to(_texts_to(_REQUESTS))).to_json


def _check_size(table: Table[Any], request: Mapping[str, Any]) -> None:
    if "PutRequest" in request:
        checked_json(table.schema.model.__name__, request["PutRequest"]["Item"])


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
    chunks = _write_chunks(table, writes)
    for chunk, operation in chunks:
        left, error = yield from _sent(table, chunk, operation)
        if error is not None and not begun and len(left) == len(chunk) and _certain(error):
            raise error  # nothing at all was written
        if left:
            left += chain.from_iterable(rest for rest, _ in chunks)
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
    table: Table[Any], chunk: list[Write], operation: Operation[list[Any]]
) -> Program[tuple[list[Write], DynrepoError | None]]:
    """Sends a chunk until nothing is left, or no round is; returns what is left, and why."""
    left = chunk
    for attempt in range(ROUNDS):
        try:
            requests = yield operation
        except (StoreError, OutcomeUnknown) as error:
            return _last_of_each(left), error
        if not requests:
            return [], None
        by_key = {write.identity: write for write in left}
        left = [by_key[_written_to(table, request)] for request in requests]
        if attempt < ROUNDS - 1:
            operation = batch_write(table, left)
            yield Pause(_pause(attempt))
    return left, None


def _written_to(table: Table[Any], request: Mapping[str, Any]) -> Hashable:
    if "PutRequest" in request:
        return table.schema.identity(request["PutRequest"]["Item"])
    return table.schema.identity(request["DeleteRequest"]["Key"])


def _write_chunks(
    table: Table[Any], writes: Iterable[Write]
) -> Iterator[tuple[list[Write], Operation[list[Any]]]]:
    """Chunks of 25, fewer where they would be over 16 MB, and the operation that makes each."""
    for chunk in _chunks(writes, WRITE_SIZE):
        operation = batch_write(table, _last_of_each(chunk))
        if len(operation.text or b"") <= WRITE_BYTES:
            yield chunk, operation
        else:
            for part in _parts(chunk):
                yield part, batch_write(table, _last_of_each(part))


def _last_of_each(chunk: list[Write]) -> list[Write]:
    """Of several writes on one key, the last."""
    return list({write.identity: write for write in chunk}.values())


def _parts(chunk: list[Write]) -> Iterator[list[Write]]:
    """The parts of a chunk that is over 16 MB."""
    part: list[Write] = []
    room = WRITE_BYTES
    for write in chunk:
        size = len(to_json(write.request))
        if size > room:
            yield part
            part, room = [], WRITE_BYTES
        part.append(write)
        room -= size
    yield part


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
        write = put(self._table, item)
        _check_size(self._table, write.request)
        self._add(write)

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
