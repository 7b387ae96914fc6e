"""Several writes, or several reads, in several tables: all of them or none.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from pydantic import BaseModel

from dynrepo.errors import (
    DynrepoError,
    StoreError,
    Throttled,
    TransactionCanceled,
    WrittenUnreadable,
)
from dynrepo.opaque import OpaquePartial
from dynrepo.operations.accepting import answers_of_parts, of_parts
from dynrepo.operations.operation import (
    Answer,
    CancellationReason,
    Effect,
    Operation,
    Refusal,
    nothing,
)
from dynrepo.operations.reads import get_written
from dynrepo.reading.series import series_parser

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dynrepo.operations.mapper import Mapper
    from dynrepo.operations.program import Program

T = TypeVar("T", bound=BaseModel)

LIMIT = 100
"""Writes, or reads, in one transaction."""

TOKEN_LIMIT = 36
"""Characters of a client request token."""

_KINDS = {
    "PutItem": "Put",
    "UpdateItem": "Update",
    "DeleteItem": "Delete",
    "ConditionCheck": "ConditionCheck",
}


def transact_write(parts: Sequence[Operation[Any]], token: str) -> Operation[None]:
    """Makes up to 100 writes, all or none; again with the same token makes them once.

    A write that has parts of its own is made together with them, and is refused where one of them
    is.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
    """
    every = tuple(each.replaced(parts=()) for part in parts for each in (part, *part.parts))
    _check_count(every, "writes")
    given: Any = token  # a UUID, as most are made of
    if not isinstance(given, str):
        raise TypeError(f"a token is a str, not {type(given).__name__}: write str(token)")
    if not 1 <= len(token) <= TOKEN_LIMIT:
        raise ValueError(f"a token has 1 to {TOKEN_LIMIT} characters, not {len(token)}")
    request = {"TransactItems": [_write(part) for part in every], "ClientRequestToken": token}
    return Operation(
        "TransactWriteItems",
        _tables(every),
        request,
        nothing,
        Effect.REPEATABLE,
        parts=every,
        refusal=OpaquePartial(_canceled, parts),
        entity=_joined(part.entity for part in parts),
    )


def transact_get(parts: Sequence[Operation[Any]]) -> Operation[tuple[Any, ...]]:
    """Reads up to 100 items as they were at one moment.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactGetItems.html
    """
    _check_lookups(parts)
    _check_count(parts, "reads")

    def read(answer: Answer) -> tuple[Any, ...]:
        answers = answers_of_parts(answer)
        return tuple([part.read(each) for part, each in zip(parts, answers, strict=True)])

    return Operation(
        "TransactGetItems",
        _tables(parts),
        {"TransactItems": [{"Get": _without(part, "ConsistentRead")} for part in parts]},
        read,
        parse=series_parser(tuple([part.parse for part in parts])),
        accepts=of_parts(parts),
        parts=tuple(parts),
        refusal=OpaquePartial(_canceled, parts),
        entity=_joined(part.entity for part in parts),
    )


def _check_lookups(parts: Sequence[Any]) -> None:
    for part in parts:
        if not isinstance(part, Operation):
            raise TypeError(
                "get_together takes lookups, as users.lookup(key) gives them,"
                f" not {type(part).__name__}"
            )


def updated_once(mapper: Mapper[T], update: Operation[T], key: Any) -> Program[T]:
    """Makes one update exactly once, at twice the price, and reads the item after it.

    WrittenUnreadable where the update was made, and the item cannot be read.
    """
    try:
        yield transact_write([update], str(uuid4()))
    except TransactionCanceled as error:
        if error.reasons and error.reasons[0] is not None:
            raise error.reasons[0] from error
        raise
    return (yield from read_after(mapper, key))


def read_after(mapper: Mapper[T], key: Any) -> Program[T]:
    """The item of an update that is done; WrittenUnreadable where it cannot be read."""
    try:
        item: T | None = yield get_written(mapper, key)
    except StoreError as error:
        raise WrittenUnreadable(
            f"{mapper.table}: the item was updated, but could not be read: {error.code}",
            code=error.code,
            request_id=error.request_id,
            attempts=error.attempts,
        ) from error
    if item is None:
        raise WrittenUnreadable(
            f"{mapper.table}: the item was updated, and deleted before it was read"
        )
    return item


def _check_count(parts: Sequence[Operation[Any]], what: str) -> None:
    if not 1 <= len(parts) <= LIMIT:
        raise ValueError(f"a transaction takes 1 to {LIMIT} {what}, not {len(parts)}")


def _tables(parts: Sequence[Operation[Any]]) -> str:
    """The names of the tables, each once."""
    return _joined(part.table for part in parts)


def _joined(names: Iterable[str]) -> str:
    """Names, each once, without those that are empty."""
    return ",".join(dict.fromkeys(filter(None, names)))


def _write(part: Operation[Any]) -> dict[str, Any]:
    return {_KINDS[part.name]: _without(part, "ReturnValues")}


def _without(part: Operation[Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in part.request.items() if key != name}


def _canceled(parts: Sequence[Operation[Any]], how: Refusal) -> DynrepoError:
    # None at all where they are not one for each write, for nobody can tell whose they are.
    count = sum(1 + len(part.parts) for part in parts)
    told = iter(how.reasons)
    fitting = parts if len(how.reasons) == count else ()
    reasons = [_first_reason(part, how, told) for part in fitting]
    codes = ", ".join(reason.code for reason in how.reasons) or "no reasons given"
    return TransactionCanceled(
        f"a transaction of {len(parts)} on {_tables(parts)} was canceled: {codes}",
        reasons=reasons,
        code=how.code,
        request_id=how.request_id,
        retryable=any(reasons) and all(reason is None or reason.retryable for reason in reasons),
        attempts=how.attempts,
    )


def _first_reason(
    part: Operation[Any], how: Refusal, told: Iterator[CancellationReason]
) -> DynrepoError | None:
    """What stood against a write: against itself, else against what is made together with it."""
    found = [_reason(each, how, next(told)) for each in (part, *part.parts)]
    return next(filter(None, found), None)


def _reason(part: Operation[Any], how: Refusal, reason: CancellationReason) -> DynrepoError | None:
    """The error of one write of a canceled transaction; None where nothing stood against it."""
    if reason.kind is None:
        return None
    if reason.code == "ConditionalCheckFailed" and part.refusal is not None:
        return part.refusal(how.replaced(code=reason.code, item=reason.item, reasons=()))
    why = ": ".join(filter(None, (reason.code, reason.sentence)))
    return reason.kind(
        f"{part.name} on {part.table} was canceled: {why}",
        code=reason.code,
        request_id=how.request_id,
        retryable=issubclass(reason.kind, Throttled),
        attempts=how.attempts,
    )
