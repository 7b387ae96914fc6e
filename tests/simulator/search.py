"""Whether events that overlap in time have an order that explains what was seen of each.

The search of Wing and Gong (1993), with Lowe's memory of what was tried (2017): one event after
another is put in its place, and the last one taken back where that leads nowhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.simulator.ledger import Row

State: TypeAlias = "tuple[Row | None, ...]"
"""What is stored at each place."""


class Event(NamedTuple):
    """Something that happened at one moment between two steps, the end included.

    `apply` returns the state after it, or None if the state before does not explain what was seen
    of it. An `optional` event may not have happened at all. `hint` is the step to try it at.
    """

    begun: float
    ended: float
    apply: Callable[[State], State | None]
    optional: bool = False
    hint: float = 0.0


def explained(events: Sequence[Event], first: State, last: State) -> bool:
    """Whether some order of the events leads from one state to another."""
    ordered = sorted(events, key=lambda event: event.hint)
    mandatory = sum(1 << number for number, event in enumerate(ordered) if not event.optional)
    tried = {(0, first)}
    paths = [_next(ordered, 0, first, mandatory)]
    while paths:
        done, state = next(paths[-1], (0, None))
        if state is None:
            paths.pop()
        elif done & mandatory == mandatory and state == last:
            return True
        elif (done, state) not in tried:
            tried.add((done, state))
            paths.append(_next(ordered, done, state, mandatory))
    return not mandatory and first == last


def _next(
    events: Sequence[Event], done: int, state: State, mandatory: int
) -> Iterator[tuple[int, State]]:
    """What can come next: of what has not ended before something else began."""
    left = [(number, event) for number, event in enumerate(events) if not done >> number & 1]
    latest = min(
        (event.ended for number, event in left if mandatory >> number & 1), default=float("inf")
    )
    for number, event in left:
        if event.begun <= latest:
            after = event.apply(state)
            if after is not None:
                yield done | 1 << number, after
