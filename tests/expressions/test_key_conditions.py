"""What a query may ask of a key, and where else it may not ask for it."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import BaseModel
from pynamodb.expressions.operand import Path, Value

from dynrepo import CodecError, DynamoStore, PartitionKey, Repository, SortKey
from dynrepo.expressions import key_conditions
from dynrepo.expressions.key_conditions import asked_in, check_filter, condition_of, key_condition
from dynrepo.expressions.trees import render
from dynrepo.templates.asked import Asked
from dynrepo.templates.grammar import KeyGrammar
from tests.events import Events, f, filled, numbers
from tests.scripted import Scripted


class Named(BaseModel):
    """Something with a text to sort by."""

    kind: Annotated[str, PartitionKey()]
    name: Annotated[str, SortKey()]


class Nameds(Repository[Named]):
    """Named things."""

    table = "nameds"


@pytest.fixture
def events(moto: DynamoStore) -> Events:
    """Thirty events of one stream, five of another."""
    return filled(moto)


SORTS = [
    (f.number == 3, [3]),
    (f.number < 3, [0, 1, 2]),
    (f.number <= 3, [0, 1, 2, 3]),
    (f.number > 27, [28, 29]),
    (f.number >= 27, [27, 28, 29]),
    (f.number.between(3, 5), [3, 4, 5]),
]


@pytest.mark.parametrize(("sort", "found"), SORTS, ids=range(len(SORTS)))
def test_a_query_takes_one_comparison_of_the_sort_key(
    events: Events, sort: Any, found: list[int]
) -> None:
    """On either side of the `&`."""
    assert numbers(events.query((f.stream == "s") & sort)) == found
    assert numbers(events.query(sort & (f.stream == "s"))) == found


WRONG: list[Any] = [
    lambda q: q(f.number == 1),
    lambda q: q(f.stream > "s"),
    lambda q: q(f.stream != "s"),
    lambda q: q((f.stream == "s") & (f.number != 1)),
    lambda q: q((f.stream == "s") & (f.kind == "a")),
    lambda q: q((f.stream == "s") | (f.number == 1)),
    lambda q: q((f.stream == "s") & (f.number > 1) & (f.number < 5)),
    lambda q: q((f.stream == "s") & f.number.is_in(1, 2)),
    lambda q: q((f.stream == "s") & (f.number == f.weight)),
    lambda q: q((f.stream == "s") & f.number.exists()),
    lambda q: q(~(f.stream == "s")),
    lambda q: q(f.stream == "s", index="by_kind"),
]


@pytest.mark.parametrize("make", WRONG, ids=range(len(WRONG)))
def test_a_query_needs_the_partition_key(events: Events, make: Any) -> None:
    """Told when the query is made, with what it takes."""
    with pytest.raises(ValueError, match=r"Event: a query takes `(stream|kind) == \.\.\.`"):
        make(events.query)
    assert events.sent == []


GRAMMAR = KeyGrammar("Model", ())

KEYS = [
    (lambda: f.stream == "", None),
    (lambda: f.stream == "x" * 2049, None),
    (lambda: f.kind == "", "by_kind"),
]


@pytest.mark.parametrize(("condition", "index"), KEYS, ids=range(len(KEYS)))
def test_a_key_that_can_be_no_key_is_refused(events: Events, condition: Any, index: Any) -> None:
    """When the query is made, of the table or of an index."""
    with pytest.raises(CodecError, match=r"Event\.(stream|kind): a key (cannot be empty|has 2048)"):
        events.query(condition(), index=index)
    assert events.sent == []


def test_every_value_of_a_sort_key_is_checked() -> None:
    """Both ends of a range and a prefix, too; a sort key is shorter."""
    sorted_ = Nameds.fields
    named = Nameds(DynamoStore(connection=Scripted(AssertionError())))
    long = "x" * 1025
    for condition in (
        sorted_.name == long,
        sorted_.name < long,
        sorted_.name.between("a", long),
        sorted_.name.between("a", long),
        sorted_.name.startswith(long),
        sorted_.name == "",
    ):
        with pytest.raises(CodecError, match=r"Named\.name: a key (cannot|has 1024)"):
            named.query((sorted_.kind == "a") & condition)


def test_conditions_of_pynamodb_itself_are_fine(events: Events) -> None:
    """For attributes that the model does not declare."""
    assert numbers(events.query(f.stream == "s", where=Path("kind") == "b", limit=1)) == [0]


def test_a_filter_is_of_other_fields_than_the_key() -> None:
    """In whatever part of it a field of the key stands; an index has a key of its own."""
    schema = Events.schema
    for where in (f.number > 1, (f.kind == "a") & ~(f.stream == "s")):
        with pytest.raises(ValueError, match=r"Event: where= cannot ask for the key's (n|s)"):
            check_filter(where, schema.key_schema, "Event")
    check_filter(f.number > 1, schema.indexes["by_kind"], "Event")


def test_comparisons_are_taken_out_of_a_condition() -> None:
    """Those that `&` joins, in their order, however deep; each of an attribute with values."""
    joined = (Path("a") == Value({"S": "x"})) & (
        Path("b").between(Value({"N": "1"}), Value({"N": "2"})) & Path("c").startswith("z")
    )
    assert asked_in(joined, (), GRAMMAR) == {
        "a": Asked("=", ({"S": "x"},)),
        "b": Asked("BETWEEN", ({"N": "1"}, {"N": "2"})),
        "c": Asked("begins_with", ({"S": "z"},)),
    }
    for other in (
        Path("a").exists(),
        Path("a") != Value({"S": "x"}),
        (Path("a") == Value({"S": "x"})) | (Path("b") == Value({"S": "x"})),
        Path("a") == Path("b"),
        (Path("a") == Value({"S": "x"})) & (Path("a") == Value({"S": "x"})),
    ):
        with pytest.raises(ValueError, match="the rest belongs in where="):
            asked_in(other, (), GRAMMAR)
    with pytest.raises(TypeError, match="expected a condition such as"):
        asked_in("a", (), GRAMMAR)


NEVER: list[Any] = [
    Nameds.fields.name < "",
    Nameds.fields.name <= "",
    Nameds.fields.name.between("b", "a"),
    Nameds.fields.name.between("a", ""),
    Nameds.fields.name.between("\U0001f600", "\uffff"),
]


@pytest.mark.parametrize("sort", NEVER, ids=range(len(NEVER)))
def test_what_cannot_be_is_an_empty_answer_without_a_request(sort: Any) -> None:
    """DynamoDB refuses to be asked for it, though there is an answer."""
    store = Scripted(AssertionError())
    query = Nameds(DynamoStore(connection=store)).query((Nameds.fields.kind == "a") & sort)
    assert list(query) == query.all() == list(query.keys()) == []
    assert query.first() is None
    assert query.count() == 0
    assert list(query.page(5)) == []
    assert query.page(5).cursor is None


def test_numbers_are_in_their_own_order() -> None:
    """From 9 to 10 is a range, and from 10 to 9 is none."""
    key = Events.schema.key_schema
    assert key_condition((f.stream == "s") & f.number.between(9, 10), key, "Event") is not None
    assert key_condition((f.stream == "s") & f.number.between(10, 9), key, "Event") is None


EVERY: list[Any] = [
    Nameds.fields.name >= "",
    Nameds.fields.name > "",
    Nameds.fields.name.startswith(""),
]


@pytest.mark.parametrize("sort", EVERY, ids=range(len(EVERY)))
def test_what_holds_of_every_key_is_not_asked(sort: Any) -> None:
    """No key is empty, and DynamoDB takes no empty value."""
    key, alone = Nameds.schema.key_schema, Nameds.fields.kind == "a"
    found = key_condition(alone & sort, key, "Named")
    assert rendered(found) == rendered(alone)


def test_a_range_from_the_empty_text_has_one_end() -> None:
    """All that is not after it."""
    key, alone = Nameds.schema.key_schema, Nameds.fields.kind == "a"
    found = key_condition(alone & Nameds.fields.name.between("", "b"), key, "Named")
    assert rendered(found) == rendered(alone & (Nameds.fields.name <= "b"))


def rendered(condition: Any) -> Any:
    """A condition as it is sent."""
    return render({"KeyConditionExpression": condition})


def test_a_condition_is_made_of_what_is_asked() -> None:
    """None where nothing is."""
    assert condition_of({}) is None
    asked = asked_in(Nameds.fields.kind == "a", Nameds.schema.fields, GRAMMAR)
    assert rendered(condition_of(asked)) == rendered(Nameds.fields.kind == "a")


NAME = Nameds.fields.name


@pytest.mark.parametrize(
    "sort", [NAME == "a", NAME < "a", NAME.between("a", "b"), NAME.startswith("a")], ids=range(4)
)
def test_what_is_asked_of_both_parts_is_written_as_it_was(sort: Any) -> None:
    """With the same marks, beside another expression; its parts are those of the condition."""
    condition = (Nameds.fields.kind == "a") & sort
    found: Any = condition_of(asked_in(condition, Nameds.schema.fields, GRAMMAR))
    assert rendered(found) == rendered(condition)
    both = {"FilterExpression": Path("kind") == "é", "KeyConditionExpression": found}
    assert render(both) == render({**both, "KeyConditionExpression": condition})
    assert [type(part) for part in found.values] == [type(part) for part in condition.values]


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        (f.number == 1, "`stream == ...` is missing"),
        ((f.stream == "s") & (f.number > 1) & (f.number < 5), "`number` is compared twice"),
        ((f.stream == "s") & (f.kind == "a"), "`kind` is no part of the key"),
        (f.stream > "s", "no range of it"),
        ((f.stream == "s") | (f.number == 1), "compared with values, by `&`"),
    ],
    ids=range(5),
)
def test_the_error_says_what_is_missing(condition: Any, reason: str) -> None:
    """Or what is too much, after what a query takes."""
    with pytest.raises(ValueError, match=f"one comparison of `number`; .*{reason}"):
        key_condition(condition, Events.schema.key_schema, "Event")


_NAME = Nameds.fields.name
USUAL: list[Any] = [
    _NAME == "b",
    _NAME < "b",
    _NAME <= "b",
    _NAME > "b",
    _NAME >= "b",
    _NAME.between("a", "b"),
    _NAME.between("b", "b"),
    _NAME.startswith("b"),
    _NAME == "b" * 1024,
]


@pytest.mark.parametrize("sort", USUAL, ids=range(len(USUAL)))
def test_the_usual_conditions_are_those_of_the_grammar(
    sort: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which they are not asked of, for it takes longer."""
    key, alone = Nameds.schema.key_schema, Nameds.fields.kind == "a"
    asked = (alone, alone & sort, sort & alone)
    quick = [rendered(key_condition(each, key, "Named")) for each in asked]
    monkeypatch.setattr(key_conditions, "_usual", lambda *_: None)
    assert quick == [rendered(key_condition(each, key, "Named")) for each in asked]
