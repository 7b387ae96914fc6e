"""Writes the Grafana dashboards, from the names that the instruments use.

    python docs/dashboards/generate.py

A test compares the files with what this makes: a name that changes in the code changes here, too.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parents[1]))  # for `dynrepo` where it is not installed

from dynrepo.instrumentation import (  # noqa: E402 - once it is to be found
    conventions,
    counts,
    statsd,
)
from dynrepo.instrumentation.call import CANCELLED  # noqa: E402 - the same

WIDTH, HEIGHT = 12, 8
LATENCY = 0.95


@dataclass(frozen=True)
class Panel:
    """A graph: what it shows, in which unit, and from which value on that is a reason to look.

    `legend` names a line, in the form of the data source; in Graphite the query does so itself.
    """

    title: str
    unit: str
    query: str
    description: str
    legend: str | None = None
    alarming: float | None = None


Rows = dict[str, list[Panel]]
"""The panels of a dashboard under the titles of its rows."""


def dashboards() -> dict[str, dict[str, Any]]:
    """Every dashboard by the name of its file."""
    return {
        "statsd.json": _dashboard(
            "dynrepo (StatsD)", "graphite", f"stats.timers.{statsd.PREFIX}.*", _statsd()
        ),
        "otel.json": _dashboard("dynrepo (OpenTelemetry)", "prometheus", TABLES, _otel()),
    }


# -- StatsD lines, as Etsy's daemon gives them to Graphite


def _counted(name: str) -> str:
    """A counter a second, under both names that the daemon may give it."""
    plain = f"{statsd.PREFIX}.$table.*.{name}"
    return _named(f"group(stats.{plain}, stats.counters.{plain}.rate)", r"\1 \2 \3")


def _timed(name: str, part: str) -> str:
    """A part of a timer: its name is the same in both configurations."""
    return _named(f"stats.timers.{statsd.PREFIX}.$table.*.{name}.{part}", r"\1 \2 \4")


def _named(query: str, legend: str) -> str:
    """A query whose lines are called after table, operation and what is measured."""
    levels = rf"^stats\.(?:counters\.|timers\.)?{statsd.PREFIX}\.([^.]+)\.([^.]+)\.([^.]+)\.?(.*)$"
    return f"aliasSub({query}, '{levels}', '{legend}')"


def _statsd() -> Rows:
    """For plain lines; each panel finds the names of the daemon's legacy form, and of the other."""
    outcomes = f"{{success,failure,{CANCELLED}}}"
    per_second = {name: _counted(name) for name in counts.COUNTERS}
    slowest = {name: _timed(name, "upper_90") for name in counts.TIMINGS}
    return {
        "Calls": [
            Panel("Calls per second", "ops", _counted(outcomes), "By table, operation, outcome."),
            Panel(
                "Failures per second",
                "ops",
                _counted("failure"),
                "Calls that raised, refused conditions among them.",
            ),
            Panel(
                "Duration, 90 % are faster",
                "ms",
                _timed("success", "upper_90"),
                "With all attempts, and the pauses between them.",
                alarming=100,
            ),
            Panel(
                "Duration, mean", "ms", _timed("success", "mean"), "Of the calls that succeeded."
            ),
            Panel(
                "Cancelled per second",
                "ops",
                _counted(CANCELLED),
                "Calls whose task was cancelled, or that were stopped from outside.",
            ),
            Panel(
                "Writes in doubt per second",
                "ops",
                per_second.pop("in_doubt"),
                "Applied or not, nobody knows: OutcomeUnknown, and cancelled writes.",
                alarming=0.001,
            ),
        ],
        "Throughput": [
            Panel(
                "Capacity units per second",
                "short",
                per_second.pop("capacity"),
                "What DynamoDB says that calls consumed.",
            ),
            Panel(
                "Items per second",
                "short",
                per_second.pop("items"),
                "Returned by reads; written by batches and transactions.",
            ),
            Panel(
                "Throttled attempts per second",
                "ops",
                per_second.pop("throttled"),
                "Each refused request counts, also where a later one succeeded.",
                alarming=1,
            ),
            Panel(
                "Retries per second",
                "ops",
                per_second.pop("retries"),
                "Requests that were sent again.",
                alarming=1,
            ),
            Panel(
                "Calls without a retry left, per second",
                "ops",
                per_second.pop("budget_spent"),
                "The calls of a store share their retries: an outage uses them up.",
                alarming=0.001,
            ),
        ],
        "Connections": [
            Panel(
                "Wait for a connection, 90 % are shorter",
                "ms",
                slowest.pop("connection_wait"),
                "Of calls that found all connections of a pool in use.",
                alarming=10,
            ),
            Panel(
                "Calls that got no connection, per second",
                "ops",
                per_second.pop("connection_timeouts"),
                "They were not sent: the pool is too small, or its calls too slow.",
                alarming=0.001,
            ),
            Panel(
                "Opening a connection, 90 % are faster",
                "ms",
                slowest.pop("connection_create"),
                "With the handshake of TLS.",
                alarming=250,
            ),
            Panel(
                "Stores that use dynrepo's sender",
                "short",
                per_second.pop("sender_direct"),
                "A line is a choice: one when a store sends first, one after each change.",
            ),
            Panel(
                "Stores that use botocore's sender",
                "short",
                per_second.pop("sender_botocore"),
                "A call takes some ten times the CPU. The log says why, once.",
                alarming=0.001,
            ),
        ],
        **({"Others": [_other(per_second | slowest)]} if per_second or slowest else {}),
    }


