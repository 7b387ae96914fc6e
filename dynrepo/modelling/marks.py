"""What the description of a table says of its attributes: keys, indexes, expiry."""

from __future__ import annotations

from collections import defaultdict
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from dynrepo.modelling.layout import quoted
from dynrepo.operations.descriptions import Description, key_types, partial_indexes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_ON = ("ENABLED", "ENABLING")
_MARKER = {"HASH": "PartitionKey", "RANGE": "SortKey"}


class Marks:
    """The keys of a table and of its indexes, by attribute."""

    def __init__(self, description: Description, time_to_live: Mapping[str, Any] | None) -> None:
        self.types = key_types(description)
        """The types of the attributes that are keys."""
        self.table_key = [name for _, name in _elements(description)]
        """The attributes of the table's key, partition first."""
        self.ttl = _expiry(time_to_live)
        """The attribute by which items expire; None where that is not known."""
        self.notes: list[str] = []
        """What could not be said by markers, or is not sure."""
        self._markers = defaultdict[str, list[str]](list)
        self._kinds = defaultdict[str, set[str]](set)
        for kind, name in _elements(description):
            self._mark(name, kind, "")
        for index, elements in _indexes(description):
            for kind, name in elements:
                self._mark(name, kind, f"index={quoted(index)}")
        self._take_note(description)

    def _mark(self, name: str, kind: str, argument: str) -> None:
        self._markers[name].append(f"{_MARKER[kind]}({argument})")
        self._kinds[name].add(kind)

    def __iter__(self) -> Iterator[str]:
        """The attributes that are keys, those of the table first."""
        return iter(self._markers)

    def markers(self, attribute: str) -> list[str]:
        """The calls of markers that an attribute has."""
        return self._markers.get(attribute, [])

    def key(self, attribute: str) -> str:
        """What a type must be fit for: "sort", "partition", or "" where it is in no key."""
        kinds = self._kinds.get(attribute, ())
        return ("sort" if "RANGE" in kinds else "partition") if kinds else ""

    def _take_note(self, description: Description) -> None:
        """The indexes from which no whole item is read, or which no marker describes."""
        for name, held in partial_indexes(description):
            if name in dict(_indexes(description)):
                only = "keys only" if held <= self.types.keys() else "some attributes only"
                self.notes.append(f"The index {name} holds {only}: no instance is read from it.")
        for index in _all_indexes(description):
            if _has_wide_key(index):
                self.notes.append(
                    f"The index {index['IndexName']} has a key of several attributes, for which"
                    " there are no markers."
                )


def _elements(holder: Description) -> list[tuple[str, str]]:
    """The kinds and names of the attributes of a key, partition first."""
    elements = [(each["KeyType"], each["AttributeName"]) for each in holder.get("KeySchema", ())]
    return sorted(elements, key=itemgetter(0))  # HASH before RANGE


def _indexes(description: Description) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The indexes that markers can describe; a local one has the partition key of the table."""
    for index in description.get("GlobalSecondaryIndexes") or ():
        if not _has_wide_key(index):
            yield index["IndexName"], _elements(index)
    for index in description.get("LocalSecondaryIndexes") or ():
        yield index["IndexName"], [each for each in _elements(index) if each[0] == "RANGE"]


def _all_indexes(description: Description) -> Iterator[Description]:
    yield from description.get("GlobalSecondaryIndexes") or ()
    yield from description.get("LocalSecondaryIndexes") or ()


def _has_wide_key(index: Description) -> bool:
    kinds = [kind for kind, _ in _elements(index)]
    return len(set(kinds)) < len(kinds)


def _expiry(time_to_live: Mapping[str, Any] | None) -> str | None:
    """The attribute in a TimeToLiveDescription, or in an answer that holds one."""
    given: Mapping[str, Any] = time_to_live or {}
    found: Mapping[str, Any] = given.get("TimeToLiveDescription", given)
    return found.get("AttributeName") if found.get("TimeToLiveStatus") in _ON else None
