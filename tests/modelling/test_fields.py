"""Fields of proposed models: types, markers and defaults by what is stored."""

from __future__ import annotations

from typing import Any

import pytest

from dynrepo.modelling.fields import NULL, Samples, part_field, row_field
from dynrepo.modelling.marks import Marks
from dynrepo.modelling.shapes import Shapes
from tests.modelling.recorded import described, expires, index

MARKS = Marks(described("t", "pk", index("by_a", "a"), pk="S", a="N"), expires("ends"))
S, NOTHING = {"S": "a"}, {"NULL": True}

DAY, SPELLED = {"S": "2024-01-01T00:00:00+00:00"}, "Annotated[AwareDatetime, encodings.ISO_OFFSET]"


def row(attribute: str, *values: Any, lacking: bool = False) -> tuple[str, ...]:
    """The type, the markers and the default of a field of a row."""
    samples = Samples(attribute, values, lacking)
    found = row_field("f", samples, MARKS, lambda stored: Shapes().type_of(stored, "f"))
    markers = [marker for marker in found.markers if not marker.startswith("Attribute")]
    return (found.type.text, *markers, found.default)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (row("pk", S), ("str", "PartitionKey()", "")),
        (row("a", {"N": "1"}), ("int", 'PartitionKey(index="by_a")', "")),
        (row("a", {"N": "1"}, lacking=True), ("int | None", 'PartitionKey(index="by_a")', "None")),
        (row("a", lacking=True), ("Decimal | None", 'PartitionKey(index="by_a")', "None")),
        (row("ends", {"N": "1700000000"}), ("AwareDatetime", "TimeToLive()", "")),
        (row("ends", lacking=True), ("AwareDatetime | None", "TimeToLive()", "None")),
        (row("ends", {"N": "1.5"}), ("Decimal", "")),
        (row("ends", {"N": "1"}, S), ("int | str", "")),
        (row("version", {"N": "3"}), ("int", "Version()", "0")),
        (row("LockVersion", {"N": "3"}), ("int", "Version()", "0")),
        (row("version", {"N": "3"}, lacking=True), ("int | None", "None")),
        (row("version", {"N": "1.5"}), ("Decimal", "")),
        (row("version", S), ("str", "")),
        (row("x", S), ("str", "")),
        (row("x", S, lacking=True), ("str | None", "None")),
        (row("x", S, NOTHING), ("str | None", NULL)),
        (row("x", S, NOTHING, lacking=True), ("str | None", "None")),
        (row("x", NOTHING), ("None", NULL)),
        (row("x", {"SS": ["a"]}), ("frozenset[str]", "")),
        (row("x", {"SS": ["a"]}, lacking=True), ("frozenset[str]", "frozenset()")),
        (row("x", {"SS": ["a"]}, {"NS": ["1"]}, lacking=True), ("Any", "None")),
        (row("x", {"SS": ["a"]}, NOTHING), ("frozenset[str] | None", NULL)),
        (row("x", S, {"L": []}, lacking=True), ("Any", "None")),
        (row("x", DAY, NOTHING), ("AwareDatetime | None", "encodings.ISO_OFFSET", NULL)),
        (row("x", {"L": [DAY]}, lacking=True), (f"list[{SPELLED}] | None", "None")),
    ],
)
def test_a_field_is_what_is_stored(found: tuple[str, ...], expected: tuple[str, ...]) -> None:
    """With the markers of the table, and a default where it may be absent, or NULL."""
    assert found == expected


def test_a_key_by_which_items_expire_is_always_there() -> None:
    """Though no row of the sample has one."""
    marks = Marks(described("t", "pk", pk="N"), expires("pk"))
    found = row_field(
        "f", Samples("pk", [], is_lacking=True), marks, lambda stored: Shapes().type_of(stored, "f")
    )
    assert (found.type.text, found.default) == ("AwareDatetime", "")


def test_a_key_called_version_counts_no_writes() -> None:
    """It is the key of a document's version, which no write may change."""
    marks = Marks(described("t", "version", version="N"), None)
    samples = Samples("version", [{"N": "3"}], is_lacking=False)
    found = row_field("version", samples, marks, lambda stored: Shapes().type_of(stored, "f"))
    assert (found.type.text, found.markers, found.default) == ("int", ("PartitionKey()",), "")


def test_what_is_not_sure_is_told() -> None:
    """Of a version, of an expiry that is none, of NULL beside absence."""
    for attribute, values, lacking, doubt in [
        ("version", [{"N": "1"}], False, "by its name"),
        ("ends", [{"N": "1.5"}], False, "not all of it is whole seconds"),
        ("a", [], True, "in no row of the sample"),
        ("x", [S, NOTHING], True, "absent in others"),
    ]:
        samples = Samples(attribute, values, lacking)
        found = row_field("f", samples, MARKS, lambda stored: Shapes().type_of(stored, "f"))
        assert any(doubt in told for told in found.type.doubts)


def test_a_part_of_a_row_has_no_markers_but_its_name() -> None:
    """The keys of a table are attributes of the row itself."""
    types = Shapes().type_of
    part = part_field("pk", Samples("pk", [S], is_lacking=False), lambda each: types(each, "f"))
    assert part.markers == ()
    part = part_field("f", Samples("F", [S], is_lacking=True), lambda each: types(each, "f"))
    assert (part.markers, part.default) == (('Attribute("F")',), "None")
