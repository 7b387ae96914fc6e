"""How often each verb was called, each fate met a request, each verdict was given."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.simulator.fates import BATCH_FATES, UNSENT
from tests.simulator.history import Verdict
from tests.simulator.outsider import HABITS

if TYPE_CHECKING:
    from tests.simulator.history import History

VERBS = (
    *("get", "get that may be stale", "require", "exists"),
    *("get_many", "get_together", "query", "query in pages", "scan"),
    *("create", "set", "save", "save of a version"),
    *("update that sets", "update that adds", "update that makes"),
    *("update on a condition", "update exactly once"),
    "edit",
    *("delete", "delete of a version", "delete on a condition"),
    *("set_many", "delete_many", "batch", "transaction"),
)
FATES = (*[fate.name for fate in BATCH_FATES], *UNSENT)
VERDICTS = tuple(verdict.value for verdict in Verdict if verdict is not Verdict.STRANGE)
INTRUSIONS = tuple(habit.name for habit in HABITS)

EXPECTED = {"verbs": VERBS, "fates": FATES, "verdicts": VERDICTS, "others": INTRUSIONS}
"""What every run has of each kind."""


@dataclass
class Tally:
    """The counts of a run of many schedules, by kind and name."""

    schedules: int = 0
    counts: dict[str, Counter[str]] = field(
        default_factory=lambda: {kind: Counter() for kind in EXPECTED}
    )

    def add(self, history: History) -> None:
        """Counts what happened in one schedule."""
        self.schedules += 1
        calls = history.calls
        self.counts["verbs"].update(call.verb for call in calls)
        self.counts["verdicts"].update(call.answer.verdict.value for call in calls if call.answer)
        self.counts["fates"].update(request.fate for call in calls for request in call.requests)
        self.counts["others"].update(intrusion.what for intrusion in history.intrusions)

    def missing(self) -> list[str]:
        """What never happened."""
        return [
            f"{kind}: {name}"
            for kind, names in EXPECTED.items()
            for name in names
            if not self.counts[kind][name]
        ]

    def lines(self) -> list[str]:
        """The counts for a reader."""
        return [
            f"{kind}: " + ", ".join(f"{name} {self.counts[kind][name]:,}" for name in names)
            for kind, names in EXPECTED.items()
        ]
