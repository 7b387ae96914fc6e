"""A call that a mock remembers."""

from __future__ import annotations

import threading

from dynrepo.testing.mocked_call import MissingCall, MockedCall, UnexpectedCall


def test_a_call_keeps_its_arguments_as_they_were() -> None:
    """Copied, where they can be."""
    keys, lock = [1], threading.Lock()
    call = MockedCall.copied("get_many", (keys,), {"keys": keys, "lock": lock})
    keys.clear()
    assert (call.args, call.kwargs["keys"], call.kwargs["lock"]) == (([1],), [1], lock)


def test_a_call_is_shown_as_code() -> None:
    """As it would be written."""
    assert str(MockedCall("get", (1,), {"consistent": True})) == "get(1, consistent=True)"


def test_the_errors_are_failed_assertions() -> None:
    """Pytest and unittest count them as failures of the test, not as errors."""
    assert issubclass(UnexpectedCall, AssertionError)
    assert issubclass(MissingCall, AssertionError)
