"""Lines of StatsD, in as few datagrams as they fit into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynrepo.clock import draw

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_OF_UDP = "statsd.client.udp.StatsClient"


def datagrams(lines: Sequence[str], most: int) -> Iterator[str]:
    """Lines in texts of at most so many characters, and a longer one by itself."""
    datagram = ""
    for line in lines:
        if datagram and len(datagram) + len(line) >= most:
            yield datagram
            datagram = line
        else:
            datagram = f"{datagram}\n{line}" if datagram else line
    if datagram:
        yield datagram


def is_plain(client: Any) -> bool:
    """Whether a client is the one of `statsd` for UDP, with nothing of its own in its place."""
    own: dict[str, Any] = getattr(client, "__dict__", {})
    return (
        f"{type(client).__module__}.{type(client).__qualname__}" == _OF_UDP
        and {"_maxudpsize", "_prefix"} <= own.keys()
        and own.keys().isdisjoint(("_send", "pipeline"))
        and hasattr(client, "_send")
    )


class PlainLines:
    """The lines of a client that `is_plain`, as its own pipeline sends them, in fewer steps.

    It is empty once they are sent.
    """

    def __init__(self, client: Any) -> None:
        # Its pipeline is made of the same private names, which have no public counterpart.
        self._deliver = client._send  # noqa: SLF001
        self._most = client._maxudpsize - 1  # noqa: SLF001
        self._start = f"{client._prefix}." if client._prefix else ""  # noqa: SLF001
        self._lines: list[str] = []

    def timing(self, name: str, value: float, rate: float = 1) -> None:
        """Writes a timing in milliseconds."""
        line = f"{self._start}{name}:{value:.6f}|ms"
        if rate >= 1:
            self._lines.append(line)
        else:
            self._draw(line, rate)

    def incr(self, name: str, value: float = 1, rate: float = 1) -> None:
        """Writes a count."""
        line = f"{self._start}{name}:{value}|c"
        if rate >= 1:
            self._lines.append(line)
        else:
            self._draw(line, rate)

    def send(self) -> None:
        """Sends what was written."""
        text = "\n".join(self._lines)
        if len(text) > self._most:
            for datagram in datagrams(self._lines, self._most):
                self._deliver(datagram)
        elif text:
            self._deliver(text)
        self._lines.clear()

    def _draw(self, line: str, rate: float) -> None:
        if draw() < rate:
            self._lines.append(f"{line}|@{rate}")
