"""What a query may ask of a key, whatever the key is made of.

Equality of every field of the partition key, equality of the fields of the sort key from the left,
and one range or beginning of the next. A key has one attribute for each part or, in an index, up to
four, each a field as it is stored or the text of a template.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from dynrepo.templates.asked import NEVER, as_stored
from dynrepo.templates.cuts import CutForm
from dynrepo.templates.ranges import asked_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dynrepo.codec import Field
    from dynrepo.templates.asked import Asked
    from dynrepo.templates.forms import KeyForm
    from dynrepo.templates.template import Template


class Station(NamedTuple):
    """A field in a key, in the order of the key; without a form it is stored as it is."""

    name: str
    form: KeyForm | None = None

    @property
    def is_whole(self) -> bool:
        """Whether values can be told by it."""
        return self.form is None or not self.form.lossy

    @property
    def wanted(self) -> str:
        """What tells its text, in words."""
        ranges = f" (or a range in one {self.form.unit})" if isinstance(self.form, CutForm) else ""
        return f"`{self.name} == ...`{ranges}"


class KeyAttribute(Protocol):
    """An attribute of a key, made of fields."""

    @property
    def name(self) -> str:
        """Its name in DynamoDB."""
        ...

    @property
    def stations(self) -> Sequence[Station]:
        """Its fields, in their order."""
        ...

    def asked(self, asked: Mapping[str, Asked]) -> Asked | None:
        """What is asked of it by what is asked of fields; None where that is nothing."""
        ...


class FieldAttribute(NamedTuple):
    """A field that is an attribute of a key as it is stored; `limit` is in bytes."""

    field: Field
    limit: int

    @property
    def name(self) -> str:
        """The attribute of the field."""
        return self.field.attribute

    @property
    def stations(self) -> Sequence[Station]:
        """The field."""
        return (Station(self.field.name),)

    def asked(self, asked: Mapping[str, Asked]) -> Asked | None:
        """What is asked of the field."""
        of_field = asked.get(self.field.name)
        return None if of_field is None else as_stored(of_field, self.field.label, self.limit)


class TemplateAttribute(NamedTuple):
    """An attribute of a key that a template makes."""

    name: str
    template: Template

    @property
    def stations(self) -> Sequence[Station]:
        """The fields of the template, as often as they stand there."""
        lone = self.template.lone
        if lone is not None:
            return (Station(lone.name),)
        return [Station(slot.field.name, slot.form) for slot in self.template.slots]

    def asked(self, asked: Mapping[str, Asked]) -> Asked | None:
        """What is asked of the text."""
        return asked_of(self.template, asked)


class KeyGrammar:
    """What a query may ask of one key; `owner` is the model in messages."""

    def __init__(
        self, owner: str, partition: Sequence[KeyAttribute], sort: Sequence[KeyAttribute] = ()
    ) -> None:
        self.owner = owner
        self._partition = partition
        self._sort = sort
        self._in_partition = _stations(partition)
        self._in_sort = _stations(sort)
        whole = {each.name for each in (*self._in_partition, *self._in_sort) if each.is_whole}
        self._lossy = {each.name for each in (*self._in_partition, *self._in_sort)} - whole

    @property
    def first(self) -> str:
        """The name of the first field; "x" where there is none."""
        return next(iter(_names((*self._in_partition, *self._in_sort))), "x")

    def compiled(self, asked: Mapping[str, Asked]) -> dict[str, Asked] | None:
        """What is asked of the attributes of the key; None where no item has such a key.

        ValueError, saying what is missing, for what one query cannot ask; CodecError for a value
        that no key can hold.
        """
        told = self._told_by_partition(asked) | self._told_by_sort(asked)
        self._check_told(asked, told)
        if any(each.is_reversed for each in asked.values()):
            return None
        found: dict[str, Asked] = {}
        for attribute in self._partition:
            of_attribute = attribute.asked(asked)
            if of_attribute is not None:
                found[attribute.name] = of_attribute
        for attribute in self._sort:
            of_attribute = attribute.asked(asked)
            if of_attribute is None:
                break
            found[attribute.name] = of_attribute
            if of_attribute.operator != "=":
                break
        return None if NEVER in found.values() else found

    def _told_by_partition(self, asked: Mapping[str, Asked]) -> set[str]:
        """The fields of which the partition tells all that is asked."""
        missing = [each.wanted for each in self._in_partition if each.name not in asked]
        if missing:
            raise self.refused(f"{missing[0]} is missing")
        for name, form in self._in_partition:
            if asked[name].operator != "=":
                self._check_one_partition(name, form, asked[name])
        return {each.name for each in self._in_partition if self._tells(each, asked[each.name])}

    def _check_one_partition(self, name: str, form: KeyForm | None, asked: Asked) -> None:
        if not isinstance(form, CutForm):
            raise self.refused(f"the partition key takes `{name} == ...` and no range of it")
        if form.one_text(asked) is None and (count := form.count(asked)) != 0:
            raise self.refused(
                f"`{name}` is asked for in {count or 'any number of'} partitions, for the partition"
                f" key holds its first {form.width} characters: ask for each with a query of its"
                " own, by between()"
            )

    def _told_by_sort(self, asked: Mapping[str, Asked]) -> set[str]:
        """The fields of which the sort key tells all that is asked."""
        told = set[str]()
        for station in self._in_sort:
            of_field = asked.get(station.name)
            if of_field is None:
                break
            if self._tells(station, of_field):
                told.add(station.name)
            if not _is_one_text(station, of_field):
                told.add(station.name)
                break
        return told

    def _tells(self, station: Station, asked: Asked) -> bool:
        """Whether a field tells all that is asked: equality of a lossy one is that of its form."""
        if station.is_whole:
            return asked.operator == "="
        if asked.operator == "=":
            return station.name in self._lossy
        return isinstance(station.form, CutForm) and station.form.says_all(asked)

    def _check_told(self, asked: Mapping[str, Asked], told: set[str]) -> None:
        names = {each.name for each in (*self._in_partition, *self._in_sort)}
        for name in asked:
            if name not in names:
                raise self.refused(f"`{name}` is no part of the key")
        left = [each.name for each in self._in_sort if each.name in asked.keys() - told]
        left += sorted(asked.keys() - told - set(left))
        if left:
            raise self.refused(self._untold(left[0], asked))

    def _untold(self, name: str, asked: Mapping[str, Asked]) -> str:
        """Why the key does not tell what is asked of a field."""
        last = max((at for at, it in enumerate(self._in_sort, 1) if it.name == name), default=0)
        for station in self._in_sort[:last]:
            of_field = asked.get(station.name)
            if of_field is None:
                return f"`{station.name} == ...` is missing, which stands before `{name}`"
            if not _is_one_text(station, of_field):
                return f"after a range of `{station.name}` nothing can be asked of `{name}`"
        return f"the key holds the beginning of `{name}` only, and the range ends within it"

    def refused(self, reason: str) -> ValueError:
        """The error of a condition that this key cannot be asked."""
        return ValueError(
            f"{self.owner}: a query takes {self.takes}; the rest belongs in where=: {reason}"
        )

    @property
    def takes(self) -> str:
        """What can be asked of the key, in words."""
        wanted = [*{each.name: each.wanted for each in self._in_partition}.values()]
        known = _names(self._in_partition)
        rest = [f"`{name}`" for name in _names(self._in_sort) if name not in known]
        if len(rest) == 1:
            wanted.append(f"one comparison of {rest[0]}")
        elif rest:
            wanted.append(f"equality of {', '.join(rest)} from the left, with one range at the end")
        return " and ".join(wanted) or "nothing"


def _stations(attributes: Iterable[KeyAttribute]) -> tuple[Station, ...]:
    return tuple(station for attribute in attributes for station in attribute.stations)


def _names(stations: Iterable[Station]) -> list[str]:
    return list(dict.fromkeys(station.name for station in stations))


def _is_one_text(station: Station, asked: Asked) -> bool:
    """Whether what is asked has one text, after which the key goes on."""
    if asked.operator == "=":
        return True
    return isinstance(station.form, CutForm) and station.form.one_text(asked) is not None
