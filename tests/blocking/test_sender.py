"""What is sent again, what never, and what is found out by looking."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import AwareDatetime, BaseModel

from dynrepo import PartitionKey, UpdatedAt, Version, schema_of
from dynrepo.blocking.sender import Sender
from dynrepo.errors import (
    CredentialsMissing,
    DynrepoError,
    ItemNotFound,
    OutcomeUnknown,
    StoreError,
    Throttled,
    TransactionCanceled,
    Unavailable,
)
from dynrepo.expressions.fields import FieldPaths
from dynrepo.instrumentation.events import BudgetSpent, current_call
from dynrepo.operations.deletes import delete_item
from dynrepo.operations.mapper import Mapper
from dynrepo.operations.operation import Answer, Effect, Operation
from dynrepo.operations.transactions import transact_write
from dynrepo.operations.writes import create_item, save_item, update_item
from dynrepo.sending.interrupted import interrupted_of, note_interrupted
from dynrepo.sending.outcomes import (
    AnswerEmpty,
    AnswerTimedOut,
    ConnectTimedOut,
    CredentialsUnusable,
    NotConnected,
    Refused,
)
from dynrepo.sending.retry import ATTEMPTS, CAPACITY, RetryBudget

if TYPE_CHECKING:
    from collections.abc import Sequence

LOST = AnswerTimedOut()
UNREACHED = ConnectTimedOut()
ANSWER = Answer({})
Step = Answer | Exception | Callable[[Operation[Any]], Answer]


def refused(code: str, status: int = 400, **more: Any) -> Refused:
    """An error answer of DynamoDB."""
    metadata = {"HTTPStatusCode": status, "RequestId": "R1"}
    return Refused({"Error": {"Code": code}, "ResponseMetadata": metadata, **more})


THROTTLED = refused("ThrottlingException")
BROKEN = refused("InternalServerError", 500)


class Line:
    """A line to the engine that follows a script; its last step repeats for ever."""

    def __init__(self, *script: Step, attempts: int = ATTEMPTS) -> None:
        self.script = list(script)
        self.sent: list[str] = []
        self.pauses: list[float] = []
        self.anew: list[bool] = []
        self.sender = Sender(self.attempt, self.pauses.append, attempts)

    def attempt(self, operation: Operation[Any], number: int, ends: float, *, anew: bool) -> Answer:  # noqa: ARG002
        """One step of the script."""
        self.sent.append(operation.name)
        self.anew.append(anew)
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(step, Exception):
            raise step.with_traceback(None)  # what is raised again and again has no long history
        return step if isinstance(step, Answer) else step(operation)

    def send(self, operation: Operation[Any], seconds: float = 10.0) -> Answer:
        """The answer to an operation that may take so many seconds."""
        return self.sender.send(operation, time.monotonic() + seconds)

    def failure(self, operation: Operation[Any], seconds: float = 10.0) -> DynrepoError:
        """The error that an operation ends with."""
        with pytest.raises(DynrepoError) as caught:
            self.send(operation, seconds)
        return caught.value


def operation(effect: Effect, **more: Any) -> Operation[Any]:
    """An operation of this effect."""
    return Operation("UpdateItem", "things", {}, lambda answer: answer, effect, **more)


@pytest.mark.parametrize("effect", Effect)
@pytest.mark.parametrize("failure", [UNREACHED, THROTTLED, NotConnected()])
def test_what_surely_was_not_applied_is_sent_again(effect: Effect, failure: Exception) -> None:
    """Whatever it does: it did not do it yet."""
    line = Line(failure, failure, ANSWER)
    assert line.send(operation(effect)) is ANSWER
    assert len(line.sent) == 3


@pytest.mark.parametrize("effect", [Effect.NONE, Effect.REPEATABLE])
@pytest.mark.parametrize("failure", [LOST, BROKEN, ConnectionResetError()])
def test_what_may_be_applied_twice_is_sent_again(effect: Effect, failure: Exception) -> None:
    """A lost answer does no harm where twice is as good as once."""
    line = Line(failure, ANSWER)
    assert line.send(operation(effect)) is ANSWER


@pytest.mark.parametrize(
    ("failure", "anew"),
    [(LOST, True), (ConnectionResetError(), True), (UNREACHED, False), (THROTTLED, False)],
)
def test_what_was_lost_goes_over_a_new_connection(failure: Exception, *, anew: bool) -> None:
    """A network that drops one connection may have dropped them all; an answer says it has not."""
    line = Line(failure, ANSWER)
    line.send(operation(Effect.NONE))
    assert line.anew == [False, anew]


@pytest.mark.parametrize("failure", [LOST, BROKEN, ConnectionResetError(), RuntimeError()])
def test_what_counts_is_never_sent_twice(failure: Exception) -> None:
    """A lost answer of an `add` is told, and left to the caller."""
    line = Line(failure, ANSWER)
    error = line.failure(operation(Effect.ONCE))
    assert isinstance(error, OutcomeUnknown)
    assert line.sent == ["UpdateItem"]


@pytest.mark.parametrize(
    ("failure", "kind"),
    [(CredentialsUnusable(), CredentialsMissing), (refused("ValidationException"), StoreError)],
)
def test_what_does_not_pass_is_not_repeated(failure: Exception, kind: type[StoreError]) -> None:
    """A refusal stays one."""
    line = Line(failure, ANSWER)
    assert type(line.failure(operation(Effect.NONE))) is kind
    assert len(line.sent) == 1


@pytest.mark.parametrize(("failure", "kind"), [(THROTTLED, Throttled), (BROKEN, Unavailable)])
def test_attempts_end(failure: Exception, kind: type[StoreError]) -> None:
    """A read that never succeeds was tried four times, and says so."""
    line = Line(failure)
    error = line.failure(operation(Effect.NONE))
    assert isinstance(error, kind)
    assert error.attempts == len(line.sent) == ATTEMPTS == 4


@pytest.mark.parametrize("attempts", [1, 2])
def test_fewer_attempts_can_be_asked_for(attempts: int) -> None:
    """Where a caller has retries of its own."""
    line = Line(UNREACHED, attempts=attempts)
    assert line.failure(operation(Effect.NONE)).attempts == len(line.sent) == attempts


def test_doubt_of_an_early_attempt_is_not_forgotten() -> None:
    """After a lost answer and three refusals for load, the write may still be applied."""
    error = Line(LOST, THROTTLED).failure(operation(Effect.REPEATABLE))
    assert isinstance(error, OutcomeUnknown)
    assert error.attempts == ATTEMPTS


def test_no_attempt_is_begun_that_has_no_time() -> None:
    """A call ends by its deadline rather than wait for a pause that goes beyond it."""
    line = Line(THROTTLED)
    error = line.failure(operation(Effect.NONE), seconds=0.0)
    assert isinstance(error, Throttled)
    assert (len(line.sent), line.pauses) == (1, [])


def test_a_probe_is_sent_once() -> None:
    """A health check does not repeat itself."""
    line = Line(THROTTLED)
    line.failure(operation(Effect.NONE, deadline=2.0))
    assert len(line.sent) == 1


def test_an_outage_costs_less_than_twice_the_load() -> None:
    """Once the budget is spent, every call is one request until calls succeed again."""
    line = Line(BROKEN)
    for _ in range(500):
        line.failure(operation(Effect.NONE))
    assert len(line.sent) == 500 + CAPACITY


def test_each_attempt_that_came_to_nothing_is_noted() -> None:
    """With its code and the pause that followed; the last has none, a spent budget is told."""
    line, call = Line(THROTTLED, LOST, BROKEN), Eventful()
    line.sender = Sender(line.attempt, line.pauses.append, budget=RetryBudget(2))
    token = current_call.set(call)
    line.failure(operation(Effect.NONE))
    current_call.reset(token)
    *failed, spent, last = call.events
    assert type(spent) is BudgetSpent
    assert [(each.number, each.code, each.is_answer, each.is_throttled) for each in failed] == [
        (1, "ThrottlingException", True, True),
        (2, "AnswerTimedOut", False, False),
    ]
    assert [each.pause for each in failed] == line.pauses
    assert (last.code, last.pause, last.request_id) == ("InternalServerError", None, "R1")


class Eventful:
    """What events are left with."""

    def __init__(self) -> None:
        self.events: tuple[Any, ...] = ()


def test_an_outage_costs_looks_no_more() -> None:
    """They are taken from the same budget."""
    line = Line(BROKEN)
    for _ in range(500):
        assert isinstance(line.failure(CREATE), OutcomeUnknown)
    assert len(line.sent) == 500 + CAPACITY


class Coin(BaseModel):
    """An item of these tests."""

    id: Annotated[str, PartitionKey()]
    cents: int = 1
    marks: set[str] = set()


COINS = Mapper("coins", schema_of(Coin))
CREATE = create_item(COINS, Coin(id="a", marks={"x", "y"}))
MINE = {"id": {"S": "a"}, "cents": {"N": "1.0"}, "marks": {"SS": ["y", "x"]}}
OTHER = {"id": {"S": "a"}, "cents": {"N": "2"}}


def test_a_create_that_finds_its_own_item_is_done() -> None:
    """The first answer was lost, and what is stored is equal: a number's zeros do not matter."""
    line = Line(LOST, Answer({"Item": MINE}))
    assert CREATE.read(line.send(CREATE)) == Coin(id="a", marks={"x", "y"})
    assert line.sent == ["PutItem", "GetItem"]


