"""All that is expected of one mock, and what was called."""

from __future__ import annotations

import threading
from inspect import CORO_CREATED, getcoroutinestate
from typing import TYPE_CHECKING, Any

from dynrepo.testing.expectation import Expectation
from dynrepo.testing.mocked_call import MissingCall, MockedCall, UnexpectedCall
from dynrepo.testing.mocked_verbs import VERBS

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from dynrepo.testing.mocked_class import MockedClass


class ExpectedCalls:
    """Finds the expectation for each call, and remembers what was unexpected; safe for threads.

    Health checks that are not expected are allowed where `health_allowed` is True.
    """

    def __init__(self, mocked: MockedClass) -> None:
        self._mocked = mocked
        self._expectations: list[Expectation] = []
        self._unexpected: list[UnexpectedCall] = []
        self._handed_out: list[tuple[MockedCall, Coroutine[Any, Any, Any]]] = []
        self._forgotten: list[MockedCall] = []
        self._lock = threading.RLock()
        self.calls: list[MockedCall] = []
        self.health_allowed = False

    def add(self, expectation: Expectation) -> None:
        """Expects a call, after those that are expected already."""
        self._expectations.append(expectation)

    def take(self, call: MockedCall) -> Expectation:
        """The expectation that a call fulfils; UnexpectedCall when there is none."""
        with self._lock:
            self.calls.append(call)
            expectation = self._expectation_for(call)
            expectation.count += 1
            expectation.unread += VERBS[call.verb].lazy
        return expectation

    def read(self, expectation: Expectation) -> None:
        """A query that was handed out is read for the first time."""
        with self._lock:
            expectation.unread -= 1

    def handed_out(
        self, call: MockedCall, coroutine: Coroutine[Any, Any, Any]
    ) -> Coroutine[Any, Any, Any]:
        """Remembers a coroutine that makes a call where it is awaited, and gives it back."""
        self._handed_out.append((call, coroutine))
        return coroutine

    def refuse(self, message: str) -> UnexpectedCall:
        """Remembers an unexpected call, and gives the error to raise."""
        self._unexpected.append(UnexpectedCall(message))
        return self._unexpected[-1]

    def verify(self) -> None:
        """Raises what was unexpected, even if it was caught, or says which calls are missing.

        A call of which nobody awaited what it returned was not made, and is told of: the real
        verb would have sent nothing.
        """
        if self._unexpected:
            raise self._unexpected[0]
        lines = [*self._missing(), *self._never_awaited()]
        if lines:
            raise MissingCall("\n".join(lines))

    def _missing(self) -> list[str]:
        missing = [each for each in self._expectations if each.met < each.least]
        lines = [f"  {expectation}: {expectation.tally}" for expectation in missing]
        return ["calls are missing:", *lines] if lines else []

    def _never_awaited(self) -> list[str]:
        for call, coroutine in self._handed_out:
            if getcoroutinestate(coroutine) == CORO_CREATED:
                self._forgotten.append(call)
                coroutine.close()  # it is told of here, and needs no warning besides
        lines = [f"  {self._mocked.name}.{call}" for call in self._forgotten]
        return ["calls were not made, for nobody awaited them:", *lines] if lines else []

    def _expectation_for(self, call: MockedCall) -> Expectation:
        for expectation in self._expectations:
            if expectation.problem(call) is None:
                return expectation
        if self._is_allowed(call):
            return Expectation(self._mocked, call.verb, call.args, call.kwargs)
        raise self.refuse(self._report(call))

    def _is_allowed(self, call: MockedCall) -> bool:
        """Whether this asks for health where that is allowed and nothing is expected of it."""
        is_expected = any(each.verb == call.verb for each in self._expectations)
        return self.health_allowed and call.verb == "health_check" and not is_expected

    def _report(self, call: MockedCall) -> str:
        lines = [f"unexpected call: {self._mocked.name}.{call}"]
        near = [each for each in self._expectations if each.verb == call.verb]
        lines += [f"  not {expectation}: {expectation.problem(call)}" for expectation in near]
        others = [str(each) for each in self._expectations if each not in near]
        if others:
            lines.append(f"  expected are also: {', '.join(others)}")
        if not self._expectations:
            lines.append("  nothing is expected: say users.expect.<verb>(...) before the call")
        return "\n".join(lines)
