"""Conditions, update actions and projections, on PynamoDB's expression language.

::

    fields.email == "ada@example.org"
    (fields.total >= 10) & ~fields.tags.contains("x")
    fields.visits.add(1), fields.lines[0]["sku"].set("A-1")

Every value is encoded by the codec of its field when the expression is made, and refused there
when it does not fit.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, TypeAdapter

from dynrepo.codec import codec_for
from dynrepo.expressions.assignments import Unassignable
from dynrepo.expressions.paths import FieldPath
from dynrepo.expressions.trees import segment
from dynrepo.public import public

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dynrepo.schema.entity import Schema


@public
class FieldPaths(Unassignable):
    """The fields of a model by name, for conditions and actions: `users.fields.email`.

    `fields["email"]` is the same; it also takes any attribute of a model with `extra="allow"`.
    An unknown field is an AttributeError, and so is an assignment, which would store nothing.
    """

    _schema: Schema[Any]

    def __init__(self, schema: Schema[Any]) -> None:
        self.__dict__["_schema"] = schema

    def __getattr__(self, name: str) -> FieldPath:
        field = self._schema.field(name)
        segments = [segment(field.attribute, field.label)]
        model: Any = self._schema.model
        valid = _validator_of(model, name)
        path = FieldPath(
            segments, field.codec, field.label, name=name, write=field.encode, valid=valid
        )
        self.__dict__[name] = path  # it is found there the next time
        return path

    def __getitem__(self, name: str) -> FieldPath:
        model = self._schema.model
        if name not in model.model_fields and model.model_config.get("extra") == "allow":
            label = f"{model.__name__}[...]"
            return FieldPath([segment(name, label)], codec_for(Any), label, name="[...]")
        return getattr(self, name)  # type: ignore[no-any-return]

    def __dir__(self) -> Iterable[str]:
        return list(self._schema.model.model_fields)


def _validator_of(model: type[BaseModel], name: str) -> Callable[[Any], Any] | None:
    """Validates a value by the annotation of a field; None where it says no more than its type."""
    info = model.model_fields.get(name)
    if info is None or not info.metadata:
        return None
    return TypeAdapter(info.rebuild_annotation()).validate_python
