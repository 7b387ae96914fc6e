"""The two other forms of conditions that were tried, and what type checkers catch of each.

The form that was taken is in paths.py: `path(users.stored.visits) < 3`. An error that is to be
found says so in its line; what is wrong and passes stands in a function of its own. Checked, never
run.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo import FieldPath

T = TypeVar("T")
V = TypeVar("V")


class City(BaseModel):
    """A nested model."""

    name: str


class Person(BaseModel):
    """One field of each kind that the forms differ in."""

    name: str
    visits: int
    born: date
    score: int | None = None
    home: City | None = None


class ByPredicate(Generic[T]):
    """Conditions as functions of the model, which are given its paths: `query(lambda p: ...)`."""

    def query(self, condition: Callable[[T], bool]) -> list[T]:
        """What a function asks of each item."""
        raise NotImplementedError


class ByField(Generic[T]):
    """Paths by functions of the model: `path(lambda p: p.visits) < 3`."""

    def path(self, of: Callable[[T], V]) -> FieldPath[V]:
        """The path of the field that a function returns."""
        raise NotImplementedError


def conditions_of_a_predicate(people: ByPredicate[Person]) -> None:
    """A misspelt field and another type are found, and so is what gives no bool."""
    people.query(lambda p: p.name == "a")
    people.query(lambda p: p.visits < 3)
    people.query(lambda p: p.nmae == "a")  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownLambdaType, reportUnknownMemberType]
    people.query(lambda p: p.visits < "3")  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnknownLambdaType]
    people.query(lambda p: p.name.startswith(3))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    people.query(lambda p: p.visits.startswith("3"))  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownLambdaType, reportUnknownMemberType]


def right_and_refused_by_a_predicate(people: ByPredicate[Person]) -> None:
    """DynamoDB compares what may be absent, negates by `~`, and finds beginnings of dates."""
    people.query(lambda p: p.score < 3)  # type: ignore[operator]  # pyright: ignore[reportOptionalOperand, reportUnknownLambdaType]
    people.query(lambda p: ~(p.visits == 3))  # type: ignore[arg-type, return-value, unused-ignore]  # pyright: ignore[reportArgumentType, reportDeprecated]
    people.query(lambda p: p.born.startswith("2026"))  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownLambdaType, reportUnknownMemberType]
    people.query(lambda p: p.home.name == "a")  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess]


def wrong_and_passed_by_a_predicate(people: ByPredicate[Person], known: list[str]) -> None:
    """`and`, `or`, `not`, `in` and a chain ask Python, which has no answer; any bool is taken."""
    people.query(lambda p: p.visits > 1 and p.name == "a")
    people.query(lambda p: not p.visits > 1)
    people.query(lambda p: p.name in known)
    people.query(lambda p: 1 < p.visits < 3)
    people.query(lambda _: True)


def paths_by_a_function(people: ByField[Person]) -> list[Any]:
    """All that is right passes, with a lambda for each field."""
    return [
        people.path(lambda p: p.name) == "a",
        people.path(lambda p: p.score) < 3,
        people.path(lambda p: p.born).startswith("2026"),
        people.path(lambda p: p.visits).add(1),
        (people.path(lambda p: p.visits) > 1) & ~(people.path(lambda p: p.name) == "a"),
    ]


def errors_of_a_function(people: ByField[Person]) -> None:
    """What is found by `path(stored.field)` is found here, too; so is a parent that may be None."""
    people.path(lambda p: p.nmae)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownLambdaType, reportUnknownMemberType]
    people.path(lambda p: p.home.name)  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess]


def passed_by_a_function(people: ByField[Person]) -> None:
    """What is no field at all is a value as any other."""
    people.path(lambda p: p.visits + 1)
    people.path(lambda _: 3)
