"""The default instruments are what the environment asks for."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo import Settings
from dynrepo.instrumentation import InstrumentationMixin, environment, instruments_for
from dynrepo.instrumentation.mixin import are_lacking
from dynrepo.instrumentation.statsd import StatsdInstrument, TaggedStatsdInstrument

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
    environment.MADE.clear()
    environment._default_fences.cache_clear()
    environment._instruments.cache_clear()


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
    notes: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is named in one warning, and there are logs and spans all the same."""
    monkeypatch.setenv("DYNREPO_STATSD", "here:there")
    repository = notes()
    repository._fences = None
    assert repository.get("1") is None
    assert "DYNREPO_STATSD: should be host:port" in caplog.text


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
    fences = environment._default_fences(otel=imported)
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
    """And once more when the application imports OpenTelemetry; never, where others are given."""
    monkeypatch.delitem(sys.modules, "opentelemetry", raising=False)
    assert (are_lacking(None), are_lacking(())) == (True, False)
    environment.default_fences()
    assert not are_lacking(None)
    monkeypatch.setitem(sys.modules, "opentelemetry", import_module("opentelemetry.trace"))
    assert are_lacking(None)
    assert len(InstrumentationMixin().instruments) == 3
    assert not are_lacking(None)
