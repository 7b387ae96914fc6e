"""An engine, the lying proxy in front of it, and the truth behind both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from dynrepo import DynamoStore
from dynrepo.sending.retry import RetryBudget
from dynrepo.testing.engine import Engine
from tests.faults.ledger import TIMEOUT, Entries, Lodgers, Truth
from tests.faults.proxy import FaultProxy
from tests.recorded import ACCESS_KEY, SECRET_KEY, TOKEN

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def truth(engine: Engine) -> Iterator[Truth]:
    """What is really stored, read by another client past the proxy."""
    table = Truth(engine.endpoint, engine.region)
    store = DynamoStore(endpoint=engine.endpoint, region=engine.region, table_prefix=table.prefix)
    Entries(store).create_table()
    Lodgers(store).create_table()
    yield table
    store.close()
    table.close()


@pytest.fixture
def scheme(engine: Engine) -> str:
    """How the proxy is spoken to: as the engine is; the matrix tries both."""
    return urlsplit(engine.endpoint).scheme


@pytest.fixture
def proxy(
    plain_engine: Engine,
    scheme: str,
    tls: tuple[ssl.SSLContext, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[FaultProxy]:
    """A proxy in front of the engine, honest until told otherwise."""
    context, bundle = tls
    monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))
    with FaultProxy(plain_engine.endpoint, context if scheme == "https" else None) as started:
        yield started


@pytest.fixture(params=["auto", "botocore"])
def transport(request: pytest.FixtureRequest) -> Any:
    """Both senders, in turn."""
    return request.param


@pytest.fixture
def patience() -> float:
    """Seconds that the repository under test waits; a test that waits for nothing may say more."""
    return TIMEOUT


@pytest.fixture
def patient(
    proxy: FaultProxy, truth: Truth, transport: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[float], Entries]]:
    """Makes repositories under test by the seconds that they wait, and closes their stores."""
    made: list[DynamoStore] = []
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    monkeypatch.setenv("AWS_SESSION_TOKEN", TOKEN)

    def make(seconds: float) -> Entries:
        store = DynamoStore(
            endpoint=proxy.endpoint,
            region=Engine.region,
            table_prefix=truth.prefix,
            connect_timeout=seconds,
            read_timeout=seconds,
            deadline=3 * seconds,
            transport=transport,
        )
        # The verbs are called at once: those that a slow machine holds up shall not use up the
        # retries of the others. What an empty budget does, its own tests show.
        store._sender._budget = RetryBudget(1000)
        made.append(store)
        return Entries(store)

    yield make
    for store in made:
        store.close()


@pytest.fixture
def entries(patient: Callable[[float], Entries], patience: float) -> Entries:
    """The repository under test: behind the proxy, with little patience."""
    return patient(patience)


@pytest.fixture
def honest(engine: Engine, truth: Truth) -> Iterator[Callable[..., DynamoStore]]:
    """Makes stores past the proxy, and closes them."""
    made: list[DynamoStore] = []

    def make(**options: float) -> DynamoStore:
        made.append(
            DynamoStore(
                endpoint=engine.endpoint, region=Engine.region, table_prefix=truth.prefix, **options
            )
        )
        return made[-1]

    yield make
    for store in made:
        store.close()
