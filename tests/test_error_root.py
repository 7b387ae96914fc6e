"""The root of the errors, which a caller catches who wants to know of all."""

from __future__ import annotations

import pickle

import pytest

import dynrepo
from dynrepo.error_root import DynrepoError
from dynrepo.testing import MemoryStore
from dynrepo.testing.faults import refusal
from tests.things import Bares


def test_it_tells_what_a_request_came_to() -> None:
    """By keywords, which also cross the border of a process."""
    error = DynrepoError("no", code="C", request_id="R", retryable=True, attempts=3)
    for each in (error, pickle.loads(pickle.dumps(error))):  # noqa: S301 - our own
        assert str(each) == "no"
        assert (each.code, each.request_id, each.retryable, each.attempts) == ("C", "R", True, 3)


def test_without_a_request_there_is_nothing_to_tell() -> None:
    """As of a mistake that was found before one was sent."""
    error = DynrepoError()
    assert str(error) == ""
    assert (error.code, error.request_id, error.retryable, error.attempts) == ("", None, False, 0)


def test_it_is_what_a_call_raises() -> None:
    """So one `except` meets all; a traceback names it where users import it from."""
    store = MemoryStore(Bares)
    store.inject(refusal("AccessDeniedException"))
    with pytest.raises(DynrepoError) as raised:
        Bares(store).get(("a", 1))
    assert raised.value.code == "AccessDeniedException"
    assert dynrepo.DynrepoError is DynrepoError
    assert DynrepoError.__module__ == "dynrepo"
