"""Tests for code that uses dynrepo: in memory, by mocks, by a contract, against a real engine."""

from typing import TYPE_CHECKING

from dynrepo.lazy import names_of

if TYPE_CHECKING:
    from dynrepo.testing.names import *  # noqa: F403 - all of them, as `__all__` says
else:
    __getattr__, __dir__ = names_of(__name__)
