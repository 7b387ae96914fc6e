"""A caller: it calls verb after verb, as the dice say, with instances that may be old."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Any

from dynrepo import deadline
from tests.simulator.answers import Cancelled, answer_to
from tests.simulator.batches import BATCHES
from tests.simulator.history import Call
from tests.simulator.ledger import PLACES, Dated, Locked, Plain, Row
from tests.simulator.reads import READS
from tests.simulator.store import DEADLINE
from tests.simulator.task import Task
from tests.simulator.writes import WRITES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from random import Random

    from tests.simulator.ledger import Place
    from tests.simulator.network import Network
    from tests.simulator.plan import Plan

MODELS: dict[str, type[Plain]] = {"plain": Plain, "locked": Locked, "dated": Dated}

LONGEST_BATCH = 110.0
"""Seconds that a batch of one part takes at most, as the docs say."""

_IN_A_BLOCK, _STOPPED = 0.2, 0.06
"""How many calls have a `deadline` block around them, and how many are stopped."""

_BETWEEN = 0.1
"""Seconds between two calls of a caller, at most."""

_FRESH, _CROWDED = 0.7, 0.9
"""How often a caller has read a row just before, and how often it goes where the others go."""


class Caller:
    """One task, and what it knows: what it reads just before a call, it looks up in the engine."""

    def __init__(
        self, name: str, ledgers: Mapping[str, Any], network: Network, dice: Random
    ) -> None:
        self.name = name
        self.dice = dice
        self._ledgers = ledgers
        self._engine = network.engine
        self._scheduler = network.scheduler
        self._history = network.history
        self._known: dict[Place, Plain] = {}

    def work(self, calls: int, places: Sequence[Place]) -> None:
        """Begins a task that makes so many calls, most of them at some places."""
        self._task = Task(self._scheduler, partial(self._call_all, calls, places))

    def ledger(self, place: Place) -> Any:
        """The repository of a place."""
        return self._ledgers[place.table]

    def had(self, place: Place) -> list[Row | None]:
        """The rows that a place has had, and will have had."""
        return self._engine.had[place]

    def is_versioned(self, place: Place) -> bool:
        """Whether the rows of a place have versions."""
        return issubclass(MODELS[place.table], Locked)

    def tag(self) -> str:
        """A text that nobody else writes."""
        return f"{self.name}{self._history.step()}"

    def entry(self, place: Place) -> Any:
        """An instance that was never stored."""
        model: Any = MODELS[place.table]
        return model(number=place.number, amount=self.dice.randint(0, 3), tag=self.tag())

    def known(self, place: Place) -> Any:
        """The instance that is stored at a place, or was so before; or one that never was."""
        if place not in self._known or self.dice.random() < _FRESH:
            row = self._engine.row(place)
            if row is None or not row.readable:
                return self.entry(place)
            content = {"amount": row.amount, "tag": row.tag, "version": row.version}
            model: Any = MODELS[place.table]
            self._known[place] = model(number=place.number, **content)
        return self._known[place]

    def changed(self, place: Place) -> Any:
        """The same with another content."""
        content = {"tag": self.tag(), "amount": self.dice.randint(0, 3)}
        return self.known(place).model_copy(update=content)

    def amount(self, place: Place) -> int:
        """The amount that was last seen of a place."""
        return int(self.known(place).amount)

    def written(self, entry: Plain) -> Row:
        """The row that a write of an instance leaves: the next version of it."""
        version = getattr(entry, "version", None)
        return Row(entry.amount, entry.tag, 0 if version is None else version + 1)

    def _call_all(self, calls: int, places: Sequence[Place]) -> None:
        for _ in range(calls):
            self._task.wait(self.dice.random() * _BETWEEN)
            place = self.dice.choice(places if self.dice.random() < _CROWDED else PLACES)
            self._call(self.dice.choice(VERBS)(self, place))

    def _call(self, plan: Plan) -> None:
        call = self._noted(plan)
        with self._block(call):
            call.answer = answer_to(plan)
        call.ended, call.end = self._history.step(), self._scheduler.now

    def _noted(self, plan: Plan) -> Call:
        now = self._scheduler.now
        call = Call(
            self.name,
            plan.verb,
            plan.parts,
            plan.effect,
            plan.atomic,
            begun=self._history.step(),
            began=now,
            latest=now + (DEADLINE if plan.bounded else LONGEST_BATCH),
            most=self._most(plan),
            reads_after=plan.reads_after,
            reads_first=plan.reads_first,
            settles=plan.settles,
        )
        self._history.calls.append(call)
        self._task.call = call
        if self.dice.random() < _STOPPED:
            self._scheduler.at(now + self.dice.random() * 2, partial(self._stop, call))
        return call

    def _most(self, plan: Plan) -> float:
        """How many requests a call may send, as far as that is bounded."""
        attempts: int = self.ledger(plan.parts[0].place).store.attempts
        requests = 2 * plan.reads_first or 1 + plan.reads_after
        return attempts * requests if plan.bounded else inf

    def _block(self, call: Call) -> AbstractContextManager[None]:
        if self.dice.random() >= _IN_A_BLOCK:
            return nullcontext()
        seconds = self.dice.random() * 4
        call.latest = call.began + seconds
        return deadline(seconds)

    def _stop(self, call: Call) -> None:
        if call.ended is None:
            call.stopped = True
            self._task.interrupt(Cancelled())


VERBS = (*READS, *WRITES, *BATCHES)