def _other(left: dict[str, str]) -> Panel:
    raise ValueError(f"no panel shows {', '.join(left)}")


# -- OpenTelemetry's metrics, as Prometheus names them


def _prometheus(name: str) -> str:
    """A name as Prometheus has it.

    https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/
    """
    return name.replace(".", "_")


DURATION = f"{_prometheus(conventions.DURATION)}_seconds"
TABLE, OPERATION, ERROR, CODE, POOL, STATE, SENDER, REASON = map(
    _prometheus,
    (
        conventions.DB_COLLECTION_NAME,
        conventions.DB_OPERATION_NAME,
        conventions.ERROR_TYPE,
        conventions.DB_RESPONSE_STATUS_CODE,
        conventions.CONNECTION_POOL_NAME,
        conventions.CONNECTION_STATE,
        conventions.SENDER,
        conventions.SENDER_REASON,
    ),
)
TABLES = f"label_values({DURATION}_count, {TABLE})"
OURS = f'{_prometheus(conventions.DB_SYSTEM_NAME)}="{conventions.SYSTEM}", {TABLE}=~"$table"'


def _rate(series: str, *by: str, where: str = OURS) -> str:
    return f"sum by ({', '.join(by)}) (rate({series}{{{where}}}[$__rate_interval]))"


def _total(name: str, *by: str, where: str = OURS) -> str:
    """A counter a second."""
    return _rate(f"{_prometheus(name)}_total", *by, where=where)


def _quantile(share: float, series: str, by: str, where: str = OURS) -> str:
    return f"histogram_quantile({share}, {_rate(f'{series}_bucket', 'le', by, where=where)})"


def _now(name: str, *by: str) -> str:
    """A level, of all processes together."""
    return f"sum by ({', '.join(by)}) ({_prometheus(name)})"


def _legend(*labels: str) -> str:
    return " ".join(f"{{{{{label}}}}}" for label in labels)


