"""An engine with tables that the other library makes."""

from __future__ import annotations

from os import environ
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from dynrepo import DynamoStore
from tests.integration.writers import ACCOUNT, REGION

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="package")
def client(engine_endpoint: str) -> Iterator[Any]:
    """A client of boto3's: it says what is stored."""
    client = boto3.client("dynamodb", endpoint_url=engine_endpoint, **ACCOUNT)
    yield client
    client.close()


@pytest.fixture(scope="package")
def plain_store(engine_endpoint: str) -> Iterator[DynamoStore]:
    """A store over tables by their full names: they are the other library's."""
    transport = "botocore" if environ.get("SENDER") == "botocore" else "auto"
    with DynamoStore(endpoint=engine_endpoint, region=REGION, transport=transport) as store:
        yield store
