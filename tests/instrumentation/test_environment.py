"""The default instruments are what the environment asks for."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo import DynamoStore, ForwardingStore, Settings
from dynrepo.instrumentation import InstrumentationMixin, environment, instruments_for
from dynrepo.instrumentation.mixin import are_lacking
from dynrepo.instrumentation.statsd import StatsdInstrument, TaggedStatsdInstrument
from dynrepo.testing import MemoryStore
from tests.instrumentation.conftest import Notes

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _asked_anew() -> Iterator[None]:
    """The environment is read once a process; for each test again."""
    forget_defaults()
    yield
    forget_defaults()


def forget_defaults() -> None:
    """Lets the environment be asked again."""
    InstrumentationMixin._defaults.made.clear()
    for made in (environment._defaults_by, environment._fences_of, environment._instruments):
        made.cache_clear()


def test_the_defaults_are_logs_spans_and_histograms(
    notes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And StatsD when the environment names a daemon."""

    def defaults() -> tuple[Any, ...]:
        forget_defaults()
        repository = notes()
        repository._fences = None
        return tuple(repository.instruments)

    import_module("opentelemetry.trace")
    monkeypatch.delenv("DYNREPO_STATSD", raising=False)
    assert [type(instrument).__name__ for instrument in defaults()] == ALL
    monkeypatch.setenv("DYNREPO_STATSD", "127.0.0.1:8125")
    *_, statsd = defaults()
    assert isinstance(statsd, StatsdInstrument)
    statsd.client.close()


PROGRAM = """
import sys
from typing import Annotated
from pydantic import BaseModel
from dynrepo import Repository, PartitionKey
from dynrepo.testing import MemoryStore
class Note(BaseModel):
    note_id: Annotated[str, PartitionKey()]
class Notes(Repository[Note]):
    table = "notes"
notes = Notes(MemoryStore(Notes))
def kinds():
    notes.get("1")
    return [type(instrument).__name__ for instrument in notes.instruments]
"""
ALL = ["SpanInstrument", "MeterInstrument", "LogInstrument"]


def run(program: str, **environment: str) -> None:
    """Runs a program in a process of its own, where OpenTelemetry is not imported yet."""
    command = [sys.executable, "-c", PROGRAM + program]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    subprocess.run(command, env={**kept, **environment}, check=True, timeout=60)


def test_opentelemetry_is_not_imported_for_nothing() -> None:
    """Until the application imports it there are logs alone."""
    run(
        f"""
assert kinds() == ["LogInstrument"]
assert "opentelemetry" not in sys.modules
import opentelemetry.trace
assert kinds() == {ALL}
"""
    )


def test_a_provider_that_the_environment_names_is_used() -> None:
    """OpenTelemetry is imported then, and there is one set of instruments all the same."""
    run(
        f"""
first = notes.instruments
assert kinds() == {ALL}
assert notes.instruments == first
""",
        OTEL_PYTHON_TRACER_PROVIDER="default_tracer_provider",
    )


def test_a_wrong_variable_costs_no_call_its_result(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Of what has no store: it is named in one warning, and there are logs all the same."""

    class Own(InstrumentationMixin):
        """A class of an application, with instruments and no store."""

    monkeypatch.setenv("DYNREPO_STATSD", "here:there")
    assert type(Own().instruments[-1]).__name__ == "LogInstrument"
    assert Own().instruments
    assert caplog.text.count("DYNREPO_STATSD: should be host:port") == 1


def test_the_defaults_are_by_the_settings_of_the_store(
    monkeypatch: pytest.MonkeyPatch, datagrams: Any
) -> None:
    """What was set when the store was made counts, not what is at the first call."""
    host, port = datagrams.address
    monkeypatch.setenv("DYNREPO_STATSD", f"{host}:{port}")
    monkeypatch.setenv("DYNREPO_STATSD_PREFIX", "app")
    monkeypatch.setenv("DYNREPO_SLOW", "0.5")
    made = DynamoStore()
    for name in ("STATSD", "STATSD_PREFIX", "SLOW"):
        monkeypatch.delenv(f"DYNREPO_{name}")
    *_, log, statsd = Notes(made).instruments
    assert (log.slow, statsd.prefix) == (0.5, "app")
    assert Notes(made).instruments == Notes(ForwardingStore(made)).instruments  # with one socket
    for none in (DynamoStore(), DynamoStore(settings=Settings())):
        *_, log = Notes(none).instruments
        assert log.slow == 1.0
    statsd.client.close()


def test_repositories_in_memory_tell_no_daemon(
    monkeypatch: pytest.MonkeyPatch, datagrams: Any
) -> None:
    """That the shell names which runs the tests: what they do is no traffic of the application."""
    host, port = datagrams.address
    monkeypatch.setenv("DYNREPO_STATSD", f"{host}:{port}")
    monkeypatch.setenv("DYNREPO_SLOW", "0.5")
    *_, log = Notes(MemoryStore(Notes)).instruments
    assert log.slow == 1.0


def test_settings_say_it_as_the_environment_does() -> None:
    """A daemon, its dialect, prefix and rate, and from when on a call is slow."""
    *_, log = instruments_for(Settings(slow=0.5))
    assert log.slow == 0.5  # type: ignore[attr-defined]
    settings = Settings(
        statsd="127.0.0.1:8125", statsd_dialect="dogstatsd", statsd_prefix="app", statsd_rate=0.5
    )
    *_, statsd = instruments_for(settings)
    assert isinstance(statsd, TaggedStatsdInstrument)
    assert (statsd.prefix, statsd.rate) == ("app", 0.5)
    statsd.client.close()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("named", "imported", "kinds"),
    [(False, False, ["LogInstrument"]), (False, True, ALL), (True, False, ALL), (True, True, ALL)],
)
def test_spans_where_somebody_may_read_them(
    monkeypatch: pytest.MonkeyPatch,
    named: bool,  # noqa: FBT001
    imported: bool,  # noqa: FBT001
    kinds: list[str],
) -> None:
    """Where OpenTelemetry is imported already, or the environment names a provider of it."""
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)
    if named:
        monkeypatch.setenv("OTEL_PYTHON_METER_PROVIDER", "default_meter_provider")
    fences = environment._fences_of(Settings(), otel=imported)
    assert [type(fence.instrument).__name__ for fence in fences] == kinds


def test_instruments_that_cannot_be_imported_now_break_no_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where no file can be opened, for one; they are there when they can be."""

    def fail() -> None:
        raise OSError("too many open files")

    forget_defaults()
    with monkeypatch.context() as broken:
        broken.setattr(environment, "_instruments", fail)
        assert InstrumentationMixin().instruments == ()
    assert len(InstrumentationMixin().instruments) >= 1


def test_default_instruments_are_lacking_until_they_are_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And once more when the application imports OpenTelemetry."""
    monkeypatch.delitem(sys.modules, "opentelemetry", raising=False)
    defaults = InstrumentationMixin._defaults
    assert are_lacking(defaults)
    defaults.make()
    assert not are_lacking(defaults)
    monkeypatch.setitem(sys.modules, "opentelemetry", import_module("opentelemetry.trace"))
    assert are_lacking(defaults)
    assert len(InstrumentationMixin().instruments) == 3
    assert not are_lacking(defaults)
