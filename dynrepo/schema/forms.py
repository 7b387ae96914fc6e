"""Where an item is stored in another form than its model would write, as places without values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dynrepo.codec.lists import ListCodec
from dynrepo.codec.maps import MapCodec
from dynrepo.codec.records import RecordCodec
from dynrepo.codec.sets import ListedSetCodec
from dynrepo.codec.value import canonical, tag_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dynrepo.codec import AttributeValue, Codec, Field

UNDECLARED = "undeclared"
"""The form of an attribute that no field declares."""

_OTHER = "{} in another spelling"


class OtherForm(NamedTuple):
    """A place in an item, such as `lines[].placed`, and what is stored there in which form."""

    place: str
    form: str


def other_forms(
    fields: Sequence[Field],
    stored: Mapping[str, AttributeValue],
    written: Mapping[str, AttributeValue],
) -> Iterator[OtherForm]:
    """The places where what is stored differs from what is written of the instance in it.

    What is written by default for an attribute that is not stored is no difference.
    """
    declared = {field.attribute: field for field in fields}
    for attribute, value in stored.items():
        field = declared.get(attribute)
        if field is None:
            yield OtherForm(attribute, UNDECLARED)
            continue
        for place, form in _of_value(field.present, value, written.get(attribute)):
            yield OtherForm(field.name + place, form)


def is_one_value(codec: Codec, first: AttributeValue, second: AttributeValue) -> bool:
    """Whether two forms that a codec has written are of one value: a list of a set has no order."""
    if canonical(first) == canonical(second):
        return True
    return not any(_of_value(codec, first, second)) and not any(_of_value(codec, second, first))


def _of_value(
    codec: Codec, stored: AttributeValue, written: AttributeValue | None
) -> Iterator[OtherForm]:
    if written is None:
        yield OtherForm("", f"{tag_of(stored)} for nothing")
    elif stored != written:
        tag = tag_of(stored)
        if tag not in written:
            yield OtherForm("", f"{tag} for {tag_of(written)}")
        elif canonical(stored) != canonical(written):
            yield from _within(codec.present, tag, stored[tag], written[tag])


def _within(codec: Codec, tag: str, stored: Any, written: Any) -> Iterator[OtherForm]:
    """The differences of two payloads of one tag, part by part where the codec tells the parts."""
    if isinstance(codec, RecordCodec):
        for place, form in other_forms(codec.record.fields, stored, written):
            yield OtherForm(f".{place}", form)
    elif isinstance(codec, ListedSetCodec):  # a set has no order, though a list has one
        if set(map(canonical, stored)) != set(map(canonical, written)):
            yield OtherForm("", _OTHER.format(tag))
    elif isinstance(codec, ListCodec | MapCodec):
        yield from _within_each(codec, stored, written)
    else:
        yield OtherForm("", _OTHER.format(tag))


def _within_each(codec: ListCodec | MapCodec, stored: Any, written: Any) -> Iterator[OtherForm]:
    """The differences of two lists by elements, or of two maps by entries, whose keys are data."""
    is_list = isinstance(codec, ListCodec)
    steps, step = (range(len(stored)), "[]") if is_list else (stored, "[...]")
    if len(stored) != len(written) or not (is_list or stored.keys() == written.keys()):
        yield OtherForm("", _OTHER.format(codec.tag))
        return
    for each in steps:
        for place, form in _of_value(codec.entry, stored[each], written[each]):
            yield OtherForm(f"{step}{place}", form)
