"""What a call costs the client, beside boto3 and the other libraries: `tox run -e bench`.

All send to one server that answers from stock (`canned`), in turn and in one run. A figure is the
CPU time, user and system, of this process; a ratio is taken within a round and the median over the
rounds is shown. Nothing here is a test: no figure makes anything fail.
"""

from __future__ import annotations

import argparse
import gc
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.benchmarks.chart import chart
from tests.benchmarks.peers import OPERATIONS, Peer, boto3_raw, dynrepo_peer, peers_at

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

BASE = "boto3 client, raw dicts"
SLICE = 0.06
"""Seconds of CPU that one operation of one peer gets in a round."""

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "made-up",
    "AWS_SECRET_ACCESS_KEY": "made-up",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def cpu(who: int = resource.RUSAGE_SELF) -> float:
    """CPU seconds, user and system, so far."""
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def cost(function: Callable[[int], Any], seconds: float = SLICE) -> float:
    """CPU seconds of one call."""
    number, used = 1, 0.0
    while True:
        gc.collect()
        before = cpu()
        function(number)
        used = cpu() - before
        if used >= seconds:
            return used / number
        number = max(number * 2, int(number * seconds / max(used, 0.002)) + 1)


@contextmanager
def server(*certificate: str) -> Generator[int]:
    """A server in a process of its own; its port."""
    command = [sys.executable, "-m", "tests.benchmarks.canned", *certificate]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


Figures = dict[str, dict[str, list[float]]]


def compared(peers: dict[str, Peer], rounds: int) -> Figures:
    """CPU seconds of a call by peer and operation, one for each round."""
    figures: Figures = {name: {one: [] for one in peer} for name, peer in peers.items()}
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
        for operation in OPERATIONS:
            for name, peer in peers.items():
                if operation in peer:
                    figures[name][operation].append(cost(peer[operation]))
    return figures


def ratios_of(figures: Figures) -> dict[str, dict[str, float]]:
    """Medians over the rounds of the ratio to boto3 within each."""
    base = figures[BASE]
    return {
        name: {
            operation: statistics.median(
                one / other for one, other in zip(values, base[operation], strict=True)
            )
            for operation, values in by_operation.items()
        }
        for name, by_operation in figures.items()
    }


def table(ratios: dict[str, dict[str, float]], figures: Figures) -> str:
    """The ratios as Markdown, and what they are ratios of."""
    lines = ["| | " + " | ".join(OPERATIONS) + " |", "|---" * (len(OPERATIONS) + 1) + "|"]
    for name, by_operation in ratios.items():
        cells = [f"{by_operation[one]:.2f}" if one in by_operation else "-" for one in OPERATIONS]
        bold = "**" if name == "dynrepo" else ""
        cells = [f"{bold}{cell}{bold}" for cell in [name, *cells]]
        lines.append("| " + " | ".join(cells) + " |")
    base = [statistics.median(figures[BASE][one]) * 1e6 for one in OPERATIONS]
    lines.append("| 1.00 is, in µs | " + " | ".join(f"{one:,.0f}" for one in base) + " |")
    return "\n".join(lines)


def threads(url: str, rounds: int) -> str:
    """The cost of a get with several threads on one client."""
    lines = ["| threads | boto3, µs a get | dynrepo, µs a get |", "|---|---|---|"]
    peers = (boto3_raw(url)["get"], dynrepo_peer(url)["get"])
    for number in (1, 8, 32):
        cells = []
        for get, calls in zip(peers, (640, 3200), strict=True):
            figures = [_shared(get, number, calls) for _ in range(rounds)]
            cells.append(f"{statistics.median(figures) * 1e6:.0f}")
        lines.append(f"| {number} | {cells[0]} | {cells[1]} |")
    return "\n".join(lines)