def _otel() -> Rows:
    """For Prometheus, which has the names by the rules of the specification."""
    failed = f'{OURS}, {ERROR}!=""'
    cancelled = f'{OURS}, {_prometheus(conventions.OUTCOME)}="{CANCELLED}"'
    in_doubt = f'{OURS}, {_prometheus(conventions.IN_DOUBT)}="true"'
    calls = f"{DURATION}_count"
    wait = f"{_prometheus(conventions.CONNECTION_WAIT_TIME)}_seconds"
    create = f"{_prometheus(conventions.CONNECTION_CREATE_TIME)}_seconds"
    use = f"{_prometheus(conventions.CONNECTION_USE_TIME)}_seconds"
    rows = _prometheus(conventions.RETURNED_ROWS)
    each = _legend(TABLE, OPERATION)
    return {
        "Calls": [
            Panel(
                "Calls per second",
                "ops",
                _rate(calls, TABLE, OPERATION),
                "By table and operation; those over several tables have no table.",
                each,
            ),
            Panel(
                "Failures per second",
                "ops",
                _rate(calls, OPERATION, ERROR, where=failed),
                "Calls that raised, refused conditions among them.",
                _legend(OPERATION, ERROR),
            ),
            Panel(
                "Duration, 95 % are faster",
                "s",
                _quantile(LATENCY, DURATION, OPERATION),
                "With all attempts, and the pauses between them.",
                _legend(OPERATION),
                alarming=0.1,
            ),
            Panel(
                "Duration, half are faster",
                "s",
                _quantile(0.5, DURATION, OPERATION),
                "The median.",
                _legend(OPERATION),
            ),
            Panel(
                "Cancelled per second",
                "ops",
                _rate(calls, TABLE, OPERATION, where=cancelled),
                "Calls whose task was cancelled, or that were stopped from outside.",
                each,
            ),
            Panel(
                "Writes in doubt per second",
                "ops",
                _rate(calls, TABLE, OPERATION, where=in_doubt),
                "Applied or not, nobody knows: OutcomeUnknown, and cancelled writes.",
                each,
                alarming=0.001,
            ),
            Panel(
                "AWS error codes per second",
                "ops",
                _rate(calls, CODE, where=f'{OURS}, {CODE}!=""'),
                "What DynamoDB answered to the last attempt of a call.",
                _legend(CODE),
            ),
        ],
        "Throughput": [
            Panel(
                "Capacity units per second",
                "short",
                _total(conventions.CONSUMED_CAPACITY, TABLE, OPERATION),
                "What DynamoDB says that calls consumed.",
                each,
            ),
            Panel(
                "Rows per read, 95 % have fewer",
                "short",
                _quantile(LATENCY, rows, OPERATION),
                "Rows that a request returned.",
                _legend(OPERATION),
            ),
            Panel(
                "Throttled attempts per second",
                "ops",
                _total(conventions.THROTTLES, TABLE, OPERATION),
                "Each refused request counts, also where a later one succeeded.",
                each,
                alarming=1,
            ),
            Panel(
                "Retries per second",
                "ops",
                _total(conventions.RETRIES, TABLE, OPERATION),
                "Requests that were sent again.",
                each,
                alarming=1,
            ),
            Panel(
                "Retries that are left",
                "short",
                _now(conventions.RETRY_BUDGET, *PLACE),
                "The calls of a store share them; an outage uses them up, and they come back.",
                _legend(*PLACE),
            ),
            Panel(
                "Calls without a retry left, per second",
                "ops",
                _total(conventions.BUDGET_REFUSALS, TABLE, OPERATION),
                "They failed with what their last attempt met.",
                each,
                alarming=0.001,
            ),
        ],
        "Connections": [
            Panel(
                "Connections",
                "short",
                _now(conventions.CONNECTION_COUNT, POOL, STATE),
                "Idle and in use, of all processes.",
                _legend(POOL, STATE),
            ),
            Panel(
                "Calls that wait for a connection",
                "short",
                _now(conventions.CONNECTION_PENDING, POOL),
                "At the moment of the export.",
                _legend(POOL),
                alarming=1,
            ),
            Panel(
                "Wait for a connection, 95 % are shorter",
                "s",
                _quantile(LATENCY, wait, POOL, ""),
                "Of calls that found all connections of a pool in use.",
                _legend(POOL),
                alarming=0.01,
            ),
            Panel(
                "Calls that got no connection, per second",
                "ops",
                _total(conventions.CONNECTION_TIMEOUTS, POOL, where=""),
                "They were not sent: the pool is too small, or its calls too slow.",
                _legend(POOL),
                alarming=0.001,
            ),
            Panel(
                "Opening a connection, 95 % are faster",
                "s",
                _quantile(LATENCY, create, POOL, ""),
                "With the handshake of TLS.",
                _legend(POOL),
                alarming=0.25,
            ),
            Panel(
                "A connection in use, 95 % are shorter",
                "s",
                _quantile(LATENCY, use, POOL, ""),
                "From the request to the end of its answer.",
                _legend(POOL),
            ),
            Panel(
                "Stores by sender",
                "short",
                _now(conventions.SENDERS, SENDER, REASON),
                "With botocore's sender a call takes some ten times the CPU.",
                _legend(SENDER, REASON),
            ),
        ],
    }


