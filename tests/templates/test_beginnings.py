"""What several templates begin with alike, and what one query asks of all of them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import BaseModel

from dynrepo.schema.entity import Fields
from dynrepo.templates.asked import Asked
from dynrepo.templates.beginnings import SharedBeginning, SharedGrammar, are_alike
from dynrepo.templates.grammar import TemplateAttribute
from dynrepo.templates.template import Template

LAST = chr(0x10FFFF)


class Row(BaseModel):
    """A field of each kind."""

    a: str = ""
    b: str = ""
    n: int = 0
    m: int = 0
    at: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    day: date = date(2026, 1, 1)


FIELDS = {field.name: field for field in Fields(Row).fields}


def made(text: str, *, tag: str = "S") -> Template:
    """A template of a sort key."""
    return Template(text, FIELDS, owner="Row", sort=True, tag=tag)


def is_asked(first: str, *others: str, **asked: Any) -> Asked | None:
    """What is asked of an attribute: by values, or by an operator and values."""
    beginning = SharedBeginning("sk", made(first), [made(other) for other in others])
    found: dict[str, Asked] = {}
    for name, (operator, *values) in asked.items():
        found[name] = Asked(operator, tuple(FIELDS[name].encode(it) or {} for it in values))
    return beginning.asked(found)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("A#{a}", "A#{b}", True),
        ("A#{n:08d}", "A#{m:08d}", True),
        ("A#{n:08d}", "A#{m:07d}", False),
        ("A#{n:08d}", "A#{m}", False),
        ("A#{a}", "B#{a}", False),
        ("A#{a}", "A#{a}#", False),
        ("A#{a}", "A#{a:lower}", False),
        ("{a:escaped}#", "{b:escaped}#", True),
        ("{a:escaped}#", "{b:escaped}|", False),
        ("{at:.10}", "{day}", False),
        ("{at:.10}", "{at:.10}", True),
        ("A", "A", True),
    ],
)
def test_templates_are_alike_that_make_the_same_of_the_same_values(
    one: str, other: str, *, alike: bool
) -> None:
    """Whatever their fields are called."""
    assert are_alike(made(one), made(other)) is alike
    assert are_alike(made(other), made(one)) is alike


def test_attributes_of_one_field_are_alike_by_their_type() -> None:
    """A number is no text."""
    assert are_alike(made("{n}", tag="N"), made("{m}", tag="N"))
    assert not are_alike(made("{n}", tag="N"), made("{m}"))
    alone = SharedBeginning("sk", made("{n}", tag="N"), [made("{m}", tag="N")])
    assert alone.asked({"n": Asked(">=", ({"N": "3"},))}) == Asked(">=", ({"N": "3"},))
    assert [station.name for station in alone.stations] == ["n"]


def test_the_whole_partition_is_asked_where_no_field_is() -> None:
    """Also where all begin alike."""
    assert is_asked("A#{a}", "A#{a}#X") is None
    assert is_asked("A", "B#{a}") is None


def test_a_child_begins_as_its_parent() -> None:
    """One text for both, where no other value begins so."""
    begins = Asked("begins_with", ({"S": "A#0007"},))
    assert is_asked("A#{n:04d}", "A#{n:04d}#L#{m:04d}", n=("=", 7)) == begins
    assert is_asked("A#{n:04d}#L#{m:04d}", "A#{n:04d}", n=("=", 7)) == begins
    divided = Asked("begins_with", ({"S": "A#x#"},))
    assert is_asked("A#{a}#L", "A#{a}#M#{b}", a=("=", "x")) == divided
    with pytest.raises(ValueError, match="go on differently after a, which has no fixed width"):
        is_asked("A#{a}", "A#{a}#L", a=("=", "x"))
    with pytest.raises(ValueError, match="go on differently after a"):
        is_asked("A#{a}|{n:04d}", "A#{a}#L", a=("=", "x"))


def test_a_range_holds_what_goes_on_in_any_way() -> None:
    """So that no child of the last value is left out, and none of the value before is in."""
    parts = ("A#{n:04d}", "A#{n:04d}#L#{m:04d}")
    for first, other in (parts, parts[::-1]):
        upto = is_asked(first, other, n=("<=", 7))
        after = is_asked(first, other, n=(">", 7))
        assert upto is not None
        assert after is not None
        for text, belongs in (("A#0007", True), ("A#0007#L#0001", True), ("A#0008", False)):
            assert (upto.payloads[0] <= text <= upto.payloads[1]) is belongs
            assert (after.payloads[0] <= text <= after.payloads[1]) is not belongs
    between = is_asked(*parts, n=("BETWEEN", 3, 7))
    assert between == Asked("BETWEEN", ({"S": "A#0003"}, {"S": f"A#0007{LAST}"}))
    siblings = is_asked("A#{n:04d}#L", "A#{n:04d}#M#{b}", n=("<=", 7))
    assert siblings == Asked("BETWEEN", ({"S": "A#\0"}, {"S": f"A#0007#{LAST}"}))
    with pytest.raises(ValueError, match="has no ranges of a"):
        is_asked("A#{a}", "A#{a}#L", a=(">", "x"))


def test_templates_that_are_alike_are_asked_as_one() -> None:
    """Equality of all fields is that of the text."""
    assert is_asked("A#{a}", "A#{b}", a=("=", "x")) == Asked("=", ({"S": "A#x"},))
    assert is_asked("A#{a}", "A#{b}", a=(">=", "x")) is not None


def test_a_condition_says_what_all_begin_with() -> None:
    """In the fields of the first."""
    sort = SharedBeginning("sk", made("A#{n:04d}#{a}"), [made("A#{m:04d}#{b}#x")])
    grammar = SharedGrammar("Row | Other", TemplateAttribute("pk", made("P#{b}")), sort)
    equal = Asked("=", ({"S": "x"},))
    number = Asked("=", ({"N": "7"},))
    assert grammar.compiled({"b": equal}) == {"pk": Asked("=", ({"S": "P#x"},))}
    found = grammar.compiled({"b": equal, "n": number})
    assert found is not None
    assert found["sk"] == Asked("begins_with", ({"S": "A#0007#"},))
    with pytest.raises(ValueError, match=r"several models takes `b == \.\.\.` and .*`n`.*begin"):
        grammar.compiled({"b": equal, "m": number})
    alone = SharedGrammar("Row | Other", TemplateAttribute("pk", made("P#{b}")), None)
    assert alone.compiled({"b": equal}) == {"pk": Asked("=", ({"S": "P#x"},))}
