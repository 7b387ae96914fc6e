"""An engine with tables that the other library makes."""

from __future__ import annotations

from os import environ
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import boto3
import pytest

from dynrepo import DynamoStore
from tests.integration.writers import ACCOUNT, REGION
from tests.integration.writers.node import Libraries, libraries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynrepo.testing.engine import Engine


@pytest.fixture(scope="package")
def client(engine_endpoint: str) -> Iterator[Any]:
    """A client of boto3's: it says what is stored."""
    client = boto3.client("dynamodb", endpoint_url=engine_endpoint, **ACCOUNT)
    yield client
    client.close()


@pytest.fixture(scope="package")
def plain_store(engine_endpoint: str) -> Iterator[DynamoStore]:
    """A store over tables by their full names: they are the other library's."""
    with store_over(engine_endpoint) as store:
        yield store


def store_over(endpoint: str, table_prefix: str = "") -> DynamoStore:
    """A store over an engine, with the sender that is tested."""
    return DynamoStore(
        endpoint=endpoint,
        region=REGION,
        table_prefix=table_prefix,
        transport="botocore" if environ.get("SENDER") == "botocore" else "auto",
    )


@pytest.fixture(scope="package")
def table_prefix() -> str:
    """What the names of the tables begin with that a run has for itself."""
    return f"w{uuid4().hex[:8]}_"


@pytest.fixture(scope="package")
def libraries_of_javascript(plain_engine: Engine, table_prefix: str) -> Iterator[Libraries]:
    """ElectroDB, dynamodb-toolbox and OneTable; what they speak is HTTP, and no TLS."""
    with libraries(plain_engine.endpoint, table_prefix) as process:
        yield process


@pytest.fixture(scope="package")
def shared_store(engine_endpoint: str, table_prefix: str) -> Iterator[DynamoStore]:
    """A store over the tables of the same names."""
    with store_over(engine_endpoint, table_prefix) as store:
        yield store
