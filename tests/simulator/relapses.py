"""Mended faults that are put back for a while: the checker has to find every one of them."""

from __future__ import annotations

from contextlib import contextmanager
from math import inf
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest.mock import patch

from dynrepo.blocking.pool import Pool
from dynrepo.blocking.sender import Sender
from dynrepo.errors import CredentialsMissing, Unavailable
from dynrepo.expressions.nodes import Value
from dynrepo.expressions.trees import path_to
from dynrepo.operations import deletes, editing, rounds, saving, stamps, transactions, writes
from dynrepo.operations.mapper import Mapper
from dynrepo.operations.operation import Answer, Effect, Refusal
from dynrepo.operations.reads import get_written
from dynrepo.sending import failure
from dynrepo.sending.failure import Failure
from dynrepo.sending.outcomes import CredentialsUnusable, NotSent

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from contextlib import AbstractContextManager

    from dynrepo.blocking.channel import Channel
    from dynrepo.codec import Item
    from dynrepo.operations.operation import Operation

_delete_item = deletes.delete_item
_may_repeat = Sender._may_repeat
_settled = Sender._settled
_verdict = Failure.verdict
_send = rounds._send
_ErrorKind = failure._ErrorKind


def _repeated_delete(*given: Any, condition: Any = None) -> Operation[Any]:
    operation = _delete_item(*given, condition=condition)
    return operation if condition is not None else operation._replace(effect=Effect.REPEATABLE)


def _settled_by_any_item(sender: Any, operation: Any, why: Failure, *rest: Any) -> Answer:
    attempts, ends, error = rest
    settlement = operation.settlement
    if why.in_doubt and settlement is not None and attempts < sender.attempts:
        stored, _ = sender._look(settlement, attempts, ends)
        if stored and not settlement.proves(stored):
            raise operation.refusal(Refusal(why.code, None, attempts, stored)) from error
    return _settled(sender, operation, why, *rest)


def _untimely(sender: Any, operation: Any, why: Failure, attempt: int, _: float) -> bool:
    return _may_repeat(sender, operation, why, attempt, inf)


def _believed(why: Failure, operation: Any, *more: Any) -> Any:
    refused = why.code in failure._REFUSALS
    return _verdict(why._replace(in_doubt=False) if refused else why, operation, *more)


def _lent_twice(pool: Any) -> Channel | None:
    return pool._idle[-1] if pool._idle else None


def _read_lately(mapper: Mapper[Any], key: Any) -> Operation[Any]:
    look = get_written(mapper, key)
    return look._replace(request={**look.request, "ConsistentRead": False})


def _plainly_decoded(mapper: Mapper[Any], item: Item, *_: Any) -> Any:
    return mapper.decode(item)


def _sent_unanswered(*given: Any) -> Generator[Any, Any, Any]:
    sent = yield from _send(*given)
    return sent._replace(answered=False)


def _held(version: str, number: Any, *, absent: bool) -> Any:
    path = path_to(version)
    return path.does_not_exist() | (path < Value(number)) if absent else path == Value(number)


@contextmanager
def _version_0_is_none() -> Generator[None]:
    saving._text.cache_clear()
    with patch.object(saving, "holds", _held), patch.object(stamps, "holds", _held):
        yield
    saving._text.cache_clear()


_IN_DOUBT = {
    NotSent: _ErrorKind(Unavailable, in_doubt=True),
    CredentialsUnusable: _ErrorKind(CredentialsMissing, in_doubt=True),
}


class Relapse(NamedTuple):
    """A fault that was mended: what is complained of, and a context in which it is back."""

    fault: str
    complaint: str
    context: Callable[[], AbstractContextManager[Any]]


def _relapse(fault: str, complaint: str, owner: Any, name: str, old: Any) -> Relapse:
    return Relapse(fault, complaint, lambda: patch.object(owner, name, old))


RELAPSES = (
    _relapse(
        "a delete of a version is sent again",
        "was written 2 times",
        *(deletes, "delete_item", _repeated_delete),
    ),
    _relapse(
        "a look takes any other item for a refusal",
        "refused, it says, and",
        *(Sender, "_settled", _settled_by_any_item),
    ),
    _relapse(
        "an update that adds is sent again",
        "was written",
        *(writes, "_effect", lambda *_: Effect.REPEATABLE),
    ),
    Relapse(
        "what never left is in doubt",
        "no request was in doubt",
        lambda: patch.dict(failure._LOCAL, _IN_DOUBT),
    ),
    _relapse(
        "a write whose item is unreadable is not done",
        "not applied, it says, and",
        *(Mapper, "decode_written", _plainly_decoded),
    ),
    _relapse(
        "a pause goes on when the time is up",
        "s after its time",
        *(Sender, "_may_repeat", _untimely),
    ),
    _relapse(
        "a refused repeat speaks for the first request",
        "it says, and",
        *(Failure, "verdict", _believed),
    ),
    _relapse(
        "the read after an exact update may be stale",
        "no order of events",
        *(transactions, "get_written", _read_lately),
    ),
    _relapse(
        "a batch that was answered before is called undone",
        "not applied, it says, and",
        *(rounds, "_send", _sent_unanswered),
    ),
    _relapse(
        "an edit writes over what others wrote meanwhile",
        "no order of events",
        *(editing, "unchanged", lambda mapper, *_: mapper.exists),
    ),
    Relapse("a stored version 0 is no version", "no order of events", _version_0_is_none),
    _relapse(
        "a connection is lent to two",
        "carries two callers",
        *(Pool, "_kept", _lent_twice),
    ),
)
