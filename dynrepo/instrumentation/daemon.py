"""Clients for a StatsD daemon that is known by its address."""

from __future__ import annotations

import os
import socket
import threading
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from dynrepo.clock import draw
from dynrepo.instrumentation.lines import datagrams
from dynrepo.instrumentation.statsd import PREFIX, StatsdInstrument, TaggedStatsdInstrument

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

KEPT = 1000
"""Calls whose lines are kept while the daemon's address is looked up."""

DATAGRAM = 1432
"""Bytes that fit into one datagram on an Ethernet."""


def instrument_at(
    host: str, port: int, *, dialect: str = "plain", prefix: str = PREFIX, rate: float = 1
) -> StatsdInstrument:
    """An instrument for the daemon at an address, in the dialect `plain` or `dogstatsd`."""
    if dialect == "dogstatsd":
        tagged: Any = LateClient(lambda: DogStatsClient(host, port))
        return TaggedStatsdInstrument(tagged, prefix=prefix, rate=rate)
    plain: Any = LateClient(lambda: _plain(host, port))
    return StatsdInstrument(plain, prefix=prefix, rate=rate)


def _plain(host: str, port: int) -> Any:
    from statsd import StatsClient  # noqa: PLC0415 - only for those who use it

    client = StatsClient(host, port, ipv6=":" in host)
    opened: Any = getattr(client, "_sock", None)  # there is no public name for it
    if opened is not None:
        opened.settimeout(0)  # a datagram for which there is no room is lost
        client.close = opened.close  # its own has a call that is at it now fail
    return client


class LateClient:
    """A client that is made in a thread of its own, since looking up a host's name may take long.

    Nobody waits for it: the lines of the calls until then, of the last `KEPT` at most, are sent
    when it is there. After it was closed the next call has another one made. After a look-up that
    failed the next call raises its error, so that the fence around the instrument leaves it out for
    a while, and starts another one.
    """

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._client: Any = None
        self._kept: deque[LateLines] = deque(maxlen=KEPT)
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._look_up()

    def _look_up(self) -> None:
        self._error: Exception | None = None
        self._is_closed = False
        self._is_looking = True
        self._looking = threading.Thread(target=self._find, name="dynrepo-statsd", daemon=True)
        self._looking.start()

    def _find(self) -> None:
        try:
            client = self._make()
        except Exception as error:  # noqa: BLE001 - raised where the client is used
            self._kept.clear()
            self._error, self._is_looking = error, False
            return
        with self._lock:
            self._client, self._is_looking = client, False
        self._send_kept(client)
        if self._is_closed:
            self._drop()

    def pipeline(self) -> Any:
        """Lines that are sent together."""
        client = self._client
        if client is not None:
            return client.pipeline()
        error = self._error
        if self._process != os.getpid():  # the thread is the parent's, as are the lines
            self._kept.clear()
            self._begin()
        elif error is not None:
            self._look_up()
            raise error
        elif self._is_closed:
            self._open_again()
        return LateLines(self._keep)

    def close(self) -> None:
        """Closes the client, once there is one and what was kept is sent."""
        self._is_closed = True
        self._drop()

    def _drop(self) -> None:
        """Closes the client; or none, where a call has come since that wants it."""
        with self._lock:
            client = self._client if self._is_closed else None
            if client is not None:
                self._client = None
        if client is not None:
            client.close()

    def _open_again(self) -> None:
        with self._lock:
            self._is_closed = False
            if self._client is None and not self._is_looking:
                self._look_up()

    def _keep(self, lines: LateLines) -> None:
        self._kept.append(lines)
        client = self._client
        if client is not None:  # since they were written
            self._send_kept(client)

    def _send_kept(self, client: Any) -> None:
        with suppress(IndexError):
            while True:
                self._kept.popleft().write_to(client)


class LateLines:
    """Lines that are written once there is a client."""

    def __init__(self, keep: Callable[[LateLines], None]) -> None:
        self._keep = keep
        self._lines: list[tuple[str, tuple[Any, ...]]] = []

    def timing(self, *line: Any) -> None:
        """Keeps a timing."""
        self._lines.append(("timing", line))

    def incr(self, *line: Any) -> None:
        """Keeps a count."""
        self._lines.append(("incr", line))

    def increment(self, *line: Any) -> None:
        """Keeps a count with tags."""
        self._lines.append(("increment", line))

    def send(self) -> None:
        """Has them sent when there is a client."""
        self._keep(self)

    def write_to(self, client: Any) -> None:
        """Sends them by a client."""
        lines = client.pipeline()
        for kind, line in self._lines:
            getattr(lines, kind)(*line)
        lines.send()


class DogStatsClient:
    """Sends lines with tags to a daemon over UDP.

    https://docs.datadoghq.com/developers/dogstatsd/datagram_shell/
    """

    def __init__(self, host: str, port: int) -> None:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.settimeout(0)
        self._socket.connect(address)

    def pipeline(self) -> TaggedLines:
        """Lines that are sent together."""
        return TaggedLines(self._deliver)

    def close(self) -> None:
        """Closes the socket."""
        self._socket.close()

    def _deliver(self, datagram: bytes) -> None:
        # No daemon there, or a full buffer: the lines are lost, as is the way of UDP.
        with suppress(OSError):
            self._socket.send(datagram)


class TaggedLines:
    """Lines `name:value|type|@rate|#key:value,key:value`, in as few datagrams as they fit into."""

    def __init__(self, deliver: Callable[[bytes], None]) -> None:
        self._deliver = deliver
        self._lines: list[str] = []

    def timing(self, metric: str, value: float, tags: Sequence[str] = (), rate: float = 1) -> None:
        """Writes a timing in milliseconds."""
        if rate >= 1 or draw() < rate:
            self._lines.append(f"{metric}:{value:.6f}|ms{_suffix(tags, rate)}")

    def increment(
        self, metric: str, value: float = 1, tags: Sequence[str] = (), rate: float = 1
    ) -> None:
        """Writes a count."""
        if rate >= 1 or draw() < rate:
            self._lines.append(f"{metric}:{value}|c{_suffix(tags, rate)}")

    def send(self) -> None:
        """Sends what was written."""
        for datagram in datagrams(self._lines, DATAGRAM):
            self._deliver(datagram.encode("ascii", "replace"))
        self._lines.clear()


def _suffix(tags: Sequence[str], rate: float) -> str:
    sampled = f"|@{rate}" if rate < 1 else ""
    return f"{sampled}|#{','.join(tags)}" if tags else sampled
