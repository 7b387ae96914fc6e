"""In bad weather everything that was acknowledged is there, once, and nothing else is."""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo import AsyncDynamoStore, AsyncRepository, errors
from dynrepo.testing.engine import Engine
from tests.faults import stormed
from tests.faults.forked import AMONG_THREADS
from tests.faults.ledger import Entry, Line, new_account
from tests.faults.proxy import FAULTS, Fault, Request
from tests.faults.verbs import one_more, row

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from tests.faults.ledger import Truth
    from tests.faults.proxy import FaultProxy

ROOT = Path(__file__).parents[2]
SHARE = 0.1
"""How many of all requests are spoiled."""

SLOW = {"black hole before apply", "black hole after apply"}
WEATHER = [
    *[fault for fault in FAULTS.values() if not fault.slow and fault.name not in SLOW] * 5,
    *[FAULTS[name] for name in sorted(SLOW)],  # seldom, since each costs a whole read timeout
]

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork"),
]

WRITERS = (stormed.CHILDREN + 1) * stormed.THREADS


@pytest.mark.parametrize("transport", ["auto", "botocore"])
def test_what_was_acknowledged_is_there_once(
    truth: Truth, proxy: FaultProxy, transport: str
) -> None:
    """Nine writers in three processes, a tenth of all requests spoiled: the books balance."""
    dice = random.Random(9)  # noqa: S311 - the weather is no secret

    def choose(_: Request) -> Fault | None:
        return dice.choice(WEATHER) if dice.random() < SHARE else None

    shared = new_account()
    truth.write(shared, {number: row(0) for number in stormed.COUNTERS})
    proxy.choose = choose
    ended = subprocess.run(
        [
            sys.executable,
            *AMONG_THREADS,
            "-m",
            "tests.faults.stormed",
            proxy.endpoint,
            truth.prefix,
            transport,
            shared,
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        timeout=150,
        check=False,
        text=True,
    )
    assert ended.stderr[-900:] == ""
    assert ended.returncode == 0
    told = [json.loads(line) for line in ended.stdout.splitlines()]

    said = {
        number: Counter(s for a, n, _, s in told if (a, n) == (shared, number))
        for number in stormed.COUNTERS
    }
    counted = {number: int(item["amount"]) for number, item in truth.stored(shared).items()}
    for number, sums in said.items():
        assert sums.total() == WRITERS * stormed.ROUNDS
        assert sums["done"] <= counted[number] <= sums["done"] + sums["unknown"], (number, sums)
    assert all(said[number]["done"] for number in stormed.COUNTERS)
    # Four attempts with one token: that all answers are lost is as likely as 0.1 to the fourth.
    assert said[stormed.EXACT]["unknown"] <= 1
    assert said[stormed.EXACT]["refused"] == 0

    possible: dict[tuple[str, int], set[int | None]] = defaultdict(lambda: {None})
    for account, number, amount, what in told:
        if account != shared:
            assert what != "refused", (account, number)  # nobody else writes these
            if what == "done":
                possible[account, number] = {amount}
            elif what == "unknown":
                possible[account, number] |= {amount}
    accounts = {account for account, _ in possible}
    assert len(accounts) == WRITERS
    for account in accounts:
        stored = {number: int(item["amount"]) for number, item in truth.stored(account).items()}
        for number in range(stormed.ROUNDS):
            assert stored.pop(number, None) in possible[account, number]
        assert stored == {}, "a phantom"


class AwaitedEntries(AsyncRepository[Entry]):
    """The ledger, awaited."""

    table = "entries"


class AwaitedLines(AsyncRepository[Line]):
    """The ledger as a program sees it that does not know of versions."""

    table = "entries"


EDITORS = 20


async def edited_by_tasks(store: AsyncDynamoStore, shared: str) -> dict[int, Counter[str]]:
    """What twenty tasks are told of their edits, by the number of the counter."""
    said: dict[int, Counter[str]] = {1: Counter(), 2: Counter()}
    entries, lines = AwaitedEntries(store, instruments=[]), AwaitedLines(store, instruments=[])

    async def slowly(found: Any) -> Any:
        await asyncio.sleep(0)
        return one_more(found)

    async def told(edit: Awaitable[Any]) -> str:
        try:
            await edit
        except errors.OutcomeUnknown:
            return "unknown"
        except errors.ConditionFailed:
            return "refused"
        except errors.StoreError:
            return "not done"
        return "done"

    async def editor() -> None:
        for _ in range(2):
            said[1][await told(entries.edit((shared, 1), slowly))] += 1
            said[2][await told(lines.edit((shared, 2), slowly))] += 1

    await asyncio.gather(*[editor() for _ in range(EDITORS)])
    return said


@pytest.mark.parametrize("transport", ["auto", "botocore"])
def test_what_tasks_edit_is_there_once(truth: Truth, proxy: FaultProxy, transport: Any) -> None:
    """Twenty at once on each counter, a tenth of all requests spoiled: the books balance."""
    dice = random.Random(20)  # noqa: S311 - the weather is no secret
    shared = new_account()
    truth.write(shared, {number: row(0) for number in (1, 2)})

    async def main() -> dict[int, Counter[str]]:
        async with AsyncDynamoStore(
            endpoint=proxy.endpoint,
            region=Engine.region,
            table_prefix=truth.prefix,
            connect_timeout=2.0,
            read_timeout=2.0,
            transport=transport,
        ) as store:
            await AwaitedEntries(store, instruments=[]).exists((shared, 1))
            proxy.choose = lambda _: dice.choice(WEATHER) if dice.random() < SHARE else None
            return await edited_by_tasks(store, shared)

    said = asyncio.run(main())
    counted = {number: int(item["amount"]) for number, item in truth.stored(shared).items()}
    for number, sums in said.items():
        assert sums.total() == 2 * EDITORS
        assert sums["done"] > 0
        assert sums["done"] <= counted[number] <= sums["done"] + sums["unknown"], (number, sums)
