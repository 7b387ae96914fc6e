"""The verbs whose answers are read by the codec alone, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dynrepo.operations.mapper import Mapper

_HIDING = ("get", "require", "get_many")
_OTHERS = ("query", "scan", "save", "update", "delete")
_UPCAST = "`upcast` is given every item as plain values: rewrite the older items, and take it away"
_TOGETHER = "the reads of a transaction may be of several models: `get_many` reads those of one"
_ONCE = "what a transaction wrote is read after it: leave `exactly_once` out where time counts"
_ENDS = (
    "`hide_expired` looks at the items, as DynamoDB filters by no part of a key: query by another"
    " index where time counts"
)
_PARTS = "a part of an item is another model at each call: read whole items where time counts"


def slow_reads(mapper: Mapper[Any]) -> dict[str, str]:
    """The reason for each verb that makes instances of items after it has read their JSON.

    With the others an answer becomes instances in one pass over its text.
    """
    found = {"get_together": _TOGETHER, "only": _PARTS, "update(exactly_once=True)": _ONCE}
    reason = mapper.schema.unaccelerated if mapper.upcast is None else _UPCAST
    if reason:
        return dict.fromkeys((*_HIDING, *_OTHERS), reason) | found
    found |= dict.fromkeys(_queries_by_end(mapper), _ENDS)
    ttl = mapper.hidden_by
    if ttl is None or mapper.tells_its_end:
        return found
    moved = (
        f"`hide_expired` looks at what is stored for {ttl.label}, which validation may change:"
        " leave that field, and what the model is, to Pydantic's own validation"
    )
    return dict.fromkeys(_HIDING, moved) | found


def _queries_by_end(mapper: Mapper[Any]) -> list[str]:
    """The queries in whose keys the end of life is by which items are hidden."""
    ttl, schema = mapper.hidden_by, mapper.schema
    keys = {"query": schema.key_schema.fields} | {
        f'query(index="{name}")': index.fields for name, index in schema.indexes.items()
    }
    return [query for query, fields in keys.items() if ttl in fields]