@pytest.mark.parametrize(
    "look",
    [[Answer({"Item": OTHER})], [Answer({})], [BROKEN], [refused("AccessDeniedException")]],
    ids=["another item", "nothing", "no answer", "no access"],
)
def test_a_create_that_does_not_find_its_own_item_is_unknown(look: Sequence[Step]) -> None:
    """Another item may stand in the place of ours, which may also still be on its way."""
    error = Line(LOST, *look).failure(CREATE)
    assert isinstance(error, OutcomeUnknown)
    assert error.__cause__ is LOST


@pytest.mark.parametrize("attempts", range(1, ATTEMPTS + 1))
@pytest.mark.parametrize("throttled", range(ATTEMPTS))
def test_looks_are_attempts(attempts: int, throttled: int) -> None:
    """A call sends no more requests than it may, and says how many it has sent."""
    line = Line(*[THROTTLED] * throttled, LOST, attempts=attempts)
    error = line.failure(CREATE)
    assert error.attempts == len(line.sent) == attempts
    assert line.sent.count("PutItem") == min(throttled + 1, attempts)


def test_a_repeat_that_is_refused_leaves_the_first_attempt_open() -> None:
    """It may have been applied, and the item deleted since: not found is not refused."""
    update = update_item(COINS, "a", [FieldPaths(COINS.schema).cents.set(3)])
    assert update.effect is Effect.REPEATABLE
    unmet = refused("ConditionalCheckFailedException")
    line = Line(LOST, unmet)
    assert isinstance(line.failure(update), OutcomeUnknown)
    assert line.sent == ["UpdateItem", "UpdateItem"]
    assert isinstance(Line(UNREACHED, unmet).failure(update), ItemNotFound)


