"""One schedule from its seed: callers, others, a network, an engine, and the judgement at its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from tests.simulator.caller import Caller
from tests.simulator.checker import complaints
from tests.simulator.engine import Engine
from tests.simulator.history import History
from tests.simulator.ledger import LEDGERS, PLACES
from tests.simulator.network import Network
from tests.simulator.outsider import Outsider
from tests.simulator.scheduler import Scheduler
from tests.simulator.store import Credentials, SimulatedStore, simulated

CALLERS = (2, 3)
CALLS = (2, 3)
INTRUSIONS = (0, 5)
"""How many there are in a schedule, from and to."""

_SECONDS = 4.0
"""In which others write."""

_OUTAGE = 0.12
"""How many schedules have a time without credentials."""

_START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Run:
    """A schedule that was played: what happened in it, and what is wrong with that."""

    seed: int
    history: History
    complaints: list[str]

    def __str__(self) -> str:
        return "\n".join(
            [f"seed {self.seed}", *self.history.lines(), *[f"!!! {it}" for it in self.complaints]]
        )


def played(seed: int) -> Run:
    """Plays the schedule of a seed: the same one whenever it is played."""
    dice = Random(seed)  # noqa: S311 - the seed is printed, it is no secret
    history = History()
    scheduler = Scheduler(dice)
    engine = Engine(scheduler.time)
    network = Network(scheduler, history, dice, engine)
    with simulated(network, dice):
        _cast(network, dice)
        scheduler.run()
    history.last = engine.rows()
    return Run(seed, history, complaints(history))


def _cast(network: Network, dice: Random) -> None:
    """Everybody who plays, with what they are to do."""
    scheduler, history, engine = network.scheduler, network.history, network.engine
    store = SimulatedStore(_credentials(network, dice))

    def clock() -> datetime:
        return _START + timedelta(seconds=scheduler.now, microseconds=history.step())

    ledgers = {ledger.table: ledger(store, instruments=(), clock=clock) for ledger in LEDGERS}
    look = engine.row
    places = dice.sample(PLACES, 2)
    for name in "ABC"[: dice.randint(*CALLERS)]:
        Caller(name, ledgers, look, scheduler, history, dice).work(dice.randint(*CALLS), places)
    outsider = Outsider(engine, history, dice)
    for _ in range(dice.randint(*INTRUSIONS)):
        scheduler.at(dice.random() * _SECONDS, lambda: outsider.write(places))


def _credentials(network: Network, dice: Random) -> Credentials:
    if dice.random() >= _OUTAGE:
        return Credentials(network, 0.0, 0.0)
    end = dice.random() * _SECONDS
    return Credentials(network, end, end + dice.random() * _SECONDS)
