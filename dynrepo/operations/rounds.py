"""Many items at once: in chunks, sent again while some come back unprocessed."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from pydantic import BaseModel
from pydantic_core import to_json

from dynrepo.clock import draw
from dynrepo.errors import DynrepoError, OutcomeUnknown, StoreError, Unprocessed
from dynrepo.operations.batches import READ_SIZE, WRITE_SIZE, Write, batch_get, batch_write
from dynrepo.operations.marks import check_asks_nothing
from dynrepo.operations.program import Pause, Program, Together

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping

    from dynrepo.codec import Item
    from dynrepo.operations.mapper import Mapper
    from dynrepo.operations.operation import Operation

T = TypeVar("T", bound=BaseModel)
A = TypeVar("A")

WRITE_BYTES = 15_900_000
"""Bytes of JSON in one BatchWriteItem: DynamoDB takes 16 MB, names and braces included."""

ROUNDS = 10
"""How often a chunk is sent at most, until `Unprocessed` is raised."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0


def check_concurrency(concurrency: Any) -> int:
    """A number of requests to be sent at the same time: at least 1, else a ValueError."""
    if type(concurrency) is not int or concurrency < 1:
        raise ValueError(f"concurrency counts requests: at least 1, not {concurrency!r}")
    return concurrency


def get_many(
    mapper: Mapper[T], keys: Iterable[Any], *, consistent: bool, concurrency: int = 1
) -> Program[list[T | None]]:
    """Reads the items under any number of keys, in their order, None where nothing is stored."""
    schema, asked = mapper.schema, list(keys)
    wanted = list(map(schema.key, asked))
    names = schema.identities(wanted)
    found: dict[Hashable, Any] = {}
    # To ask for `strict`, by a keyword, takes `zip` as long again.
    chunks = _read_chunks(dict(zip(names, wanted)))  # noqa: B905
    most = check_concurrency(concurrency)
    for start in range(0, len(chunks), most):
        wave = chunks[start : start + most]
        reads = [_read(mapper, chunk, found, consistent=consistent) for chunk in wave]
        unread = list(chain.from_iterable((yield from at_once(reads))))
        if unread:
            named = dict(zip(names, asked, strict=True))
            rest = [*unread, *chain.from_iterable(chunks[start + most :])]
            raise Unprocessed(
                f"{mapper.table}: keys that were not read: {len(rest)}",
                keys=[named[name] for name in rest],
                **_details(None),
            )
    return list(map(found.get, names))


def _read_chunks(keys: dict[Hashable, Item]) -> list[dict[Hashable, Item]]:
    """The keys by identity, in chunks of 100."""
    if len(keys) <= READ_SIZE:
        return [keys] if keys else []
    pairs = iter(keys.items())
    return [dict(islice(pairs, READ_SIZE)) for _ in range(0, len(keys), READ_SIZE)]


def _read(
    mapper: Mapper[T], chunk: Mapping[Hashable, Item], found: dict[Hashable, T], *, consistent: bool
) -> Program[list[Hashable]]:
    """Reads a chunk until nothing is left, or no round is; returns what is left."""
    left = chunk
    for attempt in range(ROUNDS):
        items, unread = yield batch_get(mapper, left, consistent=consistent)
        found.update(items)
        if not unread:
            return []
        left = dict(zip(mapper.schema.identities(unread), unread, strict=True))
        if attempt < ROUNDS - 1:
            yield Pause(_pause(attempt))
    return list(left)


class _Sent(NamedTuple):
    """What became of a chunk of writes: those that are left, and why.

    And whether any request was answered: that answer may be to a repeat, and what it gave back
    unprocessed be written by the request before.
    """

    left: list[Write]
    error: DynrepoError | None
    answered: bool


def write_many(
    mapper: Mapper[Any], writes: Iterable[Write], *, concurrency: int = 1
) -> Program[None]:
    """Makes any number of writes, by 25; of several on one key in a chunk, only the last.

    So many chunks as are sent at the same time are read whole before they are sent: nothing of them
    is, when reading them raises. Two writes on one key are never under way at the same time.
    """
    check_asks_nothing(mapper)  # also where there are none
    made = 0
    waves = _waves(_write_chunks(mapper, writes), check_concurrency(concurrency))
    for wave in waves:
        try:
            sent: list[_Sent] = yield from at_once([_send(mapper, *chunk) for chunk in wave])
        except BaseException as error:  # it was broken off, and the error is the caller's own
            error.add_note(f"{mapper.table}: {made} writes were made before this, others may be")
            raise
        left = list(chain.from_iterable(chunk.left for chunk in sent))
        errors = [chunk.error for chunk in sent if chunk.error is not None]
        answered = made or any(chunk.answered for chunk in sent)
        if errors and not answered and all(map(_certain, errors)):
            raise errors[0]  # nothing at all was written
        if left:
            left += chain.from_iterable(chunk for chunk, _ in chain.from_iterable(waves))
            raise _unprocessed(mapper, left, errors[0] if errors else None)
        made += sum(len(chunk) for chunk, _ in wave)


def at_once(programs: list[Program[A]]) -> Program[list[A]]:
    """What programs return that need not wait for each other."""
    if len(programs) == 1:
        return [(yield from programs[0])]
    results: list[A] = yield Together(tuple(programs))
    return results


def _unprocessed(mapper: Mapper[Any], left: list[Write], error: DynrepoError | None) -> Unprocessed:
    unprocessed = Unprocessed(
        f"{mapper.table}: writes that were not made: {len(left)}",
        items=[write.item for write in left if write.item is not None],
        keys=[write.key for write in left if write.key is not None],
        **_details(error),
    )
    unprocessed.__cause__ = error
    return unprocessed


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


def _send(
    mapper: Mapper[Any], chunk: list[Write], operation: Operation[list[Any]]
) -> Program[_Sent]:
    """Sends a chunk until nothing is left, or no round is."""
    left = chunk
    for attempt in range(ROUNDS):
        try:
            requests = yield operation
        except (StoreError, OutcomeUnknown) as error:
            return _Sent(_last_of_each(left), error, attempt > 0)
        if not requests:
            return _Sent([], None, answered=True)
        by_key = {write.identity: write for write in left}
        left = [by_key[_written_to(mapper, request)] for request in requests]
        if attempt < ROUNDS - 1:
            operation = batch_write(mapper, left)
            yield Pause(_pause(attempt))
    return _Sent(left, None, answered=True)


def _written_to(mapper: Mapper[Any], request: Mapping[str, Any]) -> Hashable:
    if "PutRequest" in request:
        return mapper.schema.identity(request["PutRequest"]["Item"])
    return mapper.schema.identity(request["DeleteRequest"]["Key"])


def _waves(
    chunks: Iterable[tuple[list[Write], Operation[list[Any]]]], most: int
) -> Iterator[list[tuple[list[Write], Operation[list[Any]]]]]:
    """Chunks that may be under way at the same time, for they write no key twice."""
    if most == 1:
        for each in chunks:
            yield [each]
        return
    wave: list[tuple[list[Write], Operation[list[Any]]]] = []
    keys: set[Hashable] = set()
    for chunk, operation in chunks:
        own = {write.identity for write in chunk}
        if keys & own:
            yield wave
            wave, keys = [], set()
        wave.append((chunk, operation))
        keys |= own
        if len(wave) == most:
            yield wave
            wave, keys = [], set()
    if wave:
        yield wave


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
