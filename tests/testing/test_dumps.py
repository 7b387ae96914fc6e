"""What a store in memory holds, as a value."""

from __future__ import annotations

import json

import pytest

from dynrepo.sending.outcomes import Refused
from dynrepo.testing.dumps import tables_of
from dynrepo.testing.memory import MemoryStore
from models.order import Orders
from models.user import Users
from tests.testing.people import ADA
from tests.testing.rows import Rows, put


def test_a_dump_is_json_and_can_be_loaded() -> None:
    """Tables, indexes, expiry and items."""
    store = MemoryStore(Users, Orders)
    Users(store).create(ADA)
    dumped = json.loads(json.dumps(store.dump()))
    loaded = MemoryStore().load(dumped)
    assert Users(loaded).by_email(ADA.email) == ADA
    assert not Orders(loaded).verify_table()


def test_what_is_shown_is_a_copy() -> None:
    """Neither a dump nor a list of items leads to what is stored."""
    store = MemoryStore(Rows)
    put(store, a={"L": [{"S": "a"}]})
    store.items("rows")[0]["a"]["L"].clear()
    store.dump()["rows"]["items"][0]["a"]["L"].clear()
    assert store.items("rows")[0]["a"] == {"L": [{"S": "a"}]}


def test_what_no_table_could_hold_is_not_loaded() -> None:
    """A dump that was changed by hand is checked as what is put."""
    store = MemoryStore(Rows)
    put(store)
    dump = store.dump()
    dump["rows"]["items"][0]["number"] = {"N": "no number"}
    with pytest.raises(Refused):
        tables_of(dump)