PLACE = (_prometheus(conventions.SERVER_ADDRESS), _prometheus(conventions.CLOUD_REGION))


# -- Grafana's JSON


def _dashboard(title: str, source: str, tables: str, rows: Rows) -> dict[str, Any]:
    return {
        "title": title,
        "uid": f"dynrepo-{source}",
        "tags": ["dynamodb", "dynrepo"],
        "schemaVersion": 39,
        "editable": True,
        "refresh": "30s",
        "time": {"from": "now-3h", "to": "now"},
        "templating": {"list": list(_variables(source, tables))},
        "panels": list(_laid_out(rows, source)),
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


def _laid_out(rows: Rows, source: str) -> Iterator[dict[str, Any]]:
    """A heading for each row, and below it two panels side by side."""
    numbers, y = count(1), 0
    for title, panels in rows.items():
        heading = {"h": 1, "w": 2 * WIDTH, "x": 0, "y": y}
        yield {
            "id": next(numbers),
            "title": title,
            "type": "row",
            "collapsed": False,
            "gridPos": heading,
            "panels": [],
        }
        for place, panel in enumerate(panels):
            spot = {"x": place % 2 * WIDTH, "y": y + 1 + place // 2 * HEIGHT}
            yield _panel(next(numbers), panel, source) | {
                "gridPos": {"h": HEIGHT, "w": WIDTH, **spot}
            }
        y += 1 + -(-len(panels) // 2) * HEIGHT


def _panel(number: int, panel: Panel, source: str) -> dict[str, Any]:
    query = {"graphite": {"target": panel.query}, "prometheus": {"expr": panel.query}}[source]
    legend = {} if panel.legend is None else {"legendFormat": panel.legend}
    return {
        "id": number,
        "title": panel.title,
        "description": panel.description,
        "type": "timeseries",
        "datasource": {"type": source, "uid": "${source}"},
        "fieldConfig": {"defaults": _defaults(panel), "overrides": []},
        "options": {
            "legend": {
                "displayMode": "table",
                "placement": "bottom",
                "showLegend": True,
                "calcs": ["mean", "max"],
            },
            "tooltip": {"mode": "multi", "sort": "desc"},
        },
        "targets": [{"refId": "A", **query, **legend}],
    }


def _defaults(panel: Panel) -> dict[str, Any]:
    """The unit, and a line at the value that is a reason to look."""
    if panel.alarming is None:
        return {"unit": panel.unit, "min": 0}
    steps = [{"color": "green", "value": None}, {"color": "red", "value": panel.alarming}]
    return {
        "unit": panel.unit,
        "min": 0,
        "thresholds": {"mode": "absolute", "steps": steps},
        "custom": {"thresholdsStyle": {"mode": "line"}},
    }


def written(dashboard: dict[str, Any]) -> str:
    """A dashboard as it stands in its file."""
    return json.dumps(dashboard, indent=2) + "\n"


if __name__ == "__main__":
    for file, content in dashboards().items():
        (HERE / file).write_text(written(content), encoding="utf-8")
