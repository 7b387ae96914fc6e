"""`path` and `present`: what tests/typing/paths.py says is right is made, and nothing else."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from dynrepo import CodecError, FieldPath, path, present
from dynrepo.testing import MemoryStore
from tests.typing.paths import (
    AsyncThings,
    Thing,
    Things,
    asked,
    caught,
    changed,
    compared,
    missed,
    missed_in_verbs,
    unseen,
)

if TYPE_CHECKING:
    from collections.abc import Callable

t = Things.stored


def test_a_path_is_that_of_the_field() -> None:
    """Of both faces; so its conditions and actions are those of `fields`."""
    assert path(t.count) is Things.fields.count
    assert isinstance(path(t.lines[0].price), FieldPath)
    assert path(AsyncThings.stored.count).name == "count"
    assert (path(t.count) == 1) == (Things.fields.count == 1)


@pytest.mark.parametrize("make", [compared, asked, changed])
def test_what_type_checkers_let_pass_is_made(make: Callable[[Thing], list[object]]) -> None:
    """Each condition and each action that is right for them."""
    assert len(make(t)) > 35


REFUSED = caught(t) + missed(t)


@pytest.mark.parametrize("make", REFUSED, ids=range(len(REFUSED)))
def test_what_is_wrong_is_refused(make: Callable[[], object]) -> None:
    """At once, whether type checkers see it or not."""
    with pytest.raises((CodecError, AttributeError, TypeError)):
        make()


ONE = UUID(int=1)


def things() -> Things:
    """A repository with one item."""
    made = Things(MemoryStore(Things))
    made.set(Thing(thing_id=ONE))
    return made


@pytest.mark.parametrize("number", range(len(missed_in_verbs(Things(MemoryStore()), ONE))))
def test_what_is_wrong_in_a_verb_is_refused(number: int) -> None:
    """Before anything is sent, though type checkers let it pass."""
    made = things()
    before = made.require(ONE)
    with pytest.raises((CodecError, ValueError)):
        missed_in_verbs(made, ONE)[number]()
    assert made.require(ONE) == before


def test_a_path_of_another_repository_is_taken_by_its_attribute() -> None:
    """Nobody sees it: the page says so."""
    made = things()
    found, updated = (use() for use in unseen(made, ONE))
    assert found == []
    assert updated == made.require(ONE)
    assert made.store.items("things")[0]["weight"] == {"N": "1"}


@pytest.mark.parametrize("field", [3, None, Things.fields.count, t])
def test_a_path_is_taken_of_a_field_alone(field: Any) -> None:
    """The error says of what."""
    with pytest.raises(
        TypeError, match=r"path takes a field .* path\(users\.stored\.name\), not \w"
    ):
        path(field)


def test_present_is_the_part_itself() -> None:
    """Without None to type checkers alone."""
    assert present(t.address) is t.address


@pytest.mark.parametrize("part", [3, None, Things.fields.address])
def test_nothing_but_a_part_is_present(part: Any) -> None:
    """An instance is not asked for by mistake."""
    with pytest.raises(
        TypeError, match=r"present takes a part .* present\(users\.stored\.address\)"
    ):
        present(part)


PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "expressions.md").read_text("utf-8")


def of_the_page() -> dict[str, Any]:
    """The models and repositories of the page, and what it calls their fields."""
    names: dict[str, Any] = {}
    for block in re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)[:5]:
        tree = ast.parse(block)
        kept = (ast.Import, ast.ImportFrom, ast.ClassDef)
        tree.body = [node for node in tree.body if isinstance(node, kept)]
        exec(compile(tree, "expressions.md", "exec", dont_inherit=True), names)  # noqa: S102 - the page is ours
    return {**names, "c": names["Carts"].stored, "s": names["Seats"].stored}


def told() -> list[tuple[str, str]]:
    """What the tables say of pieces of code that can be run: the code, and the errors."""
    tables = PAGE.partition("## What a type checker follows")[2].partition("**Nobody sees**")[0]
    rows = re.findall(r"^\| (.*) \| ([^|]*) \|$", tables, re.MULTILINE)
    return [
        (code, errors)
        for written, errors in rows
        for code in re.findall(r"`([^`]*\b[cs]\.[^`]*)`", written)
    ]


@pytest.mark.once
@pytest.mark.parametrize(("code", "errors"), told())
def test_the_page_says_what_becomes_of_a_mistake(code: str, errors: str) -> None:
    """Each piece of code in its tables is what it says when it runs."""
    if errors == "never true":
        assert eval(code, of_the_page()) is not None  # noqa: S307 - the page is ours
        return
    with pytest.raises((AttributeError, CodecError, TypeError)) as caught:
        bool(eval(code, of_the_page()))  # noqa: S307 - the same
    assert f"`{caught.type.__name__}`" in errors
