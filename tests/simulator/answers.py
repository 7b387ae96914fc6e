"""What the library said of a call, as a verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynrepo.errors import (
    CodecError,
    ConditionFailed,
    DynrepoError,
    ItemNotFound,
    OutcomeUnknown,
    StoreError,
    TransactionCanceled,
    Unprocessed,
    WrittenUnreadable,
)
from tests.simulator.history import Answer, Effect, Verdict
from tests.simulator.laws import DONE, Said
from tests.simulator.ledger import UNREADABLE, row_of

if TYPE_CHECKING:
    from tests.simulator.plan import Plan


class Cancelled(BaseException):
    """Somebody stopped the caller where it waited."""


def answer_to(plan: Plan) -> Answer:
    """Makes a call, and returns what it came to, whatever it raised."""
    try:
        result = plan.do()
    except (DynrepoError, Cancelled) as error:
        return answer_of(plan, error)
    except Exception as error:  # noqa: BLE001 - the library raises no other
        return Answer(Verdict.STRANGE, text=repr(error))
    said = plan.read(result)
    return Answer(Verdict.DONE, said, f"{said}")


def answer_of(plan: Plan, error: BaseException) -> Answer:
    """What an error says of a call."""
    verdict = next(verdict for kind, verdict in _VERDICTS.items() if isinstance(error, kind))
    if plan.effect is Effect.NONE and isinstance(error, CodecError):
        verdict = Verdict.DONE
    if _found_no_model(plan, error):
        verdict = Verdict.REFUSED
    if isinstance(error, TransactionCanceled) and any(
        isinstance(reason, StoreError) for reason in error.reasons
    ):
        verdict = Verdict.NOT_APPLIED  # by no condition, but by load
    said = _said(plan, error)
    text = f"{type(error).__name__} {getattr(error, 'code', '')} {said or ''}"
    return Answer(verdict, said, text.rstrip())


# The first that fits.
_VERDICTS = {
    Cancelled: Verdict.CANCELLED,
    OutcomeUnknown: Verdict.UNKNOWN,
    Unprocessed: Verdict.PARTIAL,
    ConditionFailed: Verdict.REFUSED,
    ItemNotFound: Verdict.REFUSED,
    TransactionCanceled: Verdict.REFUSED,
    WrittenUnreadable: Verdict.DONE,
    DynrepoError: Verdict.NOT_APPLIED,
}


def _found_no_model(plan: Plan, error: BaseException) -> bool:
    """Whether what was to be changed is not the model, and so was left."""
    is_of_read = isinstance(error, CodecError) and not isinstance(error, WrittenUnreadable)
    return bool(plan.reads_first) and is_of_read


def _said(plan: Plan, error: BaseException) -> tuple[Said | None, ...]:
    if _found_no_model(plan, error):
        return (Said("CodecError"),)
    match error:
        case Unprocessed():
            return _partial(plan, error)
        case ConditionFailed() | ItemNotFound():
            return (_refusal(error),)
        case TransactionCanceled():
            return tuple([reason and _refusal(reason) for reason in error.reasons])
        case CodecError() if len(plan.parts) == 1 and getattr(error, "item", error) is not None:
            return (Said(DONE, UNREADABLE),)
    return ()


def _refusal(error: DynrepoError) -> Said:
    return Said(type(error).__name__, row_of(getattr(error, "item", None)))


def _partial(plan: Plan, error: Unprocessed) -> tuple[Said | None, ...]:
    """What is said of each part of a batch that broke off: done, or nothing."""
    left = {item.number for item in error.items} | {number for _, number in error.keys}
    return tuple([None if part.place.number in left else Said(DONE) for part in plan.parts])
