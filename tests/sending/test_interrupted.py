"""An exception that stops a call tells how far it had come, and is the same as before."""

from __future__ import annotations

import asyncio
import pickle
import traceback

import pytest

from dynrepo.sending.interrupted import (
    Interrupted,
    handed_over,
    interrupted_of,
    note_interrupted,
    stopped_from_outside,
)

STOPS = [asyncio.CancelledError("why"), KeyboardInterrupt(), SystemExit(3), GeneratorExit()]


@pytest.mark.parametrize("error", STOPS, ids=lambda error: type(error).__name__)
def test_word_goes_along_with_the_exception(error: BaseException) -> None:
    """Class, arguments and text stay what they are."""
    args, text = error.args, traceback.format_exception(error)
    assert interrupted_of(error) is None
    note_interrupted(error, 1, in_doubt=False)
    note_interrupted(error, 3, in_doubt=True)
    assert interrupted_of(error) == Interrupted(3, in_doubt=True)
    assert (error.args, traceback.format_exception(error)) == (args, text)
    copied = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert (type(copied), copied.args, interrupted_of(copied)) == (
        type(error),
        args,
        interrupted_of(error),
    )


def test_what_is_noted_further_in_is_not_unlearnt() -> None:
    """A look has counted on, and what is in doubt once stays so."""
    error = KeyboardInterrupt()
    note_interrupted(error, 3, in_doubt=True)
    note_interrupted(error, 2, in_doubt=False)
    assert interrupted_of(error) == Interrupted(3, in_doubt=True)


def test_an_exception_that_takes_no_note_passes_as_it_is() -> None:
    """Nothing is known then."""

    class Closed(BaseException):
        def __setattr__(self, name: str, value: object) -> None:
            raise AttributeError(name)

    error = Closed()
    note_interrupted(error, 2, in_doubt=True)
    assert interrupted_of(error) is None


def test_the_note_needs_no_class_of_this_library() -> None:
    """So that a process without it can read the exception from a pipe."""
    error = KeyboardInterrupt()
    note_interrupted(error, 2, in_doubt=True)
    assert b"dynrepo.sending" not in pickle.dumps(error)


def test_what_stops_a_call_is_no_outcome_of_it() -> None:
    """What is no `Exception`; and any other on which word was left."""
    limit = TimeoutError("the limit of a worker")
    assert not stopped_from_outside(limit)
    note_interrupted(limit, 1, in_doubt=True)
    assert stopped_from_outside(limit)
    assert all(map(stopped_from_outside, STOPS))


def test_who_is_stopped_when_a_request_was_handed_over_may_have_written() -> None:
    """An error of the request itself is told by its own class."""
    with pytest.raises(KeyboardInterrupt) as stopped, handed_over():
        raise KeyboardInterrupt
    assert interrupted_of(stopped.value) == (1, True)
    with pytest.raises(OSError, match="broken") as failed, handed_over():
        raise OSError("broken")
    assert interrupted_of(failed.value) is None
