"""Tests for code that uses dynrepo: in memory, by mocks, by a contract, against a real engine."""
