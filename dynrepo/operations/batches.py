"""Many items at once: read by 100, written by 25, sent again while some come back unprocessed."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from pydantic import BaseModel
from pydantic_core import SchemaSerializer, core_schema, to_json

from dynrepo.clock import draw
from dynrepo.codec.limits import MAX_ITEM, checked_json
from dynrepo.errors import DynrepoError, OutcomeUnknown, StoreError, Unprocessed
from dynrepo.operations.accepting import ItemNames, of_keys, of_writes
from dynrepo.operations.operation import Answer, Effect, Operation
from dynrepo.operations.program import Pause, Program
from dynrepo.operations.stamps import stamp
from dynrepo.schema.settled import check_settled

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping

    from dynrepo.codec import Item
    from dynrepo.operations.mapper import Mapper

T = TypeVar("T", bound=BaseModel)
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


def put(mapper: Mapper[T], item: T) -> Write:
    """Creates or replaces an item; CodecError for one that could not be read again."""
    schema = mapper.schema
    stored = schema.encode(item)
    if schema.is_stamped:
        stamp(mapper, item, stored)
    if not schema.is_plain:
        read = schema.decode(stored)
        if schema.runs_own_code:
            check_settled(schema, item, stored, read)
    # A stamp may be a part of the key: then the item has another than the one that is written.
    return Write({"PutRequest": {"Item": stored}}, schema.identity(stored), item)


def delete(mapper: Mapper[T], key: Any) -> Write:
    """Deletes the item under a key."""
    stored = mapper.schema.key(key)
    return Write({"DeleteRequest": {"Key": stored}}, mapper.schema.identity(stored), key=key)


def batch_get(
    mapper: Mapper[T], keys: Mapping[Hashable, Item], *, consistent: bool
) -> Operation[tuple[dict[Hashable, T], list[Item]]]:
    """Reads up to 100 items by identity: those found, and the keys that the engine left.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
    """
    wanted = {"Keys": [*keys.values()], "ConsistentRead": consistent}
    names = ItemNames(mapper)

    def read(answer: Answer) -> tuple[dict[Hashable, T], list[Item]]:
        left = answer.body.get("UnprocessedKeys", {}).get(mapper.table, {})
        if answer.items is not None:
            return dict(zip(names.of(answer), answer.items, strict=True)), left.get("Keys", [])
        stored = mapper.without_expired(answer.body["Responses"].get(mapper.table, []))
        found = zip(mapper.schema.identities(stored), map(mapper.decode, stored), strict=True)
        return dict(found), left.get("Keys", [])

    return Operation(
        "BatchGetItem",
        mapper.table,
        {"RequestItems": {mapper.table: wanted}},
        read,
        parse=mapper.parse_responses,
        accepts=of_keys(names, keys.keys()),
    )


def batch_write(mapper: Mapper[Any], writes: Iterable[Write]) -> Operation[list[Any]]:
    """Puts and deletes up to 25 items; returns the requests that the engine did not come to.

    CodecError for an item over 400 KB.
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
    """

    def read(answer: Answer) -> list[Any]:
        left: list[Any] = answer.body.get("UnprocessedItems", {}).get(mapper.table, [])
        return left

    writes = list(writes)
    requests = [write.request for write in writes]
    request = {"RequestItems": {mapper.table: requests}}
    text = _json_of(request)
    if len(text) > MAX_ITEM:
        for each in requests:
            check_size(mapper, each)
    return Operation(
        "BatchWriteItem",
        mapper.table,
        request,
        read,
        Effect.REPEATABLE,
        text=text,
        accepts=of_writes(mapper, {write.identity for write in writes}),
    )


def _texts_to(values: core_schema.CoreSchema) -> core_schema.CoreSchema:
    return core_schema.dict_schema(core_schema.str_schema(), values)


# Told what a request is, it asks less about each part than `to_json` does.
_ITEM = _texts_to(_texts_to(core_schema.any_schema()))
_REQUESTS = core_schema.list_schema(_texts_to(_texts_to(_ITEM)))
_json_of = SchemaSerializer(_texts_to(_texts_to(_REQUESTS))).to_json


def check_size(mapper: Mapper[Any], request: Mapping[str, Any]) -> None:
    """CodecError for a put of an item over 400 KB."""
    if "PutRequest" in request:
        checked_json(mapper.schema.model.__name__, request["PutRequest"]["Item"])


def get_many(
    mapper: Mapper[T], keys: Iterable[Any], *, consistent: bool
) -> Program[list[T | None]]:
    """Reads the items under any number of keys, in their order, None where nothing is stored."""
    schema, asked = mapper.schema, list(keys)
    wanted = [schema.key(key) for key in asked]
    names = schema.identities(wanted)
    found: dict[Hashable, Any] = {}
    chunks = _chunks(dict(zip(names, wanted, strict=True)).items(), READ_SIZE)
    for chunk in chunks:
        left = dict(chunk)
        for attempt in range(ROUNDS):
            items, unread = yield batch_get(mapper, left, consistent=consistent)
            found.update(items)
            if not unread:
                break
            left = dict(zip(schema.identities(unread), unread, strict=True))
            if attempt < ROUNDS - 1:
                yield Pause(_pause(attempt))
        else:
            named = dict(zip(names, asked, strict=True))
            rest = [name for name, _ in chain(left.items(), *chunks)]
            raise Unprocessed(
                f"{mapper.table}: {len(rest)} keys were not read",
                keys=[named[name] for name in rest],
                **_details(None),
            )
    return [found.get(name) for name in names]


def write_many(mapper: Mapper[Any], writes: Iterable[Write]) -> Program[None]:
    """Makes any number of writes, by 25; of several on one key in a chunk, only the last.

    A chunk is read whole before it is sent: nothing of it is, when reading it raises.
    """
    begun = False
    chunks = _write_chunks(mapper, writes)
    for chunk, operation in chunks:
        left, error, answered = yield from _sent(mapper, chunk, operation)
        if error is not None and not (begun or answered) and _certain(error):
            raise error  # nothing at all was written
        if left:
            left += chain.from_iterable(rest for rest, _ in chunks)
            raise Unprocessed(
                f"{mapper.table}: {len(left)} writes were not made",
                items=[write.item for write in left if write.item is not None],
                keys=[write.key for write in left if write.key is not None],
                **_details(error),
            ) from error
        begun = True


def _details(error: DynrepoError | None) -> dict[str, Any]:
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
    mapper: Mapper[Any], chunk: list[Write], operation: Operation[list[Any]]
) -> Program[tuple[list[Write], DynrepoError | None, bool]]:
    """Sends a chunk until nothing is left, or no round is; returns what is left, and why.

    And whether any request was answered: that answer may be to a repeat, and what it gave back
    unprocessed be written by the request before.
    """
    left = chunk
    for attempt in range(ROUNDS):
        try:
            requests = yield operation
        except (StoreError, OutcomeUnknown) as error:
            return _last_of_each(left), error, attempt > 0
        if not requests:
            return [], None, True
        by_key = {write.identity: write for write in left}
        left = [by_key[_written_to(mapper, request)] for request in requests]
        if attempt < ROUNDS - 1:
            operation = batch_write(mapper, left)
            yield Pause(_pause(attempt))
    return left, None, True


def _written_to(mapper: Mapper[Any], request: Mapping[str, Any]) -> Hashable:
    if "PutRequest" in request:
        return mapper.schema.identity(request["PutRequest"]["Item"])
    return mapper.schema.identity(request["DeleteRequest"]["Key"])


def _write_chunks(
    mapper: Mapper[Any], writes: Iterable[Write]
) -> Iterator[tuple[list[Write], Operation[list[Any]]]]:
    """Chunks of 25, fewer where they would be over 16 MB, and the operation that makes each."""
    for chunk in _chunks(writes, WRITE_SIZE):
        operation = batch_write(mapper, _last_of_each(chunk))
        if len(operation.text or b"") <= WRITE_BYTES:
            yield chunk, operation
        else:
            for part in _parts(chunk):
                yield part, batch_write(mapper, _last_of_each(part))


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
