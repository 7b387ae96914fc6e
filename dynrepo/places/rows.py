"""Whether instances can be the rows of one partition, in the order of their keys.

Values are compared, for key texts made again take as long as the instances. One text is made a
page: that of the partition of its first row.
"""

from __future__ import annotations

from decimal import Decimal
from operator import attrgetter, le, lt
from typing import TYPE_CHECKING, Any

from dynrepo.errors import CodecError
from dynrepo.interruption import pass_interruption
from dynrepo.places.texts import placed_identifier

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dynrepo.codec import AttributeValue, Field
    from dynrepo.templates.key import TemplateKey
    from dynrepo.templates.template import Template


class PlacedRows:
    """The rows of a key that templates make; `is_unique` says that no two have one key."""

    def __init__(self, key: TemplateKey, *, is_unique: bool) -> None:
        partition, sort = key
        fields = partition.fields
        self._tag = partition.tag
        self._text = placed_identifier(fields, {"": partition}, partition.owner)
        self._is_lossy = bool(partition.lossy)
        self._partition_of = _getter(fields)
        ordered = () if sort is None else _ordered(sort)
        self._first_of, self._position_of = _getter(ordered[:1]), _getter(ordered)
        is_whole = sort is not None and len(ordered) == len(sort.slots or sort.fields)
        self._before: Callable[[Any, Any], bool] = lt if is_unique and is_whole else le

    def are_as_asked(
        self, rows: Sequence[Any], partition: AttributeValue, *, descending: bool
    ) -> bool:
        """Whether instances are of one partition, and each comes after the one before.

        Errors among them, which stand for rows that are no instances, are left out.
        """
        if CodecError in set(map(type, rows)):
            rows = [row for row in rows if type(row) is not CodecError]
        try:
            return self._are_of(rows, partition[self._tag]) and self._are_in_order(
                rows[::-1] if descending else rows
            )
        except Exception as error:  # noqa: BLE001 - values of any class, which may not be compared
            pass_interruption(error)
            return False

    def _are_of(self, rows: Sequence[Any], payload: str) -> bool:
        asked = (Decimal(payload) if self._tag == "N" else payload,)
        if self._is_lossy:
            return all(self._text(row) == asked for row in rows)
        if not rows or self._text(rows[0]) != asked:
            return not rows
        if self._partition_of is None:
            return True
        values = list(map(self._partition_of, rows))
        return values.count(values[0]) == len(values)

    def _are_in_order(self, rows: Sequence[Any]) -> bool:
        if self._first_of is None or self._position_of is None:
            return True
        firsts = list(map(self._first_of, rows))
        if all(map(lt, firsts, firsts[1:])):  # which is quicker, and mostly so
            return True
        positions = list(map(self._position_of, rows))
        return all(map(self._before, positions, positions[1:]))


def _getter(fields: Sequence[Field]) -> Callable[[Any], Any] | None:
    return attrgetter(*[field.name for field in fields]) if fields else None


def _ordered(template: Template) -> list[Field]:
    """The fields by whose values the texts of a template are in order, from the left."""
    if template.lone is not None:
        return [template.lone]
    fields: list[Field] = []
    for slot in template.slots:
        is_last = slot is template.slots[-1] and template.pieces[-1] is slot
        if slot.form.lossy or not slot.form.ordered or (slot.form.shape is None and not is_last):
            break
        fields.append(slot.field)
    return fields
