"""Faults at work: which requests one meets, and what becomes of such a request."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from dynrepo.callbacks import check_called
from dynrepo.testing.faults import MAKERS
from dynrepo.testing.handlers import HANDLERS

if TYPE_CHECKING:
    from dynrepo.operations.operation import Operation
    from dynrepo.testing.database import Body
    from dynrepo.testing.faults import Exchange, Fault


class FaultyExchange:
    """One exchange as a fault has it: pauses, and then the `body` of the answer."""

    def __init__(self, fault: Fault, exchange: Exchange) -> None:
        self._fault = fault
        self._exchange = exchange
        self.body: Body = {}

    def pauses(self) -> Generator[float]:
        """Seconds to wait, one pause after the other; raises what the fault raises.

        What botocore would raise becomes an outcome of sending, as on a network.
        """
        try:
            met = self._fault(self._exchange)
            self.body = (yield from met) if isinstance(met, Generator) else met
        except Exception as error:
            packages = {kind.__module__.partition(".")[0] for kind in type(error).__mro__}
            if packages.isdisjoint({"botocore", "pynamodb"}):
                raise
            from dynrepo.aws.errors import outcome_of  # noqa: PLC0415 - botocore is there already

            raise outcome_of(error) from error


@dataclass
class Injection:
    """A fault for requests to come; a context manager that removes it at the end of its block.

    `MemoryStore.inject` returns one.

    Attributes:
        fault: What the requests meet.
        applies: Says of an operation whether its requests meet it.
        times: How many it meets; None for all.
        hits: How many it has met.
    """

    fault: Fault
    applies: Callable[[Operation[Any]], bool]
    times: int | None
    hits: int = 0

    @property
    def spent(self) -> bool:
        """Whether it has met all the requests that it was for."""
        return self.hits == self.times

    def meets(self, operation: Operation[Any]) -> bool:
        """Whether it meets this request; counts it.

        Args:
            operation: What the request asks.

        Returns:
            True where the request meets the fault.
        """
        if self.spent or not self.applies(operation):
            return False
        self.hits += 1
        return True

    def remove(self) -> None:
        """Lets every further request pass."""
        self.times = self.hits

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


class Injections:
    """The faults that a store meets, the latest first; safe for threads."""

    def __init__(self, table_prefix: str) -> None:
        self._prefix = table_prefix
        self._placed: list[Injection] = []
        self._lock = threading.RLock()  # a predicate may ask the store

    def add(
        self,
        fault: Fault,
        on: str | None,
        table: str | None,
        when: Callable[[Operation[Any]], bool],
        times: int | None,
    ) -> Injection:
        """Adds one; TypeError or ValueError for what could never meet a request."""
        _check_fault(fault)
        check_called("when", when, "a predicate on an operation")
        if on is not None and on not in HANDLERS:
            raise ValueError(f"on is the name of an operation, such as GetItem, not {on!r}")
        if times is not None and times < 0:
            raise ValueError(f"a fault meets 0 requests or more, not {times}")

        def applies(operation: Operation[Any]) -> bool:
            names = (None, operation.table, operation.table.removeprefix(self._prefix))
            return on in (None, operation.name) and table in names and when(operation)

        injection = Injection(fault, applies, times)
        with self._lock:
            self._placed.insert(0, injection)
        return injection

    def fault_for(self, operation: Operation[Any]) -> Fault | None:
        """The fault that a request meets; None where it meets none."""
        if not self._placed:
            return None
        with self._lock:
            self._placed = [injection for injection in self._placed if not injection.spent]
            met = (injection.fault for injection in self._placed if injection.meets(operation))
            return next(met, None)


def _check_fault(fault: Any) -> None:
    """TypeError unless this can be called with an `Exchange`."""
    if fault in MAKERS:
        raise TypeError(f"{fault.__name__} makes a fault: inject({fault.__name__}(...))")
    check_called("a fault", fault, "a function of an Exchange")
