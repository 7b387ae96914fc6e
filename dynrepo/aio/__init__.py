"""The asynchronous face: what waits, in the tasks of an asyncio loop and on its sockets."""

import sys
from importlib import import_module

# What a container would import that is made in a loop, and so read from disk there.
for module in ("settings", "instrumentation.daemon", "instrumentation.logs"):
    import_module(f"dynrepo.{module}")
if "opentelemetry" in sys.modules:  # else the application has no spans, or has them later
    import_module("dynrepo.instrumentation.otel")
