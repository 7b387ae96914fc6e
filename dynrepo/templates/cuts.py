"""The beginning of a time, as its month, its day or its hour, and the times that begin so.

A range of times is one of their beginnings where it ends at the first or the last time of one.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import datetime
from typing import TYPE_CHECKING

from dynrepo.templates.forms import KeyForm, shaped
from dynrepo.templates.shapes import Shape

if TYPE_CHECKING:
    from dynrepo.templates.asked import Asked

_FIRST = "0001-01-01T00:00:00.000000"
_LAST = "9999-12-31T23:59:59.999999"
_MONTH = 7
UNITS = (4, 7, 10, 13, 16, 19)
"""Where a time may be cut: after the year, the month, the day, the hour, the minute, the second."""
_NAMES = ("year", "month", "day", "hour", "minute", "second")


class CutForm(KeyForm):
    """The beginning of a time's stored text."""

    lossy = True
    ordered = True
    prefixes = True

    def __init__(self, whole: Shape, width: int) -> None:
        self.shape = Shape(whole.text[:width])
        self.width = width
        self._whole = whole

    @property
    def unit(self) -> str:
        """What the times of one text have in common, as "day"."""
        return _NAMES[UNITS.index(self.width)]

    def write(self, payload: str) -> str:
        """The beginning."""
        return shaped(payload, self._whole)[: self.width]

    def one_text(self, asked: Asked) -> str | None:
        """The text of all times that are asked for; None where they have several."""
        if asked.operator == "begins_with":
            begin = str(asked.payloads[0])[: self.width]
            return begin if self.shape and self.shape.fits(begin) else None
        if asked.operator not in ("=", "BETWEEN"):
            return None
        texts = {self.write(payload) for payload in asked.payloads}
        return texts.pop() if len(texts) == 1 else None

    def says_all(self, asked: Asked) -> bool:
        """Whether the texts alone tell which times are asked for.

        Equality is that of the form.
        """
        first, last = asked.payloads[0], asked.payloads[-1]
        match asked.operator:
            case "=":
                return True
            case "begins_with":
                return len(first) <= self.width
            case "BETWEEN":
                return self._is_first(first) and self._is_last(last)
            case ">=" | "<":
                return self._is_first(first)
            case _:
                return self._is_last(last)

    def count(self, asked: Asked) -> int | None:
        """How many texts the times that are asked for have; None where their number is open."""
        if asked.operator != "BETWEEN":
            return None
        low, high = (self._number(self.write(payload)) for payload in asked.payloads)
        return max(high - low + 1, 0)

    def _is_first(self, payload: str) -> bool:
        """Whether a time is the first of those that begin so."""
        return self.write(payload) + self._rest(_FIRST) == payload

    def _is_last(self, payload: str) -> bool:
        end = _LAST
        if self.width == _MONTH:
            days = monthrange(int(payload[:4]), int(payload[5:7]))[1]
            end = f"{end[:8]}{days}{end[10:]}"
        return self.write(payload) + self._rest(end) == payload

    def _rest(self, time: str) -> str:
        """What comes after the beginning, in the shape of the texts, as in a time."""
        text = self._whole.text
        return "".join(
            time[at] if text[at] == "9" else text[at] for at in range(self.width, len(text))
        )

    def _number(self, text: str) -> int:
        """The place of a text among all, in their order."""
        at = datetime.fromisoformat(text + _FIRST[self.width : 19])
        days = at.toordinal()
        hours = days * 24 + at.hour
        minutes = hours * 60 + at.minute
        places = (at.year, at.year * 12 + at.month, days, hours, minutes, minutes * 60 + at.second)
        return places[UNITS.index(self.width)]
