"""The writes of a batch until they are sent, whichever of several threads or tasks adds them."""

from __future__ import annotations

from threading import Lock, get_ident
from typing import TYPE_CHECKING

from dynrepo.opaque import Sealed
from dynrepo.operations.batches import WRITE_SIZE

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from dynrepo.operations.batches import Write

_OVER = "a batch is one block: begin another by batch()"


class WaitingWrites:
    """Writes that wait for a request; of several on one key the last. Safe for threads.

    A key is in one request at a time: a later write on it waits for the end of that request, which
    could otherwise be applied after it. `caller` tells who calls, as a number: a thread or a task.
    """

    def __init__(self, caller: Callable[[], int] = get_ident) -> None:
        self._caller = caller
        self._lock = Lock()
        self._waiting = Sealed({})  # write by identity
        self._under_way = Sealed({})  # caller by identity
        self._ended = False

    @property
    def are_under_way(self) -> bool:
        """Whether some were handed out to other callers that are not done yet.

        What this one was given it does not send any more, since it asks: a signal broke it off.
        """
        caller = self._caller()
        return any(other != caller for other in tuple(self._under_way.cell_contents.values()))

    @property
    def count(self) -> int:
        """How many wait."""
        return len(self._waiting.cell_contents)

    def add(self, write: Write) -> list[Write]:
        """Takes a write in, and hands out 25 or more to be sent, or none.

        ValueError after the end.
        """
        with self._lock:
            if self._ended:
                raise ValueError(_OVER)
            self._waiting.cell_contents[write.identity] = write
            return self._handed_out() if len(self._waiting.cell_contents) >= WRITE_SIZE else []

    def done(self, writes: Sequence[Write]) -> None:
        """Takes note that the request with these writes has ended, however it did."""
        with self._lock:
            for write in writes:
                self._under_way.cell_contents.pop(write.identity, None)

    def take_back(self, writes: Sequence[Write]) -> None:
        """Has writes wait again that were handed out, but for those that a later one replaced."""
        with self._lock:
            back = {write.identity: write for write in writes}
            self._waiting = Sealed(back | self._waiting.cell_contents)

    def end(self) -> None:
        """Refuses any further write."""
        with self._lock:
            self._ended = True

    def rest(self) -> list[Write]:
        """Hands out all that still wait."""
        with self._lock:
            writes, self._waiting = list(self._waiting.cell_contents.values()), Sealed({})
            return writes

    def _handed_out(self) -> list[Write]:
        waiting: dict[Hashable, Write] = self._waiting.cell_contents
        under_way: dict[Hashable, int] = self._under_way.cell_contents
        free = [write for name, write in waiting.items() if name not in under_way]
        if len(free) < WRITE_SIZE:
            return []
        for write in free:
            del waiting[write.identity]
        under_way.update(dict.fromkeys([write.identity for write in free], self._caller()))
        return free
