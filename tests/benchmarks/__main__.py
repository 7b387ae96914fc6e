"""What a call costs the client, beside boto3 and the other libraries: `tox run -e bench`.

All send to one server that answers from stock (`canned`), in turn and in one run, on the core that
it runs on. A figure is the CPU time, user and system, of a process that uses one library; a ratio
is taken within a round and the median over the rounds is shown. Nothing here is a test: no figure
fails anything.
"""

from __future__ import annotations

import argparse
import os
import platform
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.against import against
from tests.benchmarks.callbacks import callbacks
from tests.benchmarks.chart import chart
from tests.benchmarks.cores import cores
from tests.benchmarks.environments import pythons
from tests.benchmarks.flat import memory_of_a_scan, memory_of_gets_at_once, time_of_an_item
from tests.benchmarks.forms import forms
from tests.benchmarks.libraries import PEERS
from tests.benchmarks.loops import loops
from tests.benchmarks.measure import ENVIRONMENT, machine, server, share_a_core, tls_server
from tests.benchmarks.places import places
from tests.benchmarks.race import BASE, OURS, compared, ratios_of, table
from tests.benchmarks.rooms import rooms
from tests.benchmarks.starts import starts
from tests.benchmarks.threads import threads

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PYTHON = f"{platform.python_implementation()} {platform.python_version()}"

PARTS = (
    "race",
    "loops",
    "callbacks",
    "cores",
    "tls",
    "threads",
    "forms",
    "places",
    "flat",
    "memory",
    "starts",
    "rooms",
)


def _race(port: int, rounds: int, drawing: Path | None, pythons: Mapping[str, str]) -> str:
    figures = compared(PEERS, f"http://127.0.0.1:{port}", rounds, pythons)
    ratios = ratios_of(figures)
    if drawing:
        drawing.write_text(chart(f"dynrepo and others, {PYTHON}", ratios), "utf-8")
    return table("to boto3", ratios, figures)


def _over_tls(rounds: int, pythons: Mapping[str, str]) -> str:
    with tls_server() as url:
        figures = compared([BASE, *OURS], url, rounds, pythons)
        return table("over TLS", ratios_of(figures), figures)


def main() -> None:
    """Measures everything and prints it as Markdown."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, help="9, and 15 against a revision")
    options.add_argument("--chart", type=Path, help="where to write the chart")
    options.add_argument("--only", choices=PARTS)
    options.add_argument("--against", metavar="REVISION", help="or a folder with a checkout")
    chosen = options.parse_args()
    os.environ.update(ENVIRONMENT)
    share_a_core()
    with server() as port:
        url = f"http://127.0.0.1:{port}"
        if chosen.against:
            rounds = chosen.rounds or 15
            print(f"{PYTHON}, {rounds} rounds\n\n{against(chosen.against, url, rounds)}")
        else:
            with pythons() as found:
                _all(url, port, chosen, found)


def _all(url: str, port: int, chosen: argparse.Namespace, pythons: Mapping[str, str]) -> None:
    rounds: int = chosen.rounds or 9
    few = max(3, rounds // 2)
    parts: dict[str, Callable[[], str]] = {
        "race": lambda: _race(port, rounds, chosen.chart, pythons),
        "loops": lambda: loops(url, chosen.rounds or 7, pythons),
        "callbacks": lambda: callbacks(url, 3),
        "cores": lambda: cores(rounds),
        "tls": lambda: _over_tls(few, pythons),
        "threads": lambda: threads(port, few),
        "forms": lambda: forms(rounds),
        "places": lambda: places(url, rounds),
        "flat": lambda: time_of_an_item(url, few),
        "memory": lambda: f"{memory_of_a_scan(url, 3)}\n\n{memory_of_gets_at_once(url)}",
        "starts": lambda: starts(url, few),
        "rooms": lambda: rooms(url),
    }
    print(f"{PYTHON}, {machine()}, {rounds} rounds, {few} in the tables after the loops\n")
    for name, part in parts.items():
        if chosen.only in (None, name):
            print(part(), end="\n\n", flush=True)


if __name__ == "__main__":
    main()
