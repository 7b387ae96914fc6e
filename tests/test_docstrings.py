"""Every public name says what it takes, what comes back, and which errors a caller may meet."""

from __future__ import annotations

import ast

import pytest

import dynrepo.names
from tests.docstrings import VALIDATES, methods_of, names, of_function, offered_as, unsaid
from tests.house import Function

pytestmark = pytest.mark.once

SAYS_ALL = '''
def read(key: str, *only: str, limit: int | None = None) -> str | None:
    """Reads it.

    Args:
        key: Under which it is.
        *only: What is read of it.
        limit: Bytes at most; without it, all,
            however long.

    Returns:
        What is read, or None

    Raises:
        ValueError: The limit is less than 1.
    """
    raise ValueError(limit)
'''


@pytest.mark.parametrize("name", names())
def test_a_public_name_says_what_callers_want_to_know(name: str) -> None:
    """In the sections that the site renders as tables."""
    assert list(unsaid(offered_as(name), names()[name])) == []


@pytest.mark.parametrize("name", [name for name, hidden in names().items() if hidden])
def test_what_a_page_hides_is_there(name: str) -> None:
    """For the library itself; a member that is gone goes from the page, too."""
    kind = offered_as(name)
    annotated = (vars(each).get("__annotations__", {}) for each in kind.__mro__)
    assert names()[name] <= set(dir(kind)).union(*annotated)


@pytest.mark.parametrize("name", sorted(VALIDATES))
def test_what_validates_by_others_is_there(name: str) -> None:
    """A name that is gone goes from the list, too."""
    kind, _, method = name.rpartition(".")
    assert method in (methods_of(kind) if kind else vars(dynrepo.names))


def function(source: str) -> Function:
    """The one function of a source."""
    (node,) = ast.parse(source).body
    assert isinstance(node, Function)
    return node


def test_a_docstring_that_says_all_is_fine() -> None:
    """Also where an entry goes on in the next line."""
    assert list(of_function(function(SAYS_ALL), raises=True)) == []


@pytest.mark.parametrize(
    ("text", "instead", "unsaid"),
    [
        ("        key: Under which it is.\n", "", ["takes key"]),
        ("        *only: What is read of it.\n", "", ["takes only"]),
        ("        limit:", "        most:", ["takes limit", "does not take most"]),
        ("    Returns:\n        What is read, or None\n", "", ["returns str | None"]),
        ("    Raises:", "    Throws:", ["raises", "raises ValueError"]),
        ("ValueError: The", "LookupError: The", ["raises ValueError"]),
        ("What is read, or", "What is read,\n        or", ["Returns has not one entry"]),
        ("ValueError: The", "The", ["Raises:     The limit", "raises ValueError"]),
        ("Reads it.", "Reads it::", ["ends a line with `::`"]),
        ("def read(", "async def read(", []),
        ("str | None:", "None:", []),
    ],
)
def test_what_is_unsaid_is_seen(text: str, instead: str, unsaid: list[str]) -> None:
    """Each of what a reader would miss, and nothing else."""
    assert text in SAYS_ALL
    found = list(of_function(function(SAYS_ALL.replace(text, instead)), raises=True))
    assert len(found) == len(unsaid)
    assert all(each.startswith(start) for each, start in zip(found, unsaid, strict=True)), found
