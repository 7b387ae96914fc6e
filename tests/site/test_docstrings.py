"""The docstrings, as what makes the pages of the reference reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import griffe

from tests.site.conftest import ROOT

if TYPE_CHECKING:
    import pytest


def read_all(found: Any, seen: set[str]) -> None:
    """Reads the docstrings in a module or a class, each once."""
    for member in found.members.values():
        if member.is_alias or member.path in seen:
            continue
        seen.add(member.path)
        if member.docstring is not None:
            member.docstring.parsed  # noqa: B018 - it warns
        if member.is_module or member.is_class:
            read_all(member, seen)


def test_the_sections_of_docstrings_are_read_as_they_are_meant(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """No parameter is told of that is not there, and no entry lacks its name."""
    package = griffe.load("dynrepo", search_paths=[ROOT], docstring_parser="google")
    seen: set[str] = set()
    read_all(package, seen)
    assert "dynrepo.aio.item_verbs.AsyncItemVerbs.get" in seen
    assert [record.message for record in caplog.records if record.levelname == "WARNING"] == []
