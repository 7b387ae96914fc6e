"""An invalid item is told by its places, and never by its values."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field, ValidationError, field_validator, model_validator

from dynrepo.schema.entity import Fields
from dynrepo.schema.invalid import reason_of, without_inputs


class Line(BaseModel):
    """A part."""

    sku: str


class Order(BaseModel, extra="forbid"):
    """A model that says no in several ways."""

    name: Annotated[str, Field(max_length=3, alias="called")] = ""
    lines: list[Line] = []
    by_day: dict[str, int] = {}

    @field_validator("name")
    @classmethod
    def quoting(cls, value: str) -> str:
        """Says what it was given."""
        if value == "h2":
            raise ValueError(f"not {value}")
        return value

    @model_validator(mode="after")
    def full(self) -> Order:
        """Of the model, and no place in it."""
        if len(self.lines) == 2:
            raise ValueError("not two")
        return self


def refused(**values: Any) -> ValidationError:
    """The error of values by field name."""
    with pytest.raises(ValidationError) as caught:
        Order.model_validate(values, by_name=True, by_alias=False)
    return caught.value


@pytest.mark.parametrize(
    ("values", "places"),
    [
        ({"name": "hunter2"}, "Order.name (string_too_long)"),
        ({"name": "h2"}, "Order.name (value_error)"),
        ({"lines": [{"sku": 2}]}, "Order.lines[0][...] (string_type)"),
        ({"by_day": {"hunter2": "hunter2"}}, "Order.by_day[...] (int_parsing)"),
        ({"hunter2": 1}, "an undeclared attribute (extra_forbidden)"),
        ({"lines": [{"sku": "a"}] * 2}, "the whole (value_error)"),
        (
            {"name": "hunter2", "lines": 1},
            "Order.name (string_too_long), Order.lines (list_type)",
        ),
    ],
    ids=str,
)
def test_the_reason_names_places(values: dict[str, Any], places: str) -> None:
    """Fields and indexes; the keys of dicts are data."""
    fields = {field.name: field for field in Fields(Order).fields}
    error = refused(**values)

    assert reason_of(error, "Order", fields) == f"the stored item is no Order: {places}"
    cause = without_inputs(error)
    assert "hunter2" not in f"{cause}{cause!r}{cause.errors()}"
    assert "h2" not in str(cause)


def test_the_cause_keeps_what_is_no_value() -> None:
    """Title, kinds and indexes."""
    cause = without_inputs(refused(lines=[{"sku": "a"}, {"sku": 1}]))

    assert cause.title == "Order"
    assert [(error["type"], error["loc"]) for error in cause.errors()] == [
        ("string_type", (1, "..."))
    ]
