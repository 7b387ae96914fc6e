"""Clients for a StatsD daemon that is known by its address."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

from dynrepo.clock import draw
from dynrepo.instrumentation.statsd import PREFIX, StatsdInstrument, TaggedStatsdInstrument

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

DATAGRAM = 1432
"""Bytes that fit into one datagram on an Ethernet."""

PATIENCE = 0.2
"""Seconds to wait at the start for the daemon's address; most are known at once."""


def instrument_at(
    host: str, port: int, *, dialect: str = "plain", prefix: str = PREFIX, rate: float = 1
) -> StatsdInstrument:
    """An instrument for the daemon at an address, in the dialect `plain` or `dogstatsd`."""
    if dialect == "dogstatsd":
        tagged: Any = _Daemon(lambda: DogStatsClient(host, port))
        return TaggedStatsdInstrument(tagged, prefix=prefix, rate=rate)
    plain: Any = _Daemon(lambda: _plain(host, port))
    return StatsdInstrument(plain, prefix=prefix, rate=rate)


def _plain(host: str, port: int) -> Any:
    from statsd import StatsClient  # noqa: PLC0415 - only for those who use it

    return StatsClient(host, port, ipv6=":" in host)


class LateClient:
    """A client that is made in a thread of its own, since looking up a host's name may take long.

    Until it is there its methods raise, so that the fence around the instrument leaves it out for a
    while; a look-up that failed is tried again then.
    """

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._client: Any = None
        self._error: BaseException | None = None
        self._thread = self._start()
        self._thread.join(PATIENCE)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._made(), name)
        setattr(self, name, found)  # the next look-up does not pass here
        return found

    def close(self) -> None:
        """Closes the client, if there is one; it is not used afterwards."""
        if self._client is not None:
            self._client.close()

    def _made(self) -> Any:
        if self._client is None:
            error = self._error
            if not self._thread.is_alive():
                self._thread = self._start()
            raise error or TimeoutError("the address of the StatsD daemon is not known yet")
        return self._client

    def _start(self) -> threading.Thread:
        thread = threading.Thread(target=self._run, name="dynrepo-statsd", daemon=True)
        thread.start()
        return thread

    def _run(self) -> None:
        try:
            self._client = self._make()
        except Exception as error:  # noqa: BLE001 - raised where the client is used
            self._error = error


class _Daemon(LateClient):
    """One of the clients below, or of the statsd package."""

    takes_text = True


class DogStatsClient:
    """Sends lines with tags to a daemon over UDP: `name:value|type|@rate|#key:value,key:value`.

    https://docs.datadoghq.com/developers/dogstatsd/datagram_shell/
    """

    def __init__(self, host: str, port: int) -> None:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        self._socket = socket.socket(found[0], socket.SOCK_DGRAM)
        self._socket.settimeout(0)
        self._socket.connect(found[4])

    def timing(self, metric: str, value: float, tags: Sequence[str] = (), rate: float = 1) -> None:
        """Sends a timing in milliseconds."""
        with self.pipeline() as lines:
            lines.timing(metric, value, tags, rate)

    def increment(
        self, metric: str, value: float = 1, tags: Sequence[str] = (), rate: float = 1
    ) -> None:
        """Counts."""
        with self.pipeline() as lines:
            lines.increment(metric, value, tags, rate)

    def pipeline(self) -> Lines:
        """Lines that are sent together."""
        return Lines(self._deliver)

    def close(self) -> None:
        """Closes the socket."""
        self._socket.close()

    def _after(self, text: str) -> None:
        """Sends lines that are one datagram; named as in the client of the statsd package."""
        if text:
            self._deliver(text.encode("ascii", "replace"))

    def _deliver(self, datagram: bytes) -> None:
        # Nobody there, a full buffer: lost, as is the way of UDP.
        with suppress(OSError):
            self._socket.send(datagram)


class Lines:
    """Lines that leave together, in as few datagrams as they fit into."""

    def __init__(self, deliver: Callable[[bytes], None]) -> None:
        self._deliver = deliver
        self._lines: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.send()

    def timing(self, metric: str, value: float, tags: Sequence[str] = (), rate: float = 1) -> None:
        """Writes a timing in milliseconds."""
        self._write(f"{metric}:{value:.6f}|ms", tags, rate)

    def increment(
        self, metric: str, value: float = 1, tags: Sequence[str] = (), rate: float = 1
    ) -> None:
        """Writes a count."""
        self._write(f"{metric}:{value}|c", tags, rate)

    def send(self) -> None:
        """Sends what was written."""
        datagram = b""
        for line in (line.encode("ascii", "replace") for line in self._lines):
            if datagram and len(datagram) + len(line) >= DATAGRAM:
                self._deliver(datagram)
                datagram = b""
            datagram += b"\n" + line if datagram else line
        if datagram:
            self._deliver(datagram)
        self._lines.clear()

    def _write(self, line: str, tags: Sequence[str], rate: float) -> None:
        if rate < 1:
            if draw() >= rate:
                return
            line = f"{line}|@{rate}"
        self._lines.append(f"{line}|#{','.join(tags)}" if tags else line)
