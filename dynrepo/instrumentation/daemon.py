"""Clients for a StatsD daemon that is known by its address."""

from __future__ import annotations

import os
import socket
import threading
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from dynrepo.instrumentation.lines import PlainLines, TaggedLines, datagrams
from dynrepo.instrumentation.statsd import PREFIX, StatsdInstrument, TaggedStatsdInstrument

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.instrumentation.call import Call

KEPT = 1000
"""Calls whose lines are kept while the daemon's address is looked up."""

DATAGRAM = 1432
"""Bytes that fit into one datagram on an Ethernet."""


def instrument_at(
    host: str, port: int, *, dialect: str = "plain", prefix: str = PREFIX, rate: float = 1
) -> StatsdInstrument:
    """An instrument for the daemon at an address, in the dialect `plain` or `dogstatsd`."""
    client = LateClient(lambda: DatagramClient(host, port))
    kind = TaggedDaemonInstrument if dialect == "dogstatsd" else DaemonInstrument
    return kind(client, prefix=prefix, rate=rate)


class DaemonInstrument(StatsdInstrument):
    """Writes the lines of a call itself, and sends them in as few datagrams as they fit into."""

    lines: type[PlainLines] = PlainLines

    def __init__(self, client: Any, *, prefix: str = PREFIX, rate: float = 1) -> None:
        super().__init__(client, prefix=prefix, rate=rate)
        self.text = self.lines(self.prefix, rate).of

    def finished(self, call: Call, begun: Any, /) -> None:  # noqa: ARG002 - the protocol's
        """Sends the lines of the call."""
        text = self.text(call)
        if text:
            self._client.send(text)


class TaggedDaemonInstrument(DaemonInstrument, TaggedStatsdInstrument):
    """The same with tags, in place of long names."""

    lines = TaggedLines


class LateClient:
    """A client that is made in a thread of its own, since looking up a host's name may take long.

    Nobody waits for it: the lines of the calls until then, of the last `KEPT` at most, are sent
    when it is there. After it was closed the next call has another one made. After a look-up that
    failed the next call raises its error, so that the fence around the instrument leaves it out for
    a while, and starts another one.
    """

    send: Callable[[str], None]
    """Sends lines together, now or once there is a client: by its own method where there is one."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._client: Any = None
        self.send = self._send_later
        self._kept: deque[str] = deque(maxlen=KEPT)
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
            self.send = client.send
        self._send_kept(client)
        if self._is_closed:
            self._drop()

    def _send_later(self, lines: str) -> None:
        error = self._error
        if self._process != os.getpid():  # the thread is the parent's, as are the lines
            self._kept.clear()
            self._begin()
        elif error is not None:
            self._look_up()
            raise error
        elif self._is_closed:
            self._open_again()
        self._kept.append(lines)
        client = self._client
        if client is not None:  # since
            self._send_kept(client)

    def close(self) -> None:
        """Closes the client, once there is one and what was kept is sent."""
        self._is_closed = True
        self._drop()

    def _drop(self) -> None:
        """Closes the client; or none, where a call has come since that wants it."""
        with self._lock:
            client = self._client if self._is_closed else None
            if client is not None:
                self._client, self.send = None, self._send_later
        if client is not None:
            client.close()

    def _open_again(self) -> None:
        with self._lock:
            self._is_closed = False
            if self._client is None and not self._is_looking:
                self._look_up()

    def _send_kept(self, client: Any) -> None:
        """Sends what was kept, as long as the client is not closed: the rest is for the next."""
        with suppress(IndexError):
            while self._client is client:
                client.send(self._kept.popleft())


class DatagramClient:
    """Sends lines to a daemon over UDP, at an IPv4 address where its name has one.

    Plain lines are `name:value|type|@rate`; tags stand after those.
    https://github.com/statsd/statsd/blob/master/docs/metric_types.md
    https://docs.datadoghq.com/developers/dogstatsd/datagram_shell/
    """

    def __init__(self, host: str, port: int) -> None:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
        family, *_, address = min(found, key=lambda each: each[0] != socket.AF_INET)
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.settimeout(0)  # a datagram for which there is no room is lost
        self._socket.connect(address)

    def send(self, lines: str) -> None:
        """Sends lines together; they are lost where nobody is there, as is the way of UDP."""
        # No `suppress`: that takes a tenth of the time that the datagram does.
        try:
            if len(lines) <= DATAGRAM:
                self._socket.send(lines.encode())
                return
            for datagram in datagrams(lines.split("\n"), DATAGRAM):
                self._socket.send(datagram.encode())
        except OSError:
            pass

    def close(self) -> None:
        """Closes the socket."""
        self._socket.close()
