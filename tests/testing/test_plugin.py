"""The pytest plugin: what its fixtures make, what they verify, and that it costs nothing unused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

# What a run within this process imports first is forgotten after it: a second botocore would be
# imported then, beside the one that others hold on to.
import dynrepo.aws.connection  # noqa: F401
from dynrepo.testing.memory import MemoryStore
from models.user import Users

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo import DynamoStore

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]
WITHOUT = ("no:randomly", "no:asyncio", "no:dynrepo")
WITH_PLUGIN = [word for name in (*WITHOUT, "dynrepo.testing.plugin") for word in ("-p", name)]
MODEL = """
import pytest
from models.user import Users
KEY = "00000000-0000-0000-0000-000000000001"
"""


@pytest.fixture
def run(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., pytest.RunResult]:
    """Runs the source of a test module, with the plugin and nothing of ours besides."""
    monkeypatch.syspath_prepend(str(ROOT))

    def run(source: str, *options: str) -> pytest.RunResult:
        pytester.makepyfile(MODEL + source)
        return pytester.runpytest_inprocess(*WITH_PLUGIN, *options)

    return run


def test_a_mock_is_verified_after_the_test(run: Callable[..., pytest.RunResult]) -> None:
    """A call that never came is an error, though the test itself passed."""
    result = run(
        """
def test_missing(mock_repository):
    mock_repository(Users).expect.connect()
"""
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*Users.connect(): expected once, called never"])


def test_a_mock_of_a_failed_test_is_not_verified(run: Callable[..., pytest.RunResult]) -> None:
    """The failure itself is what to read."""
    result = run(
        """
def test_fails(mock_repository):
    mock_repository(Users).expect.connect()
    assert not "this"

def test_container(mock_container):
    mock_container(Users).mock(Users).expect.connect()
    assert not "this"
"""
    )
    result.assert_outcomes(failed=2)


def test_a_mock_of_a_test_that_was_given_up_is_not_verified(
    run: Callable[..., pytest.RunResult],
) -> None:
    """One that skips half way, or fails as it is expected to, made no more calls."""
    result = run(
        """
def test_skips(mock_repository):
    mock_repository(Users).expect.connect()
    pytest.skip("no time")

@pytest.mark.xfail(strict=True)
def test_known(mock_repository):
    mock_repository(Users).expect.connect()
    assert not "this"
"""
    )
    result.assert_outcomes(skipped=1, xfailed=1)


def test_a_mock_of_a_test_that_is_run_again_is_verified(
    run: Callable[..., pytest.RunResult], pytester: pytest.Pytester
) -> None:
    """As plugins do that repeat what failed: the second run is judged by itself."""
    pytester.makeconftest("""
from _pytest.runner import runtestprotocol
def pytest_runtest_protocol(item, nextitem):
    for _ in range(2):
        item._initrequest()
        runtestprotocol(item, nextitem=nextitem)
    return True
""")
    result = run(
        """
def test_flaky(mock_repository, turns=[]):
    mock_repository(Users).expect.connect()
    turns.append(1)
    assert len(turns) == 2
"""
    )
    result.assert_outcomes(failed=1, passed=1, errors=1)


def test_a_container_is_verified_after_the_test(run: Callable[..., pytest.RunResult]) -> None:
    """As far as something in it is mocked."""
    result = run(
        """
def test_missing(mock_container):
    mock_container(Users).mock(Users).expect.connect()

def test_in_memory(mock_container):
    assert mock_container(Users).repository(Users).get(__import__("uuid").UUID(KEY)) is None
"""
    )
    result.assert_outcomes(passed=2, errors=1)


def test_a_container_is_of_the_face_of_its_repositories(
    run: Callable[..., pytest.RunResult],
) -> None:
    """An asynchronous one takes those of both."""
    source = """
import asyncio
from dynrepo import AsyncRepository
from models.document import Document, Documents

class AsyncDocuments(AsyncRepository[Document]):
    table = "documents"

def test_blocking(mock_container):
    assert mock_container(Users).__class__.__name__ == "MockContainer"
    assert mock_container().__class__.__name__ == "MockContainer"

def test_asynchronous(mock_container):
    container = mock_container(AsyncDocuments, Documents)
    assert container.__class__.__name__ == "AsyncMockContainer"
    assert asyncio.run(container.repository(AsyncDocuments).get("a")) is None
    container.mock(AsyncDocuments).expect.get("a")
"""
    run(source).assert_outcomes(passed=2, errors=1)


def test_the_store_is_in_memory_unless_an_endpoint_is_given(
    run: Callable[..., pytest.RunResult],
) -> None:
    """`--dynrepo-endpoint`, or the ini key, leads the same tests to an engine."""
    source = """
def test_store(dynrepo_store, dynrepo_engine):
    assert type(dynrepo_store).__name__ == "DynamoStore"
    assert dynrepo_store.table_prefix.startswith("test-")
    assert dynrepo_engine.endpoint == "http://127.0.0.1:1"
