"""What an editor shows of `stored` and `path`: pyright's language server is asked, over its pipes.

https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from subprocess import PIPE, Popen
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]
_PYTHON = {"pythonPath": sys.executable}
SOURCE = """
from dynrepo import path
from models.order import AsyncOrders, Orders

def asked(orders: Orders, async_orders: AsyncOrders) -> None:
    orders.stored.
    async_orders.stored.lines[0].
    path(orders.stored.total)
    typed = path(orders.stored.expires)
    path(orders.stored.total).
"""


class Editor:
    """An editor with one file open."""

    def __init__(self, server: Popen[bytes]) -> None:
        self._server = server
        self._number = 0
        self._uri = (ROOT / "tests" / "typing" / "opened.py").as_uri()
        folder = {"uri": ROOT.as_uri(), "name": "dynrepo"}
        options: dict[str, Any] = {
            "processId": None,
            "capabilities": {"workspace": {"configuration": True}},
            "workspaceFolders": [folder],
        }
        self.ask("initialize", {**options, "rootUri": ROOT.as_uri()})
        self.tell("initialized", {})
        document = {"uri": self._uri, "languageId": "python", "version": 1, "text": SOURCE}
        self.tell("textDocument/didOpen", {"textDocument": document})

    def completed(self, line: str) -> set[str]:
        """The names that are listed at the end of a line."""
        answer = self.ask("textDocument/completion", self._at(line, len(line)))
        return {item["label"] for item in answer["items"]}

    def hovered(self, line: str, word: str) -> str:
        """What is shown over a word of a line."""
        answer = self.ask("textDocument/hover", self._at(line, line.index(word)))
        shown: str = answer["contents"]["value"]
        return shown

    def _at(self, line: str, column: int) -> dict[str, Any]:
        before, _, _ = SOURCE.partition(line)
        position = {"line": before.count("\n"), "character": column}
        return {"textDocument": {"uri": self._uri}, "position": position}

    def ask(self, method: str, params: Any) -> Any:
        """The result of a request; the server asks meanwhile which Python it is about."""
        self._number += 1
        self._send({"id": self._number, "method": method, "params": params})
        while True:
            message = self._received()
            if "method" in message and "id" in message:
                items = message.get("params", {}).get("items")
                self._send({"id": message["id"], "result": items and [_PYTHON for _ in items]})
            elif message.get("id") == self._number:
                return message["result"]

    def tell(self, method: str, params: Any) -> None:
        """A notification."""
        self._send({"method": method, "params": params})

    def _send(self, message: dict[str, Any]) -> None:
        assert self._server.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._server.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._server.stdin.flush()

    def _received(self) -> dict[str, Any]:
        assert self._server.stdout is not None
        size = 0
        while header := self._server.stdout.readline().strip():
            if header.lower().startswith(b"content-length:"):
                size = int(header.partition(b":")[2])
        message: dict[str, Any] = json.loads(self._server.stdout.read(size))
        return message


@pytest.fixture(scope="module")
def editor() -> Iterator[Editor]:
    """The server that stands beside this Python."""
    command = [str(Path(sys.executable).with_name("pyright-langserver")), "--stdio"]
    with Popen(command, stdin=PIPE, stdout=PIPE, cwd=ROOT) as server:
        opened = Editor(server)
        yield opened
        opened.ask("shutdown", None)
        opened.tell("exit", None)


def test_the_fields_are_listed(editor: Editor) -> None:
    """Of both faces, and of what is nested."""
    of_order = editor.completed("    orders.stored.")
    assert {"user_id", "number", "status", "placed", "lines", "total", "expires"} <= of_order
    assert {"sku", "quantity", "price"} <= editor.completed("    async_orders.stored.lines[0].")


def test_the_conditions_and_actions_of_a_path_are_listed(editor: Editor) -> None:
    """As the methods that they are."""
    listed = editor.completed("    path(orders.stored.total).")
    assert {"set", "add", "remove", "between", "is_in", "exists", "if_not_exists"} <= listed


def test_the_types_are_shown(editor: Editor) -> None:
    """Of a field, and of what its path holds."""
    assert "total: Decimal" in editor.hovered("    path(orders.stored.total)", "total")
    assert "stored: Order" in editor.hovered("    path(orders.stored.total)", "stored")
    line = "    typed = path(orders.stored.expires)"
    assert "FieldPath[AwareDatetime | None]" in editor.hovered(line, "typed")
