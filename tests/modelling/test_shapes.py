"""The types of attributes by what is stored in them, and the classes of maps."""

from __future__ import annotations

from typing import Any

import pytest

from dynrepo.modelling.shapes import Shapes

S, N, NULL = {"S": "a"}, {"N": "1"}, {"NULL": True}
DAY = {"S": "2024-01-01T00:00:00+00:00"}
UUIDS = {f"123e4567-e89b-12d3-a456-42661417400{n}": N for n in range(3)}


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([S], "str"),
        ([S, NULL], "str"),
        ([NULL], "None"),
        ([S, N], "int | str"),
        ([{"BOOL": True}, {"N": "0.5"}], "bool | Decimal"),
        ([S, {"L": []}], "Any"),
        ([{"L": [S]}, {"L": []}], "list[str]"),
        ([{"L": [S, NULL]}], "list[str | None]"),
        ([{"L": [NULL]}], "list[None]"),
        ([{"L": []}], "list[Any]"),
        ([{"L": [{"L": [N]}]}], "list[list[int]]"),
        ([{"L": [{"M": {"x": N}}]}], "list[Thing]"),
        ([{"M": {}}], "dict[str, Any]"),
        ([{"M": {"x": N}}], "Things"),
        ([{"M": UUIDS}], "dict[str, int]"),
        ([{"M": {**UUIDS, "x": S}}], "Things"),
        ([{"M": {"x]": N, "y": NULL}}], "Things"),
        ([{"M": {f"k{n}": N, f"l{n}": N}} for n in range(4)], "dict[str, int]"),
        ([{"M": {f"k{n}": N, f"l{n}": S}} for n in range(4)], "Things"),
        ([{"M": {f"k{n}": {"M": {"x": N}}}} for n in range(4)], "dict[str, Thing]"),
        ([{"SS": ["a"]}], "frozenset[str]"),
        ([{"NS": ["1", "0.5"]}], "frozenset[Decimal]"),
        ([{"BS": ["AA=="]}], "frozenset[bytes]"),
        ([DAY], "AwareDatetime"),
        ([DAY, N], "int | str"),
        ([{"L": [DAY]}], "list[Annotated[AwareDatetime, encodings.ISO_OFFSET]]"),
        ([{"L": [DAY, NULL]}], "list[Annotated[AwareDatetime, encodings.ISO_OFFSET] | None]"),
        ([{"SS": [DAY["S"]]}], "frozenset[Annotated[AwareDatetime, encodings.ISO_OFFSET]]"),
    ],
)
def test_values_have_a_type(values: list[Any], text: str) -> None:
    """Maps with the same keys a class of their own; those whose keys are data are dicts."""
    assert Shapes().type_of(values, "things").text == text


def test_a_class_is_drawn_after_those_that_it_needs() -> None:
    """Each under a name of its own."""
    shapes = Shapes()
    inner = {"M": {"part": {"M": {"x": N}}}}
    shapes.draw("Row", "A row.", [{"part": inner, "other": {"M": {"y": S}}}])
    assert [drawn.name for drawn in shapes.classes] == ["Part2", "Part", "Other", "Row"]


def test_an_attribute_may_have_any_name() -> None:
    """Brackets mean an index in expressions, but not in it."""
    (named, _) = Shapes().draw("Row", "A row.", [{"a[0]": S, "b": S}]).fields
    assert (named.name, named.markers) == ("a_0", ('Attribute("a[0]")',))
