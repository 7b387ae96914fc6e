"""What the wheel installs, as a CycloneDX document: `sbom.py FOLDER`, with the wheel in FOLDER.

The wheel is installed where nothing else is, with the versions of `requirements-dev.lock`, and what
is there then is written down. cyclonedx-py refuses to write what its schema does not allow.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import zipfile
from email.parser import HeaderParser
from importlib.metadata import distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAME = "sbom.cdx.json"


def run(*command: str | Path) -> None:
    """Runs a command of this environment; its words are shown when it fails."""
    subprocess.run(command, check=True)


def install(wheel: Path, environment: Path) -> None:
    """Makes an environment with a wheel, and what it needs, in it."""
    uv = [sys.executable, "-m", "uv"]
    run(*uv, "venv", "--quiet", "--python", sys.executable, environment)
    locked = ["--constraints", ROOT / "requirements-dev.lock"]
    run(*uv, "pip", "install", "--quiet", "--python", environment, *locked, wheel)


def installed(environment: Path) -> set[str]:
    """The normalized names of the distributions in an environment."""
    (packages,) = environment.glob("[Ll]ib/**/site-packages")
    return {normalized(found.name) for found in distributions(path=[str(packages)])}


def normalized(name: str) -> str:
    """A name as the index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def described(wheel: Path) -> str:
    """What a wheel says of itself, as a `pyproject.toml`: ours does not name the version."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        said = HeaderParser().parsestr(archive.read(name).decode())
    names = {"name": "Name", "version": "Version", "description": "Summary"}
    fields = {field: said[header] for field, header in names.items()}
    fields["license"] = said["License-Expression"]
    needed = [need for need in said.get_all("Requires-Dist", []) if "extra ==" not in need]
    lines = [f"{field} = {json.dumps(value)}" for field, value in fields.items()]
    return "\n".join(["[project]", *lines, f"dependencies = {json.dumps(needed)}"])


def write(wheel: Path, folder: Path, file: Path) -> set[str]:
    """Writes the document of a wheel; gives the names of what it installed."""
    project, environment = folder / "pyproject.toml", folder / "environment"
    project.write_text(described(wheel), encoding="utf-8")
    install(wheel, environment)
    same = ["--output-reproducible", "--mc-type", "library", "--pyproject", project]
    form = ["--spec-version", "1.6", "--output-format", "JSON", "--validate", "--output-file", file]
    run("cyclonedx-py", "environment", *same, *form, environment)
    return installed(environment)


def main(folder: Path) -> None:
    """Writes the document, and compares it with what was installed."""
    (wheel,) = folder.glob("*.whl")
    with tempfile.TemporaryDirectory() as scratch:
        found = write(wheel, Path(scratch), folder / NAME)
    text = (folder / NAME).read_text(encoding="utf-8")
    document = json.loads(text)
    root = document["metadata"]["component"]
    assert (root["name"], root["version"]) == tuple(wheel.name.split("-")[:2]), root
    named = {normalized(component["name"]) for component in document["components"]}
    assert named | {"dynrepo"} == found, named ^ found
    assert scratch not in text, "a folder of this machine is named in it"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
    print("sbom: fine")
