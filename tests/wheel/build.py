"""What would be published: built, and built again elsewhere from its own source. Run by tox.

`build.py FOLDER` leaves the wheel and the source distribution in FOLDER, which is emptied first.
What the build itself needs is of `requirements-tools.lock`, with its hashes.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements-tools.lock"
DATED = "1577934245"
"""The date in the files where SOURCE_DATE_EPOCH says no other: no file of the checkout has it."""


def build(source: Path, folder: Path) -> dict[str, bytes]:
    """Builds both from a folder with the source; gives them by their names."""
    locked = ["--require-hashes", "--build-constraints", LOCK]
    subprocess.run(
        [
            sys.executable,
            "-m",
            "uv",
            "build",
            "--quiet",
            "--clear",
            *locked,
            "--out-dir",
            folder,
            source,
        ],
        env={"SOURCE_DATE_EPOCH": DATED, **os.environ},
        check=True,
    )
    return {path.name: path.read_bytes() for path in sorted(folder.glob("dynrepo-*"))}


def rebuild(sdist: Path, folder: Path) -> dict[str, bytes]:
    """Builds both from a source distribution, as somebody with other habits does."""
    with tarfile.open(sdist) as archive:
        archive.extractall(folder / "source", filter="data")
    (source,) = (folder / "source").iterdir()
    before = os.umask(0o077)
    try:
        return build(source, folder / "dist")
    finally:
        os.umask(before)


def main(folder: Path) -> None:
    """Builds twice; whoever has the source can make the very files that were published."""
    built = build(ROOT, folder)
    (sdist,) = folder.glob("*.tar.gz")
    with tempfile.TemporaryDirectory() as elsewhere:
        again = rebuild(sdist, Path(elsewhere))
    differing = [name for name in built | again if built.get(name) != again.get(name)]
    assert len(built) == 2, f"built were {sorted(built)}"
    assert not differing, f"two builds differ in {differing}"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
    print("build: two are equal, byte for byte")
