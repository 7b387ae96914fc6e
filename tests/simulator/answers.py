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
    text = type(error).__name__
    match error:
        case Cancelled():
            return Answer(Verdict.CANCELLED, text=text)
        case OutcomeUnknown():
            return Answer(Verdict.UNKNOWN, text=f"{text} {error.code}")
        case Unprocessed():
            return Answer(Verdict.PARTIAL, _partial(plan, error), text)
        case ConditionFailed() | ItemNotFound():
            said = _refusal(error)
            return Answer(Verdict.REFUSED, (said,), f"{said}")
        case TransactionCanceled():
            reasons = tuple([reason and _refusal(reason) for reason in error.reasons])
            return Answer(Verdict.REFUSED, reasons, f"{text} {reasons}")
        case WrittenUnreadable():
            said = () if error.item is None else (Said(DONE, UNREADABLE),)
            return Answer(Verdict.DONE, said, text)
        case CodecError() if plan.effect is Effect.NONE:
            return Answer(Verdict.DONE, _unreadable(plan), text)
        case _:
            return Answer(Verdict.NOT_APPLIED, text=f"{text} {getattr(error, 'code', '')}")


def _refusal(error: DynrepoError) -> Said:
    return Said(type(error).__name__, row_of(getattr(error, "item", None)))


def _unreadable(plan: Plan) -> tuple[Said, ...]:
    """A row is not the model: the one that was asked for, or any of several."""
    return (Said(DONE, UNREADABLE),) if len(plan.parts) == 1 else ()


def _partial(plan: Plan, error: Unprocessed) -> tuple[Said | None, ...]:
    """What is said of each part of a batch that broke off: done, or nothing."""
    left = {item.number for item in error.items} | {number for _, number in error.keys}
    return tuple(
        [None if part.place.number in left else Said(DONE) for part in plan.parts]
    )
