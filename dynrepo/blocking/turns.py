# Written by tests/faces.py from aio/turns.py: change that one.
"""How a call waits for its turn in the `pace` blocks around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynrepo.clock import prolong_call
from dynrepo.instrumentation.pace import Turn, pacing

if TYPE_CHECKING:
    from dynrepo.instrumentation import Observation
    from dynrepo.operations.operation import Operation
    from dynrepo.operations.protocols import Store

__all__ = ["pacing", "turn_taken"]


def turn_taken(operation: Operation[Any], observation: Observation, store: Store) -> Turn:
    """The turn of a call, now that it has come; instruments see a `Timeout` where it is late."""
    turn = Turn(operation)
    if turn.is_late:
        turn.give_back()
        with observation:
            raise turn.refusal()
    if turn.seconds:
        try:
            store.sleep(turn.seconds)
        except BaseException:
            turn.give_back()
            raise
        turn.waited()
        prolong_call(turn.seconds)
    return turn
