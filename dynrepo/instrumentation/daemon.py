"""Clients for a StatsD daemon that is known by its address."""

from __future__ import annotations

import os
import socket
import threading
from collections import deque
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from dynrepo.clock import draw
from dynrepo.instrumentation.lines import datagrams
from dynrepo.instrumentation.statsd import (
    CALLS,
    DURATION,
    PREFIX,
    StatsdInstrument,
    TaggedStatsdInstrument,
    counts_of,
    items_of,
    level_of,
    tags_of,
    timings_of,
    usual_counts,
)

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


class Wording(NamedTuple):
    """What the lines of equal calls have in common.

    `before` stands before the milliseconds of the timing, `after` behind them, with the counter of
    the call; `level` stands before the names of all other measures, `tail` are the rate and the
    tags.
    """

    before: str
    after: str
    level: str
    tail: str

    def counted(self, counts: list[tuple[str, float]]) -> str:
        """The lines of counters."""
        return "".join(f"\n{self.level}{name}:{value}|c{self.tail}" for name, value in counts)


class DaemonInstrument(StatsdInstrument):
    """Writes the lines of a call itself, and sends them in as few datagrams as they fit into."""

    def __init__(self, client: Any, *, prefix: str = PREFIX, rate: float = 1) -> None:
        super().__init__(client, prefix=prefix, rate=rate)
        self._sampled = f"|@{rate}" if rate < 1 else ""
        self._wording = lru_cache(maxsize=1024)(self.wording)
        self._around = lru_cache(maxsize=1024)(self.around)

    def finished(self, call: Call, begun: Any, /) -> None:  # noqa: ARG002 - the protocol's
        """Sends the lines of the call."""
        text = self.text(call)
        if self.rate < 1:
            text = "\n".join(line for line in text.split("\n") if draw() < self.rate)
        if text:
            self._client.send(text)

    def text(self, call: Call) -> str:
        """The lines of a call."""
        operation, answer = call.operation, call.answer
        if answer is None or call.events or call.error is not None:
            return self._text_of_events(call)
        before, after = self._around(
            operation.table, operation.name, items_of(call), call.capacity, answer.attempts
        )
        return "%s%.6f%s" % (before, call.duration * 1000, after)  # noqa: UP031 - is faster

    def around(
        self, table: str, operation: str, items: int | None, capacity: float | None, attempts: int
    ) -> tuple[str, str]:
        """What stands before and behind the milliseconds of a call that went as it was to go."""
        wording = self._wording(table, operation, "success", None)
        return wording.before, wording.after + wording.counted(
            usual_counts(items, capacity, attempts)
        )

    def _text_of_events(self, call: Call) -> str:
        """The lines of a call on whose way something happened."""
        operation, error = call.operation, call.error
        outcome, code = ("success", None) if error is None else (call.outcome, call.code)
        wording = self._wording(operation.table, operation.name, outcome, code)
        text = f"{wording.before}{call.duration * 1000:.6f}{wording.after}"
        text += wording.counted(counts_of(call))
        for timing, seconds in timings_of(call):
            text += f"\n{wording.level}{timing}:{seconds * 1000:.6f}|ms{wording.tail}"
        return text

    def wording(self, table: str, operation: str, outcome: str, _code: str | None) -> Wording:
        """Of plain lines, whose names tell the table, the operation and the outcome."""
        level = level_of(self.prefix, table, operation)
        return self._worded(level + outcome, level + outcome, level, self._sampled)

    @staticmethod
    def _worded(duration: str, calls: str, level: str, tail: str) -> Wording:
        return Wording(f"{duration}:", f"|ms{tail}\n{calls}:1|c{tail}", level, tail)


class TaggedDaemonInstrument(DaemonInstrument, TaggedStatsdInstrument):
    """The same with tags, in place of long names."""

    def wording(self, table: str, operation: str, outcome: str, code: str | None) -> Wording:
        """Of lines with tags, before which the rate stands: in the other order it is lost."""
        tail = f"{self._sampled}|#{','.join(tags_of(table, operation, outcome, code))}"
        level = f"{self.prefix}."
        return self._worded(level + DURATION, level + CALLS, level, tail)


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
