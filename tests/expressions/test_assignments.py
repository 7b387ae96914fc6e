"""Assignments to fields: refused, with what to write instead, and without any effect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel

from dynrepo import Attribute, PartitionKey, Repository
from dynrepo.testing import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable


class Home(BaseModel):
    """A nested model, with a field that is called like something of a path."""

    city: str = ""
    label: str = ""


class User(BaseModel):
    """An item with one field of each kind."""

    user_id: Annotated[str, PartitionKey()]
    visits: Annotated[int, Attribute("v")] = 0
    name: str = ""
    tags: frozenset[str] = frozenset()
    words: list[str] = []
    counts: dict[str, int] = {}
    home: Home = Home()


class Users(Repository[User]):
    """Users."""

    table = "users"


class Loose(BaseModel, extra="allow"):
    """Any attribute besides the key."""

    name: Annotated[str, PartitionKey()]


class Looses(Repository[Loose]):
    """Loose items."""

    table = "loose"


def _count(f: Any) -> None:
    f.visits += 1


def _count_down(f: Any) -> None:
    f.visits -= 1


def _lengthen(f: Any) -> None:
    f.name += "x"


def _shorten(f: Any) -> None:
    f.name -= "x"


def _append(f: Any) -> None:
    f.words += ["x"]


def _join(f: Any) -> None:
    f.tags |= {"x"}


def _count_by_key(f: Any) -> None:
    f.counts["secret"] += 1


def _set(f: Any) -> None:
    f.name = "Ada"


def _set_by_name(f: Any) -> None:
    f["name"] = "Ada"


def _set_number(f: Any) -> None:
    f.visits = 5


def _set_in_map(f: Any) -> None:
    f.counts["secret"] = 1


def _set_in_list(f: Any) -> None:
    f.words[0] = "x"


def _set_nested(f: Any) -> None:
    f.home.city = "Ulm"


def _set_what_a_path_has(f: Any) -> None:
    f.home.label = "x"


def _delete(f: Any) -> None:
    del f.name


def _delete_by_name(f: Any) -> None:
    del f["name"]


def _delete_in_map(f: Any) -> None:
    del f.counts["secret"]


def _delete_nested(f: Any) -> None:
    del f.home.city


ASSIGNMENTS = [
    (_count, "fields.visits.add(1)) or update(key, fields.visits.set(...))"),
    (_count_down, "fields.visits.add(1)) or"),
    (_lengthen, "fields.name.set(...))"),
    (_shorten, "fields.name.set(...))"),
    (_append, "fields.words.set(...))"),
    (_join, "fields.tags.set(...))"),
    (_count_by_key, "fields.counts[...].add(1)) or"),
    (_set, "fields.name.set(...))"),
    (_set_by_name, "fields.name.set(...))"),
    (_set_number, "fields.visits.add(1)) or"),
    (_set_in_map, "fields.counts[...].add(1)) or"),
    (_set_in_list, "fields.words[...].set(...))"),
    (_set_nested, "fields.home[...].set(...))"),
    (_set_what_a_path_has, "fields.home[...].set(...))"),
    (_delete, "fields.name.remove())"),
    (_delete_by_name, "fields.name.remove())"),
    (_delete_in_map, "fields.counts[...].remove())"),
    (_delete_nested, "fields.home[...].remove())"),
]


@pytest.mark.parametrize(("assign", "cure"), ASSIGNMENTS, ids=[a.__name__ for a, _ in ASSIGNMENTS])
def test_an_assignment_names_the_action_and_changes_nothing(
    assign: Callable[[Any], None], cure: str
) -> None:
    """The field works afterwards as before, for everybody who has the repository."""
    users = Users(MemoryStore(Users))
    users.create(User(user_id="a"))
    with pytest.raises((AttributeError, TypeError)) as refusal:
        assign(users.fields)
    assert "secret" not in str(refusal.value)
    assert f"nothing is stored by an assignment: write update(key, {cure}" in str(refusal.value)
    f = Users(users.store).fields
    changed = users.update("a", f.visits.add(1), f.name.set("x"), f.home["city"].set("Ulm"))
    assert changed == User(user_id="a", visits=1, name="x", home=Home(city="Ulm"))
    assert users.scan(where=(f.visits >= 1) & (f.name == "x")).count() == 1


def test_a_misspelt_field_is_named_as_such() -> None:
    """With the names that are near."""
    with pytest.raises(AttributeError, match=r"User has no field nme: did you mean name\?"):
        Users.fields.nme = "Ada"
    with pytest.raises(AttributeError, match="no field"):
        del Users.fields.nme


def test_an_undeclared_attribute_is_not_assigned_either() -> None:
    """Its name, which may be data, is not in the message."""
    with pytest.raises(TypeError, match=r"update\(key, fields\[\.\.\.\]\.set\(\.\.\.\)\)"):
        Looses.fields["secret"] = 1


def test_a_variable_may_hold_a_sum() -> None:
    """For `set`, where the field itself stays what it is."""
    total = Users.fields.visits
    total += 1
    left = Users.fields.visits
    left -= 1
    users = Users(MemoryStore(Users))
    users.create(User(user_id="a"))
    assert users.update("a", Users.fields.visits.set(total)).visits == 1
    assert users.update("a", Users.fields.visits.set(left)).visits == 0
