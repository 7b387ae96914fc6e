"""In bad weather everything that was acknowledged is there, once, and nothing else is."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.faults import stormed
from tests.faults.forked import AMONG_THREADS
from tests.faults.ledger import new_account
from tests.faults.proxy import FAULTS, Fault, Request
from tests.faults.verbs import row

if TYPE_CHECKING:
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
    truth.write(shared, {number: row(0) for number in (1, 2, 3)})
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
        for number in (1, 2, 3)
    }
    counted = {number: int(item["amount"]) for number, item in truth.stored(shared).items()}
    for number, sums in said.items():
        assert sums.total() == WRITERS * stormed.ROUNDS
        assert sums["done"] <= counted[number] <= sums["done"] + sums["unknown"], (number, sums)
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
