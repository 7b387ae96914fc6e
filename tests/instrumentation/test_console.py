"""What a console shows of each call: a line of 80 columns."""

from __future__ import annotations

import io
import logging
import re
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo import ItemExists, OutcomeUnknown, Throttled
from dynrepo.instrumentation.console import COLUMNS, ConsoleFormatter
from dynrepo.instrumentation.logs import LogInstrument
from dynrepo.operations.operation import Effect
from dynrepo.sending.interrupted import note_interrupted

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo import Call

    Ended = Callable[..., Call]


class Console:
    """A logger whose lines are formatted for a console."""

    def __init__(self) -> None:
        self.output = io.StringIO()
        self.logger = logging.Logger("console", logging.DEBUG)  # noqa: LOG001 - of this test alone
        handler = logging.StreamHandler(self.output)
        handler.setFormatter(ConsoleFormatter())
        self.logger.addHandler(handler)

    @property
    def lines(self) -> list[str]:
        """The lines, without their time, which each begins with."""
        lines = self.output.getvalue().splitlines()
        assert all(re.match(r"\d\d:\d\d:\d\d ", line) for line in lines)
        return [line[9:] for line in lines]


def cancelled() -> BaseException:
    """What stops a call before it has written."""
    error = KeyboardInterrupt()
    note_interrupted(error, 1, in_doubt=False)
    return error


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (None, "ok"),
        (ItemExists("hush"), "ItemExists"),
        (Throttled("hush", code="ThrottlingException"), "ThrottlingException"),
        (OutcomeUnknown("hush", code="AnswerLost"), "AnswerLost, in doubt"),
        (cancelled(), "cancelled"),
        (KeyboardInterrupt(), "cancelled, in doubt"),
    ],
)
def test_a_call_is_a_time_an_operation_a_table_and_an_outcome(
    ended: Ended, error: BaseException | None, outcome: str
) -> None:
    """In columns, with the milliseconds that it took."""
    console = Console()
    call = ended("PutItem", error=error, effect=Effect.ONCE)
    LogInstrument(console.logger).finished(call, None)
    assert console.lines == [f"PutItem            notes                {outcome} 1.2 ms"]


@pytest.mark.parametrize("table", ["a", "t" * 20, "t" * 255])
@pytest.mark.parametrize("operation", ["GetItem", "TransactWriteItems"])
@pytest.mark.parametrize("code", ["Throttling", "ProvisionedThroughputExceededException"])
def test_a_line_has_80_columns_at_most(ended: Ended, table: str, operation: str, code: str) -> None:
    """What is cut is the table; operation and outcome are whole."""
    console = Console()
    call = ended(operation, table=table, error=Throttled("hush", code=code))
    call.duration = 10.0
    LogInstrument(console.logger).finished(call, None)
    (line,) = console.lines
    assert len(line) + len("14:03:07 ") <= COLUMNS
    assert line.startswith(operation)
    assert line.endswith(f" {code} 10000.0 ms")
    shown = line.removeprefix(operation).removesuffix(f"{code} 10000.0 ms").strip()
    assert shown == table or table.startswith(shown.removesuffix("~"))


@pytest.mark.parametrize("error", [Throttled, OutcomeUnknown])
def test_a_code_that_no_line_has_room_for_is_cut(ended: Ended, error: Any) -> None:
    """A stranger's endpoint may say 128 characters; that a write is in doubt stays there."""
    console = Console()
    call = ended("PutItem", error=error("hush", code="C" * 128), effect=Effect.ONCE)
    LogInstrument(console.logger).finished(call, None)
    (line,) = console.lines
    assert len(line) + len("14:03:07 ") == COLUMNS
    doubt = ", in doubt" if call.in_doubt else ""
    assert re.fullmatch(f"PutItem {{12}}~ C+~{doubt} 1.2 ms", line)


def test_a_record_of_an_application_is_its_message() -> None:
    """Also where it has fields of such names, of whatever it likes."""
    console = Console()
    extra = {"operation": None, "table": 4, "outcome": "sold", "duration": "3 days"}
    console.logger.info("a desk for %s", "four", extra=extra)
    assert console.lines == ["a desk for four"]


def test_any_other_record_is_its_message(notes: Any, ended: Ended) -> None:
    """That a table is there, that retries did not help, what others say."""
    console = Console()
    LogInstrument(console.logger).connected("notes", notes().store.location)
    busy = Throttled("hush", code="Throttling", retryable=True, attempts=4)
    LogInstrument(console.logger).finished(ended(error=busy), None)
    console.logger.warning("%s is muted", "Instrument", extra={"operation": "x", "table": 1})
    assert console.lines == [
        "connected to notes in eu-west-1 at http://127.0.0.1:8000",
        "GetItem            notes                Throttling 1.2 ms",
        "GetItem notes: given up after 4 attempts",
        "Instrument is muted",
    ]


def test_a_traceback_follows_its_line() -> None:
    """As with any formatter."""
    console = Console()
    console.logger.error("no", exc_info=RuntimeError("here"))
    assert console.output.getvalue()[9:].startswith("no\nRuntimeError: here")
