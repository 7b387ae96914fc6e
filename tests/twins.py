"""Runs each module's twin alone, and shows which share of the module's branches it runs.

`python -m tests.twins [PART OF A NAME ...]`. Fails when a twin is missing or failed, or ran less
than 80 % of the branches. Every twin has a process of its own, forked from one that has imported
other people's libraries, but nothing of dynrepo.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import botocore.session  # noqa: F401 - once for all
import coverage
import pydantic  # noqa: F401
import pynamodb.connection  # noqa: F401
import pytest

from tests import facade
from tests.faces import ALONE, BY_HAND

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
ENOUGH = 80.0
EXCEPTED = {"__init__", "names", "version"}
"""Modules that hold nothing to be tested alone: lists of names, and a number."""

STARTS_ENGINES = "dynrepo/testing/engine.py"
"""The one module that means nothing without an engine; the others' tests on one are left out."""


@dataclass(frozen=True)
class Twin:
    """A module's file, and the share of its branches that its twin ran, in per cent."""

    module: str
    share: float | None = None
    complaint: str = ""

    @property
    def file(self) -> str:
        """Where its tests are."""
        return twin_of(self.module)

    @property
    def is_well(self) -> bool:
        """Whether it passed, and ran enough."""
        return not self.complaint and self.share is not None and self.share >= ENOUGH


def twin_of(module: str) -> str:
    """The file with the tests of a module: `tests/x/test_y.py` for `dynrepo/x/y.py`.

    What is written once for both faces is tested once, by tests that run over either.
    """
    if is_shared(module):
        module = module.replace("/aio/", "/blocking/")
    folder, _, name = module.removeprefix("dynrepo/").rpartition("/")
    return "/".join(filter(None, ["tests", folder, f"test_{name}"]))


def is_shared(module: str) -> bool:
    """Whether a module is of the asynchronous face, and the blocking one is written from it."""
    return module.startswith("dynrepo/aio/") and Path(module).stem not in BY_HAND | ALONE


def files() -> Iterator[str]:
    """Every module that should have a twin, as a path from the root."""
    for path in sorted((ROOT / "dynrepo").rglob("*.py")):
        if path.stem not in EXCEPTED:
            yield path.relative_to(ROOT).as_posix()


def measured(module: str) -> Twin:
    """Runs a twin, in this process."""
    if not (ROOT / twin_of(module)).is_file():
        return Twin(module, complaint="no twin")
    counter = coverage.Coverage(data_file=None)
    said = StringIO()
    counter.start()
    if is_shared(module):
        os.environ["FACE"] = "aio"
        facade.install()
    with redirect_stdout(said), redirect_stderr(said):
        status = pytest.main(_options(module))
    counter.stop()
    if status != pytest.ExitCode.OK:
        return Twin(module, complaint=said.getvalue().strip().splitlines()[-1])
    return Twin(module, _share(counter, module))


def _options(module: str) -> list[str]:
    marks = [] if module == STARTS_ENGINES else ["-m", "not engine"]
    tests = sorted({twin_of(module), *_of_its_own(module)})
    return ["-q", "-p", "no:cacheprovider", "-p", "no:randomly", *marks, *tests]


def _of_its_own(module: str) -> list[str]:
    """What is tested of a shared module beside that, since the blocking one has no such thing."""
    file = "tests/" + module.removeprefix("dynrepo/").replace("aio/", "aio/test_")
    return [file] if is_shared(module) and (ROOT / file).is_file() else []


def _share(counter: coverage.Coverage, module: str) -> float:
    """The share of branches; of lines where a module has no branch."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        with redirect_stdout(StringIO()):
            counter.json_report(outfile=str(report), include=[module])
        found = json.loads(report.read_text(encoding="utf-8"))["files"][module]["summary"]
    if not found["num_branches"]:
        return float(found["percent_covered"])
    return 100.0 * float(found["covered_branches"]) / float(found["num_branches"])


def table(twins: list[Twin]) -> str:
    """A line for each module: its share, its name, its twin, and what is wrong."""
    return "\n".join(
        f"{'' if twin.share is None else f'{twin.share:.0f} %':>6}  {twin.module:<44}"
        f"{twin.file:<44}{'' if twin.is_well else twin.complaint or 'too little'}".rstrip()
        for twin in twins
    )


FORK = multiprocessing.get_context("fork")


class Worker(FORK.Process):  # type: ignore[name-defined, misc]
    """A process of a pool that may have children, as the tests of forks have; a daemon may not."""

    daemon = property(lambda _: False, lambda _, __: None)


class Forking(type(FORK)):  # type: ignore[misc]
    """Makes pools of such processes."""

    Process = Worker


def main(*parts: str) -> int:
    """Measures all twins, or those of modules with such a part in their name."""
    os.chdir(ROOT)
    chosen = [file for file in files() if not parts or any(part in file for part in parts)]
    with Forking().Pool(os.cpu_count(), maxtasksperchild=1) as pool:
        twins = pool.map(measured, chosen, chunksize=1)
    sys.stdout.write(table(twins) + "\n")
    ill = [twin for twin in twins if not twin.is_well]
    sys.stdout.write(f"{len(twins) - len(ill)} of {len(twins)} modules are tested by their twins\n")
    return bool(ill)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
