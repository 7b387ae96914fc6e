"""How a figure is taken and shown: CPU time of this process, against one server, as Markdown."""

from __future__ import annotations

import gc
import os
import platform
import re
import resource
import statistics
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from operator import truediv
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Sequence

SLICE = 0.06
"""Seconds of CPU that one operation of one peer gets in a round."""

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "made-up",
    "AWS_SECRET_ACCESS_KEY": "made-up",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def share_a_core() -> None:
    """Keeps this process, and the servers that it starts, to one core, where the system can.

    Else a client that waits for an answer lets its core fall asleep, and is charged with waking it:
    40 µs a call on a virtual machine, and none to a client so slow that the answer is there first.
    """
    if sys.platform == "linux":
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def machine() -> str:
    """The kind of processor, and how many there are."""
    told = Path("/proc/cpuinfo")
    names = re.findall("model name\\s*: (.*)", told.read_text()) if told.exists() else []
    return f"{os.cpu_count()} x {names[0] if names else platform.processor() or platform.machine()}"


def cpu(who: int = resource.RUSAGE_SELF) -> float:
    """CPU seconds, user and system, so far."""
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def cost(function: Callable[[int], Any], seconds: float = SLICE, number: int = 1) -> float:
    """CPU seconds of one call, of so many that they take `seconds`; `number` are tried first."""
    while True:
        gc.collect()
        before = cpu()
        function(number)
        used = cpu() - before
        if used >= seconds:
            return used / number
        number = max(number * 2, int(number * seconds / max(used, 0.002)) + 1)


def median_ratio(values: Sequence[float], others: Sequence[float]) -> float:
    """The median over the rounds of the ratio within each."""
    return statistics.median(map(truediv, values, others))


def spread(values: Sequence[float], others: Sequence[float]) -> float:
    """Half the width of the middle half of the ratios within each round."""
    lower, _, upper = statistics.quantiles(map(truediv, values, others), n=4)
    return (upper - lower) / 2


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


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


@contextmanager
def tls_server() -> Generator[str]:
    """The URL of such a server with a certificate, which this process trusts meanwhile."""
    from tests.loopback import certificate_for  # noqa: PLC0415 - needs cryptography

    with tempfile.TemporaryDirectory() as folder:
        paths = [str(Path(folder, name)) for name in ("certificate.pem", "key.pem")]
        for path, content in zip(paths, certificate_for("localhost"), strict=True):
            Path(path).write_bytes(content)
        os.environ["AWS_CA_BUNDLE"] = paths[0]
        try:
            with server(*paths) as port:
                yield f"https://localhost:{port}"
        finally:
            del os.environ["AWS_CA_BUNDLE"]
