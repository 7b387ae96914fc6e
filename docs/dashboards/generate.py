"""Writes the Grafana dashboards, from the names that the instruments use.

    python docs/dashboards/generate.py

A test compares the files with what this makes: a name that changes in the code changes here, too.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parents[1]))  # for `dynrepo` where it is not installed

from dynrepo.instrumentation import conventions, statsd  # noqa: E402 - once it is to be found
from dynrepo.instrumentation.call import CANCELLED  # noqa: E402 - the same

WIDTH, HEIGHT = 12, 8
LATENCY = 0.95


def dashboards() -> dict[str, dict[str, Any]]:
    """Every dashboard by the name of its file."""
    return {"statsd.json": _statsd(), "otel.json": _otel()}


def _statsd() -> dict[str, Any]:
    """For plain StatsD lines in Graphite: Etsy's daemon with its usual name spaces."""
    name = f"{statsd.PREFIX}.$table.*"
    timers, counters = f"stats.timers.{name}", f"stats.counters.{name}"
    outcomes = f"{{success,failure,{CANCELLED}}}"

    def graph(query: str, levels: str) -> dict[str, str]:
        return {"target": f"aliasByNode({query}, {levels})"}

    panels = [
        ("Calls per second", "ops", graph(f"{counters}.{outcomes}.rate", "3, 4, 5")),
        ("Failures per second", "ops", graph(f"{counters}.failure.rate", "3, 4")),
        ("Cancelled per second", "ops", graph(f"{counters}.{CANCELLED}.rate", "3, 4")),
        ("Duration, 90 % are faster", "ms", graph(f"{timers}.success.upper_90", "3, 4")),
        ("Duration, mean", "ms", graph(f"{timers}.success.mean", "3, 4")),
        *(
            (
                f"{counter.capitalize().replace('_', ' ')} per second",
                "short",
                graph(f"{counters}.{counter}.rate", "3, 4"),
            )
            for counter in statsd.COUNTERS
        ),
        *(
            (
                f"{timing.capitalize().replace('_', ' ')}, 90 % and mean",
                "ms",
                graph(f"{timers}.{timing}.{{upper_90,mean}}", "3, 4, 6"),
            )
            for timing in statsd.TIMINGS
        ),
    ]
    return _dashboard("dynrepo (StatsD)", "graphite", "stats.timers.dynrepo.*", panels)


def _otel() -> dict[str, Any]:
    """For OpenTelemetry's metrics in Prometheus, by its own rules for names."""
    duration = f"{_prometheus(conventions.DURATION)}_seconds"
    rows = f"{_prometheus(conventions.RETURNED_ROWS)}"
    table, operation, error, code = map(
        _prometheus,
        (
            conventions.DB_COLLECTION_NAME,
            conventions.DB_OPERATION_NAME,
            conventions.ERROR_TYPE,
            conventions.DB_RESPONSE_STATUS_CODE,
        ),
    )
    ours = f'{_prometheus(conventions.DB_SYSTEM_NAME)}="{conventions.SYSTEM}", {table}=~"$table"'

    def rate(series: str, by: str, where: str = "") -> str:
        return f"sum by ({by}) (rate({series}{{{ours}{where}}}[$__rate_interval]))"

    def quantile(share: float, series: str) -> dict[str, str]:
        buckets = rate(f"{series}_bucket", f"le, {operation}")
        return {"expr": f"histogram_quantile({share}, {buckets})"}

    failed = f', {error}!=""'
    cancelled = f', {_prometheus(conventions.OUTCOME)}="{CANCELLED}"'
    in_doubt = f', {_prometheus(conventions.IN_DOUBT)}="true"'
    both = f"{table}, {operation}"
    panels = [
        ("Calls per second", "ops", {"expr": rate(f"{duration}_count", both)}),
        (
            "Failures per second",
            "ops",
            {"expr": rate(f"{duration}_count", f"{operation}, {error}", failed)},
        ),
        ("Cancelled per second", "ops", {"expr": rate(f"{duration}_count", both, cancelled)}),
        ("Writes in doubt per second", "ops", {"expr": rate(f"{duration}_count", both, in_doubt)}),
        ("Duration, 95 % are faster", "s", quantile(LATENCY, duration)),
        ("Duration, half are faster", "s", quantile(0.5, duration)),
        (
            "AWS error codes per second",
            "ops",
            {"expr": rate(f"{duration}_count", code, f', {code}!=""')},
        ),
        ("Rows per read, 95 % have fewer", "short", quantile(LATENCY, rows)),
    ]
    return _dashboard(
        "dynrepo (OpenTelemetry)", "prometheus", f"label_values({duration}_count, {table})", panels
    )


def _prometheus(name: str) -> str:
    """A name as Prometheus has it.

    https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/
    """
    return name.replace(".", "_")


def _dashboard(
    title: str, source: str, tables: str, panels: list[tuple[str, str, dict[str, str]]]
) -> dict[str, Any]:
    return {
        "title": title,
        "uid": f"dynrepo-{source}",
        "tags": ["dynamodb", "dynrepo"],
        "schemaVersion": 39,
        "editable": True,
        "refresh": "30s",
        "time": {"from": "now-3h", "to": "now"},
        "templating": {"list": list(_variables(source, tables))},
        "panels": [_panel(number, *panel, source=source) for number, panel in enumerate(panels)],
    }


def _variables(source: str, tables: str) -> Iterator[dict[str, Any]]:
    yield {"name": "source", "label": "Data source", "type": "datasource", "query": source}
    yield {
        "name": "table",
        "label": "Table",
        "type": "query",
        "datasource": {"type": source, "uid": "${source}"},
        "query": tables,
        "includeAll": True,
        "multi": True,
        "allValue": "*" if source == "graphite" else ".*",
        "current": {"text": "All", "value": "$__all"},
        "refresh": 2,
        "sort": 1,
    }


def _panel(
    number: int, title: str, unit: str, query: dict[str, str], *, source: str
) -> dict[str, Any]:
    return {
        "id": number + 1,
        "title": title,
        "type": "timeseries",
        "datasource": {"type": source, "uid": "${source}"},
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
        "gridPos": {
            "h": HEIGHT,
            "w": WIDTH,
            "x": number % 2 * WIDTH,
            "y": number // 2 * HEIGHT,
        },
        "targets": [{"refId": "A", **query}],
    }


def written(dashboard: dict[str, Any]) -> str:
    """A dashboard as it stands in its file."""
    return json.dumps(dashboard, indent=2) + "\n"


if __name__ == "__main__":
    for file, content in dashboards().items():
        (HERE / file).write_text(written(content), encoding="utf-8")
