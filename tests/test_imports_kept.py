"""What could be imported when the layout changed can be imported still."""

from __future__ import annotations

from importlib import import_module

import pytest

import dynrepo

pytestmark = pytest.mark.once

PUBLIC = """
    AccessDenied Answer Attribute Batch Call Capacity Change CodecError ConditionFailed Container
    Cost CreatedAt CredentialsMissing Difference DynamoStore DynrepoError Encoding FieldPath
    FieldPaths Health Instrument InstrumentationMixin InvalidCursor ItemExists ItemNotFound
    ItemStore ItemStoreProvider Location Operation OutcomeUnknown Page PartitionKey PlainText Query
    Repository SchemaError Settings SettingsError SortKey Status Store StoreError TableNotFound
    Throttled TimeToLive Timeout Transaction TransactionCanceled Unavailable Unprocessed UpdatedAt
    Usage Version VersionConflict deadline schema_of usage
"""
"""`dynrepo.__all__` as it was: names may come, none goes."""

# Every import of dynrepo that README, docs and docstrings showed then.
SHOWN = {
    "dynrepo": """
        Call Capacity CodecError ConditionFailed Container DynamoStore DynrepoError InvalidCursor
        ItemExists ItemNotFound Location OutcomeUnknown PartitionKey Repository Settings SortKey
        TableNotFound Throttled TimeToLive TransactionCanceled Unprocessed Version VersionConflict
        deadline usage
    """,
    "dynrepo.container": "FRESH",
    "dynrepo.instrumentation": "otel statsd",
    "dynrepo.instrumentation.otel": "MeterInstrument SpanInstrument",
    "dynrepo.integrations.fastapi": "install repository",
    "dynrepo.testing": "MemoryStore faults",
    "dynrepo.testing.contract": "RepositoryContract",
    "dynrepo.testing.engine": "EngineUnavailable start_engine",
    "dynrepo.testing.faults": "lost_reply throttling",
    "dynrepo.testing.memory": "MemoryStore",
    "dynrepo.testing.mock": "in_order mock_of",
    "dynrepo.testing.mock_container": "MockContainer",
}
IMPORTS = [(module, name) for module, names in SHOWN.items() for name in names.split()]

# What is left to be put back. One that works again is taken off: the test fails until it is.


def is_there(module: str, name: str) -> bool:
    """Whether `from module import name` works."""
    try:
        exec(f"from {module} import {name}", {})  # noqa: S102 - the statement is what is promised
    except ImportError:
        return False
    return True


def test_no_public_name_is_gone() -> None:
    """Every name that `from dynrepo import *` gave is given still."""
    assert set(PUBLIC.split()) - set(dynrepo.__all__) == set()
    assert [name for name in PUBLIC.split() if not hasattr(dynrepo, name)] == []


@pytest.mark.parametrize(("module", "name"), IMPORTS, ids=".".join)
def test_an_import_that_was_shown_works(module: str, name: str) -> None:
    """Whoever copied a line of the docs need not change it."""
    assert is_there(module, name)


def test_what_is_not_there_is_seen() -> None:
    """A module that is gone, and a name that is."""
    assert not is_there("dynrepo.nowhere", "Repository")
    assert not is_there("dynrepo.testing", "Nothing")
    assert import_module("dynrepo").Repository
