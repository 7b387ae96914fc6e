"""What a server with its default logging shows of a request that the store did not serve."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.facade import without_facade
from tests.ports import refusing

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

pytestmark = [pytest.mark.once, without_facade("the service has routes of both faces")]

SERVICE = """
import os
from typing import Annotated

from fastapi import FastAPI
from pydantic import BaseModel

from dynrepo import AsyncContainer, AsyncRepository, PartitionKey, Repository
from dynrepo.integrations.fastapi import install, repository


class Note(BaseModel):
    note_id: Annotated[str, PartitionKey()]


class Notes(Repository[Note]):
    table = "notes"


class AsyncNotes(AsyncRepository[Note]):
    table = "notes"


app = FastAPI()
install(app, AsyncContainer(AsyncNotes, Notes))


@app.get("/blocking/{note_id}")
def blocking(note_id: str, notes: Annotated[Notes, repository(Notes)]) -> Note:
    return notes.require(note_id)


@app.get("/async/{note_id}")
async def asynchronous(note_id: str, notes: Annotated[AsyncNotes, repository(AsyncNotes)]) -> Note:
    return await notes.require(note_id)
"""


@contextmanager
def served(folder: Path, **environment: str) -> Generator[tuple[str, subprocess.Popen[str]]]:
    """The URL of the service, by uvicorn with its defaults, in a process of its own."""
    (folder / "service.py").write_text(SERVICE)
    command = [sys.executable, "-m", "uvicorn", "service:app", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--app-dir", str(folder)],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        for line in process.stderr:
            if (found := re.search(r"running on (http://\S+)", line)) is not None:
                yield found[1], process
                break
    finally:
        process.kill()
        process.communicate()


def test_a_503_leaves_a_trace(tmp_path: Path) -> None:
    """Though nobody has configured a logger: what failed, where and why, and no key."""
    with refusing() as port:
        environment = {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_REGION": "eu-west-1",
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_MAX_ATTEMPTS": "1",
        }
        with served(tmp_path, **environment) as (url, process):
            faces = ("blocking", "async")
            answers = [httpx.get(f"{url}/{face}/keyhush", timeout=60) for face in faces]
            process.terminate()
            _, told = process.communicate(timeout=60)
    assert [answer.status_code for answer in answers] == [503, 503]
    lines = told.splitlines()
    calls = [line for line in lines if line.startswith("GetItem notes: NotConnected")]
    assert len(calls) == 2, told
    assert len([line for line in lines if line.startswith("503 for Unavailable: GetItem")]) == 2
    assert "keyhush" not in told
