"""What a container for tests keeps of what is said to it."""

from __future__ import annotations

import logging
import sys

import pytest

from dynrepo.testing.mock import MissingCall
from dynrepo.testing.mock_container import MockContainer
from dynrepo.testing.recordings import RecordedLogs, RecordedMetrics
from models.user import Users
from tests.testing.people import ADA


def test_metrics_are_counted_and_timed() -> None:
    """Whatever the rate that they would be sampled at."""
    metrics = RecordedMetrics()
    metrics.incr("calls")
    metrics.incr("calls", 2, 0.1)
    metrics.timing("call", 1.5)
    metrics.timing("call", 2.5, 0.1)
    assert (metrics.counts["calls"], metrics.timings) == (3, {"call": [1.5, 2.5]})


def test_log_lines_are_as_they_would_be_printed() -> None:
    """With their arguments put in."""
    logs = RecordedLogs()
    logger = logging.Logger("any")  # noqa: LOG001 - not shared
    logger.addHandler(logs)
    logger.warning("%s of %s", 1, 2)
    assert logs.lines == ["1 of 2"]
    assert logs.records[0].levelno == logging.WARNING


def test_the_spans_want_their_sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    """All else is there without."""
    with MockContainer(Users) as container:
        container.repository(Users).set(ADA)
    assert [span.name for span in container.spans] == ["PutItem users"]
    assert container.memory.items("users")
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    without = MockContainer(Users)
    without.repository(Users).set(ADA)
    assert without.metrics.counts
    with pytest.raises(RuntimeError, match="opentelemetry-sdk"):
        _ = without.spans


def test_every_mock_is_verified() -> None:
    """Also one whose place another one took."""
    container = MockContainer(Users)
    container.mock(Users).expect.get(ADA)
    container.mock(Users)
    assert container.health_check().status == "UP"
    with pytest.raises(MissingCall):
        container.verify()
