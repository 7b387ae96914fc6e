"""What a table is to have beyond the markers is refused before anything is sent, if it is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dynrepo import Capacity
from dynrepo.testing.memory import MemoryStore
from tests.things import Growns

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.testing.faults import Exchange


@pytest.mark.parametrize(("read", "write"), [(0, 1), (1, 0), (-1, 1)])
def test_a_capacity_is_at_least_one_unit(read: int, write: int) -> None:
    """Told before a table is created."""
    with pytest.raises(ValueError, match="at least 1 unit a second, not"):
        Capacity(read=read, write=write)


@pytest.mark.parametrize("units", ["5", 5.0, True, None])
def test_a_capacity_is_counted(units: Any) -> None:
    """A text, a fraction or a bool is refused by its type, for reads and for writes."""
    kind = type(units).__name__
    with pytest.raises(TypeError, match=f"read counts units a second: an int, not {kind}"):
        Capacity(read=units, write=1)
    with pytest.raises(TypeError, match=f"write counts units a second: an int, not {kind}"):
        Capacity(read=1, write=units)


WRONG: list[tuple[str, Any, str]] = [
    ("capacity", (5, 5), r"capacity is a Capacity, such as Capacity\(read=5, write=5\), not tuple"),
    ("capacity", Capacity, "capacity is a Capacity, such as .*, not the class Capacity"),
    ("deletion_protection", "no", "deletion_protection is True or False, not str"),
    ("deletion_protection", None, "deletion_protection is True or False, not NoneType"),
    ("tags", [("team", "shop")], "tags are a mapping, such as .*team.*, not list"),
    ("tags", {"team": 4711}, "tags map a str to a str, not str to int"),
    ("tags", {4711: "team"}, "tags map a str to a str, not int to str"),
    ("progress", None, "progress is called with a sentence: print, say, not NoneType"),
]
"""A parameter, what it is given, and what is said about it."""


@pytest.mark.parametrize(("name", "given", "said"), WRONG)
def test_what_a_table_cannot_be_made_by_is_refused(name: str, given: Any, said: str) -> None:
    """With the cure, by its type and by no value, before a request; also where a table is there."""
    things = Growns(MemoryStore(Growns))
    store: Any = things.store
    asked: list[Exchange] = []
    other = things.verify_table if name == "progress" else things.create_table
    verbs: list[Callable[..., Any]] = [things.ensure_table, other]

    def noted(exchange: Exchange) -> Any:
        asked.append(exchange)
        return exchange.answer()

    with store.inject(noted, times=None):
        for verb in verbs:
            with pytest.raises(TypeError, match=said) as refused:
                verb(**{name: given})
            assert "4711" not in str(refused.value)
    assert asked == []
