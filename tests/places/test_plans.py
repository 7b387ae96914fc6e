"""A plan of a shape says what the grammar says, of whatever values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from pydantic import AwareDatetime, BaseModel
from pynamodb.expressions.operand import Path

from dynrepo import CodecError, Index, Key, Repository, SharedTable
from dynrepo.expressions.key_conditions import asked_in

if TYPE_CHECKING:
    from dynrepo.places.plans import KeyPlans

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
RANDOM = Random(20261130)  # noqa: S311 - the same conditions each time


class Planned(SharedTable):
    """A table with an index of each kind."""

    table = "planned"
    key = Key("pk", "sk")
    texts = Index("tpk", "tsk")
    days = Index("dpk", "dsk")
    numbers = Index("npk", "nsk", types=("S", "N"))
    alone = Index("apk", "ask")


class Post(BaseModel):
    """Something with a field of each form."""

    user: str
    id: UUID
    at: AwareDatetime
    number: int = 0
    title: str = "x"


class Posts(Repository[Post]):
    """Posts by user, title, day and number."""

    place = Planned.place(
        "USER#{user}",
        "POST#{at}#{number:03d}#{id}",
        by_title=Planned.texts("T", "{title:escaped}#{at}"),
        by_day=Planned.days("D#{at:.10}", "{at}#{number:03d}"),
        by_number=Planned.numbers("N#{user:lower}", "{number}"),
        by_name=Planned.alone("{user}", "{title}"),
    )


FIELDS = {
    "user": ["ada", "Ä#b", "", "\U0010ffff", "x" * 900],
    "id": [UUID(int=7), UUID(int=2**127)],
    "at": [NOON, NOON + timedelta(hours=1), NOON + timedelta(days=3, microseconds=5)],
    "number": [0, 7, 999, 1000, -1],
    "title": ["a", "b%", "", "#", "\ud800"],
}
SORTED = {
    "": ["at", "number", "id"],
    "by_title": ["title", "at"],
    "by_day": ["at", "number"],
    "by_number": ["number"],
    "by_name": ["title"],
}
PARTITIONS = {"": ["user"], "by_title": [], "by_day": ["at"], "by_number": ["user"]}
OPERATORS = ["=", "=", "<", "<=", ">", ">=", "between", "startswith"]


def compared(name: str, operator: str) -> Any:
    """A field compared with some value."""
    field, values = getattr(Posts.fields, name), FIELDS[name]
    value, other = RANDOM.choice(values), RANDOM.choice(values)
    comparisons = {
        "=": field.__eq__,
        "<": field.__lt__,
        "<=": field.__le__,
        ">": field.__gt__,
        ">=": field.__ge__,
        "between": lambda low: field.between(low, other),
        "startswith": field.startswith,
    }
    return comparisons[operator](value)


def condition(index: str) -> Any:
    """Some condition of an index, which the grammar may refuse."""
    parts = [(name, "=") for name in PARTITIONS.get(index, ["user"])]
    wanted = SORTED[index][: RANDOM.randrange(len(SORTED[index]) + 1)]
    parts += [(name, "=") for name in wanted[:-1] if name not in dict(parts)]
    if wanted and wanted[-1] not in dict(parts):
        parts.append((wanted[-1], RANDOM.choice(OPERATORS)))
    RANDOM.shuffle(parts)
    made: Any = None
    for name, operator in parts or [("title", RANDOM.choice(OPERATORS))]:
        made = compared(name, operator) if made is None else made & compared(name, operator)
    return made


def outcome(ask: Any, asked: Any) -> Any:
    """What is found, or which error."""
    try:
        return ask(asked)
    except (CodecError, ValueError) as error:
        return type(error), str(error)


def plans_of(index: str) -> KeyPlans:
    """The plans of a key."""
    key = Posts.schema.key_schema if not index else Posts.schema.indexes[index]
    plans: KeyPlans = Posts.schema.plans[key.name]  # type: ignore[attr-defined]
    return plans


@pytest.mark.parametrize("index", SORTED)
def test_a_plan_finds_what_the_grammar_finds(index: str) -> None:
    """Of random conditions, in whatever order, most of whose shapes were seen before."""
    plans, schema = plans_of(index), Posts.schema
    grammar = plans.grammar
    for _ in range(400):
        try:
            asked = condition(index)
        except (CodecError, TypeError, ValueError):
            continue  # which no field can be compared with
        expected = outcome(lambda it: grammar.compiled(asked_in(it, schema.fields, grammar)), asked)
        assert outcome(plans.asked, asked) == expected
    assert plans._plans


def test_a_range_of_a_cut_is_looked_at_each_time() -> None:
    """For its ends tell whether one partition holds it."""
    fields, last = Posts.fields, NOON.replace(hour=23, minute=59, second=59, microsecond=999999)
    day = fields.at.between(NOON.replace(hour=0), last)
    plans = plans_of("by_day")
    assert plans.asked(day) is not None
    with pytest.raises(ValueError, match="2 partitions"):
        plans.asked(fields.at.between(NOON, last + timedelta(hours=1)))


def test_a_text_that_was_empty_is_asked_where_it_is_not() -> None:
    """And the reverse: an empty beginning is no condition."""
    fields, plans = Posts.fields, plans_of("by_name")
    for _, (title, there) in product(range(2), [("", False), ("a", True)]):
        found = plans.asked((fields.user == "ada") & fields.title.startswith(title))
        assert found is not None
        assert ("ask" in found) is there


def test_values_of_other_types_are_found_anew() -> None:
    """As PynamoDB's own paths take them; of a shape that is no comparison there is no plan."""
    plans = plans_of("")
    assert plans.asked(Posts.fields.user == "ada") is not None
    with pytest.raises(CodecError, match="expected S, found N"):
        plans.asked(Path("user") == 7)
    shaped = (Posts.fields.user == "ada") & (Posts.fields.at == NOON)
    assert plans.asked(shaped) is not None
    with pytest.raises(CodecError, match="not of the width and shape"):
        plans.asked((Path("user") == "ada") & (Path("at") == "today"))
    with pytest.raises(ValueError, match="the rest belongs in where="):
        plans.asked(Posts.fields.user.exists())
