"""One expectation: which calls it takes, how often, and what comes of them."""

from __future__ import annotations

from typing import Any

import pytest

from dynrepo import Throttled
from dynrepo.testing.expectation import Expectation, in_order
from dynrepo.testing.mocked_call import MockedCall, UnexpectedCall
from dynrepo.testing.mocked_class import MockedClass
from models.document import Document, Documents

DOCUMENTS = MockedClass(Documents)
ITEM = Document(name="a")


def expect(verb: str, *args: Any, **kwargs: Any) -> Expectation:
    """An expectation of the documents."""
    return Expectation(DOCUMENTS, verb, args, kwargs)


def problem(expectation: Expectation, *args: Any, verb: str = "get", **kwargs: Any) -> str | None:
    """Why a call is not taken."""
    return expectation.problem(MockedCall(verb, args, kwargs))


def test_a_call_is_taken_or_not_for_a_reason() -> None:
    """Its verb, an argument that differs, is missing or too many, or its number."""
    expectation = expect("get", "a", consistent=True)
    assert problem(expectation, "a", consistent=True) is None
    assert problem(expectation, "a", verb="exists") == "is another verb"
    assert problem(expectation, "b", consistent=True) == "key is expected to be 'a'"
    assert problem(expectation, "a") == "consistent=True is expected"
    assert problem(expect("get", "a"), "a", consistent=True) == "consistent=True is unexpected"
    expectation.count = 1
    assert problem(expectation, "a", consistent=True) == "expected once, called once"


@pytest.mark.parametrize(
    ("bound", "tally", "satisfied"),
    [
        (lambda one: one, "expected once, called once", True),
        (lambda one: one.times(0), "expected never, called once", True),
        (lambda one: one.times(2), "expected twice, called once", False),
        (lambda one: one.at_least(3), "expected at least 3 times, called once", False),
        (lambda one: one.at_most(3), "expected at most 3 times, called once", True),
        (lambda one: one.any_times(), "expected any number of times, called once", True),
        (lambda one: one.at_least(1).at_most(3), "expected once to 3 times, called once", True),
    ],
)
def test_its_number_of_calls_is_told_in_words(bound: Any, tally: str, *, satisfied: bool) -> None:
    """And how often it was called."""
    expectation = bound(expect("get", "a"))
    expectation.count = 1
    assert (expectation.tally, expectation.satisfied) == (tally, satisfied)


def test_an_answer_is_given_as_said() -> None:
    """A value, an error, a function's result, or the obvious one."""
    assert expect("get", "a").returns(ITEM).answer(None, ("a",), {}) is ITEM
    assert expect("get", "a").answer(None, ("a",), {}) is None
    assert expect("connect").answer(ITEM, (), {}) is ITEM
    assert expect("get", "a").calls(lambda _: ITEM).answer(None, ("a",), {}) is ITEM
    for error in (Throttled, Throttled("slow")):
        with pytest.raises(Throttled):
            expect("get", "a").raises(error).answer(None, ("a",), {})
    with pytest.raises(UnexpectedCall, match=r"^say what Documents\.require\('a'\) returns"):
        expect("require", "a").answer(None, ("a",), {})


@pytest.mark.parametrize(
    ("misuse", "error", "message"),
    [
        (lambda e: e.returns(1), TypeError, "Documents.get returns"),
        (lambda e: e.raises(KeyError), TypeError, "never KeyError"),
        (lambda e: e.calls(None), TypeError, "calls takes a function, not None"),
        (lambda e: e.calls(lambda _: 1).answer(None, ("a",), {}), TypeError, "not int"),
        (lambda e: e.returns(None).raises(Throttled), TypeError, "its answer already"),
        (lambda e: e.times("2"), TypeError, "a whole number, not str"),
        (lambda e: e.times(-1), ValueError, "0 or more"),
        (lambda e: e.at_least(3).at_most(2), ValueError, "at least 3 and at most 2 cannot be"),
        (lambda e: in_order(e, "e"), TypeError, "in_order takes expectations"),
        (lambda _: expect("get"), TypeError, "missing a required argument"),
    ],
)
def test_a_wrong_use_is_explained(misuse: Any, error: type[Exception], message: str) -> None:
    """Where it is made."""
    with pytest.raises(error, match=message):
        misuse(expect("get", "a"))


def test_an_order_is_held() -> None:
    """What comes after waits until what comes before was called."""
    before, after = expect("get", "a"), expect("get", "b")
    in_order(before, after)
    assert problem(after, "b") == "must come after Documents.get('a')"
    before.count = 1
    assert problem(after, "b") is None


def test_a_query_is_met_where_it_is_read() -> None:
    """Until then it is called and nothing more."""
    expectation = expect("query", lambda _: True)
    expectation.count = expectation.unread = 1
    assert not expectation.satisfied
    assert expectation.tally == (
        "expected once, called once, read never: a query is sent where its items are read"
    )
    expectation.unread = 0
    assert (expectation.satisfied, expectation.tally) == (True, "expected once, called once")


@pytest.mark.parametrize("name", ["return_value", "side_effect", "times", "returns", "nonsense"])
def test_nothing_is_set_on_an_expectation(name: str) -> None:
    """As on a mock of the standard library, where it would mean something; it says what to say."""
    expectation = expect("get", "a")
    with pytest.raises(AttributeError, match=rf"{name} is not to be set: say \.returns\(value\)"):
        setattr(expectation, name, ITEM)
