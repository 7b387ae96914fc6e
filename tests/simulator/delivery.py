"""One request on its way to the engine, and its answer on the way back."""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any
from zlib import crc32

from pydantic_core import to_json

from dynrepo.sending.outcomes import Refused
from tests.simulator.fates import Arrival, Ending
from tests.simulator.history import Effect, Seen
from tests.simulator.task import current

if TYPE_CHECKING:
    from dynrepo.operations.operation import Operation
    from tests.simulator.fates import Fate
    from tests.simulator.history import Request
    from tests.simulator.network import Network
    from tests.simulator.task import Task

OK, SERVER_ERROR = 200, 500

_WAY, _SLOW, _LATE = 0.05, 4.0, 9.0
"""Seconds that a request or an answer takes at most, a slow answer, a late request."""

_DATE = "Thu, 01 Jan 2026 00:00:00 GMT"

_DRIP = 1.5
"""Seconds from the first half of an answer to the second."""


class Delivery:
    """A request that was handed over, with its fate."""

    def __init__(
        self, network: Network, request: Request, fate: Fate, operation: Operation[Any]
    ) -> None:
        self._network = network
        self._request = request
        self._fate = fate
        self._operation = operation
        self._status = 0
        # What the caller will read, and when: bytes, none at an end, None at a reset.
        self._pieces: deque[tuple[float, bytes | None]] = deque()
        self._waiting: Task | None = None

    @property
    def is_readable(self) -> bool:
        """Whether something can be read now."""
        return bool(self._pieces) and self._pieces[0][0] <= self._network.scheduler.now

    @property
    def is_over(self) -> bool:
        """Whether nothing more can be read."""
        return not self._pieces

    def start(self, effect: Effect) -> None:
        """Lets the request go its way; `effect` is that of the verb."""
        fate, network = self._fate, self._network
        arrives = network.soon(_LATE if fate.arrival is Arrival.LATE else _WAY)
        if fate.arrival is not Arrival.NEVER:
            network.scheduler.at(arrives, partial(self._arrive, effect))
        elif fate.error is not None:
            network.scheduler.at(arrives, self._refuse)
        if fate.ending is Ending.RESET:
            self._pieces.append((network.soon(_WAY), None))

    def wait(self, seconds: float) -> None:
        """Waits until something can be read, at most so long."""
        self._waiting = current()
        if self._pieces:
            self._waiting.wake(self._pieces[0][0])
        try:
            self._waiting.wait(seconds)
        finally:
            self._waiting = None

    def taken(self) -> bytes:
        """What the caller reads next."""
        _, piece = self._pieces.popleft()
        request = self._request
        request.answered = self._network.history.step()
        if piece is None:
            raise ConnectionResetError
        if self.is_over and self._fate.ending is Ending.ANSWERED and self._status < SERVER_ERROR:
            request.seen = Seen.ANSWERED if self._status == OK else Seen.REFUSED
        return piece

    def _arrive(self, effect: Effect) -> None:
        self._request.arrived = self._network.history.step()
        answered = self._applied()
        if self._fate.copied and not isinstance(answered, Refused):
            self._copy(effect)
        if self._fate.error is not None:
            self._refuse()
        elif isinstance(answered, Refused):
            self._answer(answered.response["ResponseMetadata"]["HTTPStatusCode"], _body(answered))
        else:
            self._answer(OK, {"ConsumedCapacity": {}, **answered})

    def _applied(self) -> dict[str, Any] | Refused:
        engine, undone = self._network.engine, self._fate.undone
        return engine.answered(self._operation, self._request, undone=undone)

    def _copy(self, effect: Effect) -> None:
        """Lets a request that was applied arrive again, where no client could keep it from harm.

        A copy of what is repeated anyway may come at any time, one of a guarded write at once; for
        one that counts there is no remedy but its token.
        """
        if effect is Effect.GUARDED:
            self._applied()
        elif effect is not Effect.ONCE:
            self._network.scheduler.at(self._network.soon(_LATE), self._applied)

    def _refuse(self) -> None:
        assert self._fate.error is not None
        status, code = self._fate.error
        parts = self._operation.parts
        if code == "TransactionConflictException" and parts:
            self._answer(status, _canceled(len(parts)))
        else:
            self._answer(status, {"__type": code, "message": "as the dice fell"})

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        """Sends an answer back, in one piece or two, unless it is lost on its way."""
        ending = self._fate.ending
        if ending in (Ending.SILENT, Ending.RESET):
            return
        self._status = status
        self._request.code = body.get("__type", "")
        if ending is Ending.ODD and status == OK:
            body = self._network.odd(body)
        text = _message(status, body, broken=ending is Ending.BROKEN)
        half = len(text) // 2
        if ending is Ending.CUT:
            self._come(text[:half], b"")
        elif self._fate.in_pieces:
            self._come(text[:half], text[half:])
        else:
            self._come(text)

    def _come(self, *pieces: bytes) -> None:
        ready = self._network.soon(_SLOW if self._fate.slow else _WAY)
        self._pieces += [(ready + number * _DRIP, piece) for number, piece in enumerate(pieces)]
        if self._waiting is not None:
            self._waiting.wake(ready)


def _canceled(count: int) -> dict[str, Any]:
    """The cancellation of a transaction that met another one at its first item."""
    reasons = [{"Code": "TransactionConflict"}, *[{"Code": "None"}] * (count - 1)]
    code = "TransactionCanceledException"
    return {"__type": code, "message": "as the dice fell", "CancellationReasons": reasons}


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
        f"date: {_DATE}\r\nx-amzn-requestid: simulated\r\nx-amz-crc32: {checksum}\r\n\r\n"
    )
    return head.encode() + text
