"""Known weaknesses of what the lock files name: `python -m tests.audit` asks pip-audit for them.

It ends with 0 where every package was judged and nothing is known, with 1 where a weakness is,
and with 2 where one could not be judged: without a network, or where the service does not know it.
pip-audit alone passes the last of these in silence. Further arguments are pip-audit's.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT: Final = Path(__file__).parents[1]
PIP_AUDIT: Final = (sys.executable, "-m", "pip_audit")
FORM: Final = ("--format=json", "--progress-spinner=off", "--disable-pip", "--require-hashes")


class Verdict(NamedTuple):
    """What is known of the packages of one lock file, a line for each that is not fine."""

    lock: str
    judged: int
    weak: list[str]
    unjudged: list[str]

    @property
    def code(self) -> int:
        """The exit code that says it."""
        return 1 if self.weak else 2 if self.unjudged else 0

    def __str__(self) -> str:
        title = f"{self.lock}: {self.judged} packages judged, {len(self.weak)} known weaknesses"
        if self.unjudged:
            title += ", AND SOME COULD NOT BE JUDGED"
        return "\n  ".join([title, *self.weak, *self.unjudged])


def read(lock: str, dependencies: list[dict[str, Any]]) -> Verdict:
    """The verdict in what pip-audit says of each package."""
    unjudged = [found["skip_reason"] for found in dependencies if "skip_reason" in found]
    weak = [
        f"{found['name']} {found['version']}: {weakness['id']}, mended in "
        f"{', '.join(weakness['fix_versions']) or 'no version'}"
        for found in dependencies
        for weakness in found.get("vulns", ())
    ]
    return Verdict(lock, len(dependencies) - len(unjudged), weak, unjudged)


def audit(lock: str, command: Sequence[str]) -> Verdict:
    """Asks pip-audit about a lock file; without an answer, its last line is the reason."""
    done = subprocess.run(
        [*command, *FORM, "--requirement", str(ROOT / lock)],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        return read(lock, json.loads(done.stdout)["dependencies"])
    except ValueError:
        said = done.stderr.strip() or "pip-audit said nothing"
        return Verdict(lock, 0, [], [f"no answer: {said.splitlines()[-1]}"])


def locks() -> list[str]:
    """The lock files of the project, relative to its root."""
    found = [*ROOT.glob("*.lock"), *(ROOT / "tests").rglob("*.lock")]
    return sorted(lock.relative_to(ROOT).as_posix() for lock in found)


def main(command: Sequence[str]) -> int:
    """Prints a verdict for each lock file; gives the exit code that says the worst of them."""
    verdicts = [audit(lock, command) for lock in locks()]
    print(*verdicts, sep="\n")
    codes = {verdict.code for verdict in verdicts}
    return next((code for code in (1, 2) if code in codes), 0)


if __name__ == "__main__":
    sys.exit(main([*PIP_AUDIT, *sys.argv[1:]]))
