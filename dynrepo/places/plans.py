"""How conditions of one shape ask a key of a shared table, found out once for each shape.

A shape is the attributes and operators of a condition, in their order. What the grammar says of one
holds whatever its values are, but for ranges of a form that cuts. So of a shape that it has taken
only the texts are made again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from dynrepo.expressions.key_conditions import asked_in, comparisons_in
from dynrepo.interruption import pass_strike
from dynrepo.opaque import OpaquePartial
from dynrepo.places.texts import asked_writer
from dynrepo.templates.asked import NEVER, Asked
from dynrepo.templates.cuts import CutForm
from dynrepo.templates.grammar import KeyGrammar, TemplateAttribute
from dynrepo.templates.ranges import asked_of, range_after

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dynrepo.codec import AttributeValue, Field
    from dynrepo.expressions.key_conditions import ConditionShape
    from dynrepo.templates.template import Template

Values: TypeAlias = "Sequence[tuple[AttributeValue, ...]]"
"""What each attribute of a shape is compared with."""

Plan: TypeAlias = "list[tuple[str, Callable[[Values], Asked | None]]]"
"""What makes what is asked of each attribute of the key."""


class KeyPlans:
    """What conditions ask of one key, with the plans of the shapes that were seen.

    `owner` is the model in messages, `fields` are all that it has. `templates` make the attributes
    of the key, the partition first.
    """

    def __init__(
        self, owner: str, fields: Sequence[Field], templates: Mapping[str, Template]
    ) -> None:
        parts = [TemplateAttribute(name, template) for name, template in templates.items()]
        self.grammar = KeyGrammar(owner, parts[:1], parts[1:])
        """What may be asked."""
        self._fields = fields
        self._templates = templates
        self._plans: dict[ConditionShape, Plan] = {}

    def asked(self, condition: Any) -> dict[str, Asked] | None:
        """What a condition asks of the attributes of the key; None where no item has such a key.

        Errors are those of the grammar.
        """
        shape, values = comparisons_in(condition)
        plan = self._plans.get(shape)
        if plan is not None:
            try:
                return _made(plan, values)
            except Exception as error:  # noqa: BLE001 - whatever it was, the grammar names the field
                pass_strike(error)
        asked = asked_in(condition, self._fields, self.grammar)
        found = self.grammar.compiled(asked)
        if plan is None and found is not None and self._is_told_by_shape(asked, found):
            self._plans[shape] = [(name, _step(self._templates[name], asked)) for name in found]
        return found

    def _is_told_by_shape(self, asked: Mapping[str, Asked], found: Mapping[str, Asked]) -> bool:
        """Whether the grammar looks at no value, but for the texts."""
        for attribute, template in self._templates.items():
            first = template.fields[0].name if template.fields else ""
            if attribute not in found and first in asked:  # of an empty text nothing is asked
                return False
            for slot in template.slots:
                of_field = asked.get(slot.field.name)
                if of_field and of_field.operator != "=" and isinstance(slot.form, CutForm):
                    return False
        return True


def _made(plan: Plan, values: Values) -> dict[str, Asked] | None:
    found: dict[str, Asked] = {}
    for attribute, make in plan:
        asked = make(values)
        if asked is NEVER:
            return None
        if asked is not None:
            found[attribute] = asked
    return found


def _step(template: Template, asked: Mapping[str, Asked]) -> Callable[[Values], Asked | None]:
    """What makes what is asked of a text, of the values of these fields in their order."""
    positions = {name: position for position, name in enumerate(asked)}
    if template.lone is not None:
        return OpaquePartial(_anew, template, _operators(asked))
    for number, piece in enumerate(template.pieces):
        if isinstance(piece, str):
            continue
        name = piece.field.name
        before = OpaquePartial(asked_writer, template, template.pieces[:number], positions)
        if name not in asked:
            return OpaquePartial(_text, "begins_with", before())
        operator = asked[name].operator
        if operator == "begins_with" or (operator != "=" and len(template.pieces) == 1):
            return OpaquePartial(_anew, template, _operators(asked))
        if operator != "=":
            return _range(template, number, (operator, positions[name]), before())
    return OpaquePartial(_text, "=", asked_writer(template, template.pieces, positions))


def _operators(asked: Mapping[str, Asked]) -> dict[str, str]:
    return {name: each.operator for name, each in asked.items()}


def _text(operator: str, write: Callable[[Values], str], values: Values) -> Asked:
    """A text, whole or as a beginning; that of an attribute of another type is found anew."""
    return Asked(operator, ({"S": write(values)},))


def _range(
    template: Template, number: int, asked: tuple[str, int], write: Callable[[Values], str]
) -> Callable[[Values], Asked | None]:
    """What makes a range of the piece of some number, after the text that `write` makes.

    `asked` are its operator, and the position of its values.
    """
    slot: Any = template.pieces[number]
    operator, position = asked

    def make(values: Values) -> Asked | None:
        asked = Asked(operator, values[position])
        if asked.is_reversed:
            return NEVER
        return range_after(template, number, write(values), slot, asked)

    return make


def _anew(template: Template, operators: Mapping[str, str], values: Values) -> Asked | None:
    """What is asked of a text in a way that is seldom."""
    named = zip(operators.items(), values, strict=True)
    return asked_of(template, {name: Asked(operator, stored) for (name, operator), stored in named})
