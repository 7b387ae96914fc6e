"""The loop around one request: it is sent, sent again where that is safe, and settled by a look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynrepo.aio.waits import sleep
from dynrepo.clock import steady
from dynrepo.errors import DynrepoError, TableNotFound, Throttled
from dynrepo.instrumentation.events import AttemptFailed, BudgetSpent, note
from dynrepo.interruption import pass_interruption
from dynrepo.operations.operation import Answer, Location
from dynrepo.sending.capacity import ConsumedCapacity, capacity_probe
from dynrepo.sending.failure import Failure
from dynrepo.sending.interrupted import note_interrupted
from dynrepo.sending.outcomes import AnswerBroken, AnswerEmpty, SendingFailed
from dynrepo.sending.retry import ATTEMPTS, RetryBudget, may_repeat, pause
from dynrepo.tracebacks import without_frames

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from dynrepo.operations.operation import Operation, Settlement


class AsyncSender:
    """Sends operations until they are answered or their time is up; safe for tasks.

    `attempt(operation, number, ends, anew=...)` sends once, and raises what stands in its way; it
    is called `attempts` times at most for an operation. With `anew` an answer was lost before, and
    no kept connection is trusted: a network that drops one may have dropped them all. Stores share
    this, so that a fault in memory means to the caller what the same fault means on a network.
    `locate` tells where they send to.
    """

    def __init__(
        self,
        attempt: Callable[..., Awaitable[Answer]],
        sleep: Callable[[float], Awaitable[None]] = sleep,
        attempts: int = ATTEMPTS,
        budget: RetryBudget | None = None,
        locate: Callable[[], Location] = Location,
    ) -> None:
        self._attempt = attempt
        self._sleep = sleep
        self.attempts = attempts
        self._budget = RetryBudget() if budget is None else budget
        self._capacity = ConsumedCapacity()
        self._locate = locate

    async def send(self, operation: Operation[Any], ends: float, attempt: int = 0) -> Answer:
        """The answer to an operation, or the error that is the verdict on it.

        `ends` is when the call must be answered, on the clock of `time.monotonic`; `attempt` is how
        many requests it has sent already.
        """
        failure: Failure | None = None
        anew = attempt > 0  # it is a look: the answer to a write was lost
        accepts = operation.accepts
        try:
            while True:
                attempt += 1
                try:
                    answer = await self._attempt(operation, attempt, ends, anew=anew)
                    if accepts is not None and not accepts(answer):
                        raise AnswerBroken(_OF_ANOTHER)  # noqa: TRY301 - as any broken one
                except Exception as error:  # noqa: BLE001 - translated in one place
                    failure = Failure.from_exception(error, after=failure)
                    pass_interruption(error)
                    without_frames(error)  # which hold the request
                    if isinstance(error, AnswerEmpty):
                        attempt += await self._asked_in_vain(operation, ends)
                        if self._capacity.is_left_out:
                            return error.answer
                    anew = failure.lost
                    wait = self._pause(operation, failure, attempt, ends)
                    if wait is None:
                        return await self._settled(operation, failure, attempt, ends, error)
                    await self._sleep(wait)
                else:
                    self._learn(operation, answer, attempt)
                    return answer
        except DynrepoError:
            raise
        except BaseException as error:
            # Whoever had handed the request over has said so, too.
            note_interrupted(error, attempt, in_doubt=failure is not None and failure.in_doubt)
            raise

    def _learn(self, operation: Operation[Any], answer: Answer, attempt: int) -> None:
        """Takes note of what an answer tells of the network, and of the engine."""
        if attempt == 1 and self._budget.is_touched:
            self._budget.refill()
        if not self._capacity.is_told:
            self._capacity.see(operation.name, answer)

    async def _asked_in_vain(self, operation: Operation[Any], ends: float) -> int:
        """Asks once whether the engine tells consumed capacity, where that is open.

        The requests that came to nothing: 1 or 0.
        """
        if self._capacity.is_known:
            return 0
        try:
            self._capacity.learn(
                await self._attempt(capacity_probe(operation), 1, ends, anew=False)
            )
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing is known by it
            pass_interruption(error)
            failure = Failure.from_exception(error)
            if not (failure.in_doubt or failure.retryable):
                self._capacity.judge()
            return 1
        return 0

    def _pause(
        self, operation: Operation[Any], failure: Failure, attempt: int, ends: float
    ) -> float | None:
        """Seconds until an operation is sent again, None where it is not; instruments are told."""
        seconds = pause(attempt, failure)
        repeats = self._may_repeat(operation, failure, attempt, ends - seconds)
        wait = seconds if repeats else None
        _note_failed(failure, attempt, wait)
        return wait

    def _may_repeat(
        self, operation: Operation[Any], failure: Failure, attempt: int, latest: float
    ) -> bool:
        return may_repeat(operation, failure) and self._may_send(attempt, latest)

    def _may_send(self, attempt: int, latest: float) -> bool:
        """Whether another request may be sent, a repeat or a look; takes it from the budget."""
        if attempt >= self.attempts or steady.monotonic() >= latest:
            return False
        if self._budget.take():
            return True
        note(BudgetSpent())
        return False

    async def _settled(
        self,
        operation: Operation[Any],
        failure: Failure,
        attempts: int,
        ends: float,
        error: Exception,
    ) -> Answer:
        """The answer of a write that, by a look, was applied; else the verdict is raised."""
        cause = error.origin if isinstance(error, SendingFailed) else error
        settlement = operation.settlement
        if failure.in_doubt and settlement is not None and self._may_send(attempts, ends):
            proof, attempts = await self._look(settlement, attempts, ends)
            if proof is not None:
                return proof.replaced(request_id=failure.request_id)
        raise failure.verdict(operation, attempts, self._place_of(failure)) from cause

    def _place_of(self, failure: Failure) -> Location:
        """Where a table or an index was looked for in vain; it is not asked for anything else."""
        return self._locate() if failure.kind is TableNotFound else Location()

    async def _look(
        self, settlement: Settlement, attempts: int, ends: float
    ) -> tuple[Answer | None, int]:
        """What is stored as the answer, None where it proves nothing, and all attempts by then."""
        try:
            answer = await self.send(settlement.look, ends, attempts)
        except DynrepoError as error:
            return None, error.attempts
        stored = settlement.look.read(answer)
        proves = stored and settlement.proves(stored)
        proof = Answer({"Attributes": stored}, attempts=answer.attempts) if proves else None
        return proof, answer.attempts


def _note_failed(failure: Failure, attempt: int, pause: float | None) -> None:
    """Tells the instruments of an attempt that came to nothing."""
    if failure.refused:
        return
    is_answer, is_throttled = failure.response is not None, failure.kind is Throttled
    note(AttemptFailed(attempt, failure.code, is_answer, is_throttled, failure.request_id, pause))


_OF_ANOTHER = "the answer is one to another request"
