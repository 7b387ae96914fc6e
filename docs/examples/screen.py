"""What the demo's terminal looks like: headings, requests, trees; colours only on a terminal."""

import json
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Iterable
from typing import Any

from receivers import Span

WIDTH = max(72, min(shutil.get_terminal_size((80, 24)).columns, 100))
"""No line is longer, as long as the terminal has so many columns."""
COLOURS = sys.stdout.isatty() and "NO_COLOR" not in os.environ
BOLD, DIM, RED, GREEN, YELLOW, BLUE, CYAN = "1", "2", "31", "32", "33", "34", "36"

_UUID = re.compile(r"\b([0-9a-f]{8})-[0-9a-f-]{27}\b")


def paint(text: str, *styles: str) -> str:
    """The text in a style, where the terminal has styles."""
    return f"\x1b[{';'.join(styles)}m{text}\x1b[0m" if COLOURS else text


def say(text: str = "", *styles: str) -> None:
    """Prints a line at once, for whoever is watching."""
    print(paint(text, *styles) if styles else text, flush=True)


def heading(text: str) -> None:
    """Starts a chapter, below an empty line."""
    say(f"{text} {'─' * (WIDTH - len(text) - 1)}", BOLD)


def note(*paragraphs: str) -> None:
    """Explains what is seen next."""
    for text in paragraphs:
        say()
        for line in _folded(text, WIDTH - 2):
            say(f"  {line}", DIM)
    say()


def fact(name: str, value: str, more: str = "") -> None:
    """One line of `name  value`; what there is more stands in a second column, or below."""
    first, *rest = _folded(value, WIDTH - 12)
    fits = not rest and len(more) + 12 + max(42, len(first) + 2) <= WIDTH
    say(f"  {paint(f'{name:<9}', DIM)} " + (f"{first:<42}{more}" if fits else first).rstrip())
    for line in rest if fits or not more else [*rest, more]:
        say(" " * 12 + line)


def code(lines: Iterable[str]) -> None:
    """Lines of the service or of the models."""
    for line in lines:
        inner = " " * (len(line) - len(line.lstrip()) + 8)
        for part in _folded(line, WIDTH - 4, inner) or [""]:
            say(f"  {paint('│', DIM)} {python(part)}".rstrip())


def request(method: str, path: str, body: Any) -> None:
    """A request as it goes out."""
    text = "" if body is None else json.dumps(body, ensure_ascii=False)
    room = WIDTH - 5 - len(method) - len(short(path))
    say(f"  {paint(f'{method} {short(path)}', BOLD, CYAN)}  {fitted(text, room)}".rstrip())


def response(status: int, body: str, cost: str, remark: str = "") -> None:
    """A response as it came in, below its status, what it cost, and what is to be said of that."""
    colour = GREEN if status < 400 else YELLOW if status < 500 else RED  # noqa: PLR2004
    say(f"  {paint(str(status), BOLD, colour)}  {paint(cost, DIM)}")
    for line in _folded(remark, WIDTH - 7):
        say(f"       {line}", YELLOW)
    for line in _packed(re.split(r"(?<=,)(?=[\"{])", short(body)), WIDTH - 6, gap=""):
        say(f"      {line}")
    say()


def span_tree(spans: list[Span]) -> None:
    """The spans of one request, nested as they were; of dynrepo's own, every attribute."""
    known = {span.id for span in spans}
    children: dict[str, list[Span]] = {}
    for span in spans:
        children.setdefault(span.parent if span.parent in known else "", []).append(span)
    for root in children.get("", ()):
        _branch(root, children, "  ", "  ")


def _branch(span: Span, children: dict[str, list[Span]], first: str, rest: str) -> None:
    right = f"{span.kind}  {span.by:<8}  {span.milliseconds:6.1f} ms"
    pad = " " * max(2, WIDTH - len(first) - len(span.name) - len(right))
    colour = RED if span.failed else BLUE if span.by == "dynrepo" else CYAN
    say(f"{first}{paint(span.name, BOLD, colour)}{pad}{paint(right, DIM)}")
    below = children.get(span.id, [])
    stem = rest + ("│    " if below else "     ")
    for line in _packed(_attributes(span), WIDTH - len(stem)):
        for part in _folded(line, WIDTH - len(stem), "  "):
            say(paint(stem + part, DIM))
    for number, child in enumerate(below, 1):
        last = number == len(below)
        branch, go_on = ("└─ ", "   ") if last else ("├─ ", "│  ")
        _branch(child, children, rest + branch, rest + go_on)


_OF_OTHERS = ("http.route", "http.response.status_code", "rpc.method", "retry_attempts")


def _attributes(span: Span) -> list[str]:
    shown = span.attributes if span.by == "dynrepo" else _OF_OTHERS
    return [f"{n}={_shown(span.attributes[n])}" for n in sorted(shown) if n in span.attributes]


def _packed(words: Iterable[str], width: int, gap: str = "  ") -> list[str]:
    """The words on as few lines as the width allows."""
    lines = [""]
    for word in words:
        if lines[-1] and len(lines[-1]) + len(gap) + len(word) > width:
            lines.append("")
        lines[-1] += (gap if lines[-1] else "") + word
    return [line for line in lines if line]


def _folded(text: str, width: int, inner: str = "") -> list[str]:
    """The text on as many lines as it needs, those after the first further in."""
    return textwrap.wrap(text, width, subsequent_indent=inner, break_on_hyphens=False)


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ",".join(f"{key}:{inner}" for key, inner in value.items())
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


_MEANING = {
    "success|ms": "milliseconds it took",
    "success|c": "calls that succeeded",
    "items|c": "items it returned",
    "capacity|c": "capacity units",
}


def statsd_lines(lines: Iterable[str]) -> None:
    """StatsD lines, as they are, and what each counts."""
    for line in lines:
        name, _, value = line.partition(":")
        kind = f"{name.rpartition('.')[2]}|{value.rpartition('|')[2]}"
        pad = " " * max(2, 57 - len(line))
        say(f"  {name}:{paint(value, BOLD)}{pad}{paint(_MEANING.get(kind, ''), DIM)}".rstrip())


def log_lines(lines: Iterable[dict[str, Any]]) -> None:
    """Log lines, as they are, broken where they are too long for the terminal."""
    for line in lines:
        text = json.dumps(line)
        say(textwrap.fill(text, WIDTH, initial_indent="  ", subsequent_indent="    "))


def health(status: int, found: Any) -> None:
    """The answer of the health endpoint: the whole, then each part with its details."""
    state(f"{status} {found['status']}", found["status"])
    say()
    for name, part in found["details"].items():
        details = [f"{key}={_shown(value)}" for key, value in part.items() if key != "status"]
        state(f"    {name:<13}{part['status']}", part["status"])
        for line in _packed(details, WIDTH - 8):
            say(f"        {paint(line, DIM)}")
    say()


def state(text: str, status: str) -> None:
    """A line in the colour of a health status."""
    say(f"  {text}", BOLD, {"UP": GREEN, "DEGRADED": YELLOW}.get(status, RED))


def python(line: str) -> str:
    """A line of code, with the verbs of repositories in colour."""
    verbs = r"\b(users|orders)\.(\w+)(?=\()"
    return re.sub(verbs, lambda call: paint(call.group(), BOLD, BLUE), line)


def short(text: str) -> str:
    """The text with every UUID cut to its first digits."""
    return _UUID.sub(r"\1…", text)


def fitted(text: str, width: int) -> str:
    """The text, cut to a width."""
    text = short(text)
    return text if len(text) <= width else text[: width - 1] + "…"
