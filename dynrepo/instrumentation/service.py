"""What this process is called: the name and the version of the service, by OpenTelemetry.

Its SDK knows them by the resource of the tracer provider, without it two variables say them.

https://opentelemetry.io/docs/specs/semconv/resource/#service
https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Mapping

_UNKNOWN = "unknown_service"
"""What the SDK calls a service that nobody has named, with the name of the program behind it."""


def service() -> dict[str, str]:
    """`name` and `version`, as far as they are known; empty where OpenTelemetry is told neither."""
    known = {**_by_variables(), **_by_provider()}
    told = {part: str(known.get(f"service.{part}") or "") for part in ("name", "version")}
    return {part: text for part, text in told.items() if text and not text.startswith(_UNKNOWN)}


def _by_variables() -> dict[str, str]:
    pairs = os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "").split(",")
    found = {
        name.strip(): unquote(text.strip())
        for name, equals, text in (pair.partition("=") for pair in pairs)
        if equals
    }
    name = os.environ.get("OTEL_SERVICE_NAME")
    return {**found, "service.name": name} if name else found


def _by_provider() -> Mapping[str, Any]:
    """The resource of the provider that the application has set; nothing where it has set none."""
    with suppress(Exception):  # a health check reports, it never raises
        trace: Any = sys.modules.get("opentelemetry.trace")  # imported for nobody's sake here
        return dict(trace.get_tracer_provider().resource.attributes)
    return {}
