"""The public names of the test kit, and the modules they live in."""

from dynrepo.testing.memory import MemoryStore
from dynrepo.testing.mock import MissingCall, UnexpectedCall, in_order, mock_of

__all__ = ["MemoryStore", "MissingCall", "UnexpectedCall", "in_order", "mock_of"]
