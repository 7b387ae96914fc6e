"""The asynchronous face: what waits, in the tasks of an asyncio loop and on its sockets."""

import sys
from importlib import import_module

# What the first call would import, and so read from disk while the loop waits.
for module in ("settings", "instrumentation.daemon", "instrumentation.logs"):
    import_module(f"dynrepo.{module}")
if "opentelemetry" in sys.modules:  # else the application has no spans, or has them later
    import_module("dynrepo.instrumentation.otel")
