"""What makes a query or a scan dear, or slow, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dynrepo.public import public

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dynrepo.operations.queries import QueryPlan
    from dynrepo.operations.tables import Difference
    from dynrepo.schema.keys import KeySchema


@public
class Advice(NamedTuple):
    """What makes a query dear, or slow, and what to do about it, each in a sentence."""

    problem: str
    """What makes it so."""
    cure: str
    """What to do."""


def _index_of(plan: QueryPlan[Any]) -> KeySchema | None:
    return None if plan.index is None else plan.mapper.schema.indexes[plan.index]


def holds_all(plan: QueryPlan[Any], verified: Difference | None) -> bool | None:
    """Whether the index of a query holds what is read; None where that is not known."""
    index = _index_of(plan)
    if index is None or verified is None or _is_missing(index, verified):
        return None
    if index.name not in verified.partial_indexes:
        return True
    return False if plan.part is None else None


def _is_missing(index: KeySchema, verified: Difference) -> bool:
    return verified.missing or index.name in verified.missing_indexes


def advice_on(plan: QueryPlan[Any], verified: Difference | None) -> Iterator[Advice]:
    """What makes a query dear, the dearest first; `verified` is what `verify_table()` found."""
    yield from (advice for applies, advice in _ADVICE if applies(plan))
    index = _index_of(plan)
    if index is None or verified is None:
        return
    if _is_missing(index, verified):
        yield Advice(f"the table has no index {index.name}", "ensure_table() makes it")
    elif index.name in verified.partial_indexes:
        yield _LOCAL_PART if index.local else _GLOBAL_PART


def _drops_neighbours(plan: QueryPlan[Any]) -> bool:
    """Whether DynamoDB drops rows of a shared table beside those that `where` drops."""
    placed = plan.placed
    return plan.condition is not None and placed is not None and placed.filter is not plan.where


_ADVICE: list[tuple[Callable[[QueryPlan[Any]], bool], Advice]] = [
    (
        lambda plan: plan.condition is None,
        Advice(
            "a scan reads, and is charged for, every row of the table or the index, of all models",
            "query by a key or an index, and bound what has to be a scan by pace(units=...)",
        ),
    ),
    (
        lambda plan: plan.segments > 1,
        Advice(
            "segments are read at the same time, each as fast as the table answers",
            "pace(units=...) bounds what they consume together",
        ),
    ),
    (
        lambda plan: plan.where is not None,
        Advice(
            "what `where` drops was read and paid for",
            "what the condition leaves out by the sort key, of the table or an index, is not read",
        ),
    ),
    (
        _drops_neighbours,
        Advice(
            "rows of other models, or items that have expired, are read, paid for and dropped",
            "ask for less by the sort key",
        ),
    ),
    (
        lambda plan: plan.placed is not None and plan.placed.drops_rows,
        Advice(
            "rows that are not asked for are read, paid for, sent and dropped here",
            "with a mark in the shared table DynamoDB drops them, at the same price",
        ),
    ),
    (
        lambda plan: plan.hides_by_key(),
        Advice(
            "items that have expired are read, paid for, sent and dropped here",
            "an index without the end of life in its key has DynamoDB drop them, at the same price",
        ),
    ),
    (
        lambda plan: plan.item_limit is not None and plan.first_size() is None,
        Advice(
            "`limit` counts what is left: each request reads up to 1 MB until there are so many",
            "page(size) bounds the rows that are read",
        ),
    ),
    (
        lambda plan: plan.consistent,
        Advice(
            "a consistent read costs twice",
            "leave it out where a write of the last second may be missed",
        ),
    ),
    (
        lambda plan: plan.part is not None and bool(plan.part.paths),
        Advice(
            "fewer attributes are sent, at the price of whole rows",
            "an index that holds no more than these is read for less",
        ),
    ),
]
"""What may make a query dear, and which queries it does."""

_GLOBAL_PART = Advice(
    "the index does not hold all attributes of the model",
    "read keys() and then get_many(), or only(model) with what it holds",
)
_LOCAL_PART = Advice(
    "what the index does not hold is read in the table as well, item by item, and charged",
    "read only(model) with what it holds",
)
