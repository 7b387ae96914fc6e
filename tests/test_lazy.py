"""Names of a package that are imported when one is asked for."""

from __future__ import annotations

import pytest

import dynrepo
from dynrepo import names
from dynrepo.lazy import names_of

get, listed = names_of("dynrepo")


def test_a_name_is_what_its_module_has() -> None:
    """Asked for through the package or not, it is the same thing."""
    assert get("Repository") is names.Repository is dynrepo.Repository


def test_all_names_are_listed() -> None:
    """`dir()` shows what can be imported, though nothing of it may be imported yet."""
    assert listed() == dir(dynrepo) == names.__all__


@pytest.mark.parametrize("name", ["repository", "testing"])
def test_a_module_is_left_to_the_import_system(name: str) -> None:
    """Else the import of one module would import all, in a circle."""
    with pytest.raises(AttributeError):
        get(name)


def test_an_unknown_name_is_an_attribute_error() -> None:
    """As on any module."""
    with pytest.raises(AttributeError, match="Nope"):
        get("Nope")
