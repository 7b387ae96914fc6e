"""Each call finds its expectation, and what is left over is reported."""

from __future__ import annotations

import warnings
from contextlib import suppress

import pytest

from dynrepo.testing.expectation import Expectation
from dynrepo.testing.expected_calls import ExpectedCalls
from dynrepo.testing.mocked_call import MissingCall, MockedCall, UnexpectedCall
from dynrepo.testing.mocked_class import MockedClass
from models.document import Documents

DOCUMENTS = MockedClass(Documents)


@pytest.fixture
def expected() -> ExpectedCalls:
    """Nothing yet."""
    return ExpectedCalls(DOCUMENTS)


def get(key: str) -> MockedCall:
    """A call of `get`."""
    return MockedCall("get", (key,), {})


def expect(expected: ExpectedCalls, key: str) -> Expectation:
    """An expectation of `get`."""
    made = Expectation(DOCUMENTS, "get", (key,), {})
    expected.add(made)
    return made


def test_a_call_takes_the_first_expectation_that_fits(expected: ExpectedCalls) -> None:
    """Once each, in the order in which they were made."""
    first, second = expect(expected, "a"), expect(expected, "a")
    assert expected.take(get("a")) is first
    assert expected.take(get("a")) is second
    expected.verify()
    assert expected.calls == [get("a"), get("a")]


def test_an_unexpected_call_is_told_and_remembered(expected: ExpectedCalls) -> None:
    """With what was expected instead; `verify` raises it again."""
    expect(expected, "a")
    expected.add(Expectation(DOCUMENTS, "exists", ("a",), {}))
    with pytest.raises(UnexpectedCall) as caught:
        expected.take(get("b"))
    assert str(caught.value).splitlines() == [
        "unexpected call: Documents.get('b')",
        "  not Documents.get('a'): key is expected to be 'a'",
        "  expected are also: Documents.exists('a')",
    ]
    with pytest.raises(UnexpectedCall) as again:
        expected.verify()
    assert again.value is caught.value


def test_without_any_expectation_the_way_out_is_named(expected: ExpectedCalls) -> None:
    """For whoever has forgotten to expect."""
    with pytest.raises(UnexpectedCall, match="nothing is expected: say users"):
        expected.take(get("a"))


def test_missing_calls_are_listed(expected: ExpectedCalls) -> None:
    """With how often they came."""
    expect(expected, "a").times(2)
    expect(expected, "b")
    expected.take(get("a"))
    with pytest.raises(MissingCall) as caught:
        expected.verify()
    assert str(caught.value).splitlines() == [
        "calls are missing:",
        "  Documents.get('a'): expected twice, called once",
        "  Documents.get('b'): expected once, called never",
    ]


def test_health_may_be_asked_for_where_that_is_allowed(expected: ExpectedCalls) -> None:
    """Unless something is expected of it."""
    call = MockedCall("health_check", (), {})
    expected.health_allowed = True
    assert expected.take(call).verb == "health_check"
    expected.add(Expectation(DOCUMENTS, "health_check", (), {}))
    expected.take(call)
    with pytest.raises(UnexpectedCall):
        expected.take(call)


def test_a_query_that_is_not_read_is_missing(expected: ExpectedCalls) -> None:
    """Each of them counts when it is read for the first time."""
    expectation = Expectation(DOCUMENTS, "scan", (), {}).times(2)
    expected.add(expectation)
    for _ in range(2):
        assert expected.take(MockedCall("scan", (), {})) is expectation
    expected.read(expectation)
    with pytest.raises(MissingCall, match="expected twice, called twice, read once"):
        expected.verify()
    expected.read(expectation)
    expected.verify()


def test_a_coroutine_that_is_not_awaited_makes_no_call(expected: ExpectedCalls) -> None:
    """One that was awaited, or closed, is nothing to tell of; and no warning comes besides."""

    async def call() -> None:
        """Is answered."""

    with warnings.catch_warnings(action="error"):
        with suppress(StopIteration):
            expected.handed_out(get("a"), call()).send(None)
        expected.handed_out(get("b"), call()).close()
        expected.verify()
        expected.handed_out(get("c"), call())
        message = "^calls were not made, for nobody awaited them:\n  Documents.get\\('c'\\)$"
        with pytest.raises(MissingCall, match=message):
            expected.verify()
