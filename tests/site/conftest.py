"""The built site at an address of the loopback, and a browser: `tox run -e site` has both."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
HTML = ROOT / ".tox" / "site" / "html"
DOCS = ROOT / "docs"
QUIET = (
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""What keeps the browser from asking its maker for anything."""

# Everywhere else there is neither a site nor a browser.
collect_ignore_glob = [] if os.environ.get("TOX_ENV_NAME") == "site" else ["test_*"]


def addresses() -> list[str]:
    """The paths at which the site has the pages of the docs."""
    pages = (page.relative_to(DOCS).with_suffix("") for page in DOCS.rglob("*.md"))
    folders = (page.parent if page.name == "index" else page for page in pages)
    return sorted("/" if str(folder) == "." else f"/{folder.as_posix()}/" for folder in folders)


class _Silent(SimpleHTTPRequestHandler):
    """Does not write a line for each request."""

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """The address of the built site, on the loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Silent, directory=str(HTML)))
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's Chromium, or the one that is in the path."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - of this environment alone

    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None and "CI" in os.environ:
        pytest.fail("no Chromium: .ci/run installs it with apt-get")
    if path is None:
        pytest.skip("no Chromium in the path: apt-get install chromium")
    options = [*QUIET, "--no-sandbox"] if os.geteuid() == 0 else [*QUIET]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=options)
        yield browser
        browser.close()


class Seen:
    """A page, and what it asked for and complained of."""

    def __init__(self, page: Any, site: str) -> None:
        self.page, self.site = page, site
        self.elsewhere: list[str] = []
        self.complaints: list[str] = []
        page.on("request", self._note)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._hear)

    def _note(self, request: Any) -> None:
        if not request.url.startswith((self.site, "data:", "blob:")):
            self.elsewhere.append(request.url)

    def _hear(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def visit(self, path: str) -> None:
        """Goes to a page and waits until it has loaded."""
        self.page.goto(self.site + path, wait_until="load")

    def is_wider_than_the_window(self, width: int) -> bool:
        """Whether it would have to be scrolled sideways in a window of this width."""
        self.page.set_viewport_size({"width": width, "height": 900})
        wider: bool = self.page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
        return wider


@contextmanager
def seen_in(browser: Any, site: str, scheme: str) -> Iterator[Seen]:
    """A page of a reader who likes light, or dark."""
    context = browser.new_context(color_scheme=scheme)
    yield Seen(context.new_page(), site)
    context.close()


@pytest.fixture(scope="session", params=["light", "dark"])
def seen(request: pytest.FixtureRequest, browser: Any, site: str) -> Iterator[Seen]:
    """A page in each colour, for many visits."""
    with seen_in(browser, site, request.param) as page:
        yield page
