"""The pytest plugin: fixtures and options of `dynrepo.testing`.

pytest imports it in every run wherever dynrepo is installed, so it imports what a fixture needs
only when the fixture is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from dynrepo.operations.protocols import AsyncStore, Store
    from dynrepo.testing.async_mock_container import AsyncMockContainer
    from dynrepo.testing.engine import Engine
    from dynrepo.testing.mock_container import MockContainer

    Reports = Generator[None, pytest.TestReport, pytest.TestReport]

pytest.register_assert_rewrite("dynrepo.testing.contract")

_FAILED: pytest.StashKey[bool] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the options, which all begin with `--dynrepo-`, and their ini keys."""
    group = parser.getgroup("dynrepo")
    group.addoption("--dynrepo-endpoint", help="URL of a running engine for dynrepo's fixtures")
    group.addoption(
        "--dynrepo-engine", help="engine that dynrepo_engine starts: auto, ministack or moto"
    )
    parser.addini("dynrepo_endpoint", "URL of a running engine for dynrepo's fixtures")
    parser.addini("dynrepo_engine", "engine that dynrepo_engine starts", default="auto")
    parser.addini("dynrepo_constraints", "read no more: MiniStack is the one that is installed")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Reports:
    """Remembers that a test failed or was given up: its mocks need not be verified then."""
    report = yield
    if report.when != "teardown":  # each time anew, for plugins that repeat what failed
        item.stash[_FAILED] = not report.passed
    return report


def _setting(config: pytest.Config, name: str) -> str | None:
    """An option of the command line, or else its ini key."""
    return config.getoption(f"--dynrepo-{name}") or config.getini(f"dynrepo_{name}") or None


class GivenEngine:
    """An engine that runs already, at the endpoint of `--dynrepo-endpoint`.

    Args:
        endpoint: Its URL.
    """

    name = "given"

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint


@pytest.fixture(scope="session")
def dynrepo_engine(request: pytest.FixtureRequest) -> Iterator[Engine | GivenEngine]:
    """A real engine for the session, with `endpoint` and `name`: the one given, or one started."""
    endpoint = _setting(request.config, "endpoint")
    if endpoint is not None:
        yield GivenEngine(endpoint)
        return
    from dynrepo.testing.engine import start_engine  # noqa: PLC0415

    with start_engine(_setting(request.config, "engine") or "auto") as engine:
        yield engine


@pytest.fixture
def dynrepo_store(request: pytest.FixtureRequest) -> Store:
    """A store without tables: in memory, or over the engine of `--dynrepo-endpoint`.

    There the tables get a prefix of the test's own, and the region is us-east-1 if none is set.
    """
    endpoint = _setting(request.config, "endpoint")
    if endpoint is None:
        from dynrepo.testing.memory import MemoryStore  # noqa: PLC0415

        return MemoryStore()
    from uuid import uuid4  # noqa: PLC0415

    from dynrepo.blocking.store import DynamoStore  # noqa: PLC0415
    from dynrepo.settings import Settings  # noqa: PLC0415

    settings = Settings()  # what DYNREPO_ variables say is for the application, not for its tests
    # The region that is set, or any: an engine needs a name, but not a certain one.
    region = DynamoStore(endpoint=endpoint, settings=settings).location.region or "us-east-1"
    prefix = f"test-{uuid4().hex[:12]}-"
    return DynamoStore(endpoint=endpoint, region=region, table_prefix=prefix, settings=settings)


@pytest.fixture
def dynrepo_async_store(request: pytest.FixtureRequest, dynrepo_store: Any) -> AsyncStore:
    """A store for asynchronous repositories, with the tables of `dynrepo_store`.

    It needs no loop to be made: the tests of any plugin take it, and those of none.
    """
    endpoint = _setting(request.config, "endpoint")
    if endpoint is None or hasattr(dynrepo_store, "execute_async"):
        store: AsyncStore = dynrepo_store
        return store
    from dynrepo.aio.store import AsyncDynamoStore  # noqa: PLC0415
    from dynrepo.settings import Settings  # noqa: PLC0415

    region, prefix = dynrepo_store.location.region, dynrepo_store.table_prefix
    return AsyncDynamoStore(
        endpoint=endpoint, region=region, table_prefix=prefix, settings=Settings()
    )


@pytest.fixture
def mock_repository(request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """Makes strict mocks of repository classes, verified after the test unless it failed."""
    from dynrepo.testing.mock import mock_of  # noqa: PLC0415

    made: list[Any] = []

    def make(repository: type[Any], **options: Any) -> Any:
        made.append(mock_of(repository, **options))
        return made[-1]

    yield make
    if not request.node.stash.get(_FAILED, False):
        for mock in made:
            mock.verify()


@pytest.fixture
def mock_container(request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """Makes containers of repositories in memory; their mocks are verified after the test.

    An `AsyncMockContainer` where a repository is asynchronous, else a `MockContainer`.
    """
    made: list[Any] = []

    def make(*repositories: type[Any]) -> Any:
        made.append(_container_of(repositories))
        return made[-1]

    yield make
    if not request.node.stash.get(_FAILED, False):
        for container in made:
            container.verify()


def _container_of(repositories: tuple[type[Any], ...]) -> MockContainer | AsyncMockContainer:
    from dynrepo.blocking.repository import Repository  # noqa: PLC0415

    if all(issubclass(kind, Repository) for kind in repositories):
        from dynrepo.testing.mock_container import MockContainer  # noqa: PLC0415

        return MockContainer(*repositories)
    from dynrepo.testing.async_mock_container import AsyncMockContainer  # noqa: PLC0415

    return AsyncMockContainer(*repositories)
