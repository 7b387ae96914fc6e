"""`tox run -e audit` says what is known of the locked packages, and where it could not be asked."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.audit import audit, locks, main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.once

FINE = {"name": "six", "version": "1.17.0", "vulns": []}
WEAK = {
    "name": "urllib3",
    "version": "2.8.0",
    "vulns": [
        {"id": "PYSEC-1", "fix_versions": ["2.8.1"], "aliases": []},
        {"id": "PYSEC-2", "fix_versions": [], "aliases": []},
    ],
}
UNKNOWN = {"name": "statsd", "skip_reason": "Dependency not found on PyPI: statsd (4.0.1)"}
REFUSED = "requests.exceptions.ProxyError: Max retries exceeded"


@pytest.fixture
def answering(tmp_path: Path) -> Callable[..., list[str]]:
    """Makes a command that answers as pip-audit does, and asks nobody."""

    def answering(*dependencies: dict[str, Any]) -> list[str]:
        answer = json.dumps({"dependencies": dependencies, "fixes": []}) if dependencies else ""
        program = tmp_path / "answer.py"
        program.write_text(f"print({answer!r})\nraise SystemExit({REFUSED!r})")
        return [sys.executable, str(program)]

    return answering


@pytest.mark.parametrize(
    ("dependencies", "code", "said"),
    [
        ([FINE], 0, "1 packages judged, 0 known weaknesses"),
        ([FINE, WEAK], 1, "urllib3 2.8.0: PYSEC-1, mended in 2.8.1"),
        ([FINE, WEAK], 1, "urllib3 2.8.0: PYSEC-2, mended in no version"),
        ([FINE, UNKNOWN], 2, "1 packages judged, 0 known weaknesses, AND SOME COULD NOT BE JUDGED"),
        ([FINE, UNKNOWN], 2, "Dependency not found on PyPI: statsd (4.0.1)"),
        ([WEAK, UNKNOWN], 1, "AND SOME COULD NOT BE JUDGED"),
        ([], 2, "no answer: requests.exceptions.ProxyError"),
    ],
)
def test_what_could_not_be_judged_does_not_pass(
    answering: Callable[..., list[str]], dependencies: list[Any], code: int, said: str
) -> None:
    """Neither a package that the service does not know, nor a service that does not answer."""
    verdict = audit("requirements-tox.lock", answering(*dependencies))
    assert verdict.code == code
    assert said in str(verdict)


def test_every_lock_file_is_asked_about(
    answering: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    """The worst that is said of one is what is said of all."""
    assert main(answering(FINE)) == 0
    assert main(answering(FINE, UNKNOWN)) == 2
    said = capsys.readouterr().out
    assert {"requirements-dev.lock", "tests/engines/ministack.lock"} < set(locks())
    assert [lock for lock in locks() if f"{lock}: 1 packages judged" not in said] == []
