"""What happened in one schedule: the calls with their requests, and what others wrote."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from math import inf
from typing import TYPE_CHECKING, NamedTuple

from tests.simulator.fates import WRONG_CLOCK

if TYPE_CHECKING:
    from tests.simulator.laws import Law, Said
    from tests.simulator.ledger import Place, Row


class Seen(Enum):
    """What the caller of a request saw of it."""

    WAITING = "nothing yet"
    UNSENT = "it did not leave"
    DOUBT = "no answer that says what became of it"
    REFUSED = "an error that says it was not applied"
    ANSWERED = "an answer"


class Verdict(Enum):
    """What the library said of a call."""

    DONE = "done"
    REFUSED = "refused"
    NOT_APPLIED = "not applied"
    UNKNOWN = "unknown"
    PARTIAL = "partial"
    CANCELLED = "cancelled"
    STRANGE = "strange"


class Effect(Enum):
    """What a verb may do to the table, by its documentation."""

    NONE = "reads"
    ONCE = "writes once"
    GUARDED = "writes once, and a copy that comes at once is refused, or known by its token"
    REPEATABLE = "may write again what it wrote"


class Part(NamedTuple):
    """What a call is to do at one place."""

    place: Place
    law: Law


@dataclass
class Request:
    """One request of a call: its fate on the network, and how often the table applied it, where."""

    operation: str
    fate: str
    sent: int
    seen: Seen = Seen.WAITING
    code: str = ""
    arrived: int | None = None
    answered: int | None = None
    applied: Counter[Place] = field(default_factory=Counter)
    changed: Counter[Place] = field(default_factory=Counter)
    shown: Row | None = None

    def __str__(self) -> str:
        where = ", ".join(f"{place.table} {place.number} x{n}" for place, n in self.applied.items())
        code = f" ({self.code})" if self.code else ""
        return (
            f"{self.operation}, {self.fate}: saw {self.seen.value}{code};"
            f" applied {f'at {where}' if where else 'nowhere'}"
        )


@dataclass(frozen=True)
class Answer:
    """A verdict, and what was said of each part, where it was; `text` is for readers."""

    verdict: Verdict
    said: tuple[Said | None, ...] = ()
    text: str = ""


@dataclass
class Call:
    """One call of a verb. Steps count what happened; times are seconds, virtual ones.

    It is to end at `latest`, and to send so many requests at `most`. It is `stopped` if somebody
    raised an error of his own where it waited.
    """

    caller: str
    verb: str
    parts: tuple[Part, ...]
    effect: Effect
    atomic: bool
    begun: int
    began: float
    latest: float = inf
    most: float = inf
    reads_after: bool = False
    reads_first: int = 0
    settles: bool = False
    stopped: bool = False
    ended: int | None = None
    end: float = inf
    answer: Answer | None = None
    requests: list[Request] = field(default_factory=list)

    def applied(self, place: Place) -> int:
        """How often the engine applied a request of this call at a place."""
        return sum(request.applied[place] for request in self.requests)

    def changed(self, place: Place) -> int:
        """How often it thereby changed what is stored there."""
        return sum(request.changed[place] for request in self.requests)

    @property
    def sent(self) -> int:
        """How many requests left; one that is sent again by another clock is the same."""
        return sum(
            request.seen is not Seen.UNSENT and request.code != WRONG_CLOCK
            for request in self.requests
        )

    @property
    def writes(self) -> list[Request]:
        """The requests that write."""
        return [request for request in self.requests if request.operation not in READS]

    def __str__(self) -> str:
        said = f"{self.answer.verdict.value}: {self.answer.text}" if self.answer else "no answer"
        what = "; ".join(
            f"{part.law} at {part.place.table} {part.place.number}" for part in self.parts
        )
        ended = "?" if self.ended is None else self.ended
        return f"{self.begun:>3} - {ended:>3}  {self.caller}: {self.verb} {what} -> {said}"


READS = frozenset({"GetItem", "BatchGetItem", "TransactGetItems", "Query", "Scan"})


@dataclass
class Intrusion:
    """What somebody else found and left at a place in one step, past the library."""

    step: int
    place: Place
    what: str
    found: Row | None
    left: Row | None

    def __str__(self) -> str:
        where = f"{self.place.table} {self.place.number}"
        return f"{self.step:>3}        somebody {self.what} at {where} -> {self.left}"


@dataclass
class History:
    """All that happened, and where it ended."""

    calls: list[Call] = field(default_factory=list)
    intrusions: list[Intrusion] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    steps: int = 0
    last: dict[Place, Row | None] = field(default_factory=dict)

    def step(self) -> int:
        """The number of the next step."""
        self.steps += 1
        return self.steps

    def lines(self) -> list[str]:
        """The history for a reader, in the order of what began."""
        begun: list[tuple[int, list[str]]] = [
            (intrusion.step, [str(intrusion)]) for intrusion in self.intrusions
        ]
        for call in self.calls:
            requests = [
                f"{request.sent:>3} - {request.answered or '?':>3}      {request}"
                for request in call.requests
            ]
            begun.append((call.begun, [str(call), *requests]))
        return [line for _, lines in sorted(begun, key=lambda pair: pair[0]) for line in lines]