def test_a_repeat_of_a_transaction_that_is_canceled_leaves_the_first_open() -> None:
    """It may be still on its way, and be made when nothing stands against it any more."""
    transaction = transact_write([CREATE], "token")
    reasons = [{"Code": "ConditionalCheckFailed"}]
    canceled = refused("TransactionCanceledException", CancellationReasons=reasons)
    assert isinstance(Line(LOST, canceled).failure(transaction), OutcomeUnknown)
    assert isinstance(Line(UNREACHED, canceled).failure(transaction), TransactionCanceled)


@pytest.mark.parametrize("condition", [None, FieldPaths(schema_of(Coin)).cents == 1])
def test_a_delete_on_a_condition_is_sent_once(condition: Any) -> None:
    """Of an instance, its version is one: a repeat would meet what is stored since then."""
    purses = Mapper("purses", schema_of(Purse))
    delete = delete_item(purses, Purse(id="a", version=4), condition=condition)
    for answer in (Answer({}), refused("ConditionalCheckFailedException")):
        line = Line(LOST, answer)
        assert isinstance(line.failure(delete), OutcomeUnknown)
        assert line.sent == ["DeleteItem"]


def test_the_cause_is_what_was_raised() -> None:
    """Whole, with the cause that it may have itself; but an outcome that stands for another."""
    failure, below = RuntimeError("?"), OSError("?")
    failure.__cause__ = below
    assert Line(failure).failure(operation(Effect.NONE)).__cause__ is failure
    outcome = NotConnected(code="OSError")
    outcome.__cause__ = below
    assert Line(outcome).failure(operation(Effect.NONE)).__cause__ is below


