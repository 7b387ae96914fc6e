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

from functools import cached_property
from typing import TYPE_CHECKING, Any

from dynrepo.expressions.assignments import Unassignable
from dynrepo.expressions.attribute_names import segment
from dynrepo.expressions.paths import FieldPath
from dynrepo.expressions.shared_rules import rules_of_all
from dynrepo.public import public

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dynrepo.expressions.rules import Rules
    from dynrepo.schema.entity import Schema


class KeyOnlyPath(FieldPath):
    """A field that is in the texts of a key alone: a query asks for it, and nothing else can."""

    def serialize(
        self,
        placeholder_names: dict[str, str],
        expression_attribute_values: dict[str, Any],
    ) -> str:
        """ValueError: there is no attribute to name."""
        del placeholder_names, expression_attribute_values
        raise self.refused()

    def refused(self) -> ValueError:
        """The error of an expression that names the field."""
        return ValueError(
            f"{self.label} is in the key alone, by stored=False, so that there is no attribute to"
            " ask for: a query asks for it in its condition, and a write has it in its key"
        )


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
        texts = self._schema.key_texts
        is_stored = texts is None or field.attribute not in texts.unstored
        path = (FieldPath if is_stored else KeyOnlyPath)(
            [segment(field.attribute, field.label)],
            field.codec,
            field.label,
            name=name,
            field=field,
            rules=self._rules.below(name),
        )
        self.__dict__[name] = path  # it is found there the next time
        return path

    @cached_property
    def _rules(self) -> Rules:
        return rules_of_all(self._schema.models)

    def __getitem__(self, name: str) -> FieldPath:
        codec = self._schema.extra_codec
        if codec is None or name in dir(self) or self._is_declared(name):
            return getattr(self, name)  # type: ignore[no-any-return]
        label, rules = f"{self._schema.name}[...]", self._rules.below(name)
        return FieldPath([segment(name, label)], codec, label, name="[...]", rules=rules)

    def _is_declared(self, attribute: str) -> bool:
        return any(field.attribute == attribute for field in self._schema.fields)

    def __dir__(self) -> Iterable[str]:
        return [name for model in self._schema.models for name in model.model_fields]
