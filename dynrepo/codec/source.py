"""The source of a function that is put together where a class is defined, and what it names."""

from __future__ import annotations

import linecache
from typing import TYPE_CHECKING, Any, TypeAlias
from weakref import finalize

if TYPE_CHECKING:
    from collections.abc import Callable


class Source:
    """The source of one function, and the objects that it names."""

    def __init__(self, signature: str, owner: str) -> None:
        self._name = signature.partition("(")[0]
        self._owner = owner
        self._lines = [f"def {signature}:\n"]
        self._objects: dict[str, Any] = {"__name__": __name__}

    def bind(self, name: str, named: object) -> str:
        """Gives an object a name, for the lines to use."""
        self._objects[name] = named
        return name

    def add(self, *lines: str) -> None:
        """Adds lines to the body."""
        self._lines += [f"    {line}\n" for line in lines]

    def function(self, last_line: str) -> Callable[..., Any]:
        """The function; `linecache` has its lines for as long as it lives."""
        self.add(last_line)
        entry = _registered(f"dynrepo generated {self._name} {self._owner}", self._lines)
        code = compile("".join(self._lines), entry[-1], "exec")
        exec(code, self._objects)  # no text of it comes from outside  # noqa: S102  # nosec B102
        function: Callable[..., Any] = self._objects.pop(self._name)
        function.__qualname__ = f"{self._owner}.{self._name}"
        finalize(function, _forget, entry).atexit = False
        return function


_Entry: TypeAlias = tuple[int, None, list[str], str]
"""A file as `linecache` holds it; one without a time is not looked for on the disk."""


def _registered(title: str, lines: list[str]) -> _Entry:
    """The lines in `linecache`, under a file name that no other lines have."""
    size, number, name = sum(map(len, lines)), 1, f"<{title}>"
    while linecache.cache.setdefault(name, entry := (size, None, lines, name)) is not entry:
        number += 1
        name = f"<{title} {number}>"
    return entry


def _forget(entry: _Entry) -> None:
    if linecache.cache.get(entry[-1]) is entry:
        del linecache.cache[entry[-1]]