"""
    run(source, "--dynrepo-endpoint", "http://127.0.0.1:1").assert_outcomes(passed=1)
    run(source, "-o", "dynrepo_endpoint=http://127.0.0.1:1").assert_outcomes(passed=1)


def test_a_developer_s_variables_lead_no_test_astray(
    run: Callable[..., pytest.RunResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What DYNREPO_ variables say, or should not say, is for the application."""
    monkeypatch.setenv("DYNREPO_ENDPOINT", "http://127.0.0.1:2")
    monkeypatch.setenv("DYNREPO_DEADLINE", "0.001")
    monkeypatch.setenv("DYNREPO_DEADLIEN", "soon")
    source = """
def test_store(dynrepo_store, dynrepo_async_store, mock_container):
    for store in (dynrepo_store, dynrepo_async_store):
        assert store.deadline == 10.0
    assert mock_container(Users).settings.deadline == 10.0
"""
    run(source).assert_outcomes(passed=1)
    run(source, "--dynrepo-endpoint", "http://127.0.0.1:1").assert_outcomes(passed=1)


def test_asynchronous_repositories_have_a_store_over_the_same_tables(
    run: Callable[..., pytest.RunResult],
) -> None:
    """The one in memory, or one of their kind with the same place; it is made without a loop."""
    memory = """
def test_store(dynrepo_store, dynrepo_async_store):
    assert dynrepo_async_store is dynrepo_store
"""
    run(memory).assert_outcomes(passed=1)
    engine = """
def test_store(dynrepo_store, dynrepo_async_store):
    assert type(dynrepo_async_store).__name__ == "AsyncDynamoStore"
    assert dynrepo_async_store.table_prefix == dynrepo_store.table_prefix
"""
    run(engine, "--dynrepo-endpoint", "http://127.0.0.1:1").assert_outcomes(passed=1)


AWAITED = """
import asyncio
import pytest
from dynrepo.aio.repository import AsyncRepository
from dynrepo.testing.contract import RepositoryContract
from models.document import Document

class AsyncDocuments(AsyncRepository[Document]):
    table = "documents"

class TestDocuments(RepositoryContract):
    repository = AsyncDocuments

    def make_item(self, number):
        return Document(name=f"document number {number}")

async def works(mock_repository, dynrepo_async_store):
    documents = mock_repository(AsyncDocuments)
    documents.expect.get("a")
    assert await documents.get("a") is None
    stored = AsyncDocuments(dynrepo_async_store)
    await stored.create_table()
    assert await stored.get("a") is None

def test_without_a_plugin(mock_repository, dynrepo_async_store):
    asyncio.run(works(mock_repository, dynrepo_async_store))

def test_missing(mock_repository):
    async def forgets():
        documents.get("a")

    documents = mock_repository(AsyncDocuments)
    documents.expect.get("a")
    asyncio.run(forgets())
"""


def test_asynchronous_repositories_need_no_plugin(run: Callable[..., pytest.RunResult]) -> None:
    """The contract is plain tests, a mock and a store are made without a loop; all is verified."""
    options = ("-W", "error", "-p", "no:anyio")
    result = run(AWAITED, *options)
    result.assert_outcomes(passed=15, skipped=2, errors=1)
    result.stdout.fnmatch_lines(
        ["*AsyncDocuments.get('a'): expected once, called never", "*nobody awaited them:"]
    )


@pytest.mark.parametrize("region", [None, "eu-west-1"])
def test_an_engine_needs_no_region(
    run: Callable[..., pytest.RunResult], monkeypatch: pytest.MonkeyPatch, region: str | None
) -> None:
    """Whoever names an engine only gets some region, unless one is set."""
    if region is not None:
        monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    source = f"""
def test_store(dynrepo_store):
    assert dynrepo_store.location.region == "{region or "us-east-1"}"
"""
    run(source, "--dynrepo-endpoint", "http://127.0.0.1:1").assert_outcomes(passed=1)


@pytest.mark.engine
def test_an_engine_is_started_once(run: Callable[..., pytest.RunResult]) -> None:
    """And it is the one that is asked for."""
    source = """
SEEN = set()

@pytest.mark.parametrize("turn", [1, 2])
def test_engine(dynrepo_engine, turn):
    SEEN.add(dynrepo_engine.endpoint)
    assert (dynrepo_engine.name, len(SEEN)) == ("moto", 1)
"""
    run(source, "--dynrepo-engine", "moto").assert_outcomes(passed=2)


def test_the_fixtures_are_here(
    dynrepo_store: MemoryStore | DynamoStore, mock_repository: Callable[..., Users]
) -> None:
    """Our own suite uses them."""
    assert isinstance(dynrepo_store, MemoryStore)
    assert isinstance(mock_repository(Users), Users)


def test_unused_it_costs_next_to_nothing() -> None:
    """It imports nothing of the library but empty packages, and takes no 20 ms of a core."""
    program = """
import sys, time, pytest
before = set(sys.modules)
started = time.process_time()
import dynrepo.testing.plugin
took = time.process_time() - started
new = set(sys.modules) - before
assert not new & {"pydantic", "pynamodb", "moto", "statsd"}, new
assert "dynrepo.names" not in new, new
print(took)
"""
    done = [
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        for _ in range(3)
    ]
    assert min(float(one.stdout) for one in done) < 0.02
