"""One structured line a call, at the level that it deserves."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo import (
    Answer,
    ItemExists,
    ItemNotFound,
    Location,
    NotUnique,
    OutcomeUnknown,
    StoreError,
    Throttled,
    TransactionCanceled,
)
from dynrepo.instrumentation.logs import LogInstrument, fields
from dynrepo.operations.operation import Effect
from dynrepo.sending.interrupted import note_interrupted

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo import Call

    Ended = Callable[..., Call]

pytestmark = pytest.mark.usefixtures("_everything")


@pytest.fixture
def _everything(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "dynrepo")


def test_a_call_is_one_line_with_fields(ended: Ended, caplog: pytest.LogCaptureFixture) -> None:
    """At DEBUG, for people and for machines."""
    body = {"ConsumedCapacity": {"CapacityUnits": 0.5}}
    LogInstrument().finished(ended(body=body, attempts=2), None)
    (record,) = caplog.records
    assert record.levelname == "DEBUG"
    assert record.getMessage() == "GetItem notes: ok in 1.234 ms"
    assert fields(ended(body=body, attempts=2)).items() <= vars(record).items()
    assert fields(ended(body=body, attempts=2)) == {
        "operation": "GetItem",
        "table": "notes",
        "duration": 0.0012345,
        "outcome": "success",
        "error": None,
        "attempts": 2,
        "in_doubt": False,
        "capacity": 0.5,
        "verb": "",
        "index": None,
        "region": "eu-west-1",
        "request_id": None,
    }


@pytest.mark.parametrize(
    ("error", "level"),
    [
        (None, "DEBUG"),
        (ItemExists("taken"), "DEBUG"),
        (ItemNotFound("gone"), "DEBUG"),
        (TransactionCanceled("no", reasons=[None, NotUnique("taken")]), "DEBUG"),
        (TransactionCanceled("no", reasons=[StoreError("not valid")]), "ERROR"),
        (OutcomeUnknown("lost"), "ERROR"),
        (RuntimeError("x"), "ERROR"),
    ],
)
def test_a_failure_is_an_error_and_a_refused_condition_is_none(
    ended: Ended, caplog: pytest.LogCaptureFixture, error: Exception | None, level: str
) -> None:
    """A condition that does not hold is an answer."""
    LogInstrument().finished(ended(error=error), None)
    assert [record.levelname for record in caplog.records] == [level]


def test_retries_that_did_not_help_are_a_warning(
    ended: Ended, caplog: pytest.LogCaptureFixture
) -> None:
    """Beside the error."""
    error = Throttled("too much", code="ThrottlingException", retryable=True, attempts=4)
    LogInstrument().finished(ended(error=error), None)
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("ERROR", "GetItem notes: ThrottlingException in 1.234 ms; region eu-west-1"),
        ("WARNING", "GetItem notes: given up after 4 attempts"),
    ]
    assert [vars(record)["outcome"] for record in caplog.records] == ["failure", "failure"]


def test_a_failure_tells_what_was_asked_and_where(
    ended: Ended, caplog: pytest.LogCaptureFixture
) -> None:
    """The verb, the index, the region and the id of the request, in the text and as fields."""
    error = StoreError("hush", code="ValidationException", request_id="R1\nx")
    call = ended("Query", request={"IndexName": "by_text"}, error=error)
    call.verb = "query"
    LogInstrument().finished(call, None)
    (record,) = caplog.records
    text = "Query notes: ValidationException in 1.234 ms"
    rest = "verb query, index by_text, region eu-west-1, request R1_x"
    assert (record.levelname, record.getMessage()) == ("ERROR", f"{text}; {rest}")
    told = [vars(record)[name] for name in ("error", "verb", "index", "region", "request_id")]
    assert told == ["ValidationException", "query", "by_text", "eu-west-1", "R1_x"]


def test_what_is_not_known_of_a_failure_is_left_out(
    ended: Ended, caplog: pytest.LogCaptureFixture
) -> None:
    """A store may not know its region; who was stopped does not wait until it does."""
    failed, stopped = ended(error=StoreError("hush")), ended(error=KeyboardInterrupt())
    failed.locate = Location
    stopped.locate = pytest.fail
    LogInstrument().finished(failed, None)
    LogInstrument().finished(stopped, None)
    assert caplog.records[0].getMessage() == "GetItem notes: StoreError in 1.234 ms"
    assert [vars(record)["region"] for record in caplog.records] == [None, None]


@pytest.mark.parametrize(
    ("effect", "sent", "level", "rest"),
    [
        (Effect.NONE, True, "INFO", ""),
        (Effect.ONCE, False, "INFO", ""),
        (Effect.ONCE, True, "WARNING", "; it may have been applied"),
    ],
)
def test_a_cancelled_call_is_told_and_is_no_error(
    ended: Ended,
    caplog: pytest.LogCaptureFixture,
    *,
    effect: Effect,
    sent: bool,
    level: str,
    rest: str,
) -> None:
    """A write that may have been applied is a warning."""
    error = asyncio.CancelledError("hush")
    note_interrupted(error, 2, in_doubt=sent)
    LogInstrument().finished(ended("UpdateItem", error=error, effect=effect), None)
    (record,) = caplog.records
    text = f"UpdateItem notes: cancelled by CancelledError after 1.234 ms, in attempt 2{rest}"
    assert (record.levelname, record.getMessage()) == (level, text)
    assert record.__dict__["outcome"] == "cancelled"
    assert (record.__dict__["attempts"], record.__dict__["in_doubt"]) == (2, bool(rest))


def test_a_connection_is_told(notes: Any, caplog: pytest.LogCaptureFixture) -> None:
    """At INFO: which table, where."""
    repository = notes(Answer({"Table": {"TableStatus": "ACTIVE"}}))
    repository.use_instruments(LogInstrument())
    repository.connect()
    (told,) = (record for record in caplog.records if record.levelname == "INFO")
    assert told.getMessage() == "connected to notes in eu-west-1 at http://127.0.0.1:8000"
    assert told.__dict__["region"] == "eu-west-1"


def test_a_slow_call_is_a_warning(ended: Ended, caplog: pytest.LogCaptureFixture) -> None:
    """From the threshold on."""
    LogInstrument(slow=0.0012345).finished(ended(), None)
    LogInstrument(slow=0.0012346).finished(ended(), None)
    LogInstrument(slow=0.0012345).finished(ended(error=KeyboardInterrupt()), None)
    assert [record.levelname for record in caplog.records] == ["WARNING", "DEBUG", "WARNING"]


def test_a_logger_adapter_will_do(ended: Ended, caplog: pytest.LogCaptureFixture) -> None:
    """As will any logger of the application's."""
    adapter = logging.LoggerAdapter(logging.getLogger("dynrepo.mine"), {"tenant": "t1"})
    LogInstrument(adapter).finished(ended(), None)
    assert caplog.records[0].name == "dynrepo.mine"
    assert caplog.records[0].__dict__["tenant"] == "t1"


