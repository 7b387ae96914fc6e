"""The network between callers and the engine: what becomes of each request, by the dice."""

from __future__ import annotations

from functools import partial
from math import inf
from typing import TYPE_CHECKING, Any
from zlib import crc32

from pydantic_core import to_json

from dynrepo.sending.outcomes import Refused
from tests.simulator.fates import (
    NO_CONNECTION,
    NO_CONNECTION_IN_TIME,
    Arrival,
    Ending,
    Fate,
    drawn,
)
from tests.simulator.history import Effect, Request, Seen
from tests.simulator.task import current
from tests.simulator.wire import Wire

if TYPE_CHECKING:
    from random import Random

    from dynrepo.operations.operation import Operation
    from tests.simulator.engine import Engine
    from tests.simulator.history import History
    from tests.simulator.scheduler import Scheduler

CONNECT_TIMEOUT, READ_TIMEOUT = 1.0, 3.0
"""Seconds that callers wait for a connection, and for an answer."""

OK, SERVER_ERROR = 200, 500

_WAY = 0.02
"""Seconds that a request, or an answer, takes at most."""

_SLOW, _LATE = 4.0, 9.0
"""Seconds that a slow answer, and a late request, take at most."""

_NO_CONNECTION = 0.03
"""How many connections cannot be made."""


class Delivery:
    """One request on its way, and its answer; `ready` is when something can be read."""

    def __init__(self, network: Network, request: Request, fate: Fate, copies: int = 0) -> None:
        self._network = network
        self._request = request
        self._fate = fate
        self._copies = copies
        self._status = 0
        self._bytes = b""
        self.ready = inf
        self.ends = fate.ending is Ending.RESET

    @property
    def is_readable(self) -> bool:
        """Whether the answer, or the end of the connection, is there."""
        return self.ready <= self._network.scheduler.now

    def arrive(self, operation: Operation[Any]) -> None:
        """The engine gets the request, and its answer sets out."""
        engine, request = self._network.engine, self._request
        request.arrived = self._network.history.step()
        answered = engine.answered(operation, request, in_part=self._fate.in_part)
        for _ in range(self._copies):
            engine.answered(operation, request)
        if self._fate.error is not None:
            self.refuse()
        elif isinstance(answered, Refused):
            self._answer(answered.response["ResponseMetadata"]["HTTPStatusCode"], _body(answered))
        else:
            self._answer(OK, {"ConsumedCapacity": {}, **answered})

    def refuse(self) -> None:
        """The error of this fate sets out as the answer."""
        assert self._fate.error is not None
        status, code = self._fate.error
        self._answer(status, {"__type": code, "message": "as the dice fell"})

    def taken(self) -> bytes:
        """What the caller reads."""
        request = self._request
        request.answered = self._network.history.step()
        if self.ends:
            raise ConnectionResetError
        if self._fate.ending is not Ending.BROKEN and self._status < SERVER_ERROR:
            request.seen = Seen.ANSWERED if self._status == OK else Seen.REFUSED
        return self._bytes

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        if self._fate.ending in (Ending.SILENT, Ending.RESET):
            return
        self._status = status
        self._request.code = body.get("__type", "")
        self._bytes = _message(status, body, broken=self._fate.ending is Ending.BROKEN)
        self.ready = self._network.soon(_SLOW if self._fate.slow else _WAY)


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
        effect = task.call.effect
        delivery = Delivery(self, request, fate, copies=fate.copied and effect is Effect.GUARDED)
        if fate.ending is Ending.RESET:
            delivery.ready = self.soon(_WAY)
        self._send(delivery, fate)
        if fate.copied and effect in (Effect.NONE, Effect.REPEATABLE):
            again = partial(self.engine.answered, task.operation, request)
            self.scheduler.at(self.soon(_LATE), again)
        return delivery

    def soon(self, seconds: float) -> float:
        """A time from now, so many seconds away at most."""
        return self.scheduler.now + self._dice.random() * seconds

    def complain(self, of_what: str) -> None:
        """Notes that the library used a connection as none may be used."""
        self.history.complaints.append(of_what)

    def _send(self, delivery: Delivery, fate: Fate) -> None:
        arrives = self.soon(_LATE if fate.arrival is Arrival.LATE else _WAY)
        if fate.arrival is not Arrival.NEVER:
            self.scheduler.at(arrives, partial(delivery.arrive, current().operation))
        elif fate.error is not None:
            self.scheduler.at(arrives, delivery.refuse)

    def _noted(self, fate: str) -> Request:
        task = current()
        request = Request(task.operation.name, fate, self.history.step())
        task.call.requests.append(request)
        return request


def _body(refusal: Refused) -> dict[str, Any]:
    """An error of the engine as the body of an answer."""
    response = dict(refusal.response)
    error = response.pop("Error")
    del response["ResponseMetadata"]
    return {"__type": error["Code"], "message": error["Message"], **response}


def _message(status: int, body: dict[str, Any], *, broken: bool) -> bytes:
    text = to_json(body)
    checksum = crc32(text) ^ broken
    head = (
        f"HTTP/1.1 {status} Whatever\r\ncontent-length: {len(text)}\r\n"
        f"x-amzn-requestid: simulated\r\nx-amz-crc32: {checksum}\r\n\r\n"
    )
    return head.encode() + text
