"""A public class says where it is imported from, not which room it lives in."""

from __future__ import annotations

import pickle
from inspect import isclass

import pytest

import dynrepo
from dynrepo import testing
from dynrepo.public import public, public_in

CLASSES_FOR_TESTS = [name for name in dir(testing) if isclass(getattr(testing, name, None))]


@pytest.mark.parametrize("name", [name for name in dynrepo.__all__ if name[0].isupper()])
def test_a_public_class_is_one_of_dynrepo(name: str) -> None:
    """A traceback and a `repr` show the name to import."""
    assert getattr(dynrepo, name).__module__ == "dynrepo"


@pytest.mark.parametrize("name", CLASSES_FOR_TESTS)
def test_a_class_for_tests_is_one_of_its_package(name: str) -> None:
    """What `dynrepo.testing` offers, which offers none of `dynrepo`."""
    assert getattr(testing, name).__module__ == "dynrepo.testing"


@pytest.mark.parametrize("name", ["ItemNotFound", "PartitionKey", "Settings", "Unprocessed"])
def test_a_public_class_is_found_by_pickle(name: str) -> None:
    """Under the module that it names."""
    public = getattr(dynrepo, name)
    assert pickle.loads(pickle.dumps(public)) is public  # noqa: S301 - our own


def test_what_is_offered_stays_what_it_is() -> None:
    """A class or a function, under its own name, of the package that offers it."""

    def helper() -> int:
        return 1

    assert public(helper) is helper
    assert (helper.__module__, helper.__name__, helper()) == ("dynrepo", "helper", 1)
    assert public_in("dynrepo.testing")(helper).__module__ == "dynrepo.testing"
