"""Several models under one key schema, as the items of one entity of a shared table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from dynrepo.codec.annotations import is_union
from dynrepo.codec.discriminators import classes_in, opened
from dynrepo.errors import SchemaError
from dynrepo.places.schema import PlacedSchema, placed_schema_of
from dynrepo.schema.union import UnionSchema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynrepo.places.shared_table import Place
    from dynrepo.schema.entity import Schema

T = TypeVar("T", bound=BaseModel)


class PlacedUnionSchema(UnionSchema[T], PlacedSchema[T]):
    """Several models as items of an entity, told apart by a discriminator that is stored.

    Keys are made of fields that all of them have, by the same templates: so an item has one key,
    whichever model it is of.
    """

    def __init__(
        self,
        annotation: Any,
        place: Place,
        members: Mapping[type[T], Schema[T]],
        *,
        by_alias: bool,
    ) -> None:
        self.place = place
        super().__init__(annotation, members, by_alias=by_alias)
        self._settle()
        for field in self._kinds.discriminators():
            if field.attribute in self.texts.unstored:
                raise SchemaError(
                    f"{field.label} tells the models apart, and is read before the key is: leave"
                    " out stored=False"
                )


def placed_schema_for(annotation: Any, place: Place, *, by_alias: bool) -> PlacedSchema[Any]:
    """The schema of one model, or of a union of models, in a place; SchemaError without one."""
    declared, _ = opened(annotation)
    if not is_union(declared):
        return placed_schema_of(declared, place, by_alias=by_alias)
    # As members they are no neighbours: it is the union that lives in the table.
    members = {kind: PlacedSchema(kind, place, by_alias=by_alias) for kind in classes_in(declared)}
    schema: PlacedSchema[Any] = PlacedUnionSchema(annotation, place, members, by_alias=by_alias)
    schema.neighbours.add(schema)
    return schema
