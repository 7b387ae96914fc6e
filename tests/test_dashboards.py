"""The dashboards are what the code makes, and what Grafana reads.

That their panels ask for what is measured is tried with a real StatsD daemon and a real Prometheus,
in tests/integration/test_statsd_daemon.py and test_prometheus.py.
"""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

HERE = Path(__file__).parents[1] / "docs" / "dashboards"
SPEC = importlib.util.spec_from_file_location("generate", HERE / "generate.py")
assert SPEC is not None
assert SPEC.loader is not None
generate = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(generate)

DASHBOARDS: dict[str, dict[str, Any]] = generate.dashboards()
register_default_plugins()


def panels(file: str) -> list[dict[str, Any]]:
    """The graphs of a dashboard."""
    return [panel for panel in DASHBOARDS[file]["panels"] if panel["type"] != "row"]


def missing(ours: Any, read: Any) -> Any:
    """What of ours Grafana's own classes have not kept; None where they know all of it."""
    if isinstance(ours, dict) and isinstance(read, dict):
        lost = {key: missing(value, read.get(key)) for key, value in ours.items()}
        return {key: value for key, value in lost.items() if value is not None} or None
    if isinstance(ours, list) and isinstance(read, list) and len(ours) == len(read):
        return [loss for pair in zip(ours, read, strict=True) if (loss := missing(*pair))] or None
    return None if ours == read else ours


@pytest.mark.parametrize("file", DASHBOARDS)
def test_a_file_is_what_the_code_makes(file: str) -> None:
    """After a change of names: python docs/dashboards/generate.py."""
    stored = (HERE / file).read_text(encoding="utf-8")
    assert stored == generate.written(DASHBOARDS[file])
    assert json.loads(stored)["panels"]


@pytest.mark.parametrize("file", DASHBOARDS)
def test_grafana_knows_all_that_is_in_a_file(file: str) -> None:
    """Its schema has every member, by the classes that Grafana publishes for Python."""
    read = json.loads(JSONEncoder().encode(Dashboard.from_json(DASHBOARDS[file])))
    assert missing(DASHBOARDS[file], read) is None


@pytest.mark.parametrize("file", DASHBOARDS)
def test_panels_stand_side_by_side(file: str) -> None:
    """None covers another, and each says what it shows, in a unit."""
    cells = [
        (x, y)
        for panel in DASHBOARDS[file]["panels"]
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(cells) == len(set(cells))
    titles = [panel["title"] for panel in panels(file)]
    assert len(titles) == len(set(titles))
    assert all(panel["description"] for panel in panels(file))
    assert all(panel["fieldConfig"]["defaults"]["unit"] for panel in panels(file))


def test_a_counter_without_a_panel_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the dashboards are made."""
    monkeypatch.setattr(generate.counts, "COUNTERS", (*generate.counts.COUNTERS, "surprises"))
    with pytest.raises(ValueError, match="surprises"):
        generate.dashboards()
