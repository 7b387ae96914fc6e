"""The names that other libraries have for verbs."""

from __future__ import annotations

import copy
import inspect
import pickle
from typing import Any
from unittest.mock import create_autospec

import pytest

from dynrepo.operations.synonyms import QUERY, VERBS, WRITES, NamesSynonyms
from dynrepo.testing import MemoryStore
from tests.accounts import Account, Accounts


def words(thing: Any, name: str) -> str:
    """The message of an attribute that is not there."""
    with pytest.raises(AttributeError) as caught:
        getattr(thing, name)
    assert (caught.value.name, caught.value.obj) == (name, thing)
    return str(caught.value)


@pytest.fixture
def accounts() -> Accounts:
    """A repository in memory."""
    return Accounts(MemoryStore(Accounts))


@pytest.mark.parametrize(
    ("name", "cure"),
    [
        ("put", "set(item)"),
        ("find", "query(fields.x == 1)"),
        ("list", "scan().all()"),
        ("count", "scan().count()"),
        ("balance", "fields.balance"),
    ],
)
def test_a_repository_says_what_its_verb_is(accounts: Accounts, name: str, cure: str) -> None:
    """For a name of other libraries, and for a field of its model."""
    assert f"'Accounts' object has no attribute '{name}': write {cure}" in words(accounts, name)


@pytest.mark.parametrize(
    ("name", "cure"),
    [("filter", "where=fields.y > 2"), ("limit", "limit=3"), ("balance", "query.first()")],
)
def test_a_query_says_where_it_is_told_so(accounts: Accounts, name: str, cure: str) -> None:
    """For a name of other libraries, and for a field of its items."""
    assert cure in words(accounts.scan(), name)


@pytest.mark.parametrize(
    ("make", "cure"),
    [
        (len, "query.count()"),
        (bool, "query.first() is not None"),
        (lambda query: query[0], "query.first(), or all()"),
    ],
    ids=["len", "bool", "index"],
)
def test_a_query_is_no_list(accounts: Accounts, make: Any, cure: str) -> None:
    """A TypeError says how it is read; it may be iterated, and given to `list`."""
    accounts.create(Account(name="a"))
    with pytest.raises(TypeError) as caught:
        make(accounts.scan())
    assert cure in str(caught.value)
    assert len(list(accounts.scan())) == 1


def test_a_block_says_how_it_is_filled(accounts: Accounts) -> None:
    """And what is done beside it."""
    for block in (accounts.transaction(), accounts.batch()):
        assert "write get() of the repository, beside the block" in words(block, "get")
        assert "write set(...)" in words(block, "put")


def test_another_name_is_an_attribute_error_as_ever(accounts: Accounts) -> None:
    """So that whatever looks at objects may look at these."""
    for thing in (accounts, accounts.scan()):
        assert words(thing, "nothing_near").endswith("has no attribute 'nothing_near'")
        assert not hasattr(thing, "__wrapped__")
        assert getattr(thing, "nothing", None) is None
        assert not inspect.isawaitable(thing)
        assert type(copy.copy(thing)) is type(thing)
    assert pickle.loads(pickle.dumps(Account(name="a"))) == Account(name="a")  # noqa: S301 - ours
    assert create_autospec(Accounts, instance=True).get("a") is not None
    assert create_autospec(accounts).get("a") is not None
    assert "get" in dict(inspect.getmembers(accounts))


def test_the_error_of_a_property_is_its_own() -> None:
    """Not that there is no such property."""

    class Broken(NamesSynonyms):
        @property
        def put(self) -> int:
            raise AttributeError("within")

    with pytest.raises(AttributeError, match=r"^within$"):
        _ = Broken().put


def test_what_there_is_has_no_synonym_that_hides_it(accounts: Accounts) -> None:
    """Each name of the tables is one that is not there."""
    assert [name for name in VERBS if hasattr(accounts, name)] == []
    assert [name for name in QUERY if hasattr(accounts.scan(), name)] == []
    neither = [accounts.transaction(), accounts.batch()]
    assert [name for name in WRITES if all(hasattr(block, name) for block in neither)] == []