def test_no_key_and_no_item_is_logged(notes: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Neither in the message nor in the fields, at any level."""
    repository = notes(
        Answer({"Item": {"note_id": {"S": "keyhush"}, "text": {"S": "texthush"}}}),
        Throttled("no", code="ThrottlingException"),
    )
    repository.use_instruments(LogInstrument())
    repository.get("keyhush")
    with pytest.raises(Throttled):
        repository.get("keyhush")
    assert len(caplog.records) == 2
    assert "hush" not in str([record.__dict__ for record in caplog.records])


def test_what_nobody_reads_is_not_written(ended: Ended, caplog: pytest.LogCaptureFixture) -> None:
    """A logger that is set to errors gets no other lines."""
    logger = logging.getLogger("dynrepo.quiet")
    logger.setLevel(logging.ERROR)
    LogInstrument(logger).finished(ended(), None)
    LogInstrument(logger).finished(ended(error=RuntimeError("x")), None)
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_one_attempt_is_no_retry(ended: Ended, caplog: pytest.LogCaptureFixture) -> None:
    """An error that a retry might have helped, and that was met once, is one line."""
    error = Throttled("too much", code="ThrottlingException", retryable=True, attempts=1)
    LogInstrument().finished(ended(error=error), None)
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_what_is_no_logger() -> None:
    """It is refused when it is given, not at the first call."""
    nobody: Any = object()
    with pytest.raises(TypeError, match=r"takes a logging\.Logger, not object"):
        LogInstrument(nobody)
