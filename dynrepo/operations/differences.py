"""What a changed instance changes of an item that is stored, path by path.

Maps are looked into, so that what no field declares in them stays; lists and sets are one value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dynrepo.codec.maps import MapCodec
from dynrepo.codec.records import RecordCodec
from dynrepo.codec.value import canonical
from dynrepo.schema.forms import is_one_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dynrepo.codec import AttributeValue, Codec, Field, Item


class PathChange(NamedTuple):
    """A place in an item, by names from the top, and what is to be stored there; None removes."""

    steps: tuple[str, ...]
    value: AttributeValue | None


class Versions(NamedTuple):
    """An item, or a map in one, three times: as stored, as written when read, and when changed.

    Where `is_translated`, what is stored was made into the model by an `upcast`, and is written
    anew wherever it differs from what is written of the changed one.
    """

    stored: Item
    read: Item
    changed: Item
    is_translated: bool = False

    def below(self, name: str) -> Versions | None:
        """The same of the map of a name; None where one of the three has no map there."""
        items = self.stored, self.read, self.changed
        maps: list[Item] = [item[name]["M"] for item in items if "M" in item.get(name, {})]
        if len(maps) < len(items):
            return None
        stored, read, changed = maps
        return Versions(stored, read, changed, self.is_translated)

    def is_same(self, name: str, codec: Codec | None) -> bool:
        """Whether the value of a name need not be written."""
        read, changed = self.read.get(name), self.changed.get(name)
        stored = self.stored.get(name) if self.is_translated else read
        return _is_same(read, changed, codec) and _is_same(stored, changed, codec)


def path_changes(fields: Iterable[Field], versions: Versions) -> list[PathChange]:
    """The changes that make of what is stored what is written of the changed instance."""
    return list(_changes(_codecs(fields), versions, ()))


def _changes(
    codecs: Mapping[str, Codec] | MapCodec | None, versions: Versions, above: tuple[str, ...]
) -> Iterator[PathChange]:
    for name in {**versions.read, **versions.changed}:
        steps, codec = (*above, name), _part(codecs, name)
        below = versions.below(name)
        if below is not None:
            yield from _changes(_parts(codec), below, steps)
        elif not versions.is_same(name, codec):
            value = versions.changed.get(name)
            if value is not None or name in versions.stored:
                yield PathChange(steps, value)


def _codecs(fields: Iterable[Field]) -> dict[str, Codec]:
    return {field.attribute: field.present for field in fields}


def _parts(codec: Codec | None) -> Mapping[str, Codec] | MapCodec | None:
    """What tells the codecs of the parts of a map; None where they are not known."""
    if isinstance(codec, RecordCodec):
        return _codecs(codec.record.fields)
    return codec if isinstance(codec, MapCodec) else None


def _part(codecs: Mapping[str, Codec] | MapCodec | None, name: str) -> Codec | None:
    if isinstance(codecs, MapCodec):
        return codecs.entry.present
    return codecs.get(name) if codecs else None


def _is_same(
    first: AttributeValue | None, second: AttributeValue | None, codec: Codec | None
) -> bool:
    if first is None or second is None:
        return first is second
    if codec is None:
        return canonical(first) == canonical(second)
    return is_one_value(codec, first, second)


def with_changes(item: Item, changes: Iterable[PathChange]) -> Item:
    """An item as the changes leave it."""
    changed = _copied(item)
    for change in changes:
        *above, last = change.steps
        place = changed
        for name in above:
            place = place[name]["M"]
        if change.value is None:
            del place[last]
        else:
            place[last] = change.value
    return changed


def _copied(item: Item) -> Item:
    """A copy of an item and of its maps; what else is in it is shared."""
    return {
        name: {"M": _copied(value["M"])} if "M" in value else value for name, value in item.items()
    }


def whole_changes(changes: Iterable[PathChange], item: Item) -> list[PathChange]:
    """The changes of the same attributes, each written whole as an item has it."""
    attributes = dict.fromkeys(change.steps[0] for change in changes)
    return [PathChange((name,), item.get(name)) for name in attributes]
