"""Every fault times every verb: what is said of a call is true of the table."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo import deadline, errors
from tests.faults.ledger import new_account
from tests.faults.proxy import ALWAYS, FAULTS, Fault
from tests.faults.verbs import VERBS, Verb

if TYPE_CHECKING:
    from tests.faults.ledger import Entries, Truth
    from tests.faults.proxy import FaultProxy

pytestmark = pytest.mark.engine

DEADLINE = 1.5
SLACK = 5.0
"""Seconds that a busy machine may add; how exact the deadline is, the twin of the store shows."""

UNHURRIED = 0.4
"""Seconds within which no timeout of the store's can have ended an attempt."""

REFUSED = (errors.ConditionFailed, errors.TransactionCanceled, errors.ItemNotFound)


def called(verb: Verb, entries: Entries, account: str) -> tuple[str, Any]:
    """What the library says of a call: done, refused, not done or unknown."""
    try:
        with deadline(DEADLINE):
            return "done", verb.call(entries, account)
    except REFUSED as error:
        return "refused", error
    except errors.OutcomeUnknown as error:
        return "unknown", error
    except errors.Unprocessed as error:
        return "partly", error
    except errors.StoreError as error:
        return "not done", error
    except Exception as error:  # noqa: BLE001 - no other may come out
        return "nonsense", error


def lie(verb: Verb, account: str, said: str, result: Any, stored: Any) -> str | None:
    """What is wrong with what was said, given what is stored; None when it is true."""
    after = verb.before if verb.after is None else verb.after
    true = {
        "done": lambda: stored == after and result in verb.answers(account),
        "not done": lambda: stored == verb.before,
        "unknown": lambda: verb.writes and stored in (verb.before, after),
        "partly": lambda: verb.is_part(stored, result),
    }
    # No condition of these verbs fails, and no other error may come out.
    if said in true and true[said]():
        return None
    return f"said {said} ({result!r}), stored is {stored}"


def must(verb: Verb, fault: Fault, times: int) -> set[str]:
    """What may be said at all: doubt is allowed only where nobody could know."""
    if fault.races and verb.writes and not verb.repeats:
        return {"done", "unknown"}
    if fault.slow:
        return {"done", "not done", "unknown", "partly"}  # it depends on what time is left
    if fault.harmless or (times == 1 and (verb.repeats or fault.certain)):
        return {"done"}
    if times == 1 and verb.settles and fault.applied:
        return {"done"}
    if fault.certain or not verb.writes:
        return {"not done", "partly"}
    return {"unknown", "partly"}


@pytest.mark.parametrize(
    ("transport", "times", "scheme"),
    [
        ("auto", 1, "http"),
        ("auto", ALWAYS, "http"),
        ("botocore", 1, "http"),
        ("auto", 1, "https"),
        ("botocore", 1, "https"),
    ],
    ids=["once", "for ever", "once, by botocore", "once, over TLS", "once, by botocore, over TLS"],
)
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
        hurried = took > UNHURRIED and not fault.slow and "hole" not in fault.name
        if (
            wrong is None
            and verb.feels(fault)
            and said
            not in must(verb, fault, times)
            | ({"not done", "unknown", "partly"} if hurried or took > DEADLINE - 0.2 else set())
        ):
            wrong = f"said {said} without need: {result!r}"
        accounts.append(account)
        return wrong

    accounts: list[str] = []
    proxy.spoil(fault, times)
    with ThreadPoolExecutor(len(VERBS)) as pool:
        found = dict(zip((verb.name for verb in VERBS), pool.map(complaint, VERBS), strict=True))
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    proxy.heal()
    for account in accounts:
        with deadline(20.0):
            read = entries.get((account, 1))
        stored = truth.stored(account)  # a write whose outcome was unknown may have come to it now
        assert (read and read.amount) == (stored.get(1) and stored[1]["amount"])
