"""In bad weather no two items have one unique value, and no guard is left without its item."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo import DynamoStore
from dynrepo.testing.engine import Engine
from tests.faults import rivals
from tests.faults.forked import AMONG_THREADS
from tests.faults.test_storm import SHARE, WEATHER
from tests.members import Members

if TYPE_CHECKING:
    from tests.faults.ledger import Truth
    from tests.faults.proxy import FaultProxy

ROOT = Path(__file__).parents[2]

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork"),
]

UNCHANGED = {"not done", "NotUnique", "ItemExists", "ItemNotFound"}


def possible(told: list[Any]) -> dict[str, set[Any]]:
    """What may be stored of each item after all that was told: its value, or `absent`.

    AssertionError for what cannot be so.
    """
    found: dict[str, set[Any]] = defaultdict(lambda: {"absent"})
    for key, verb, nick, said in told:
        after = "absent" if verb == "delete" else nick
        assert said in {"done", "unknown"} | UNCHANGED, (key, verb, said)
        if said == "ItemExists":
            found[key] = found[key] - {"absent"}
        if said == "ItemNotFound":
            found[key] = found[key] & {"absent"}
        assert found[key], (key, verb, said)
        if said == "done":
            found[key] = {after}
        elif said == "unknown":
            found[key] = found[key] | {after}
    return found


@pytest.mark.parametrize("transport", ["auto", "botocore"])
def test_each_value_that_is_held_has_one_guard(
    truth: Truth, proxy: FaultProxy, transport: Any
) -> None:
    """Six writers in three processes want four values, a tenth of all requests spoiled."""
    prefix = f"{truth.prefix}{transport}_"
    with DynamoStore(endpoint=proxy.endpoint, region=Engine.region, table_prefix=prefix) as store:
        Members(store).create_table()
    dice = random.Random(6)  # noqa: S311 - the weather is no secret
    proxy.choose = lambda _: dice.choice(WEATHER) if dice.random() < SHARE else None
    ended = subprocess.run(
        [
            sys.executable,
            *AMONG_THREADS,
            "-m",
            "tests.faults.rivals",
            proxy.endpoint,
            prefix,
            transport,
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        timeout=100,
        check=False,
        text=True,
    )
    assert ended.stderr[-900:] == ""
    assert ended.returncode == 0
    told = [json.loads(line) for line in ended.stdout.splitlines()]
    assert len(told) == (rivals.CHILDREN + 1) * rivals.THREADS * rivals.CALLS
    said = Counter(line[3] for line in told)
    assert min(said["done"], said["NotUnique"]) > 0

    rows = truth.rows(f"{prefix}members")
    stored = {row["member_id"]: row.get("nick") for row in rows if "unique_of" not in row}
    for key, values in possible(told).items():
        assert stored.get(key, "absent") in values, key
    guards = {row["member_id"]: row["unique_of"]["member_id"] for row in rows if "unique_of" in row}
    held = [(f"UNIQUE#nick#{nick}", key) for key, nick in stored.items() if nick is not None]
    assert len(held) == len(guards)
    assert dict(held) == guards
