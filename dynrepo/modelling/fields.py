"""One field of a proposed model: its type, its markers, and what it is where nothing is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dynrepo.codec.times import EPOCH_SECONDS
from dynrepo.codec.value import SET_TAGS
from dynrepo.modelling.identifiers import words_of
from dynrepo.modelling.layout import quoted
from dynrepo.modelling.scalars import keeps, scalar_of
from dynrepo.modelling.types import FieldText, TypeText

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dynrepo.codec import AttributeValue
    from dynrepo.modelling.marks import Marks

NULL = "Field(default_factory=type(None))"
"""A default that is None and, unlike `None`, has None written as NULL."""

_EXPIRES = "by DescribeTimeToLive the rows expire by it, but not all of it is whole seconds"
_VERSION = "taken for the counter of writes, by its name: save() will count on, and check it"
_IN_BOTH = "NULL in some rows, absent in others: both are None, which is written by absence"
_VERSIONS = {"version", "lock version", "row version", "object version", "item version"}


class Samples(NamedTuple):
    """What is stored of an attribute: the values that there are, and whether some items lack it."""

    attribute: str
    values: Sequence[AttributeValue]
    is_lacking: bool

    @property
    def has_null(self) -> bool:
        """Whether NULL is among the values."""
        return any("NULL" in value for value in self.values)

    def are_seconds(self) -> bool:
        """Whether the values are whole seconds since 1970, as expiry has them."""
        numbers = [value["N"] for value in self.values if "N" in value]
        present = [value for value in self.values if "NULL" not in value]
        return len(numbers) == len(present) and keeps(EPOCH_SECONDS, "N", numbers)


def part_field(
    name: str, samples: Samples, type_of: Callable[[Sequence[AttributeValue]], TypeText]
) -> FieldText:
    """A field of a nested model."""
    return _named(name, samples.attribute, _lacking(type_of(samples.values), samples))


def row_field(
    name: str,
    samples: Samples,
    marks: Marks,
    type_of: Callable[[Sequence[AttributeValue]], TypeText],
) -> FieldText:
    """A field of a row, with the markers of the table."""
    attribute = samples.attribute
    if attribute == marks.ttl and samples.are_seconds():
        found = TypeText("AwareDatetime", frozenset({("pydantic", "AwareDatetime")}))
        markers = ["TimeToLive()", *marks.markers(attribute)]
        return _named(name, attribute, _of_row(found, samples, marks, markers))
    if not marks.markers(attribute) and _is_version(samples):
        found = TypeText("int", doubts=(_VERSION,))
        return _named(name, attribute, FieldText("", found, ("Version()",), "0"))
    found = _of_key(attribute, marks) if not samples.values else type_of(samples.values)
    if attribute == marks.ttl:
        found = found.doubted(_EXPIRES)
    return _named(name, attribute, _of_row(found, samples, marks, marks.markers(attribute)))


def _of_row(found: TypeText, samples: Samples, marks: Marks, markers: Sequence[str]) -> FieldText:
    """The field of a row, which always has the key of the table."""
    if samples.attribute in marks.table_key:
        return FieldText("", found, tuple(markers))
    return _lacking(found, samples, *markers)


def _of_key(attribute: str, marks: Marks) -> TypeText:
    """The type of a key that no row of the sample has."""
    found = scalar_of(marks.types[attribute], [], key=marks.key(attribute))
    return TypeText(found.text, found.imports, ("in no row of the sample",))


def _is_version(samples: Samples) -> bool:
    name = " ".join(words_of(samples.attribute)).lower()
    return (
        name in _VERSIONS
        and bool(samples.values)
        and not samples.is_lacking
        and all(value.get("N", "").isdecimal() for value in samples.values)
    )


def _named(name: str, attribute: str, field: FieldText) -> FieldText:
    """The field with its name, and a marker of the attribute's, where that is another."""
    encoding = field.type.encoding
    markers = (encoding, *field.markers) if encoding else field.markers
    if name != attribute:
        markers = (*markers, f"Attribute({quoted(attribute)})")
    return field._replace(name=name, markers=markers)


def _lacking(found: TypeText, samples: Samples, *markers: str) -> FieldText:
    """The field with None in its type, where it may be that, and a default."""
    are_sets = bool(samples.values) and all(value.keys() <= SET_TAGS for value in samples.values)
    if are_sets and found.text != "Any" and samples.is_lacking:
        return FieldText("", found, markers, "frozenset()")
    if not (samples.is_lacking or samples.has_null):
        return FieldText("", found, markers)
    nullable = found if found.text in ("None", "Any") else found.nullable()
    if samples.is_lacking:
        doubts = (_IN_BOTH,) if samples.has_null else ()
        return FieldText("", nullable.doubted(*doubts), markers, "None")
    return FieldText("", nullable, markers, NULL)
