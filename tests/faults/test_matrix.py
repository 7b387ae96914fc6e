"""Every fault times every verb: what is said of a call is true of the table."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo import errors
from tests.faults.ledger import new_account
from tests.faults.proxy import ALWAYS, FAULTS, Fault
from tests.faults.verbs import VERBS, Verb

if TYPE_CHECKING:
    from tests.faults.ledger import Entries, Truth
    from tests.faults.proxy import FaultProxy

pytestmark = pytest.mark.engine

DEADLINE = 1.5
SLACK = 1.5
"""Seconds that a busy machine may add."""

REFUSED = (errors.ConditionFailed, errors.TransactionCanceled, errors.ItemNotFound)


def called(verb: Verb, entries: Entries, account: str) -> tuple[str, Any]:
    """What the library says of a call: done, refused, not done or unknown."""
    try:
        return "done", verb.call(entries, account)
    except REFUSED as error:
        return "refused", error
    except errors.OutcomeUnknown as error:
        return "unknown", error
    except errors.Unprocessed as error:
        return "partly", error
    except errors.StoreError as error:
        return "not done", error


def lie(verb: Verb, account: str, said: str, result: Any, stored: Any) -> str | None:
    """What is wrong with what was said, given what is stored; None when it is true."""
    told = f"said {said} ({result!r}), stored is {stored}"
    after = verb.after if verb.after is not None else verb.before
    true = {
        "done": stored == after and result in verb.answers(account),
        "refused": False,  # no condition of these verbs fails
        "not done": stored == verb.before,
        "unknown": verb.writes and stored in (verb.before, after),
        "partly": verb.is_part(stored, result),
    }
    return None if true[said] else told


def must(verb: Verb, fault: Fault, times: int) -> set[str]:
    """What may be said at all: doubt is allowed only where nobody could know."""
    if fault.harmless or (times == 1 and not fault.slow and (verb.repeats or fault.certain)):
        return {"done"}
    if times == 1 and verb.settles and fault.applied and not fault.slow:
        return {"done"}
    if fault.certain or not verb.writes:
        return {"not done", "partly"}
    return {"unknown", "partly"}


@pytest.mark.parametrize("times", [1, ALWAYS], ids=["once", "for ever"])
@pytest.mark.parametrize("fault", FAULTS.values(), ids=lambda fault: fault.name)
def test_what_is_said_is_true(
    entries: Entries, proxy: FaultProxy, truth: Truth, fault: Fault, times: int
) -> None:
    """Done, refused, not done or unknown: each as stored, in time, and no doubt without need.

    Afterwards the same store reads what is there: no answer is left over for another call.
    """

    def complaint(verb: Verb) -> str | None:
        account = new_account()
        truth.write(account, verb.before)
        started = time.perf_counter()
        said, result = called(verb, entries, account)
        took = time.perf_counter() - started
        stored = truth.stored(account)
        if took > DEADLINE + SLACK:
            return f"took {took:.1f} s"
        wrong = lie(verb, account, said, result, stored)
        if wrong is None and verb.feels(fault) and said not in must(verb, fault, times):
            wrong = f"said {said} without need: {result!r}"
        proxy_free = {number: stored[number]["amount"] for number in stored}
        seen.append((account, proxy_free))
        return wrong

    seen: list[tuple[str, dict[int, Any]]] = []
    proxy.spoil(fault, times)
    with ThreadPoolExecutor(len(VERBS)) as pool:
        found = dict(zip((verb.name for verb in VERBS), pool.map(complaint, VERBS), strict=True))
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    proxy.heal()
    for account, amounts in seen:
        for number in (1, 2, 3):
            read = entries.get((account, number))
            assert (read.amount if read else None) == amounts.get(number)
