"""What this process is called: the name and the version of the service, by OpenTelemetry.

Its SDK knows them by the resource of the tracer provider, without it two variables say them.

https://opentelemetry.io/docs/specs/semconv/resource/#service
https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Mapping

_UNKNOWN = "unknown_service"
"""What the SDK calls a service that nobody has named, with the name of the program behind it."""


def service() -> dict[str, str]:
    """`name` and `version`, as far as they are known; empty where OpenTelemetry is told neither."""
    known = {**_variables(), **_resource()}
    if not known:
        return {}
    told = {part: str(known.get(f"service.{part}") or "") for part in ("name", "version")}
    return {part: text for part, text in told.items() if text and not text.startswith(_UNKNOWN)}


@cache
def _variables() -> Mapping[str, str]:
    """What the variables say when they are first asked for: a process has one environment."""
    pairs = os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "").split(",")
    found = {
        name.strip(): unquote(text.strip())
        for name, equals, text in (pair.partition("=") for pair in pairs)
        if equals
    }
    name = os.environ.get("OTEL_SERVICE_NAME")
    return {**found, "service.name": name} if name else found


def _resource() -> Mapping[str, Any]:
    """That of the provider which the application has set; empty where it has set none."""
    trace: Any = sys.modules.get("opentelemetry.trace")  # imported for nobody's sake here
    if trace is not None:
        with suppress(Exception):  # a health check reports, it never raises
            return dict(trace.get_tracer_provider().resource.attributes)
    return {}
