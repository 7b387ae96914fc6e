"""The requests for a whole query: each goes on where the answer to the one before ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynrepo.opaque import Sealed

if TYPE_CHECKING:
    from dynrepo.codec import Item
    from dynrepo.operations.operation import Operation
    from dynrepo.operations.pages import QueryAnswer
    from dynrepo.operations.queries import QueryPlan

IN_USE = "the iteration waits for an answer already: each task or thread needs one of its own"


class Paging:
    """The requests for the pages of a query, or of one segment of a scan.

    Each page has `size` rows where that is given, else as many as the query still wants.
    """

    def __init__(
        self, plan: QueryPlan[Any], size: int | None = None, *, counting: bool = False
    ) -> None:
        self.is_over = plan.is_empty
        self._plan = plan.counted() if counting else plan
        self._size = size
        self._counting = counting
        self._start = Sealed(None)
        self._left = plan.first_size()

    def operation(self) -> Operation[QueryAnswer]:
        """The request for the next page."""
        size = self._size or self._left
        start: Item | None = self._start.cell_contents
        return self._plan.operation(start, size, counting=self._counting)

    def see(self, answer: QueryAnswer) -> None:
        """Takes note of the answer to it: the next page begins after that."""
        self._start = Sealed(answer.last_key)
        self._left = self._plan.next_size(self._left, answer)
        self.is_over = answer.last_key is None
