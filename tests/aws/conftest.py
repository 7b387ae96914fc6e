"""Connections to a server on loopback, by each sender, and a log handler that raises."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo.aws.connection import WireConnection
from tests.loopback import (
    Loopback,
)
from tests.wire import Connect, Grudge, connect_to, wire_connection

if TYPE_CHECKING:
    from collections.abc import Iterator


from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynrepo.aws.connection import WireConnection


@pytest.fixture(params=["direct", "botocore"])
def sender(request: pytest.FixtureRequest) -> str:
    """Each of the two."""
    return str(request.param)


@pytest.fixture
def connect(sender: str) -> Iterator[Connect]:
    """Makes connections that send by one of the two, and closes them."""
    made: list[WireConnection] = []

    def connect_to(url: str, *, read: float = 3, **options: Any) -> WireConnection:
        made.append(
            wire_connection(
                transport="auto" if sender == "direct" else "botocore",
                region="eu-west-1",
                host=url,
                read=read,
                **options,
            )
        )
        assert made[-1].chooser.used.name == sender, made[-1].chooser.used.reason
        return made[-1]

    yield connect_to
    for connection in made:
        connection.close()


@pytest.fixture
def grudge() -> Iterator[Grudge]:
    """Such a handler, listening to PynamoDB at DEBUG."""
    handler, log = Grudge(), logging.getLogger("pynamodb")
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    yield handler
    log.setLevel(logging.NOTSET)
    log.removeHandler(handler)


@pytest.fixture
def server() -> Iterator[Loopback]:
    """A server that answers."""
    with Loopback() as started:
        yield started


@pytest.fixture
def connection(server: Loopback) -> Iterator[WireConnection]:
    """A connection to it, by the direct sender."""
    made = connect_to("eu-west-1", server.url, 2, 3)
    assert made.chooser.used.name == "direct", made.chooser.used.reason
    yield made
    made.close()
