"""What the run over the asynchronous face leaves out; tests within a file carry a mark for it."""

from __future__ import annotations

LEFT_OUT = {
    "blocking/test_channel.py": "a pair written by hand: tests/aio/test_channel.py",
    "blocking/test_feeds.py": "a pair written by hand: tests/aio/test_feeds.py",
    "blocking/test_pool.py": "a pair written by hand: tests/aio/test_pool.py",
    "blocking/test_tls.py": "of a pair written by hand: tests/aio/test_tls.py",
    "blocking/test_waits.py": "a pair written by hand: tests/aio/test_waits.py",
    "contract/test_differential.py": "it holds the memory to an engine: no verb is called",
    "contract/test_random.py": "it holds the memory to an oracle: no verb is called",
    "contract/test_recorded.py": "it holds the memory to an engine: no verb is called",
    "instrumentation/test_call.py": "values: no verb is called",
    "instrumentation/test_conventions.py": "values: no verb is called",
    "instrumentation/test_private.py": "programs of their own: no verb is called",
    "operations/test_cursor.py": "values: no verb is called",
    "operations/test_definition.py": "of both faces as they are",
    "operations/test_descriptions.py": "values: no verb is called",
    "operations/test_mapper.py": "values: no verb is called",
    "operations/test_operation.py": "values: no verb is called",
    "operations/test_program.py": "programs: no verb is called",
    "operations/test_programs_on_asyncio.py": "of both faces as they are",
    "operations/test_protocols.py": "of both faces as they are",
    "operations/test_reads.py": "values: no verb is called",
    "operations/test_reports.py": "values: no verb is called",
    "operations/test_spellings.py": "values: no verb is called",
    "operations/test_stamps.py": "values: no verb is called",
    "operations/test_streams.py": "values: no verb is called",
    "operations/test_tally.py": "values: no verb is called",
    "operations/test_waiting_writes.py": "values: no verb is called",
}
"""The files below `tests` that are not collected with `FACE=aio`, each with its reason."""
