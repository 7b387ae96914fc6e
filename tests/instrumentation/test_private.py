"""Private names of OpenTelemetry and statsd are taken away before the library is imported."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.once

# The library below still has what it needs itself, under another name.
OPENTELEMETRY = """
from opentelemetry import {module}
original = {module}.{getter}
{module}.{getter} = eval("lambda: original()", {{"original": original}})
assert {name!r} not in {module}.{getter}.__globals__
"""

STATSD = """
import socket
from statsd import TCPStatsClient
listener = socket.create_server(("127.0.0.1", 0))
client = TCPStatsClient("127.0.0.1", listener.getsockname()[1])
client.connect()
client.renamed = client.__dict__.pop({name!r})
TCPStatsClient.{name} = property(lambda self: self.renamed)
"""

CALLS = """
from typing import Annotated
from pydantic import BaseModel
from dynrepo import PartitionKey, Repository
from dynrepo.testing import MemoryStore

class Visit(BaseModel):
    id: Annotated[str, PartitionKey()]
    visits: int = 0

class Visits(Repository[Visit]):
    table = "visits"

visits = Visits(MemoryStore(Visits))
if "client" in globals():
    visits.use_metrics(client)
visits.set(Visit(id="1", visits=2))
updated = visits.update("1", visits.fields.visits.add(1))
found = [visits.require("1"), updated, *visits.query(visits.fields.id == "1")]
print([visit.visits for visit in found])
if "client" in globals():
    assert b"visits" in listener.accept()[0].recv(4096)
"""


@pytest.mark.parametrize(
    "taken",
    [
        OPENTELEMETRY.format(module="trace", getter="get_tracer_provider", name="_TRACER_PROVIDER"),
        OPENTELEMETRY.format(module="metrics", getter="get_meter_provider", name="_METER_PROVIDER"),
        STATSD.format(name="_timeout"),
        STATSD.format(name="_sock"),
    ],
    ids=["_TRACER_PROVIDER", "_METER_PROVIDER", "_timeout", "_sock"],
)
def test_calls_work_without_a_private_name(taken: str) -> None:
    """Get, update and query do, with nothing but their result to be seen; metrics are sent."""
    done = subprocess.run(
        [sys.executable, "-c", taken + CALLS],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout, done.stderr, done.returncode) == ("[3, 3, 3]\n", "", 0)
