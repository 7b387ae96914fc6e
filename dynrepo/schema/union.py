"""Several models as the items of one table: the fields of all, and one schema for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, get_args

from pydantic import BaseModel

from dynrepo.codec.annotations import TypeContext, is_union
from dynrepo.codec.compiler import Compiler
from dynrepo.codec.core_schemas import NotAccelerated
from dynrepo.codec.discriminators import classes_in, discriminator_of, opened, union_by_field
from dynrepo.codec.records import RecordCodec
from dynrepo.codec.value import expected
from dynrepo.errors import CodecError, SchemaError
from dynrepo.schema.entity import Schema, schema_of
from dynrepo.schema.kinds import kinds_of
from dynrepo.schema.shared_fields import shared_fields
from dynrepo.schema.upcasts import upcasted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynrepo.codec import AttributeValue, Codec, Field, Item
    from dynrepo.codec.core_schemas import CoreSchema
    from dynrepo.codec.unions import UnionByField
    from dynrepo.schema.upcasts import Upcast

T = TypeVar("T", bound=BaseModel)


class UnionSchema(Schema[T]):
    """Several models as items of a table, told apart by what is stored of a discriminator.

    `fields` are those of all. What is one item's is asked of the schema of its model.
    """

    def __init__(
        self, annotation: Any, members: Mapping[type[T], Schema[T]], *, by_alias: bool
    ) -> None:
        self.models = tuple(members)
        self.name = " | ".join(model.__name__ for model in members)
        self._members: Mapping[Any, Schema[T]] = members
        self.fields = shared_fields(
            self.name, {model: member.fields for model, member in members.items()}
        )
        self._by_name = {field.name: field for field in self.fields}
        self._kinds = kinds_of(self._told_apart(annotation, by_alias=by_alias), self.field)
        self.kinds = self._kinds
        self.owners = self._owners()
        extra_codecs = [member.extra_codec for member in members.values()]
        self.extra_codec = next(filter(None, extra_codecs), None)
        self.is_plain = all(member.is_plain for member in members.values())
        self.runs_own_code = any(member.runs_own_code for member in members.values())
        self._lay_out_items()
        self._check_marked()

    def encode(self, instance: T) -> Item:
        """The attribute map of an instance; CodecError, naming the field that cannot be stored."""
        return self.of_instance(instance).encode(instance)

    def decode(self, item: Mapping[str, AttributeValue], *, upcast: Upcast | None = None) -> T:
        """The instance that an attribute map holds; CodecError where it is of no model."""
        if upcast is None:
            return self.of_stored(item).decode(item)
        try:
            today = upcasted(item, upcast, self.name, self.added)
        except CodecError as error:
            reason, cause = str(error), error.__cause__
        else:
            return self.of_stored(today).decode(today)
        raise CodecError(reason, key=self.key_of(item)) from cause

    def values(self, item: Mapping[str, AttributeValue]) -> dict[str, Any]:
        """The values in an attribute map by field name, not validated; CodecError, as `decode`."""
        return self.of_stored(item).values(item)

    @property
    def members(self) -> tuple[Schema[T], ...]:
        """The schema of each model."""
        return tuple(self._members.values())

    def of_instance(self, instance: T) -> Schema[T]:
        """The schema of the model of an instance; CodecError for an instance of none."""
        member = self._members.get(type(instance))
        if member is None:
            raise expected(self.name, instance)
        return member

    def of_stored(self, item: Mapping[str, AttributeValue]) -> Schema[T]:
        """The schema of the model that a stored item is of; CodecError where it is of none."""
        try:
            return self._members[self._kinds.model_of(item)]
        except CodecError as error:
            reason = str(error)
        raise CodecError(reason, key=self.key_of(item))

    def _owners(self) -> dict[str, frozenset[type[BaseModel]]]:
        """The models of each attribute that not all have."""
        owners: dict[str, frozenset[type[BaseModel]]] = {}
        for field in self.fields:
            models = [
                model
                for model, member in self._members.items()
                if field.name in [own.name for own in member.fields]
            ]
            if len(models) < len(self._members):
                owners[field.attribute] = frozenset(models)
        return owners

    def _check_marked(self) -> None:
        """SchemaError unless all models have what a table, or every write, asks of an item."""
        marked = (self.version, self.ttl, self.created, self.updated)
        for field in (*self.key_schema.fields, *filter(None, marked)):
            lacking = [model for model in self.models if model not in self._having(field)]
            if lacking:
                marks = ", ".join(f"{type(marker).__name__}()" for marker in field.markers)
                raise SchemaError(
                    f"{field.label} is marked {marks}, and {lacking[0].__name__} has no such"
                    " field: declare it alike in all models, in a base class of them for instance"
                )

    def _having(self, field: Field) -> frozenset[type[BaseModel]]:
        return self.owners.get(field.attribute, frozenset(self.models))

    def _told_apart(self, annotation: Any, *, by_alias: bool) -> UnionByField:
        """The union of the models as that of their attribute maps."""
        compiler = Compiler(by_alias=by_alias)

        def codec(part: Any, context: TypeContext) -> Codec:
            declared, metadata = opened(part)
            if declared in self._members:
                return RecordCodec(compiler.record(declared))
            if is_union(declared) and discriminator_of(metadata) is not None:
                return union(declared, metadata)
            return compiler.codec(part, context)

        def union(declared: Any, metadata: tuple[Any, ...]) -> UnionByField:
            name = discriminator_of(metadata)
            if not isinstance(name, str):
                raise SchemaError(f"{self.name}: {_UNTOLD}")
            members = list(get_args(declared))
            return union_by_field(name, members, codec, TypeContext(), by_alias=by_alias)

        return union(*opened(annotation))

    def _accelerated(self) -> CoreSchema:
        schemas: dict[type[BaseModel], CoreSchema] = {}
        for model, member in self._members.items():
            if member.accelerated is None:
                raise NotAccelerated(f"{model.__name__}: {member.unaccelerated}")
            schemas[model] = member.accelerated
        return self._kinds.schema(schemas)


_UNTOLD = (
    "several models in one table are told apart by a field, whose stored Literal is another in"
    ' each: write Annotated[A | B, Field(discriminator="kind")]'
)


def schema_for(annotation: Any, *, by_alias: bool = False) -> Schema[Any]:
    """The schema of the items of a repository: of one model, or of a union of models.

    SchemaError, naming model, field and cure, where there is none.
    """
    declared, _ = opened(annotation)
    if not is_union(declared):
        return schema_of(declared, by_alias=by_alias)
    members = {kind: schema_of(kind, by_alias=by_alias) for kind in classes_in(declared)}
    return UnionSchema(annotation, members, by_alias=by_alias)
