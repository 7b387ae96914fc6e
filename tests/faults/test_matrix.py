"""Every fault times every verb: what is said of a call is true of the table, and tells no more."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo import deadline, errors
from tests.faults.ledger import TIMEOUT, Entries, new_account
from tests.faults.proxy import ALWAYS, FAULTS, Fault
from tests.faults.verbs import VERBS, Verb, row
from tests.loopback import soon
from tests.recorded import leaks
from tests.stopwatch import Stopwatch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.faults.ledger import Entry, Truth
    from tests.faults.proxy import FaultProxy

pytestmark = pytest.mark.engine

PATIENCE = (TIMEOUT, 4 * TIMEOUT, 16 * TIMEOUT)
"""Seconds that a call waits for a connection, and for a piece of an answer: in its first try, and
where a timeout may be why something is wrong, in its second and third. A machine that is too slow
for one is fast enough for another; what is wrong with the library stays wrong.
"""

SLACK = 5.0
"""Seconds that a busy machine may add; how exact the deadline is, the twin of the store shows."""

SAID: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
    ((errors.ConditionFailed, errors.TransactionCanceled, errors.ItemNotFound), "refused"),
    (errors.WrittenUnreadable, "written"),
    (errors.OutcomeUnknown, "unknown"),
    (errors.Unprocessed, "partly"),
    (errors.StoreError, "not done"),
)
"""What the library says of a call by what it raises."""


def tries(fault: Fault, times: int) -> tuple[float, ...]:
    """The patience of one try after the other; more at once where the fault takes no time."""
    takes_time = fault.slow or "hole" in fault.name or times == ALWAYS
    return PATIENCE if takes_time else PATIENCE[1:]


def called(verb: Verb, entries: Entries, account: str, seconds: float) -> tuple[str, Any]:
    """What the library says of a call: done, refused, not done or unknown."""
    try:
        with deadline(seconds):
            return "done", verb.call(entries, account)
    except Exception as error:  # noqa: BLE001 - no other than these may come out
        return next((said for kinds, said in SAID if isinstance(error, kinds)), "nonsense"), error


def lie(verb: Verb, account: str, said: str, result: Any, stored: Any) -> str | None:
    """What is wrong with what was said, given what is stored; None when it is true."""
    after = verb.before if verb.after is None else verb.after
    true = {
        "done": lambda: stored == after and result in verb.answers(account),
        "written": lambda: verb.once and stored == after,
        "not done": lambda: stored == verb.before,
        "unknown": lambda: verb.writes and stored in (verb.before, after),
        "partly": lambda: verb.is_part(stored, result),
    }
    # No condition of these verbs fails, and no other error may come out.
    if said in true and true[said]():
        return None
    return f"said {said} ({result!r}), stored is {stored}"


def claim(verb: Verb, truth: Truth, account: str) -> None:
    """Stores the guards of what a verb finds."""
    for number, item in verb.before.items() if verb.guarded else ():
        truth.claim(account, item["amount"], number)


def seen(verb: Verb, truth: Truth, account: str) -> tuple[Any, dict[Any, int | None]]:
    """What is stored of one moment: the entries of an account, and whose the guards are.

    A request that was given up may be carried out between two reads: then all is read again.
    """
    if not verb.guarded:
        return truth.stored(account), {}
    amounts = {item["amount"] for item in [*verb.before.values(), *(verb.after or {}).values()]}
    while True:
        stored = truth.stored(account)
        guards = {amount: truth.claimed(account, amount) for amount in amounts}
        if truth.stored(account) == stored:
            return stored, guards


def orphan(stored: Any, guards: dict[Any, int | None]) -> str | None:
    """What is wrong with the guards, given what is stored; None where each amount has its own."""
    owners = {item["amount"]: number for number, item in stored.items()}
    right = dict.fromkeys(guards) | owners if guards else {}
    return None if guards == right else f"the guards are {guards}, stored is {stored}"


def must(verb: Verb, fault: Fault, times: int) -> set[str]:
    """What may be said at all: doubt is allowed only where nobody could know."""
    if fault.races and verb.writes and not verb.repeats:
        return {"done", "unknown"}
    if fault.slow:
        # It depends on what time is left.
        return {"done", "written", "not done", "unknown", "partly"}
    if fault.harmless or (times == 1 and (verb.repeats or fault.certain)):
        return {"done"}
    if times == 1 and verb.settles and fault.applied:
        return {"done"}
    if fault.certain or not verb.writes:
        return {"not done", "partly", "written"}
    return {"unknown", "partly", "written"}


def judged(
    verb: Verb, entries: Entries, truth: Truth, fault: Fault, times: int, *, patience: float
) -> tuple[str | None, bool]:
    """What is wrong with a call on an account of its own, and whether a timeout may be why."""
    account, seconds = new_account(reads_first=verb.reads_first), 3 * patience
    truth.write(account, verb.before)
    claim(verb, truth, account)
    watch, started = Stopwatch(), time.monotonic()
    said, result = called(verb, entries, account, seconds)
    took, passed = watch.seconds, time.monotonic() - started
    stored, guards = seen(verb, truth, account)
    wrong = lie(verb, account, said, result, stored) or orphan(stored, guards)
    if wrong is None and verb.feels(fault) and said not in must(verb, fault, times):
        # A race may be lost several times in a row where urllib3 chooses the connection.
        return f"said {said} without need: {result!r}", passed >= patience or fault.races
    if isinstance(result, Exception) and (told := leaks(result, account)):
        return f"a tracker finds more than the caller's own in {told}", False
    late = took > seconds + SLACK
    return f"took {took:.1f} s" if late else wrong, late


def at_once(
    verbs: Sequence[Verb],
    entries: Entries,
    truth: Truth,
    fault: Fault,
    times: int,
    *,
    patience: float,
) -> list[tuple[Verb, str | None, bool]]:
    """What is wrong with calls of verbs, each in a thread of its own.

    They wait for the fault together. Those that this holds up are called again, with more patience
    and beside fewer others.
    """

    def judge(verb: Verb) -> tuple[Verb, str | None, bool]:
        return verb, *judged(verb, entries, truth, fault, times, patience=patience)

    with ThreadPoolExecutor(len(verbs)) as pool:
        return list(pool.map(judge, verbs))


def read(entries: Entries, account: str) -> Entry:
    """What is stored, by a store that may have less patience than a busy machine needs."""
    until = soon()
    while True:
        try:
            with deadline(20.0):
                return entries.require((account, 1))
        except errors.Timeout:
            if time.monotonic() > until:
                raise


SENDERS = [
    pytest.param("auto", "http", 1, id="once"),
    pytest.param("auto", "http", ALWAYS, id="for ever"),
    pytest.param("botocore", "http", 1, id="once, by botocore"),
    pytest.param("auto", "https", 1, id="once, over TLS"),
    pytest.param("botocore", "https", 1, id="once, by botocore, over TLS"),
]


@pytest.mark.parametrize(("transport", "scheme", "times"), SENDERS)
@pytest.mark.parametrize("fault", FAULTS.values(), ids=lambda fault: fault.name)
def test_what_is_said_is_true(
    patient: Callable[[float], Entries], proxy: FaultProxy, truth: Truth, fault: Fault, times: int
) -> None:
    """Done, refused, not done or unknown: each as stored, in time, and no doubt without need.

    What is recorded of an error, frames and all, has no credentials and nothing of a request; keys
    and items are those that the caller gave and was given. Afterwards the same store reads what is
    there: no answer is left over for another call.
    """
    accounts = [new_account() for _ in range(5)]
    for number, account in enumerate(accounts):
        truth.write(account, {1: row(number)})
    proxy.spoil(fault, times)
    stores, wrong, left = list[Entries](), dict[str, str | None](), VERBS
    for patience in tries(fault, times):
        stores.append(patient(patience))
        found = at_once(left, stores[-1], truth, fault, times, patience=patience)
        wrong |= {verb.name: complaint for verb, complaint, _ in found}
        left = [verb for verb, _, hurried in found if hurried]
        if not left:
            break
    assert not any(wrong.values()), wrong
    proxy.heal()
    for number, account in enumerate(accounts):
        assert read(stores[0], account).amount == number


KINDS = (
    *("reset after apply", "black hole after apply", "500 after apply", "throttled", "garbled"),
    *("302 of a portal", "not HTTP"),
)
"""Faults that end in other errors, by other ways."""


@pytest.mark.parametrize("scheme", ["http"])
@pytest.mark.parametrize("transport", ["botocore"])
@pytest.mark.parametrize("fault", KINDS)
def test_a_tracker_finds_the_callers_own_alone(
    patient: Callable[[float], Entries], proxy: FaultProxy, truth: Truth, fault: str
) -> None:
    """Of whatever fails by botocore's sender, too, which holds requests in many a frame.

    No credentials, no signature, nothing of a request or an answer; keys and items as they were
    given, in frames as in pickles.
    """
    entries = patient(0.3)
    accounts = [new_account(reads_first=verb.reads_first) for verb in VERBS]
    for verb, account in zip(VERBS, accounts, strict=True):
        truth.write(account, verb.before)
        claim(verb, truth, account)
    proxy.spoil(FAULTS[fault])

    def found(verb: Verb, account: str) -> tuple[bool, list[str]]:
        said, result = called(verb, entries, account, 0.8)
        return said != "done", leaks(result, account) if isinstance(result, Exception) else []

    with ThreadPoolExecutor(len(VERBS)) as pool:
        seen = list(pool.map(found, VERBS, accounts))
    assert all(failed for failed, _ in seen)
    assert [told for _, told in seen if told] == []
