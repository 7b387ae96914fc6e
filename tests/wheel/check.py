"""Is what a user installs whole, and nothing else? Run by tox, away from the checkout.

`core`    the wheel alone: only what an extra is for cannot be imported
`extras`  the wheel with all extras: every module can be imported
`service` the wheel with the extras that the example service names: it starts and answers
`dist`    the two files that would be published hold what they should
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tarfile
import time
import zipfile
from email import message_from_string
from importlib import import_module
from importlib.metadata import entry_points, files
from importlib.util import find_spec
from pathlib import Path
from pkgutil import walk_packages
from tempfile import TemporaryDirectory
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

# The packages that may be missed without the extras, and by which modules.
MISSED = {
    "dynrepo.integrations": {"fastapi", "starlette", "anyio"},
    "dynrepo.testing": {"pytest", "moto", "polyfactory", "faker"},
}


ROOT = Path(__file__).resolve().parents[2]
SERVICE = "docs/examples/service.py"
# One package of each extra, by which it is known to be installed.
MARKS = {
    "http": "fastapi",
    "otel": "opentelemetry.sdk",
    "cursors": "cryptography",
    "testing": "moto",
    "factories": "polyfactory",
}
ANSWERS = {"/.well-known/alive": 200, "/.well-known/health": 503}
"""What the service answers where nobody listens at its endpoint."""


def installed() -> list[str]:
    """The paths that the wheel put into site-packages."""
    return [str(path) for path in files("dynrepo") or []]


def modules() -> list[str]:
    """Every public module of the installed package."""
    found = walk_packages(import_module("dynrepo").__path__, "dynrepo.")
    return ["dynrepo", *(m.name for m in found if "._" not in m.name)]


def check_installed() -> None:
    """The package is there with its types, and the example domain is not."""
    location = Path(str(import_module("dynrepo").__file__))
    assert Path(sys.prefix) in location.parents, f"{location} is not what was installed"
    assert "dynrepo/py.typed" in installed()
    tops = {path.split("/")[0] for path in installed()} - {"dynrepo"}
    assert all(top.startswith("dynrepo-") for top in tops), f"the wheel holds {sorted(tops)}"
    for name in ("models", "tests", "docs"):
        assert find_spec(name) is None, f"{name} is importable"


def check_imports(*, extras: bool) -> None:
    """Every module can be imported; without the extras, as far as it needs none."""
    for name in modules():
        packages = {one for top, missed in MISSED.items() if name.startswith(top) for one in missed}
        try:
            import_module(name)
        except ModuleNotFoundError as error:
            if extras or error.name not in packages:
                raise
    for entry in entry_points(group="pytest11"):
        if extras and entry.value.startswith("dynrepo"):
            entry.load()


def check_service() -> None:
    """The example service runs with the extras that it names, without the rest of the project."""
    told = re.search(r'pip install "\.\[(.*)\]"', (ROOT / SERVICE).read_text(encoding="utf-8"))
    assert told is not None
    others = [name for name, module in MARKS.items() if find_spec(module) is not None]
    assert sorted(others) == sorted(told[1].split(",")), f"{others} are installed"
    with TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "models", Path(folder, "models"))
        shutil.copytree(ROOT / "docs" / "examples", Path(folder, "docs", "examples"))
        assert [answer_of(folder, path) for path in ANSWERS] == list(ANSWERS.values())


def answer_of(folder: str, path: str) -> int:
    """The HTTP status with which the service, started in a folder, answers; it has no DynamoDB."""
    with (
        socket.create_server(("127.0.0.1", 0)) as probe,
        socket.create_server(("127.0.0.1", 0)) as nobody,
    ):
        port, closed = probe.getsockname()[1], nobody.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "docs.examples.service:app", "--port", str(port)],
        cwd=folder,
        env={
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{closed}",
            "AWS_REGION": "eu-west-1",
            "AWS_ACCESS_KEY_ID": "made-up",
            "AWS_SECRET_ACCESS_KEY": "made-up",
            "OTEL_SDK_DISABLED": "true",  # the spans would be sent to nobody, for a while
        },
    )
    try:
        return _status(f"http://127.0.0.1:{port}{path}", server)
    finally:
        server.terminate()
        server.wait()


def _status(url: str, server: subprocess.Popen[bytes]) -> int:
    while server.poll() is None:
        try:
            with urlopen(url) as answer:  # noqa: S310 - of the loopback
                return int(answer.status)
        except HTTPError as refused:
            return refused.code
        except URLError:  # not yet
            time.sleep(0.1)
    raise AssertionError(f"the service ended with {server.returncode}")


def check_readme(metadata: str) -> None:
    """PyPI shows the README, and none of its links leads to a file that PyPI does not have."""
    from readme_renderer import markdown  # noqa: PLC0415 - of the environment that builds

    html = markdown.render(message_from_string(metadata).get_payload())
    links = re.findall(r'href="([^"]*)"', html)
    assert links
    assert not [link for link in links if not link.startswith(("https://", "#"))], links


def check_cursors(*, extras: bool) -> None:
    """A secret of cursors takes the extra `cursors`, and an error without it says so."""
    dynrepo, said = import_module("dynrepo"), ""
    try:
        dynrepo.Settings.from_environment({"DYNREPO_CURSOR_SECRET": "s" * 32})
    except dynrepo.SettingsError as error:
        said = str(error)
    assert ('pip install "dynrepo[cursors]"' in said) is not extras, said


def check_urls(metadata: str) -> None:
    """They are those of the repository that publishes; a build that nobody publishes has none."""
    home = os.environ.get("PUBLISHED_FROM")
    urls = re.findall(r"^Project-URL: [^,]+, (.*)$", metadata, re.MULTILINE)
    assert len(urls) == (5 if home else 0), urls
    assert all(url == home or url.startswith(f"{home}/") for url in urls), urls


def check_dist(folder: Path) -> None:
    """The wheel, built from the source distribution, is the package; that one is the project."""
    (wheel,) = folder.glob("*.whl")
    (sdist,) = folder.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as archive:
        wheel_tops = {name.split("/")[0] for name in archive.namelist()}
        described = f"dynrepo-{wheel.name.split('-')[1]}.dist-info"
        metadata = archive.read(f"{described}/METADATA").decode()
    check_readme(metadata)
    check_urls(metadata)
    assert wheel_tops == {"dynrepo", described}, wheel_tops
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    for wanted in (
        "LICENSE",
        "README.md",
        "pyproject.toml",
        "tox.ini",
        "requirements-dev.lock",
        ".github/workflows",
        "dynrepo/py.typed",
        "tests",
    ):
        assert any(n == wanted or n.startswith(f"{wanted}/") for n in names), f"no {wanted} in it"
    assert not [n for n in names if "__pycache__" in n or n.startswith((".tox", ".git/", "dist"))]


if __name__ == "__main__":
    if sys.argv[1] == "dist":
        check_dist(Path(sys.argv[2]))
    elif sys.argv[1] == "service":
        check_service()
    else:
        check_installed()
        check_imports(extras=sys.argv[1] == "extras")
        check_cursors(extras=sys.argv[1] == "extras")
    print(f"{sys.argv[1]}: fine")
