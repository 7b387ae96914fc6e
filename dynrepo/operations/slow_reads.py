"""The verbs whose answers are read by the codec alone, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynrepo.schema.parts import part_in

if TYPE_CHECKING:
    from dynrepo.operations.mapper import Mapper

_HIDING = ("get", "require", "get_many", "get_together")
_OTHERS = ("query", "scan", "save", "update", "update(exactly_once=True)", "delete")
_PARTS = ("get(only=...)", "query.only", "scan.only")
_UPCAST = "`upcast` is given every item as plain values: rewrite the older items, and take it away"
_ENDS = (
    "`hide_expired` looks at the items, as DynamoDB filters by no part of a key: query by another"
    " index where time counts"
)


def slow_reads(mapper: Mapper[Any]) -> dict[str, str]:
    """The reason for each verb that makes instances of items after it has read their JSON.

    With the others an answer becomes instances in one pass over its text.
    """
    if mapper.upcast is not None:
        return dict.fromkeys((*_HIDING, *_OTHERS, *_PARTS), _UPCAST)
    found = dict.fromkeys(_PARTS, _reason_of_parts(mapper))
    if reason := mapper.schema.unaccelerated:
        found |= dict.fromkeys((*_HIDING, *_OTHERS), reason)
    else:
        found |= dict.fromkeys(_queries_by_end(mapper), _ENDS)
        found |= _hiding(mapper)
    return {verb: reason for verb, reason in found.items() if reason}


def _reason_of_parts(mapper: Mapper[Any]) -> str:
    """Why parts of the items are read by the codec: what holds for the model as one of itself."""
    reasons = [part_in(each, each.model).unaccelerated for each in mapper.schema.members]
    return next(filter(None, reasons), "")


def _hiding(mapper: Mapper[Any]) -> dict[str, str]:
    """The reads by key that look for the end of life beside the instance."""
    ttl = mapper.hidden_by
    if ttl is None or mapper.tells_its_end:
        return {}
    moved = (
        f"`hide_expired` looks at what is stored for {ttl.label}, which validation may change:"
        " leave that field, and what the model is, to Pydantic's own validation"
    )
    return dict.fromkeys(_HIDING, moved)


def _queries_by_end(mapper: Mapper[Any]) -> list[str]:
    """The queries in whose keys the end of life is by which items are hidden."""
    ttl, schema = mapper.hidden_by, mapper.schema
    keys = {"query": schema.key_schema.fields} | {
        f'query(index="{name}")': index.fields for name, index in schema.indexes.items()
    }
    return [query for query, fields in keys.items() if ttl in fields]
