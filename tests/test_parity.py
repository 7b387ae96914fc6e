"""The two faces have the same public members, which differ in nothing but the waiting."""

from __future__ import annotations

import ast
import inspect
import re
from typing import Any, get_overloads

import pytest

import dynrepo
from dynrepo import names
from tests.faces import blocking, renamed

PAIRS = {name: renamed(name) for name in names.__all__ if renamed(name) != name}
"""The asynchronous classes, and the blocking one of each."""

each_pair = pytest.mark.parametrize(
    ("awaited", "plain"),
    [(getattr(dynrepo, name), getattr(dynrepo, other)) for name, other in PAIRS.items()],
    ids=PAIRS.values(),
)


def members(cls: type) -> dict[str, Any]:
    """The public members of a class, and what `for` and `with` call."""
    return {
        name: member
        for name, member in inspect.getmembers_static(cls)
        if re.fullmatch(r"[a-z]\w*|__a?(?:iter|next|enter|exit)__|__init__", name)
        and not getattr(member, "__module__", "").endswith(".other_face")  # they refuse
    }


def as_blocking(text: str | None) -> str:
    """A docstring in the words of the blocking face."""
    escaped = (text or "").replace("\\", "\\\\").replace('"', '\\"')
    return str(ast.literal_eval(blocking(f'"""{escaped}"""\n').strip()))


def signature(function: Any) -> list[tuple[Any, ...]]:
    """The parameters of a function and what it returns: names, kinds, defaults, annotations."""
    found = inspect.signature(function)
    return [
        *[
            (renamed(each.name), each.kind, default(each.default), annotation(each.annotation))
            for each in found.parameters.values()
        ],
        ("return", annotation(found.return_annotation)),
    ]


def default(value: Any) -> Any:
    """A default; a function, of which each face has its own, by its name."""
    return value.__name__ if inspect.isfunction(value) else value


def annotation(said: Any) -> str:
    """An annotation without what says that it is awaited."""
    text = said if isinstance(said, str) else getattr(said, "__name__", repr(said))
    text = re.sub(r"\s+", "", blocking(f"x: {text}\n"))
    return text.replace("type[RepositoryDefinition[", "type[Repository[")  # either, in a container


def test_each_asynchronous_name_has_a_blocking_one() -> None:
    """They are offered together."""
    assert len(PAIRS) >= 10
    assert set(PAIRS.values()) <= set(names.__all__)


@each_pair
def test_both_have_the_same_members(awaited: type, plain: type) -> None:
    """Under the same names, but for what the script renames."""
    assert {renamed(name) for name in members(awaited)} == set(members(plain))


@each_pair
def test_each_member_takes_the_same(awaited: type, plain: type) -> None:
    """Parameters by name, kind, default and type, overloads included."""
    others = members(plain)
    for name, member in members(awaited).items():
        other = others[renamed(name)]
        assert type(member) is type(other), name
        if inspect.isfunction(member):
            assert signature(member) == signature(other), name
            overloads = [list(map(signature, get_overloads(each))) for each in (member, other)]
            assert overloads[0] == overloads[1], name


@each_pair
def test_each_member_says_the_same(awaited: type, plain: type) -> None:
    """In the words of its face."""
    others = members(plain)
    for name, member in members(awaited).items():
        other = others[renamed(name)].__doc__ or ""  # which may speak of both faces
        assert other in (member.__doc__, as_blocking(member.__doc__)), name
