"""The types of attributes by what is stored in them, and the classes of maps that are alike."""

from __future__ import annotations

import re
from collections import Counter
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from dynrepo.codec.value import tag_of
from dynrepo.modelling.fields import Samples, part_field, row_field
from dynrepo.modelling.identifiers import class_name, distinct, field_names, singular
from dynrepo.modelling.scalars import CANDIDATES, scalar_of
from dynrepo.modelling.types import ANY, ClassText, FieldText, TypeText

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dynrepo.codec import AttributeValue, Item
    from dynrepo.modelling.marks import Marks

_NOTHING = "NULL in all rows of the sample"
_EMPTY = "empty in all rows of the sample: of what is not known"
_MIXED = "of several types in the rows of the sample"


class Shapes:
    """Finds types, and draws the classes that they need."""

    def __init__(self) -> None:
        self.classes: list[ClassText] = []
        """The classes, each after those that it needs."""
        self._names = set[str]()

    def reserve(self, name: str) -> str:
        """A name for a class that no other has."""
        return distinct(name, self._names)

    def draw(
        self, name: str, summary: str, items: Sequence[Item], marks: Marks | None = None
    ) -> ClassText:
        """The class of items, or of maps; `marks` are those of a table."""
        attributes = dict.fromkeys(chain(marks or (), *items))
        if marks is not None and marks.ttl is not None:
            attributes[marks.ttl] = None
        names = field_names(attributes)
        fields = [self._field(names[each], each, items, marks) for each in names]
        drawn = ClassText(name, summary, tuple(fields))
        self.classes.append(drawn)
        return drawn

    def _field(
        self, name: str, attribute: str, items: Sequence[Item], marks: Marks | None
    ) -> FieldText:
        values = [item[attribute] for item in items if attribute in item]
        samples = Samples(attribute, values, len(values) < len(items) or not items)
        if marks is None:
            return part_field(name, samples, partial(self.type_of, name=name))
        key = marks.key(attribute)
        return row_field(name, samples, marks, partial(self.type_of, name=name, key=key))

    def type_of(self, values: Sequence[AttributeValue], name: str, *, key: str = "") -> TypeText:
        """The type of values, NULL among them aside; `name` is what a class of it is called."""
        present = [value for value in values if "NULL" not in value]
        tags = list(Counter(map(tag_of, present)))
        if not present:
            return TypeText("None").doubted(_NOTHING) if values else ANY.doubted(_EMPTY)
        if len(tags) > 1:
            return self._mixed(present, tags)
        return self._of_tag(tags[0], [value[tags[0]] for value in present], name, key)

    def _of_tag(self, tag: str, payloads: list[Any], name: str, key: str) -> TypeText:
        if tag in CANDIDATES:
            return scalar_of(tag, payloads, key=key)
        if tag == "L":
            elements = list(chain.from_iterable(payloads))
            return self._nullable(elements, singular(name)).within("list[{}]")
        if tag == "M":
            return self._map(payloads, name)
        element = scalar_of(tag[0], list(chain.from_iterable(payloads)))
        return element._replace(doubts=()).within("frozenset[{}]")

    def _nullable(self, values: Sequence[AttributeValue], name: str) -> TypeText:
        """The type of the elements of a list, or of the entries of a map."""
        found = self.type_of(values, name)
        has_null = any("NULL" in value for value in values)
        return found.within("{} | None") if has_null and found.text != "None" else found

    def _mixed(self, values: Sequence[AttributeValue], tags: Sequence[str]) -> TypeText:
        if not all(tag in CANDIDATES for tag in tags):
            return ANY.doubted(_MIXED)
        members = [
            scalar_of(tag, [value[tag] for value in values if tag in value], is_plain=True)
            for tag in sorted(tags)
        ]
        imports = frozenset(chain.from_iterable(member.imports for member in members))
        return TypeText(" | ".join(member.text for member in members), imports, (_MIXED,))

    def _map(self, maps: Sequence[Item], name: str) -> TypeText:
        if _is_dict(maps):
            values = list(chain.from_iterable(entries.values() for entries in maps))
            return self._nullable(values, singular(name)).within("dict[str, {}]")
        drawn = self.draw(self.reserve(class_name(name)), f"A part of a row: {name}.", maps)
        return TypeText(drawn.name)


_LIKE_DATA = re.compile(r"[0-9a-fA-F-]{32,36}|\d.*|.*[@/:#].*")


def _is_dict(maps: Sequence[Mapping[str, AttributeValue]]) -> bool:
    """Whether the keys of maps are data: there are many different ones, for values of one kind."""
    keys = Counter(chain.from_iterable(maps))
    if not keys:
        return True
    tags = {tag_of(value) for entries in maps for value in entries.values()} - {"NULL"}
    if len(tags) > 1:
        return False
    return all(map(_LIKE_DATA.fullmatch, keys)) or len(keys) > 2 * (keys.total() / len(maps)) + 1
