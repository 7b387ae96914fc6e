"""The asynchronous pool."""
