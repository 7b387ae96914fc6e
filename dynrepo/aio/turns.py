"""How a call waits for its turn in the `pace` blocks around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynrepo.clock import prolong_call
from dynrepo.instrumentation.pace import Turn, pacing

if TYPE_CHECKING:
    from dynrepo.instrumentation import Observation
    from dynrepo.operations.operation import Operation
    from dynrepo.operations.protocols import AsyncStore

__all__ = ["pacing", "turn_taken"]


async def turn_taken(
    operation: Operation[Any], observation: Observation, store: AsyncStore
) -> Turn:
    """The turn of a call, now that it has come; instruments see a `Timeout` where it is late."""
    turn = Turn(operation)
    if turn.is_late:
        turn.give_back()
        with observation:
            raise turn.refusal()
    if turn.seconds:
        try:
            await store.sleep_async(turn.seconds)
        except BaseException:
            turn.give_back()
            raise
        turn.waited()
        prolong_call(turn.seconds)
    return turn
