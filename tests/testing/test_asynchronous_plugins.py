"""What an application's own tests have beside ours: pytest-asyncio, or the plugin of anyio.

Each session is a pytest of its own, in a process of its own. That none is needed,
`test_plugin.py` shows.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.loopback import Loopback

ROOT = Path(__file__).parents[2]

SESSION = """
import asyncio
import os

import pytest
import pytest_asyncio

from dynrepo import AsyncDynamoStore, AsyncRepository, Timeout, deadline, usage
from models.document import Document, Documents

pytestmark = [{mark}]


class AsyncDocuments(AsyncRepository[Document]):
    table = "documents"


@pytest.fixture(scope="module")
def shared():
    patience = {{"connect_timeout": 60.0, "read_timeout": 60.0, "deadline": 120.0}}
    return AsyncDynamoStore(endpoint=os.environ["ENDPOINT"], region="eu-west-1", **patience)


{backend}
@{fixture}
async def stored(dynrepo_async_store):
    documents = AsyncDocuments(dynrepo_async_store)
    await documents.create_table()
    yield documents
    assert await documents.exists("kept")


@{fixture}
async def mocked(mock_repository):
    documents = mock_repository(AsyncDocuments)
    documents.expect.get("kept").returns(Document(name="kept"))
    yield documents


@{fixture}
async def container(mock_container):
    async with mock_container(AsyncDocuments, Documents) as container:
        yield container


@{fixture}
async def remote(shared):
    documents = AsyncDocuments(shared)
    assert await documents.get("kept") is None
    yield documents
    assert await documents.get("kept") is None


@{fixture}
async def measured(remote):
    with usage() as used:
        yield used


@{fixture}
async def hurried(remote):
    with deadline(0.0):
        yield remote


async def test_what_a_fixture_made_is_there(stored):
    await stored.set(Document(name="kept"))


async def test_a_mock_of_a_fixture_answers(mocked):
    assert (await mocked.get("kept")).name == "kept"


async def test_a_mock_is_called_too_little(mocked):
    await asyncio.sleep(0)


async def test_a_call_is_forgotten(mocked):
    mocked.get("kept")


async def test_a_container_is_open(container):
    assert await container.repository(AsyncDocuments).get("kept") is None
    assert (await container.health_check()).status == "UP"


@pytest.mark.parametrize("turn", range(3))
async def test_a_store_serves_the_loop_of_each_test(remote, turn):
    found = await asyncio.gather(*(remote.get("kept") for _ in range(5)))
    assert found == [None] * 5


async def test_a_block_of_a_fixture_counts_what_the_test_calls(measured, remote):
    await remote.get("kept")
    assert measured.total.calls == 1


async def test_a_block_of_a_fixture_binds_the_test(hurried):
    with pytest.raises(Timeout):
        await hurried.get("kept")


async def test_a_block_of_a_fixture_binds_no_other(remote):
    assert await remote.get("kept") is None
"""


@dataclass(frozen=True)
class Plugin:
    """What a session loads, how it marks its tests and makes its fixtures, and in which mode."""

    loaded: tuple[str, ...]
    mark: str
    fixture: str
    settings: tuple[str, ...]
    backend: str = ""


ASYNCIO, ANYIO = "pytest_asyncio.plugin", "anyio.pytest_plugin"

ON_ASYNCIO = '@pytest.fixture(scope="module")\ndef anyio_backend():\n    return "asyncio"\n\n'

SCOPE = "asyncio_default_fixture_loop_scope=function"
"""What pytest-asyncio wants to be told, or it warns."""

PLUGINS = {
    "pytest-asyncio in strict mode, beside anyio": Plugin(
        (ASYNCIO, ANYIO),
        "pytest.mark.asyncio",
        "pytest_asyncio.fixture",
        (SCOPE, "asyncio_mode=strict"),
    ),
    "pytest-asyncio in strict mode, one loop for all": Plugin(
        (ASYNCIO,),
        'pytest.mark.asyncio(loop_scope="module")',
        'pytest_asyncio.fixture(loop_scope="module")',
        (SCOPE, "asyncio_mode=strict", "asyncio_debug=true"),
    ),
    "pytest-asyncio in auto mode": Plugin(
        (ASYNCIO,), "", "pytest.fixture", (SCOPE, "asyncio_mode=auto")
    ),
    "anyio in strict mode, beside pytest-asyncio": Plugin(
        (ASYNCIO, ANYIO),
        "pytest.mark.anyio",
        "pytest.fixture",
        (SCOPE, "anyio_mode=strict"),
        ON_ASYNCIO,
    ),
    "anyio in auto mode": Plugin((ANYIO,), "", "pytest.fixture", ("anyio_mode=auto",), ON_ASYNCIO),
}


@pytest.mark.parametrize("name", PLUGINS)
def test_asynchronous_fixtures_and_tests_use_ours(name: str, tmp_path: Path) -> None:
    """Mocks are verified, stores serve each loop, blocks end, and nothing warns at the end."""
    plugin = PLUGINS[name]
    source = SESSION.format(mark=plugin.mark, fixture=plugin.fixture, backend=plugin.backend)
    (tmp_path / "test_session.py").write_text(source, encoding="utf-8")
    with Loopback() as server:
        said = session(plugin, tmp_path, server.url)
    assert "11 passed, 2 errors in" in said, said
    assert "AsyncDocuments.get('kept'): expected once, called never" in said
    assert "nobody awaited them:" in said


def session(plugin: Plugin, folder: Path, endpoint: str) -> str:
    """What a pytest says that runs the tests of a folder, where a warning is an error."""
    words = [word for name in plugin.loaded for word in ("-p", name)]
    words += [word for setting in plugin.settings for word in ("-o", setting)]
    done = subprocess.run(
        [
            *(sys.executable, "-W", "error", "-m", "pytest", "-W", "error", "--tb=short"),
            *("-p", "dynrepo.testing.plugin", *words),
        ],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "ENDPOINT": endpoint,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr
