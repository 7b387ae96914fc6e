"""Conditions, actions and projections: what they become, and what they refuse."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import pytest
from pydantic import AwareDatetime, BaseModel
from pynamodb.expressions.operand import Path, Value
from pynamodb.expressions.update import Update

from dynrepo import Attribute, CodecError, PartitionKey, schema_of
from dynrepo.expressions.fields import FieldPaths
from dynrepo.expressions.paths import Fallback
from dynrepo.expressions.trees import render

WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ID = UUID("00000000-0000-4000-8000-000000000001")


class Mood(StrEnum):
    """An enumeration."""

    GOOD = "good"


class Line(BaseModel):
    """A nested model with a renamed field."""

    sku: str
    price: Annotated[Decimal, Attribute("p")] = Decimal(0)


class Thing(BaseModel):
    """One field of every kind."""

    thing_id: Annotated[UUID, PartitionKey()]
    name: str = ""
    status: Annotated[str, Attribute("st")] = ""
    count: int = 0
    total: Decimal = Decimal(0)
    mood: Mood = Mood.GOOD
    when: AwareDatetime | None = None
    note: str | None = None
    raw: bytes = b""
    tags: frozenset[str] = frozenset()
    days: set[int] = set()
    lines: list[Line] = []
    best: Line | None = None
    prices: dict[str, Decimal] = {}
    words: list[str | None] = []


class Loose(BaseModel, extra="allow"):
    """Any attribute besides the key."""

    name: Annotated[str, PartitionKey()]


f = FieldPaths(schema_of(Thing))


def rendered(condition: Any) -> tuple[str, dict[str, str], list[Any]]:
    """The text of a condition with its names and values."""
    request = render({"ConditionExpression": condition})
    values = list(request.get("ExpressionAttributeValues", {}).values())
    return request["ConditionExpression"], request["ExpressionAttributeNames"], values


CONDITIONS = [
    (f.name == "a", "#0 = :0", [{"S": "a"}]),
    (f.count != 1, "#0 <> :0", [{"N": "1"}]),
    (f.count < 1, "#0 < :0", [{"N": "1"}]),
    (f.count <= 1, "#0 <= :0", [{"N": "1"}]),
    (f.total > Decimal("1.5"), "#0 > :0", [{"N": "1.5"}]),
    (f.when >= WHEN, "#0 >= :0", [{"S": "2026-01-02T03:04:05.000000Z"}]),
    (f.mood == Mood.GOOD, "#0 = :0", [{"S": "good"}]),
    (f.raw == b"\x00", "#0 = :0", [{"B": "AA=="}]),
    (f.count.between(1, 2), "#0 BETWEEN :0 AND :1", [{"N": "1"}, {"N": "2"}]),
    (f.count.is_in(1, 2), "#0 IN (:0, :1)", [{"N": "1"}, {"N": "2"}]),
    (f.name.startswith("a"), "begins_with (#0, :0)", [{"S": "a"}]),
    (f.thing_id.startswith("0000"), "begins_with (#0, :0)", [{"S": "0000"}]),
    (f.raw.startswith(b"\x00"), "begins_with (#0, :0)", [{"B": "AA=="}]),
    (f.name.contains("b"), "contains (#0, :0)", [{"S": "b"}]),
    (f.tags.contains("x"), "contains (#0, :0)", [{"S": "x"}]),
    (f.days.contains(3), "contains (#0, :0)", [{"N": "3"}]),
    (f.words.contains("w"), "contains (#0, :0)", [{"S": "w"}]),
    (f.note.exists(), "attribute_exists (#0)", []),
    (f.note.does_not_exist(), "attribute_not_exists (#0)", []),
    (f.count.is_type("N"), "attribute_type (#0, :0)", [{"S": "N"}]),
    (f.lines.size() > 1, "size (#0) > :0", [{"N": "1"}]),
    (f.name == f.note, "#0 = #1", []),
    ((f.count > 0) & (f.name == "a"), "(#0 > :0 AND #1 = :1)", [{"N": "0"}, {"S": "a"}]),
    ((f.count > 0) | (f.name == "a"), "(#0 > :0 OR #1 = :1)", [{"N": "0"}, {"S": "a"}]),
    (~(f.count > 0), "(NOT #0 > :0)", [{"N": "0"}]),
    (f.lines[0]["sku"] == "s", "#0[0].#1 = :0", [{"S": "s"}]),
    (f.lines[1]["price"] == Decimal(2), "#0[1].#1 = :0", [{"N": "2"}]),
    (f.best["price"] == Decimal(2), "#0.#1 = :0", [{"N": "2"}]),
    (f.prices["a.b c"] > Decimal(2), "#0.#1 > :0", [{"N": "2"}]),
    (f["count"] == 1, "#0 = :0", [{"N": "1"}]),
]


@pytest.mark.parametrize(("condition", "text", "values"), CONDITIONS, ids=range(len(CONDITIONS)))
def test_a_condition_becomes_text_and_encoded_values(
    condition: Any, text: str, values: list[Any]
) -> None:
    """Each value is in the form that the codec of its field gives it."""
    assert rendered(condition)[::2] == (text, values)


def test_names_are_attributes_and_never_stand_in_the_text() -> None:
    """A renamed field, a nested one and a reserved word are placeholders like any other."""
    assert rendered((f.status == "x") & (f.best["price"] == Decimal(1)))[1] == {
        "#0": "st",
        "#1": "best",
        "#2": "p",
    }


ACTIONS = [
    (f.name.set("a"), "SET #0 = :0", [{"S": "a"}]),
    (f.note.set(None), "REMOVE #0", []),
    (f.tags.set(frozenset()), "REMOVE #0", []),
    (f.note.remove(), "REMOVE #0", []),
    (f.count.add(2), "ADD #0 :0", [{"N": "2"}]),
    (f.tags.add("x", "y", "x"), "ADD #0 :0", [{"SS": ["x", "y"]}]),
    (f.days.add({3}), "ADD #0 :0", [{"NS": ["3"]}]),
    (f.tags.delete("x"), "DELETE #0 :0", [{"SS": ["x"]}]),
    (f.count.set(f.count + 1), "SET #0 = #0 + :0", [{"N": "1"}]),
    (f.total.set(Decimal(9) - f.total), "SET #0 = :0 - #0", [{"N": "9"}]),
    (
        f.total.set(f.total.if_not_exists(Decimal(1)) + Decimal("0.5")),
        "SET #0 = if_not_exists (#0, :0) + :1",
        [{"N": "1"}, {"N": "0.5"}],
    ),
    (
        f.words.append("a", None),
        "SET #0 = list_append (if_not_exists (#0, :0), :1)",
        [{"L": []}, {"L": [{"S": "a"}, {"NULL": True}]}],
    ),
    (
        f.words.prepend("a"),
        "SET #0 = list_append (:1, if_not_exists (#0, :0))",
        None,
    ),
    (f.count.set(f.count - 1), "SET #0 = #0 - :0", [{"N": "1"}]),
    (f.count.set(1 + f.count), "SET #0 = :0 + #0", [{"N": "1"}]),
    (f.count.set(f.count | 1), "SET #0 = if_not_exists (#0, :0)", [{"N": "1"}]),
    (f.words[2].set(None), "SET #0[2] = :0", [{"NULL": True}]),
    (f.lines[0]["sku"].set("s"), "SET #0[0].#1 = :0", [{"S": "s"}]),
    (f.prices["a"].set(Decimal(1)), "SET #0.#1 = :0", [{"N": "1"}]),
    (f.name.set(f.note), "SET #0 = #1", []),
]


@pytest.mark.parametrize(("action", "text", "values"), ACTIONS, ids=range(len(ACTIONS)))
def test_an_action_becomes_text_and_encoded_values(
    action: Any, text: str, values: list[Any] | None
) -> None:
    """None and the empty set, which are stored by absence, remove."""
    request = render({"UpdateExpression": Update(action)})
    if values is None:
        assert sorted(request["UpdateExpression"]) == sorted(text)
        return
    assert request["UpdateExpression"] == text
    assert list(request.get("ExpressionAttributeValues", {}).values()) == values


REFUSED: list[Any] = [
    lambda: f.name == 1,
    lambda: f.count == "1",
    lambda: f.count == 1.5,
    lambda: f.total == Decimal("NaN"),
    lambda: f.when >= datetime(2026, 1, 1),  # noqa: DTZ001 - that is what is refused
    lambda: f.note == None,  # noqa: E711 - that is what is refused
    lambda: f.count.add("1"),
    lambda: f.name.add("x"),
    lambda: f.name.delete("x"),
    lambda: f.tags.add(1),
    lambda: f.tags.add(*()),
    lambda: f.name.append("x"),
    lambda: f.words.append(1),
    lambda: f.name + "x",
    lambda: "x" + f.name,
    lambda: f.name - 1,
    lambda: 1 - f.name,
    lambda: f.count.startswith("1"),
    lambda: f.name.startswith(1),
    lambda: f.count.contains(1),
    f.count.size,
    lambda: f.name.size() == "1",
    lambda: f.count.is_type("number"),
    lambda: f.count.is_in(*()),
    lambda: f.count.is_in(*range(101)),
    lambda: f.count.set(f.name),
    lambda: f.name.set(None),
    lambda: f.lines["sku"],
    lambda: f.lines[0]["nope"],
    lambda: f.name["x"],
    lambda: f.prices["a\ud800"],
]


@pytest.mark.parametrize("make", REFUSED, ids=range(len(REFUSED)))
def test_what_does_not_fit_the_field_is_refused_at_once(make: Any) -> None:
    """The error names the field, and is made where the expression is."""
    with pytest.raises((CodecError, AttributeError), match=r"Thing\.|Line"):
        make()


@pytest.mark.parametrize(
    "make",
    [
        lambda: f.count == "top secret",
        lambda: f.name + "top secret",
        lambda: f.count.add("top secret"),
        lambda: f.name.size() == "top secret",
        lambda: f.tags.add(5, "top secret"),
        lambda: f.prices["top secret\ud800"],
        lambda: f.count.is_type("top secret"),
    ],
    ids=range(7),
)
def test_a_refusal_holds_no_value(make: Any) -> None:
    """Neither its text nor the errors behind it."""
    with pytest.raises(CodecError) as caught:
        make()
    error: BaseException | None = caught.value
    while error is not None:
        assert "secret" not in str(error)
        error = error.__cause__ or error.__context__


UNTYPED: list[tuple[Any, Any]] = [
    (lambda any_: any_.add(1), {"N": "1"}),
    (lambda any_: any_.add(Decimal("1.5")), {"N": "1.5"}),
    (lambda any_: any_.add({1}), {"NS": ["1"]}),
    (lambda any_: any_.add(1, 2), {"NS": ["1", "2"]}),
    (lambda any_: any_.add("a"), {"SS": ["a"]}),
    (lambda any_: any_.delete(1), {"NS": ["1"]}),
    (lambda any_: any_.contains(1), {"N": "1"}),
    (lambda any_: any_.append("a", 1).values[1], {"L": [{"S": "a"}, {"N": "1"}]}),
]


@pytest.mark.parametrize(("make", "value"), UNTYPED, ids=range(len(UNTYPED)))
def test_an_attribute_without_type_takes_the_type_of_the_value(make: Any, value: Any) -> None:
    """One number is an amount; anything else that is added is an element, or a set of them."""
    made = make(FieldPaths(schema_of(Loose))["extra"])
    assert made.values[1].value == value


@pytest.mark.parametrize("values", [(), (True,), (None,), (1, "a"), ([1],), ({1, "a"},), (set(),)])
def test_what_is_no_number_and_no_set_is_not_added(values: tuple[Any, ...]) -> None:
    """A CodecError that names the model, where DynamoDB would refuse the whole update."""
    extra = FieldPaths(schema_of(Loose))["extra"]
    with pytest.raises(CodecError, match=r"Loose\[\.\.\.\]: expected elements of a set"):
        extra.add(*values)
    with pytest.raises(CodecError, match=r"Thing\.count: (add takes one|expected int|None)"):
        f.count.add(*values)


def test_a_set_takes_no_append() -> None:
    """It has no order."""
    with pytest.raises(CodecError, match=r"Thing\.tags: append and prepend are for lists"):
        f.tags.append("x")


def test_a_condition_is_no_truth() -> None:
    """`and` between conditions, and chained comparisons, fail instead of losing one of them."""
    with pytest.raises(TypeError):
        bool((f.count > 1) and (f.count < 5))
    with pytest.raises(TypeError):
        1 < f.count < 5  # noqa: B015


def value_of(condition: Any) -> Any:
    """The one value in a condition, as it is sent."""
    (value,) = render({"ConditionExpression": condition})["ExpressionAttributeValues"].values()
    return value


def test_a_value_is_written_by_the_codec_of_the_field() -> None:
    """On either side of an operator, and beside a default or an amount."""
    assert value_of(f.when == WHEN) == {"S": "2026-01-02T03:04:05.000000Z"}
    assert value_of(f.count + 1 == f.count) == {"N": "1"}
    assert value_of((f.count | 7) == f.count) == {"N": "7"}


@pytest.mark.parametrize("nothing", [None, frozenset[str]()], ids=["None", "empty"])
def test_what_is_stored_by_its_absence_is_compared_with_nothing(nothing: Any) -> None:
    """The error names the question that is meant."""
    field = f.when if nothing is None else f.tags
    with pytest.raises(CodecError, match=r"ask exists\(\) or does_not_exist\(\)"):
        _ = field == nothing


def test_a_wrong_value_is_named_by_its_field_once() -> None:
    """Also where the codec does not know of which field the value is; no value is in the error."""
    with pytest.raises(CodecError, match=r"^Thing\.count: ") as caught:
        _ = f.count == "much"
    assert caught.value.__context__ is None
    with pytest.raises(CodecError, match=r"^Thing\.words\[0\]: "):
        _ = f.words[0] == 1


def test_a_default_is_written_like_the_field() -> None:
    """And takes part in sums."""
    fallback = f.count.if_not_exists(1)
    assert isinstance(fallback, Fallback)
    assert fallback.label == "Thing.count"
    with pytest.raises(CodecError, match=r"Thing\.count: "):
        _ = fallback + "2"
    assert value_of(f.count == (fallback + 2).values[1]) == {"N": "2"}


def test_an_operator_needs_a_type_that_it_is_for() -> None:
    """The error names the types."""
    with pytest.raises(CodecError, match=r"Thing\.name: \+ needs one of N"):
        _ = f.name + 1


@pytest.mark.parametrize("method", ["_to_value", "_to_operand"])
def test_pynamodb_asks_for_every_value(method: str) -> None:
    """The private methods that our paths override still are what makes PynamoDB's values."""
    asked = []

    def to_value(_: Path, value: Any) -> Value:
        asked.append(value)
        return Value({"S": str(value)})

    path = type("Asking", (Path,), {method: to_value})(["a"])
    _ = [path == 1, path != 2, path < 3, path <= 4, path > 5, path >= 6]
    path.between(7, 8)
    path.is_in(9)
    _ = path | 10
    path.set(11)
    assert asked == list(range(1, 12))
