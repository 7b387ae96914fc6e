"""Writes `dynrepo/blocking/` from `dynrepo/aio/`: the same text with what waits taken away.

`python -m tests.faces` writes, `python -m tests.faces --check` fails where what is there differs.
`async` and `await` go, `AsyncQuery` becomes `Query`, `execute_async` becomes `execute`; in comments
and docstrings tasks become threads. What differs in kind is written by hand, in both, under the
same names. Formatted, and its imports sorted, by ruff as all else.
"""

from __future__ import annotations

import ast
import io
import re
import subprocess  # nosec B404
import sys
import tokenize
from difflib import unified_diff
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).parents[1]
SOURCE, TARGET = ROOT / "dynrepo" / "aio", ROOT / "dynrepo" / "blocking"

BY_HAND = {"__init__", "waits", "feeds", "channel", "pool", "store", "container", "other_face"}
"""Modules that are written twice, since the two faces differ there in kind."""

ALONE = frozenset({"sockets", "slots"})
"""Modules by hand that only the asynchronous face has: what its own stand on."""

_NAMES = {
    "aio": "blocking",
    "__aiter__": "__iter__",
    "__anext__": "__next__",
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "StopAsyncIteration": "StopIteration",
    "AbstractAsyncContextManager": "AbstractContextManager",
    "asynccontextmanager": "contextmanager",
    "aclosing": "closing",
    "aclose": "close",
    "anext": "next",
}
_PROSE = {
    "asynchronous": "blocking",
    "Asynchronous": "Blocking",
    "task": "thread",
    "Task": "Thread",
    "tasks": "threads",
    "Tasks": "Threads",
    "awaited": "called",
}
_WORD = re.compile(r"\w+")
_WAITING = re.compile(r"\b(?:async|await) ")
_TEXTS = {tokenize.STRING, tokenize.COMMENT, getattr(tokenize, "FSTRING_MIDDLE", None)}

_ORIGIN = "Written by tests/faces.py from aio/{}.py: change that one."


class _Piece(NamedTuple):
    """A token, and the text between it and the one before."""

    gap: str
    kind: int
    text: str


class CannotTranslate(ValueError):
    """A source that has no blocking twin."""


def blocking(source: str) -> str:
    """The blocking twin of a source, not yet formatted; `CannotTranslate` where there is none."""
    _check(source)
    return "".join(_translated(list(_pieces(source))))


def renamed(name: str) -> str:
    """The blocking name for a name: `Query` for `AsyncQuery`, `execute` for `execute_async`."""
    if name in _NAMES:
        return _NAMES[name]
    name = re.sub(r"^(_*)Async(?=[A-Z])", r"\1", name)
    return name.removesuffix("_async")


def _check(source: str) -> None:
    for node in ast.walk(ast.parse(source)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        if any(name.partition(".")[0] == "asyncio" for name in names):
            raise CannotTranslate("a source imports no asyncio: what does is written by hand")


def _pieces(source: str) -> Iterator[_Piece]:
    """The tokens of a source, with all the text between them."""
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    end = 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        start = starts[token.start[0] - 1] + token.start[1]
        stop = starts[token.end[0] - 1] + token.end[1]
        if start >= end and stop > start:  # an indent or its end has no text of its own
            yield _Piece(source[end:start], token.type, source[start:stop])
            end = stop
    yield _Piece(source[end:], tokenize.ENDMARKER, "")


def _translated(pieces: list[_Piece]) -> Iterator[str]:
    dropped = set(_dropped(pieces))
    for number, piece in enumerate(pieces):
        after_dropped = number - 1 in dropped
        if number not in dropped:
            yield ("" if after_dropped else piece.gap) + _text(piece)
        elif not after_dropped:
            yield piece.gap


def _dropped(pieces: list[_Piece]) -> Iterator[int]:
    """The numbers of the tokens that go: `async`, `await`, and `Awaitable` with its brackets."""
    for number, piece in enumerate(pieces):
        if piece.kind == tokenize.NAME and piece.text in {"async", "await"}:
            yield number
        elif piece.text == "Awaitable":
            yield from (number, number + 1)  # the comma of an import, or a bracket
            if pieces[number + 1].text == "[":
                yield _end_of_brackets(pieces, number + 1)


def _end_of_brackets(pieces: list[_Piece], start: int) -> int:
    steps = ({"[": 1, "]": -1}.get(piece.text, 0) for piece in pieces[start:])
    return start + list(accumulate(steps)).index(0)


def _text(piece: _Piece) -> str:
    if piece.kind == tokenize.NAME:
        return renamed(piece.text)
    if piece.kind in _TEXTS:
        said = _WAITING.sub("", piece.text)
        return _WORD.sub(lambda word: _PROSE.get(word[0], renamed(word[0])), said)
    return piece.text


def faces() -> dict[Path, str]:
    """What each generated file should hold."""
    names = sorted(path.stem for path in SOURCE.glob("*.py") if path.stem not in BY_HAND | ALONE)
    drafts = [blocking((SOURCE / f"{name}.py").read_text("utf-8")) for name in names]
    return {
        TARGET / f"{name}.py": _formatted(f"# {_ORIGIN.format(name)}\n{draft}")
        for name, draft in zip(names, drafts, strict=True)
    }


def _formatted(text: str) -> str:
    path = str(TARGET / "generated.py")
    for order in (["check", "--quiet", "--select", "I", "--fix"], ["format", "--quiet"]):
        command = [sys.executable, "-m", "ruff", *order, "--stdin-filename", path, "-"]
        done = subprocess.run(  # nosec B603
            command, input=text, capture_output=True, text=True, check=True
        )
        text = done.stdout
    return text


def stale() -> set[Path]:
    """Files that no source writes any more, and nobody by hand."""
    kept = BY_HAND | {path.stem for path in SOURCE.glob("*.py")} - ALONE
    return set(TARGET.glob("*.py")) - {TARGET / f"{name}.py" for name in kept}


def differences(written: dict[Path, str]) -> Iterator[str]:
    """Lines that tell what is there from what should be."""
    for path, text in written.items():
        there = path.read_text("utf-8") if path.is_file() else ""
        name = path.relative_to(ROOT).as_posix()
        lines = there.splitlines(), text.splitlines()
        yield from unified_diff(*lines, name, "as generated", n=1, lineterm="")
    yield from (f"{path.relative_to(ROOT).as_posix()} has no source" for path in sorted(stale()))


def main(arguments: Iterable[str]) -> int:
    """Writes, or with `--check` only compares."""
    written = faces()
    if "--check" in arguments:
        found = list(differences(written))
        sys.stdout.writelines(f"{line}\n" for line in found)
        return bool(found)
    for path, text in written.items():
        path.write_text(text, "utf-8")
    for path in stale():
        path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
