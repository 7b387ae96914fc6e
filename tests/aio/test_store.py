"""The asynchronous store."""
