"""What belongs to the asynchronous face, and is not to be found in the blocking one."""

from __future__ import annotations

from collections.abc import AsyncIterable
from contextlib import AbstractAsyncContextManager

from dynrepo.testing import MemoryStore
from tests.accounts import Accounts
from tests.facade import without_facade


@without_facade("there it is the asynchronous face")
def test_nothing_is_taken_for_asynchronous() -> None:
    """By what streams items of either kind, or enters blocks of either kind."""
    accounts = Accounts(MemoryStore(Accounts))
    assert not isinstance(accounts.scan(), AsyncIterable)
    assert not isinstance(accounts.transaction(), AbstractAsyncContextManager)
    assert not isinstance(accounts.batch(), AbstractAsyncContextManager)
