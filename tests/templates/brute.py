"""What a condition asks, decided in Python: by values of fields, and by texts of keys."""

from __future__ import annotations

import operator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dynrepo.templates.asked import Asked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from random import Random

    from dynrepo.codec import AttributeValue, Item
    from dynrepo.templates.template import Template


def _is_between(value: Any, low: Any, high: Any) -> bool:
    return bool(low <= value <= high)


COMPARED: Mapping[str, Callable[..., bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "BETWEEN": _is_between,
    "begins_with": bytes.startswith,
}


def holds(asked: Asked, stored: AttributeValue) -> bool:
    """Whether an attribute value is what is asked for, as DynamoDB compares."""
    value, *others = map(_comparable, (stored, *asked.values))
    return COMPARED[asked.operator](value, *others)


def _comparable(stored: AttributeValue) -> Any:
    ((tag, payload),) = stored.items()
    return Decimal(payload) if tag == "N" else payload.encode()


def is_asked_for(made: Template, asked: Mapping[str, Asked], row: Item) -> bool:
    """Whether the fields of a row are what is asked for; equality of a lossy one is of its form."""
    forms = {slot.field.name: slot for slot in made.slots if slot.field in made.lossy}
    for name, of_field in asked.items():
        if name in forms and of_field.operator == "=":
            if forms[name].text(row[name]) != forms[name].text(of_field.values[0]):
                return False
        elif not holds(of_field, row[name]):
            return False
    return True


RANGES = ("<", "<=", ">", ">=", "BETWEEN", "begins_with")


def a_range(random: Random, name: str, rows: list[Item]) -> Asked:
    """A range of a field, between values of rows."""
    is_text = "S" in rows[0][name]
    chosen = random.choice(RANGES if is_text else RANGES[:-1])
    values = [random.choice(rows)[name] for _ in range(2 if chosen == "BETWEEN" else 1)]
    if chosen == "begins_with":
        ((tag, payload),) = values[0].items()
        values = [{tag: payload[: random.randint(0, len(payload))]}]
    return Asked(chosen, tuple(values))
