"""What all schedules of a process are played on: made once, and emptied for each of them."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any, Self
from unittest.mock import patch

from dynrepo.blocking import channel
from dynrepo.clock import steady
from dynrepo.operations import rounds
from dynrepo.sending import retry
from tests.simulator.caller import Caller
from tests.simulator.checker import complaints
from tests.simulator.engine import Engine
from tests.simulator.history import History
from tests.simulator.ledger import LEDGERS, PLACES
from tests.simulator.network import Network
from tests.simulator.outsider import Outsider
from tests.simulator.scheduler import Scheduler
from tests.simulator.store import Credentials, SimulatedStore

if TYPE_CHECKING:
    from types import TracebackType

CALLERS, CALLS, INTRUSIONS = (2, 3), (1, 3), (0, 7)
"""How many callers a schedule has, how many calls each of them, how often others write."""

ATTEMPTS, BATCH_SIZES = (1, 2, 4, 4, 4), (1, 25)
"""How many requests a call may send, and how many items one of a batch."""

_SECONDS = 4.0
"""In which others write, most of them early, and in which credentials end."""

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
        wrong = [f"!!! {complaint}" for complaint in self.complaints]
        return "\n".join([f"seed {self.seed}", *self.history.lines(), *wrong])


class Stage:
    """A context manager: the clock, the chance and the sockets of the library are its own in it."""

    def __init__(self) -> None:
        self._dice = Random()  # noqa: S311 - it is seeded, and the seed is printed
        self._engine = Engine(self._time, self._dice)
        self._store = SimulatedStore()
        self._ledgers: dict[str, Any] = {
            ledger.table: ledger(self._store, instruments=(), clock=self._clock)
            for ledger in LEDGERS
        }

    def __enter__(self) -> Self:
        self._replaced = ExitStack()
        for owner, name, value in (
            (steady, "monotonic", self._time),
            (retry, "draw", self._dice.random),
            (rounds, "draw", self._dice.random),
            (channel, "_connected", lambda _, until: self._network.connect(until)),
            (channel, "_waiting", lambda wire, event: wire.waiting(event)),
        ):
            self._replaced.enter_context(patch.object(owner, name, value))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._replaced.close()

    def play(self, seed: int) -> Run:
        """Plays the schedule of a seed: the same one whenever it is played."""
        self._dice.seed(seed)
        self._engine.clear()
        history, scheduler = History(), Scheduler(self._dice)
        self._network = Network(scheduler, history, self._dice, self._engine)
        self._store.begin(self._credentials(), self._dice.choice(ATTEMPTS))
        size = self._dice.choice(BATCH_SIZES)
        self._cast()
        with patch.multiple(rounds, WRITE_SIZE=size, READ_SIZE=size):
            scheduler.run()
        history.last = self._engine.rows()
        return Run(seed, history, complaints(history))

    def _cast(self) -> None:
        """Everybody who plays, with what they are to do."""
        dice, scheduler = self._dice, self._network.scheduler
        places = dice.sample(PLACES, dice.choice((1, 2)))
        for name in "ABC"[: dice.randint(*CALLERS)]:
            caller = Caller(name, self._ledgers, self._network, dice)
            caller.work(dice.randint(*CALLS), places)
        outsider = Outsider(self._engine, self._network.history, dice)
        for _ in range(dice.randint(*INTRUSIONS)):
            scheduler.at(dice.random() ** 4 * _SECONDS, lambda: outsider.write(places))

    def _credentials(self) -> Credentials:
        if self._dice.random() >= _OUTAGE:
            return Credentials(self._network, 0.0, 0.0)
        end = self._dice.random() * _SECONDS
        return Credentials(self._network, end, end + self._dice.random() * _SECONDS)

    def _time(self) -> float:
        return self._network.scheduler.now

    def _clock(self) -> datetime:
        network = self._network
        return _START + timedelta(
            seconds=network.scheduler.now, microseconds=network.history.step()
        )
