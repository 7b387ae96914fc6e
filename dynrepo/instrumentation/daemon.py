"""Clients for a StatsD daemon that is known by its address."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import Future, wait
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from dynrepo.clock import draw
from dynrepo.instrumentation.statsd import PREFIX, StatsdInstrument, TaggedStatsdInstrument

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LOOKUP_WAIT = 0.2
"""Seconds to wait at the start for the daemon's address; most are known at once."""

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

    return StatsClient(host, port, ipv6=":" in host)


class LateClient:
    """A client that is made in a thread of its own, since looking up a host's name may take long.

    Until it is there its methods raise, so that the fence around the instrument leaves it out for a
    while; after a look-up that failed, the next call starts another.
    """

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._client = _in_thread(make)
        wait([self._client], LOOKUP_WAIT)

    def __getattr__(self, name: str) -> Any:
        client = self._client
        if client.done() and client.exception() is not None:
            self._client = _in_thread(self._make)
        method = getattr(client.result(timeout=0), name)
        setattr(self, name, method)  # the next look-up does not pass here
        return method

    def close(self) -> None:
        """Closes the client, if there is one; it is not used afterwards."""
        with suppress(Exception):  # TimeoutError, or what `make` raised: there is none
            self._client.result(timeout=0).close()


def _in_thread(make: Callable[[], Any]) -> Future[Any]:
    """What a function makes in a thread of its own."""
    made: Future[Any] = Future()

    def run() -> None:
        try:
            made.set_result(make())
        except Exception as error:  # noqa: BLE001 - raised where the client is used
            made.set_exception(error)

    threading.Thread(target=run, name="dynrepo-statsd", daemon=True).start()
    return made


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
        datagram = ""
        for line in self._lines:
            if datagram and len(datagram) + len(line) >= DATAGRAM:
                self._deliver(datagram.encode("ascii", "replace"))
                datagram = line
            else:
                datagram = f"{datagram}\n{line}" if datagram else line
        if datagram:
            self._deliver(datagram.encode("ascii", "replace"))
        self._lines.clear()


def _suffix(tags: Sequence[str], rate: float) -> str:
    sampled = f"|@{rate}" if rate < 1 else ""
    return f"{sampled}|#{','.join(tags)}" if tags else sampled
