"""The network between callers and the engine: what becomes of each request, by the dice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.simulator.delivery import Delivery
from tests.simulator.fates import NO_CONNECTION, NO_CONNECTION_IN_TIME, Ending, drawn
from tests.simulator.history import Request, Seen
from tests.simulator.task import current
from tests.simulator.wire import Wire

if TYPE_CHECKING:
    from random import Random

    from tests.simulator.engine import Engine
    from tests.simulator.history import History
    from tests.simulator.scheduler import Scheduler

CONNECT_TIMEOUT, READ_TIMEOUT = 1.0, 3.0
"""Seconds that callers wait for a connection, and for an answer."""

_ODDITIES: tuple[Any, ...] = (None, [], 5, "odd", [[]], {"odd": 5})

_NO_CONNECTION, _FULL, _CLOSED = 0.03, 0.05, 0.05
"""How often no connection is made, one takes half a request, one is closed after an answer."""


class Network:
    """Carries the requests of all callers to one engine."""

    def __init__(
        self, scheduler: Scheduler, history: History, dice: Random, engine: Engine
    ) -> None:
        self.scheduler = scheduler
        self.history = history
        self.engine = engine
        self._dice = dice

    def connect(self, until: float) -> Wire:
        """A new connection; now and then there is none, which may show late."""
        chance = self._dice.random()
        if chance < _NO_CONNECTION / 2:
            self.keep_back(NO_CONNECTION)
            raise ConnectionRefusedError
        if chance < _NO_CONNECTION:
            self.keep_back(NO_CONNECTION_IN_TIME)
            current().wait(max(0.0, until - self.scheduler.now))
            raise TimeoutError
        return Wire(self)

    def keep_back(self, fate: str) -> None:
        """Notes a request that does not leave."""
        self._noted(fate).seen = Seen.UNSENT

    def deliver(self) -> Delivery:
        """Takes the request of the task that runs, and decides what becomes of it."""
        task = current()
        fate = drawn(self._dice, task.operation)
        if fate.ending is Ending.UNSENT:
            self.keep_back(fate.name)
            raise BrokenPipeError
        request = self._noted(fate.name)
        request.seen = Seen.DOUBT
        delivery = Delivery(self, request, fate, task.operation)
        delivery.start(task.call.effect)
        return delivery

    def odd(self, body: dict[str, Any]) -> dict[str, Any]:
        """An answer one member of which is something else."""
        return {**body, self._dice.choice([*body]): self._dice.choice(_ODDITIES)}

    def is_full(self) -> bool:
        """Whether only the half of a request can be taken at once."""
        return self._dice.random() < _FULL

    def closes(self) -> bool:
        """Whether the server closes a connection after an answer."""
        return self._dice.random() < _CLOSED

    def soon(self, seconds: float) -> float:
        """A time from now, so many seconds away at most."""
        return self.scheduler.now + self._dice.random() * seconds

    def complain(self, of_what: str) -> None:
        """Notes that the library used a connection as none may be used."""
        self.history.complaints.append(of_what)

    def _noted(self, fate: str) -> Request:
        task = current()
        request = Request(task.operation.name, fate, self.history.step())
        task.call.requests.append(request)
        return request
