"""The name and the version of the service are those that OpenTelemetry has."""

from __future__ import annotations

import sys
from functools import cache

import pytest
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider

from dynrepo import Container, Health, Status
from dynrepo.instrumentation import service as services
from dynrepo.instrumentation.service import service
from dynrepo.testing import MemoryStore
from tests.wired import Notes


@pytest.fixture(autouse=True)
def variables_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a process that has not looked at its variables yet."""
    monkeypatch.setattr(services, "_variables", cache(services._variables.__wrapped__))


def provider(**attributes: str) -> TracerProvider:
    """One of a resource, whose attributes are given with `_` for their dots."""
    return TracerProvider(
        resource=Resource({name.replace("_", "."): text for name, text in attributes.items()})
    )


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({}, {}),
        ({"SERVICE_NAME": ""}, {}),
        ({"SERVICE_NAME": "shop"}, {"name": "shop"}),
        (
            {"RESOURCE_ATTRIBUTES": "service.name=till,service.version=1.2%2C3, x=y,,z"},
            {"name": "till", "version": "1.2,3"},
        ),
        ({"SERVICE_NAME": "shop", "RESOURCE_ATTRIBUTES": "service.name=till"}, {"name": "shop"}),
    ],
)
def test_the_variables_say_it(
    variables: dict[str, str], told: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By OpenTelemetry's specification: percent-encoded pairs, before which the name comes."""
    for name in ("SERVICE_NAME", "RESOURCE_ATTRIBUTES"):
        monkeypatch.delenv(f"OTEL_{name}", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(f"OTEL_{name}", value)
    assert service() == told


def test_opentelemetry_is_not_imported_to_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody has, the variables alone say it."""
    monkeypatch.delitem(sys.modules, "opentelemetry.trace")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "shop")
    assert service() == {"name": "shop"}
    assert "opentelemetry.trace" not in sys.modules


def test_the_resource_of_the_provider_says_it_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the SDK made it, of the variables or otherwise; its word for nobody's is none."""
    monkeypatch.setenv("OTEL_SERVICE_NAME", "shop")
    for made, told in (
        (provider(service_name="till", service_version="2"), {"name": "till", "version": "2"}),
        (provider(service_name="unknown_service:python"), {}),
        (object(), {"name": "shop"}),
    ):
        monkeypatch.setattr(trace, "get_tracer_provider", lambda made=made: made)
        assert service() == told


def test_health_says_whose_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """That of a repository, and that of a container."""
    monkeypatch.setenv("OTEL_SERVICE_NAME", "shop")
    container = Container(Notes, store=MemoryStore(Notes), instruments=())
    for health in (container.health_check(), container.repository(Notes).health_check()):
        assert (health.status, health.service) == ("UP", {"name": "shop"})
    assert Health(Status.UP).service == {}


def test_what_a_container_tells_one_is_not_another_s_to_change() -> None:
    """Though one look serves all who ask within a second."""
    container = Container(Notes, store=MemoryStore(Notes), instruments=())
    first = container.health_check()
    first.details["Notes"]["table"] = "mine"
    again = container.health_check()
    assert again.details["Notes"]["table"] == "notes"
    assert again.details["Notes"]["latency_ms"] == first.details["Notes"]["latency_ms"]
