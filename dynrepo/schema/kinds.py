"""The models that items of one table are of, told apart by what is stored.

A discriminator may lead to others: all cats have one `kind`, and are told apart by their `species`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from dynrepo.codec.core_schemas import NotAccelerated
from dynrepo.codec.unions import UnionByField
from dynrepo.errors import CodecError, SchemaError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pydantic import BaseModel

    from dynrepo.codec import AttributeValue, Field
    from dynrepo.codec.core_schemas import CoreSchema


class KindMark(NamedTuple):
    """What a discriminator is stored as: attribute, tag and payload."""

    attribute: str
    tag: str
    payload: Any


@dataclass(frozen=True)
class StoredKinds:
    """A discriminator, and the model, or the next discriminator, for each of its stored forms."""

    field: Field
    by_form: Mapping[tuple[str, Any], type[BaseModel] | StoredKinds]

    def model_of(self, item: Mapping[str, AttributeValue]) -> type[BaseModel]:
        """The model of a stored item; CodecError, naming the discriminator, where it is of none."""
        stored = item.get(self.field.attribute)
        found = self.by_form.get(_form(stored))
        if isinstance(found, StoredKinds):
            return found.model_of(item)
        if found is None:
            reason = "what is stored names" if stored else "nothing is stored, which names"
            raise CodecError(f"{self.field.label}: {reason} none of the models")
        return found

    def discriminators(self) -> Iterator[Field]:
        """The fields that are asked."""
        yield self.field
        for found in self.by_form.values():
            if isinstance(found, StoredKinds):
                yield from found.discriminators()

    def marks(
        self, above: tuple[KindMark, ...] = ()
    ) -> Iterator[tuple[type[BaseModel], KindMarks]]:
        """Each model with the marks of its stored items: once for each set that they may have."""
        for form, found in self.by_form.items():
            marks = (*above, KindMark(self.field.attribute, *form))
            if isinstance(found, StoredKinds):
                yield from found.marks(marks)
            else:
                yield found, marks

    def schema(self, schemas: Mapping[type[BaseModel], CoreSchema]) -> CoreSchema:
        """The core schema that reads an item, in JSON, by that of its model."""
        tags = {tag for tag, _ in self.by_form}
        if not tags <= {"S"} and not tags <= {"N"}:
            raise NotAccelerated(f"{self.field.label}: not all of its values are texts, or numbers")
        choices = {
            payload: found.schema(schemas) if isinstance(found, StoredKinds) else schemas[found]
            for (_, payload), found in self.by_form.items()
        }
        path = [self.field.attribute, *tags]
        return {"type": "tagged-union", "discriminator": path, "choices": choices}


KindMarks = tuple[KindMark, ...]
"""The marks that an item of a model has."""


def kinds_of(union: UnionByField, field_named: Callable[[str], Field]) -> StoredKinds:
    """How the members of a union are told apart; SchemaError for several attributes at once."""
    if len(union.tables) > 1:
        raise SchemaError(
            f"{union.name}: the discriminator {union.discriminator!r} is stored as"
            f" {' and as '.join(union.tables)}: give it one Attribute(...) in all models"
        )
    (table,) = union.tables.values()
    by_form = {
        form: kinds_of(member, field_named)
        if isinstance(member, UnionByField)
        else cast("type[BaseModel]", member.kinds[0])
        for form, member in table.items()
    }
    return StoredKinds(field_named(union.discriminator), by_form)


def _form(stored: Any) -> Any:
    """The tag and the payload of an attribute value; None for what has no text for a payload."""
    forms = [*cast("dict[str, Any]", stored).items()] if isinstance(stored, dict) else []
    return forms[0] if len(forms) == 1 and isinstance(forms[0][1], str | bool) else None
