"""Tests for code that uses dynrepo: in memory, by mocks, by a contract, against a real engine."""

from dynrepo.testing.memory import MemoryStore
from dynrepo.testing.mock import MissingCall, UnexpectedCall, in_order, mock_of

__all__ = ["MemoryStore", "MissingCall", "UnexpectedCall", "in_order", "mock_of"]
