"""Prometheus itself reads the exported metrics: every panel and every alert finds its series."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

import prometheus_client
import pytest
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider

from dynrepo import DynamoStore
from dynrepo.instrumentation.otel import MeterInstrument
from dynrepo.operations.operation import Operation
from tests.instrumentation.all_calls import calls
from tests.integration.test_statsd_daemon import free_port
from tests.loopback import Loopback, soon
from tests.test_dashboards import panels

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "dashboards.md"
GET = Operation[Any]("GetItem", "users", {"Key": {"id": {"S": "a"}}}, lambda answer: answer)
EVERY = 250
"""Milliseconds between two looks of Prometheus at the metrics."""


@pytest.fixture(scope="module")
def program() -> str:
    """Debian's Prometheus, or the one that is in the path; where CI runs it has to be there."""
    path = shutil.which("prometheus")
    if path is None and "CI" in os.environ:
        pytest.fail("no Prometheus: .ci/run installs it with apt-get")
    if path is None:
        pytest.skip("no Prometheus in the path: apt-get install prometheus")
    return path


@pytest.fixture(scope="module")
def exported() -> Iterator[tuple[MeterInstrument, int]]:
    """An instrument, and the port at which its metrics are exported."""
    registry = prometheus_client.CollectorRegistry()
    provider = MeterProvider([PrometheusMetricReader(registry=registry)])
    server, thread = prometheus_client.start_http_server(0, "127.0.0.1", registry)
    yield MeterInstrument(provider), server.server_port
    server.shutdown()
    server.server_close()
    thread.join()
    provider.shutdown()


class Prometheus:
    """A running one."""

    def __init__(self, address: str) -> None:
        self.address = address

    def ask(self, query: str) -> list[Any]:
        """The series that an expression finds, those without a number left out."""
        asked = urlencode({"query": query.replace("$table", ".*")})
        with urlopen(f"{self.address}/api/v1/query?{asked}", timeout=10) as answer:  # noqa: S310
            found = json.load(answer)["data"]["result"]
        return [series for series in found if series["value"][1] != "NaN"]

    def is_ready(self) -> bool:
        """Whether it answers."""
        try:
            with urlopen(f"{self.address}/-/ready", timeout=10):  # noqa: S310 - the loopback
                return True
        except URLError:
            return False


@pytest.fixture(scope="module")
def prometheus(
    program: str, exported: tuple[MeterInstrument, int], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prometheus]:
    """A Prometheus that reads what is exported."""
    folder = tmp_path_factory.mktemp("prometheus")
    config = folder / "prometheus.yml"
    config.write_text(
        f"global: {{scrape_interval: {EVERY}ms, scrape_timeout: {EVERY}ms}}\n"
        "scrape_configs:\n"
        "- job_name: dynrepo\n"
        f"  static_configs: [{{targets: ['127.0.0.1:{exported[1]}']}}]\n"
    )
    address = f"127.0.0.1:{free_port(socket.SOCK_STREAM)}"
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(
            [
                program,
                f"--config.file={config}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address={address}",
            ],
            stdout=log,
            stderr=log,
        ) as process,
    ):
        running = Prometheus(f"http://{address}")
        until = soon()
        while not running.is_ready():
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < until, (folder / "log").read_text()
            time.sleep(0.05)
        yield running
        process.terminate()


@pytest.fixture(scope="module")
def busy(prometheus: Prometheus, exported: tuple[MeterInstrument, int]) -> Iterator[Any]:
    """Asks until an expression finds something; meanwhile all happens again and again."""
    instrument, _ = exported
    with Loopback() as server, DynamoStore(region="eu-west-1", endpoint=server.url) as store:

        def find(query: str) -> list[Any]:
            until = soon()
            while not (found := prometheus.ask(query)) and time.monotonic() < until:
                store.execute(GET)
                for call in calls():
                    instrument.finished(call, None)
                time.sleep(EVERY / 2000)
            return found

        yield find


@pytest.mark.parametrize("panel", panels("otel.json"), ids=lambda panel: panel["title"])
def test_a_panel_shows_what_is_measured(busy: Any, panel: dict[str, Any]) -> None:
    """Its query finds series, which have the labels of its legend."""
    (target,) = panel["targets"]
    found = busy(target["expr"].replace("$__rate_interval", "10s"))
    assert found
    labels = re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])
    assert any(set(labels) <= set(series["metric"]) for series in found)


def alerts() -> list[tuple[str, str]]:
    """The names of the alerts on the page, and their expressions."""
    text = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"^```yaml\n(alert: .*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    form = re.compile(r"alert: (\w+)\nexpr: (?:\|\n)?(.*?)(?:\nfor: .*)?\n?", flags=re.DOTALL)
    return [(part[1], part[2]) for part in map(form.fullmatch, blocks) if part]


@pytest.mark.parametrize(
    ("name", "expression"), alerts(), ids=lambda text: text.split("\n")[0][:20]
)
def test_an_alert_fires(busy: Any, name: str, expression: str) -> None:
    """Where calls fail, are throttled, slow or in doubt."""
    assert busy(re.sub(r"\[\d+m\]", "[10s]", expression)), name


def test_every_alert_of_the_page_is_tried() -> None:
    """However many there are."""
    assert len(alerts()) == PAGE.read_text(encoding="utf-8").count("alert:")
