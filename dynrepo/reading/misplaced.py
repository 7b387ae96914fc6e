"""Attribute values in an answer that stand below the tag of another, where no table has any.

`{"S": {"NULL": true}}` is no attribute value. Where a field takes what is below its tag, or the
whole attribute value when it has another tag, the map below `S` looks like that other value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynrepo.codec.core_schemas import CoreSchema, NotAccelerated, changed

if TYPE_CHECKING:
    from collections.abc import Collection
    from collections.abc import Set as AbstractSet

    from dynrepo.codec.field import Field
    from dynrepo.codec.records import Record


class Misplaced:
    """Refuses a record in which such a map stands where one of its fields would take it.

    A field that is always there is looked for below the tags of the others first. What is found
    there is none of its values, which are texts; what holds a text is refused by `payload_reader`.
    """

    def __init__(self, record: Record, keys: Collection[Field]) -> None:
        self._always_there = next(
            (field.name for field in record.fields if _is_text(field, keys)), None
        )
        self._paths: list[list[str]] = []

    @property
    def is_looked_for(self) -> bool:
        """Whether there is a field by which it can be looked for."""
        return self._always_there is not None

    def refuse(self, attribute: list[str], tag: str, tags: AbstractSet[str]) -> None:
        """Has what stands below an attribute's tag refused where it looks like a value of another.

        `tags` are those that it may have. `NotAccelerated` where that cannot be.
        """
        others = tags - {tag}
        if others and (self._always_there is None or not others <= _NO_TEXTS):
            raise NotAccelerated("what stands below the tag may look like another value")
        self._paths += [[*attribute, tag, other] for other in sorted(others)]

    def looked_for(self, fields: dict[str, CoreSchema]) -> dict[str, CoreSchema]:
        """The fields of the record, of which one looks for them."""
        name = self._always_there
        if name is None or not self._paths:
            return fields
        field = fields[name]
        paths: list[Any] = [*self._paths, *field["validation_alias"]]
        return {**fields, name: changed(field, validation_alias=paths)}


def _is_text(field: Field, keys: Collection[Field]) -> bool:
    """Whether a field is always stored as a text or a number."""
    is_there = field in keys or (field.required and len(field.codec.tags) == 1)
    return is_there and not field.computed and field.codec.tag in ("S", "N")


_NO_TEXTS = {"NULL", "L"}
