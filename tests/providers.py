"""Who gives credentials, and is slow, fails or lies, as a test says."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.credentials import RefreshableCredentials

from dynrepo.aws.credentials import SharedCredentials

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Provider:
    """Gives out credentials that are good for so many minutes, each time new ones; as it is told.

    `before` is called before an answer: it may wait, or raise.
    """

    def __init__(self, minutes: float = 60) -> None:
        self.minutes = minutes
        self.given = 0
        self.asked = 0
        self.before: Callable[[], object] = lambda: None

    def metadata(self) -> dict[str, Any]:
        """What botocore's refreshing credentials ask for."""
        self.asked += 1
        self.before()
        self.given += 1
        expiry = datetime.now(UTC) + timedelta(minutes=self.minutes)
        return {
            "access_key": f"KEY{self.given}",
            "secret_key": "made-up",
            "token": "made-up",
            "expiry_time": expiry.isoformat(),
        }

    def source(self) -> RefreshableCredentials:
        """The credentials of botocore's that ask it when they are about to expire."""
        return RefreshableCredentials.create_from_metadata(self.metadata(), self.metadata, "test")

    def credentials(self) -> SharedCredentials:
        """Those that it gives, found."""
        source = self.source()
        return SharedCredentials(lambda: source, source)


PROCESS = """
import datetime, json, pathlib, sys, time
mode, calls = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
with calls.open("a") as file:
    file.write("x")
until = time.monotonic() + 60
while (what := mode.read_text()) == "hangs" and time.monotonic() < until:
    time.sleep(0.02)
if what == "fails":
    sys.exit("no")
if what == "no JSON":
    print("<html>")
    sys.exit()
soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=float(what))
print(json.dumps({"Version": 1, "AccessKeyId": "KEY", "SecretAccessKey": "made-up",
                  "SessionToken": "made-up", "Expiration": soon.isoformat()}))
"""


class Process:
    """A `credential_process` that does what a file says, which may be changed while it hangs."""

    def __init__(self, folder: Path, does: str) -> None:
        self._mode = folder / "mode"
        self._calls = folder / "calls"
        self.does(does)
        (folder / "process.py").write_text(PROCESS)
        command = f"{sys.executable} {folder / 'process.py'} {self._mode} {self._calls}"
        (folder / "config").write_text(f"[default]\ncredential_process = {command}\n")

    def does(self, what: str) -> None:
        """Has it do something else from now on."""
        self._mode.write_text(what)

    @property
    def calls(self) -> int:
        """How often it was run."""
        return len(self._calls.read_text()) if self._calls.exists() else 0
