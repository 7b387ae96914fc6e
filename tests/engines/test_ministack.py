"""What the tests' engine is made of is what its lock file names, or it is not made."""

from __future__ import annotations

import hashlib
import subprocess
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.engines.ministack import install

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.once

DIST_INFO = "milk-1.0.dist-info"
WHEEL = {
    "milk.py": "",
    f"{DIST_INFO}/METADATA": "Metadata-Version: 2.1\nName: milk\nVersion: 1.0\n",
    f"{DIST_INFO}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    f"{DIST_INFO}/entry_points.txt": "[console_scripts]\nmilk = milk:main\n",
    f"{DIST_INFO}/RECORD": "",
}


@pytest.fixture
def digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The hash of the only package that uv finds, in a folder of the test's."""
    wheel = tmp_path / "milk-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in WHEEL.items():
            archive.writestr(name, text)
    for name, value in {"NO_INDEX": "1", "OFFLINE": "1", "FIND_LINKS": str(tmp_path)}.items():
        monkeypatch.setenv(f"UV_{name}", value)
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    return hashlib.sha256(wheel.read_bytes()).hexdigest()


def locked(folder: Path, digest: str) -> Path:
    """A lock file that names one package, with a hash."""
    lock = folder / f"{digest[:8]}.lock"
    lock.write_text(f"milk==1.0 --hash=sha256:{digest}\n")
    return lock


def test_an_environment_is_made_of_what_is_locked(tmp_path: Path, digest: str) -> None:
    """The command of the package is where it is looked for."""
    scripts = install(locked(tmp_path, digest), tmp_path / "made")
    assert [path.stem for path in scripts.glob("milk*")] == ["milk"]


def test_another_hash_is_refused(
    tmp_path: Path, digest: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """A file with all zeros for its hash, also when the cache has what was right before."""
    install(locked(tmp_path, digest), tmp_path / "made")
    with pytest.raises(subprocess.CalledProcessError):
        install(locked(tmp_path, "0" * 64), tmp_path / "refused")
    assert "Hash mismatch for `milk==1.0`" in capfd.readouterr().err
    assert not list((tmp_path / "refused").rglob("milk*"))


def test_a_package_without_a_hash_is_refused(tmp_path: Path, digest: str) -> None:
    """A line of the lock that lost its hash lets nothing through."""
    lock = locked(tmp_path, digest)
    lock.write_text("milk==1.0\n")
    with pytest.raises(subprocess.CalledProcessError):
        install(lock, tmp_path / "refused")
