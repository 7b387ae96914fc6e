"""The asynchronous face: what waits, in the tasks of an asyncio loop and on its sockets."""

# What the first call would import, and so read from disk while the loop waits.
import dynrepo.instrumentation.daemon
import dynrepo.instrumentation.logs
import dynrepo.settings  # noqa: F401