def test_looking_is_patient() -> None:
    """One lost answer of the look itself does not leave the write unknown."""
    line = Line(LOST, LOST, Answer({"Item": MINE}))
    line.send(CREATE)
    assert line.sent == ["PutItem", "GetItem", "GetItem"]
    assert line.anew == [False, True, True]


def test_what_surely_failed_is_not_looked_at() -> None:
    """A create that never reached the engine is not done, even where an equal item is stored."""
    line = Line(UNREACHED)
    assert not isinstance(line.failure(CREATE), OutcomeUnknown)
    assert set(line.sent) == {"PutItem"}


class Purse(BaseModel):
    """Something that is saved by version."""

    id: Annotated[str, PartitionKey()]
    cents: int = 1
    version: Annotated[int, Version()] = 0


class DatedPurse(Purse):
    """One that knows when it was written."""

    saved: Annotated[AwareDatetime | None, UpdatedAt()] = None


def saved_as(operation: Operation[Any]) -> dict[str, Any]:
    """What a save would have left, as its settlement sees it in the request."""
    names = operation.request["ExpressionAttributeNames"]
    values = operation.request["ExpressionAttributeValues"]
    text = operation.request["UpdateExpression"].removeprefix("SET ").split(" REMOVE ")[0]
    pairs = (part.split(" = ") for part in text.split(", "))
    return {"id": {"S": "a"}, **{names[name]: values[value] for name, value in pairs}}


def test_a_save_that_finds_its_own_write_is_done() -> None:
    """The time of the write tells it from another saver's."""
    save = save_item(
        Mapper("purses", schema_of(DatedPurse)), DatedPurse(id="a", cents=2, version=4)
    )
    line = Line(LOST, Answer({"Item": saved_as(save)}))
    assert save.read(line.send(save)).version == 5


def test_a_save_that_finds_an_equal_item_cannot_tell() -> None:
    """Two processes may have saved the same from the same version: it may be the other's."""
    save = save_item(Mapper("purses", schema_of(Purse)), Purse(id="a", cents=2, version=4))
    error = Line(LOST, Answer({"Item": saved_as(save)})).failure(save)
    assert isinstance(error, OutcomeUnknown)


@pytest.mark.parametrize("kind", [Purse, DatedPurse])
def test_a_save_that_finds_another_of_its_version_cannot_tell(kind: type[Purse]) -> None:
    """Somebody else was first, or wrote over ours without a version."""
    save = save_item(Mapper("purses", schema_of(kind)), kind(id="a", cents=2, version=4))
    found = {**saved_as(save), "cents": {"N": "3"}}
    error = Line(LOST, Answer({"Item": found})).failure(save)
    assert isinstance(error, OutcomeUnknown)


def test_a_save_without_a_time_does_not_look() -> None:
    """Nothing that it could find would prove anything."""
    save = save_item(Mapper("purses", schema_of(Purse)), Purse(id="a", version=4))
    line = Line(LOST)
    line.failure(save)
    assert line.sent == ["UpdateItem"]


@pytest.mark.parametrize("version", ["4", "6"])
def test_a_save_that_finds_another_version_cannot_tell(version: str) -> None:
    """It may still be on its way, or another save may have followed it."""
    save = save_item(Mapper("purses", schema_of(DatedPurse)), DatedPurse(id="a", version=4))
    found = {**saved_as(save), "version": {"N": version}}
    assert isinstance(Line(LOST, Answer({"Item": found})).failure(save), OutcomeUnknown)


