"""Observable instruments of OpenTelemetry for what the stores of a process have to send with.

They are asked when metrics are collected, and cost a call nothing.
https://opentelemetry.io/docs/specs/semconv/db/database-metrics/#connection-pools
"""

from __future__ import annotations

import weakref
from collections import Counter
from contextlib import suppress
from operator import attrgetter
from typing import TYPE_CHECKING, TypeAlias

from opentelemetry.metrics import Observation

from dynrepo.instrumentation import conventions
from dynrepo.instrumentation.resources import alive, collector, collectors, pools, stores
from dynrepo.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from opentelemetry.metrics import CallbackOptions, MeterProvider

    from dynrepo.instrumentation.resources import PoolState, StoreState, Uses
    from dynrepo.operations.operation import Location

NumberOf: TypeAlias = "Callable[[PoolState], int | None]"

_observed: weakref.WeakSet[MeterProvider] = weakref.WeakSet()


def observe_stores(provider: MeterProvider) -> None:
    """Has a provider observe the stores of this process; once, however often it is called."""
    if provider in _observed:
        return
    _observed.add(provider)
    uses = collector()
    weakref.finalize(provider, _drop, uses)
    StoreMeter(provider, uses)


def _drop(uses: Uses) -> None:
    collectors[:] = [kept for kept in collectors if kept is not uses]


class StoreMeter:
    """The observable instruments of one provider; pools of one name are added up."""

    def __init__(self, provider: MeterProvider, uses: Uses) -> None:
        meter = provider.get_meter("dynrepo", VERSION, conventions.SCHEMA_URL)
        self._uses = uses
        self._use_time = conventions.seconds_measured(
            meter,
            conventions.CONNECTION_USE_TIME,
            "How long a connection was in use, from a request to the end of its answer.",
        )
        for name, callback, unit, description in (
            (conventions.CONNECTION_COUNT, self._counts, "{connection}", _COUNT),
            (conventions.CONNECTION_MAX, self._most, "{connection}", _MAX),
            (conventions.CONNECTION_IDLE_MAX, self._most_idle, "{connection}", _IDLE_MAX),
            (conventions.CONNECTION_PENDING, self._pending, "{request}", _PENDING),
            (conventions.RETRY_BUDGET, self._retries, "{retry}", _BUDGET),
            (conventions.SENDERS, self._senders, "{store}", _SENDERS),
        ):
            meter.create_observable_up_down_counter(name, [callback], unit, description)

    def _counts(self, _: CallbackOptions) -> Iterator[Observation]:
        self._record_uses()
        for state, count in _BY_STATE.items():
            for name, number in _sums(count).items():
                yield Observation(
                    number,
                    {conventions.CONNECTION_POOL_NAME: name, conventions.CONNECTION_STATE: state},
                )

    def _record_uses(self) -> None:
        """Records for how long connections were in use since the last time."""
        with suppress(IndexError):
            while True:
                name, seconds = self._uses.popleft()
                self._use_time.record(seconds, {conventions.CONNECTION_POOL_NAME: name})

    def _most(self, _: CallbackOptions) -> Iterator[Observation]:
        return _of_pools(attrgetter("most"))

    def _most_idle(self, _: CallbackOptions) -> Iterator[Observation]:
        return _of_pools(attrgetter("most_idle"))

    def _pending(self, _: CallbackOptions) -> Iterator[Observation]:
        return _of_pools(attrgetter("pending"))

    def _retries(self, _: CallbackOptions) -> Iterator[Observation]:
        left: dict[Location, float] = {}
        for state in _states():
            left[state.location] = left.get(state.location, 0) + state.retries_left
        for location, retries in left.items():
            yield Observation(retries, dict(conventions.place_attributes(location)))

    def _senders(self, _: CallbackOptions) -> Iterator[Observation]:
        found = Counter(
            (state.location, state.sender) for state in _states() if state.sender is not None
        )
        for (location, sender), number in found.items():
            yield Observation(
                number,
                {
                    **conventions.place_attributes(location),
                    conventions.SENDER: sender.name,
                    conventions.SENDER_REASON: sender.reason,
                },
            )


def _states() -> Iterable[StoreState]:
    return filter(None, [store.state() for store in alive(stores)])


def _of_pools(value_of: NumberOf) -> Iterator[Observation]:
    for name, number in _sums(value_of).items():
        yield Observation(number, {conventions.CONNECTION_POOL_NAME: name})


def _sums(value_of: NumberOf) -> dict[str, int]:
    """A number of all pools, added up by their name; a pool that has no such number is left out."""
    sums: dict[str, int] = {}
    for pool in alive(pools):
        state = pool.state()
        value = value_of(state)
        if value is not None:
            sums[state.name] = sums.get(state.name, 0) + value
    return sums


_BY_STATE: dict[str, NumberOf] = {"idle": attrgetter("idle"), "used": attrgetter("used")}

_COUNT = "Connections that are idle or in use."
_MAX = "Connections that a pool may have at most."
_IDLE_MAX = "Idle connections that a pool keeps at most."
_PENDING = "Requests that wait for a connection."
_BUDGET = "Retries that the calls of a store may still make together."
_SENDERS = "Stores by who sends their requests, and why."
