"""The places where an item is stored in another form than its model would write."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import pytest
from pydantic import AfterValidator, BaseModel, create_model

from dynrepo import Attribute, PartitionKey, schema_of
from dynrepo.schema.forms import is_one_value, other_forms

LOW, HIGH = "123e4567-e89b-12d3-a456-42661417400a", "123E4567-E89B-12D3-A456-42661417400A"


class Part(BaseModel):
    """A nested model."""

    key: Annotated[UUID, Attribute("k")]
    size: int = 0


def found(annotation: Any, stored: Any) -> list[tuple[str, str]]:
    """The other forms in a field of a type."""
    model = create_model("Row", id=(Annotated[str, PartitionKey()], ...), f=(annotation, ...))
    schema = schema_of(model)
    item = {"id": {"S": "a"}, "f": stored}
    written = schema.encode(schema.decode(item))
    return [tuple(each) for each in other_forms(schema.fields, item, written)]


PART = {"M": {"k": {"S": HIGH}, "x": {"N": "1"}}}
SPELLED = "S in another spelling"

FORMS: list[tuple[Any, Any, list[tuple[str, str]]]] = [
    (UUID, {"S": LOW}, []),
    (UUID, {"S": HIGH}, [("f", SPELLED)]),
    (str | None, {"NULL": True}, [("f", "NULL for nothing")]),
    (Part, {"M": {"k": {"S": LOW}}}, []),
    (Part, PART, [("f.key", SPELLED), ("f.x", "undeclared")]),
    (Part | None, PART, [("f.key", SPELLED), ("f.x", "undeclared")]),
    (list[Part], {"L": [PART]}, [("f[].key", SPELLED), ("f[].x", "undeclared")]),
    (dict[str, UUID], {"M": {"secret": {"S": HIGH}}}, [("f[...]", SPELLED)]),
    (dict[UUID, int], {"M": {LOW: {"N": "1"}}}, []),
    (set[UUID], {"SS": [HIGH]}, [("f", "SS in another spelling")]),
    (set[str], {"SS": ["b", "a", "d", "c"]}, []),
    (set[bool], {"L": [{"BOOL": True}, {"BOOL": False}]}, []),
    (
        set[tuple[UUID, int]],
        {"L": [{"L": [{"S": HIGH}, {"N": "1"}]}]},
        [("f", "L in another spelling")],
    ),
    (set[str], {"L": []}, [("f", "L for nothing")]),
    (
        Annotated[list[int], AfterValidator(lambda numbers: numbers[:1])],
        {"L": [{"N": "1"}, {"N": "2"}]},
        [("f", "L in another spelling")],
    ),
    (str | int, {"N": "1.0"}, []),
    (list[UUID | None], {"L": [{"NULL": True}, {"S": HIGH}]}, [("f[]", SPELLED)]),
    (int, {"N": "1.0"}, []),
    (date | int, {"S": "2024-01-01"}, []),
]


@pytest.mark.parametrize(("annotation", "stored", "expected"), FORMS)
def test_the_place_and_the_form_are_told(annotation: Any, stored: Any, expected: Any) -> None:
    """Down to the part that differs; the keys of a dict are data, and are left out."""
    assert found(annotation, stored) == expected


def test_what_is_written_by_default_is_no_other_form() -> None:
    """An older row has no attribute for a younger field."""
    model = create_model("Row", id=(Annotated[str, PartitionKey()], ...), f=(int, 5))
    schema = schema_of(model)
    item = {"id": {"S": "a"}}
    assert list(other_forms(schema.fields, item, schema.encode(schema.decode(item)))) == []


@pytest.mark.parametrize(
    ("annotation", "first", "second", "same"),
    [
        (int, {"N": "1"}, {"N": "1.0"}, True),
        (int | str, {"N": "1"}, {"S": "1"}, False),
        (set[bool], {"L": [{"BOOL": True}, {"BOOL": False}]}, {"L": [{"BOOL": False}]}, False),
        (
            list[set[bool]],
            {"L": [{"L": [{"BOOL": True}, {"BOOL": False}]}]},
            {"L": [{"L": [{"BOOL": False}, {"BOOL": True}]}]},
            True,
        ),
        (Part, {"M": {}}, {"M": {"size": {"N": "1"}}}, False),
    ],
)
def test_two_forms_may_be_of_one_value(annotation: Any, first: Any, second: Any, same: Any) -> None:
    """Whichever of them stands first."""
    model = create_model("Row", id=(Annotated[str, PartitionKey()], ...), f=(annotation, ...))
    codec = schema_of(model).field("f").present
    assert is_one_value(codec, first, second) is same
    assert is_one_value(codec, second, first) is same
