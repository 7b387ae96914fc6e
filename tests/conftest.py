"""What holds for every test, and the engines that tests run on."""

from __future__ import annotations

import gc
import os
import threading
from importlib.metadata import entry_points
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from hypothesis import settings

from dynrepo import DynamoStore
from dynrepo.testing.engine import Engine
from dynrepo.testing.memory import MemoryStore
from tests.engines.ministack import start_ministack
from tests.engines.shared import shared_engine
from tests.left_out import LEFT_OUT
from tests.loopback import tls_for, wait_until
from tests.terminator import Terminator
from tests.threads import own_threads

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dynrepo import Store

# A busy machine is slow now and then: no example fails for its duration alone. The gate judges the
# same examples each time, the newest Pythons a quarter of those that the oldest has judged;
# `HYPOTHESIS=search pytest` looks for new ones.
settings.register_profile("gate", deadline=None, print_blob=True, derandomize=True)
settings.register_profile("again", settings.get_profile("gate"), max_examples=25)
settings.register_profile("search", deadline=None, print_blob=True, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS", "gate"))

# The plugin comes with the package; in a bare checkout it is loaded from there.
if not entry_points(group="pytest11", name="dynrepo"):
    pytest_plugins = ["dynrepo.testing.plugin"]

collect_ignore = list(LEFT_OUT) if os.environ.get("FACE") == "aio" else []

SENDER = os.environ.get("SENDER")
"""Who sends to engines: `botocore` for its own sender, which `tox run -e botocore` asks for."""

TLS = bool(os.environ.get("TLS"))
"""Whether engines are reached over TLS, which `tox run -e tls` asks for."""


def pytest_collection_finish() -> None:
    """Takes what was collected out of the sight of the garbage collector.

    Thousands of tests and all that they import stay until the end; to go through them again and
    again took a third of the time.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _no_account() -> Iterator[None]:
    """No test reaches an AWS account, whatever the shell that started it is set to."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(("AWS_", "DYNREPO_", "PYNAMODB_")):
                patch.delenv(name)
        patch.setenv("AWS_ACCESS_KEY_ID", "made-up")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.setenv("AWS_CONFIG_FILE", os.devnull)
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        yield


@pytest.fixture(autouse=True)
def _no_thread_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:  # noqa: ARG001 - undone after
    """No thread that the library started in a test acts on what the next one has put in place."""
    before = threading.enumerate()
    yield
    wait_until(lambda: not own_threads(before))


@pytest.fixture(scope="session")
def plain_engine(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Engine]:
    """MiniStack, one for all workers of a run; it speaks HTTP without TLS."""
    own = tmp_path_factory.getbasetemp()
    folder = own if worker_id == "master" else own.parent
    with shared_engine(folder, start_ministack) as endpoint:
        yield EngineElsewhere(endpoint)


class EngineElsewhere(Engine):
    """An engine that is reached at a URL; whoever started it stops it."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint

    @property
    def endpoint(self) -> str:
        """The URL to give to a store."""
        return self._endpoint


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    """What servers on loopback speak TLS with, and the bundle that makes clients trust them."""
    return tls_for(tmp_path_factory.mktemp("tls"), "localhost")


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest, plain_engine: Engine) -> Iterator[Engine]:
    """MiniStack, as it is or behind TLS."""
    if not TLS:
        yield plain_engine
        return
    context, bundle = request.getfixturevalue("tls")
    with (
        pytest.MonkeyPatch.context() as patch,
        Terminator(plain_engine.endpoint, context) as terminator,
    ):
        patch.setenv("AWS_CA_BUNDLE", str(bundle))
        yield EngineElsewhere(terminator.endpoint)


@pytest.fixture(scope="session")
def engine_endpoint(engine: Engine) -> str:
    """The URL of MiniStack."""
    return engine.endpoint


@pytest.fixture(scope="session")
def moto_store() -> Iterator[DynamoStore]:
    """One store for every test on moto: making botocore's client takes longer than most of them."""
    store = DynamoStore(region=Engine.region)
    yield store
    store.close()


@pytest.fixture
def moto(moto_store: DynamoStore) -> Iterator[DynamoStore]:
    """A store over moto in this process, without tables."""
    from moto import mock_aws  # noqa: PLC0415 - takes a second that most tests need not pay

    with mock_aws():
        yield moto_store


@pytest.fixture(scope="session")
def new_store(engine_endpoint: str) -> Callable[[], DynamoStore]:
    """Makes stores over MiniStack, each with tables of its own."""
    return lambda: DynamoStore(
        endpoint=engine_endpoint,
        region=Engine.region,
        table_prefix=f"t{uuid4().hex[:8]}_",
        transport="botocore" if SENDER == "botocore" else "auto",
    )


@pytest.fixture
def ministack(new_store: Callable[[], DynamoStore]) -> DynamoStore:
    """A store over MiniStack, with tables of its own."""
    return new_store()


@pytest.fixture
def memory() -> MemoryStore:
    """A store in memory."""
    return MemoryStore()


@pytest.fixture(params=["memory", "moto", pytest.param("ministack", marks=pytest.mark.engine)])
def stores(request: pytest.FixtureRequest) -> Store:
    """A store without tables, over each engine in turn."""
    store: Store = request.getfixturevalue(request.param)
    return store