def _shared(get: Callable[[int], Any], number: int, calls: int) -> float:
    workers = [threading.Thread(target=get, args=(calls // number,)) for _ in range(number)]
    before = cpu()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return (cpu() - before) / calls


def over_tls(rounds: int) -> str:
    """The cost of a get when the connection is encrypted."""
    from tests.loopback import certificate_for  # noqa: PLC0415 - needs cryptography

    with tempfile.TemporaryDirectory() as folder:
        paths = [str(Path(folder, name)) for name in ("certificate.pem", "key.pem")]
        for path, content in zip(paths, certificate_for("localhost"), strict=True):
            Path(path).write_bytes(content)
        os.environ["AWS_CA_BUNDLE"] = paths[0]
        try:
            with server(*paths) as port:
                url = f"https://localhost:{port}"
                peers = {BASE: boto3_raw(url), "dynrepo": dynrepo_peer(url)}
                cells = {
                    name: statistics.median(cost(peer["get"]) for _ in range(rounds)) * 1e6
                    for name, peer in peers.items()
                }
        finally:
            del os.environ["AWS_CA_BUNDLE"]
    return "\n".join(
        [
            "| a get over TLS | µs |",
            "|---|---|",
            *[f"| {name} | {value:.0f} |" for name, value in cells.items()],
        ]
    )


PROGRAMS = {
    "import botocore.session": "import botocore.session",
    "import pynamodb.connection, pydantic": "import pynamodb.connection, pydantic",
    "the same, and dynrepo": "import pynamodb.connection, pydantic, dynrepo",
    "import dynrepo": "import dynrepo",
    "first item: PynamoDB Connection, Pydantic model": """
from pydantic import BaseModel
from pynamodb.connection import Connection
class User(BaseModel):
    pk: str
    sk: str
    name: str
connection = Connection(region="eu-west-1", host=URL)
key = {"pk": {"S": "user-1"}, "sk": {"S": "00000000"}}
found = connection.dispatch("GetItem", {"TableName": "bench", "Key": key})["Item"]
User.model_validate({name: found[name]["S"] for name in User.model_fields})
""",
    "first item: dynrepo": """
from typing import Annotated
from pydantic import BaseModel
from dynrepo import DynamoStore, PartitionKey, Repository, SortKey
class User(BaseModel):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[str, SortKey()]
    name: str
class Users(Repository[User]):
    table = "bench"
assert Users(DynamoStore(endpoint=URL, transport="auto")).get(("user-1", "00000000"))
""",
}


def starts(url: str, rounds: int) -> str:
    """CPU milliseconds of whole processes, less those of one that does nothing."""
    figures: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for _ in range(rounds):
        nothing = _process("pass")
        for name, program in PROGRAMS.items():
            figures[name].append(_process(f"URL = {url!r}\n{program}") - nothing)
    lines = ["| a process that does | CPU, ms |", "|---|---|"]
    for name, values in figures.items():
        lines.append(f"| {name} | {statistics.median(values) * 1e3:.0f} |")
    return "\n".join(lines)


def _process(program: str) -> float:
    before = cpu(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", program], check=True)
    return cpu(resource.RUSAGE_CHILDREN) - before


def main() -> None:
    """Measures everything and prints it as Markdown."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=9)
    options.add_argument("--chart", type=Path, help="where to write the chart")
    chosen = options.parse_args()
    os.environ.update(ENVIRONMENT)
    python = f"{platform.python_implementation()} {platform.python_version()}"
    with server() as port:
        url = f"http://127.0.0.1:{port}"
        figures = compared(peers_at(url), chosen.rounds)
        ratios = ratios_of(figures)
        print(f"{python}, {chosen.rounds} rounds\n\n{table(ratios, figures)}\n")
        if chosen.chart:
            chosen.chart.write_text(chart(f"dynrepo and others, {python}", ratios), "utf-8")
        few = max(3, chosen.rounds // 2)
        print(f"{threads(url, few)}\n\n{over_tls(few)}\n\n{starts(url, few)}")


if __name__ == "__main__":
    main()