class Stop(BaseException):
    """What stops a call from outside."""


def stopping(*_: Any) -> Answer:
    """A step at which the caller is stopped before the request has left."""
    raise Stop


def stopping_late(*_: Any) -> Answer:
    """A step at which the caller is stopped when the request is on its way."""
    stop = Stop()
    note_interrupted(stop, 1, in_doubt=True)
    raise stop


@pytest.mark.parametrize(
    ("script", "attempts", "in_doubt"),
    [
        ([stopping], 1, False),
        ([stopping_late], 1, True),
        ([UNREACHED, stopping], 2, False),
        ([UNREACHED, stopping_late], 2, True),
        ([LOST, stopping], 2, True),
    ],
    ids=["before it", "in it", "before a repeat", "in a repeat", "after a lost answer"],
)
def test_who_is_stopped_may_have_written_what_was_on_its_way(
    script: list[Step], attempts: int, *, in_doubt: bool
) -> None:
    """The error that stops it is the caller's own, and tells how far the call had come."""
    line = Line(*script)
    with pytest.raises(Stop) as raised:
        line.send(operation(Effect.REPEATABLE))
    assert interrupted_of(raised.value) == (attempts, in_doubt)


@pytest.mark.parametrize(("failure", "in_doubt"), [(UNREACHED, False), (LOST, True)])
def test_who_is_stopped_in_a_pause_has_written_as_far_as_was_known(
    failure: Exception, *, in_doubt: bool
) -> None:
    """Nothing, where no request has left."""

    def strike(_: float) -> None:
        raise Stop

    line = Line(failure)
    line.sender._sleep = strike
    with pytest.raises(Stop) as raised:
        line.send(operation(Effect.REPEATABLE))
    assert interrupted_of(raised.value) == (1, in_doubt)


def test_who_is_stopped_in_a_look_has_written_or_not() -> None:
    """The look itself writes nothing, but the write before it is open."""
    line = Line(LOST, stopping)
    with pytest.raises(Stop) as raised:
        line.send(CREATE)
    assert interrupted_of(raised.value) == (2, True)


EMPTY = AnswerEmpty("an answer to GetItem has one of Item", Answer({}))
GET: Operation[Any] = operation(Effect.NONE)._replace(name="GetItem")


@pytest.mark.parametrize(
    ("probe", "sent"),
    [
        (Answer({"Count": 0}), ["GetItem", "Scan"]),
        (Answer({"ConsumedCapacity": {}}), ["GetItem", "Scan", "GetItem"]),
        (THROTTLED, ["GetItem", "Scan", "GetItem"]),
    ],
    ids=["an engine that tells none", "one that tells it", "one that does not say"],
)
def test_an_empty_answer_is_one_where_no_capacity_is_told(probe: Step, sent: list[str]) -> None:
    """The engine is asked once; where it tells the capacity, or may, the answer has lost it."""
    line = Line(EMPTY, probe, ANSWER)
    assert line.send(GET).body == {}
    assert line.sent == sent


def test_what_is_known_of_an_engine_is_not_asked_again() -> None:
    """Neither by a later answer, nor by another call."""
    line = Line(EMPTY, Answer({"Count": 0}), EMPTY)
    assert line.send(GET).body == line.send(GET).body == {}
    assert line.sent == ["GetItem", "Scan", "GetItem"]


@pytest.mark.parametrize("has_left_out", [True, False])
def test_without_the_right_to_scan_the_answers_before_decide(*, has_left_out: bool) -> None:
    """One with an item told no capacity, or there was none yet."""
    seen = [Answer({"Item": MINE})] if has_left_out else []
    line = Line(*seen, EMPTY, refused("AccessDeniedException"), ANSWER)
    for _ in seen:
        line.send(GET)
    assert line.send(GET) is (EMPTY.answer if has_left_out else ANSWER)
    assert line.sent.count("Scan") == 1
