"""`path` and `present`: what tests/typing/paths.py says is right is made, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dynrepo import CodecError, FieldPath, path, present
from tests.typing.paths import AsyncThings, Thing, Things, asked, caught, changed, compared, missed

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
