"""The lines of StatsD that tell of a call, plain or with the tags of DogStatsD.

Plain names are `{prefix}.{table}.{operation}.{measure}`; with tags they are `{prefix}.{measure}`
and the tags `table`, `operation`, `outcome` and `error`. A metric is made of names that the code
and the schema hold, never of a key, an item or an error's text: there are only so many of them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from dynrepo.clock import draw
from dynrepo.instrumentation.call import one_table, units_of
from dynrepo.instrumentation.counts import counts_of, items_of, timings_of, usual_counts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dynrepo.instrumentation.call import Call

DURATION = "duration"
CALLS = "calls"
SEVERAL = "several_tables"
"""What stands for the table where a call has several, so that each mix is no series of its own."""


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


class PlainLines:
    """Writes the lines of calls, each with its newline before the next.

    `rate` is the share of lines that are written; each says it. Most calls of a kind differ in
    their milliseconds alone: what stands before and behind them is kept.
    """

    def __init__(self, prefix: str, rate: float = 1) -> None:
        self.prefix = prefix
        self.rate = rate
        self._sampled = f"|@{rate}" if rate < 1 else ""
        self._wording = lru_cache(maxsize=1024)(self.wording)
        self._around = lru_cache(maxsize=1024)(self.around)

    def of(self, call: Call) -> str:
        """The lines of a call; empty where none was drawn."""
        operation, answer = call.operation, call.answer
        if answer is None or call.events or call.error is not None:
            text = self._with_events(call)
        else:
            before, after = self._around(
                operation.table, operation.name, items_of(call), units_of(answer), answer.attempts
            )
            text = "%s%.6f%s" % (before, call.duration * 1000, after)  # noqa: UP031 - is faster
        return text if self.rate >= 1 else drawn(text, self.rate)

    def around(
        self, table: str, operation: str, items: int | None, capacity: float | None, attempts: int
    ) -> tuple[str, str]:
        """What stands before and behind the milliseconds of a call that went as it was to go."""
        wording = self._wording(table, operation, "success", None)
        return wording.before, wording.after + wording.counted(
            usual_counts(items, capacity, attempts)
        )

    def wording(self, table: str, operation: str, outcome: str, _code: str | None) -> Wording:
        """Of plain lines, whose names tell the table, the operation and the outcome."""
        level = level_of(self.prefix, table, operation)
        return self._worded(level + outcome, level + outcome, level, self._sampled)

    def _with_events(self, call: Call) -> str:
        """The lines of a call on whose way something happened."""
        operation, error = call.operation, call.error
        outcome, code = ("success", None) if error is None else (call.outcome, call.code)
        wording = self._wording(operation.table, operation.name, outcome, code)
        text = f"{wording.before}{call.duration * 1000:.6f}{wording.after}"
        text += wording.counted(counts_of(call))
        for timing, seconds in timings_of(call):
            text += f"\n{wording.level}{timing}:{seconds * 1000:.6f}|ms{wording.tail}"
        return text

    @staticmethod
    def _worded(duration: str, calls: str, level: str, tail: str) -> Wording:
        return Wording(f"{duration}:", f"|ms{tail}\n{calls}:1|c{tail}", level, tail)


class TaggedLines(PlainLines):
    """The same with tags, in place of long names."""

    def wording(self, table: str, operation: str, outcome: str, code: str | None) -> Wording:
        """Of lines with tags, before which the rate stands: in the other order it is lost."""
        tail = f"{self._sampled}|#{','.join(tags_of(table, operation, outcome, code))}"
        level = f"{self.prefix}."
        return self._worded(level + DURATION, level + CALLS, level, tail)


def drawn(text: str, rate: float) -> str:
    """Each line of a text by a chance of its own."""
    return "\n".join(line for line in text.split("\n") if draw() < rate)


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


_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")


def safe(name: str) -> str:
    """A name that is one level of a metric: what could end it or start another becomes `_`."""
    return _UNSAFE.sub("_", name)


def _table_level(tables: str) -> str:
    return safe(one_table(tables) or SEVERAL)


@lru_cache(maxsize=1024)
def level_of(prefix: str, table: str, operation: str) -> str:
    """The start of a plain name, up to its last dot."""
    return f"{prefix}.{_table_level(table)}.{safe(operation)}."


@lru_cache(maxsize=1024)
def tags_of(table: str, operation: str, outcome: str, code: str | None) -> list[str]:
    """The tags of a call."""
    tags = [f"table:{_table_level(table)}", f"operation:{safe(operation)}", f"outcome:{outcome}"]
    return tags if code is None else [*tags, f"error:{safe(code)}"]
