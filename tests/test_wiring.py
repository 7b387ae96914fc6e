"""A container of either face gives all its repositories the same store, secret, instruments."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
from datetime import UTC, datetime
from inspect import isawaitable
from typing import Any
from unittest.mock import create_autospec

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import SecretStr

from dynrepo import AsyncContainer, Container, InvalidCursor, Settings, SettingsError
from dynrepo.instrumentation.statsd import StatsdInstrument
from dynrepo.operations.encrypted_cursors import cursors_for
from dynrepo.testing.memory import MemoryStore
from dynrepo.testing.mock import mock_of
from tests.wired import AsyncDrafts, AsyncNotes, Counter, Drafts, Notes, TableStoreOfBoth

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def finished(call: Any) -> Any:
    """What a call comes to, of whichever colour."""

    async def main() -> Any:
        result = call()
        return await result if isawaitable(result) else result

    return asyncio.run(main())


COLOURS: Any = [(Container, Notes, Drafts), (AsyncContainer, AsyncNotes, AsyncDrafts)]


@pytest.mark.parametrize(("container", "notes", "drafts"), COLOURS)
class TestEitherColour:
    """What is the same, whoever waits."""

    def test_a_repository_is_made_once(self, container: Any, notes: Any, drafts: Any) -> None:
        """On the container's store, with its instruments."""
        counter, store = Counter(), TableStoreOfBoth()
        wired = container(notes, store=store, instruments=[counter])
        made = wired.repository(notes)
        assert wired.repository(notes) is made
        assert type(made) is notes
        assert made.store is store
        assert made.instruments == (counter,)
        assert wired.repository(drafts).store is store

    def test_what_is_no_class_of_repositories_is_refused(
        self, container: Any, notes: Any, drafts: Any
    ) -> None:
        """A repository that was made already, or a model, is named at once."""
        wired = container(notes, store=TableStoreOfBoth(), instruments=())
        with pytest.raises(TypeError, match=rf"classes of repositories, not {drafts.__name__}\(\)"):
            wired.repository(drafts(TableStoreOfBoth()))
        with pytest.raises(TypeError, match=r"classes of repositories, not Settings$"):
            wired.repository(Settings)
        with pytest.raises(TypeError, match=r"not a list: write each as an argument, or"):
            container([notes, drafts], store=TableStoreOfBoth(), instruments=())
        with pytest.raises(TypeError, match=r"classes of repositories, not a value of type str$"):
            wired.repository("notes")

    def test_settings_come_from_the_environment(
        self, container: Any, notes: Any, drafts: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """And make the instruments."""
        monkeypatch.setenv("DYNREPO_STATSD", "127.0.0.1:8125")
        monkeypatch.setenv("DYNREPO_SLOW", "0.5")
        wired = container(notes, store=TableStoreOfBoth())
        _, _, logs, statsd = wired.repository(drafts).instruments
        assert logs.slow == 0.5
        assert isinstance(statsd, StatsdInstrument)
        assert wired.settings.slow == 0.5
        statsd.client.close()

    def test_settings_of_a_store_that_is_given_are_its_own(
        self, container: Any, notes: Any, drafts: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Unless others are given: a store that reads no variable has none read beside it."""
        monkeypatch.setenv("DYNREPO_SLOW", "0.5")
        monkeypatch.setenv("DYNREPO_CURSOR_SECRET", "s" * 32)
        store = notes._default_store(settings=Settings(slow=2.0))
        wired = container(notes, store=store)
        assert wired.settings is store.settings
        assert wired.repository(drafts).instruments[-1].slow == 2.0
        assert container(store=store, settings=Settings(slow=3.0)).instruments[-1].slow == 3.0
        monkeypatch.setenv("DYNREPO_SLOWW", "0.5")
        with pytest.raises(SettingsError, match="DYNREPO_SLOWW"):
            container(store=TableStoreOfBoth())

    def test_the_secret_of_the_settings_encrypts_cursors(
        self, container: Any, notes: Any, drafts: Any
    ) -> None:
        """In every repository, for as long as they say."""
        settings = Settings(cursor_secret=SecretStr("hush" * 8), cursor_lifetime=60)
        wired = container(notes, settings=settings, store=TableStoreOfBoth(), instruments=())
        made = cursors_for("hush" * 8, None, "notes", lambda: LONG_AGO)
        of_notes, of_drafts = wired.repository(notes)._cursors, wired.repository(drafts)._cursors
        assert of_notes.are_encrypted
        assert of_drafts.are_encrypted
        key = {"note_id": {"S": "1"}}
        assert made.content_of(of_notes.cursor_for(key, []), []) == key
        with pytest.raises(InvalidCursor, match="too old"):
            of_notes.content_of(made.cursor_for(key, []), [])

    def test_wrong_settings_of_cursors_are_told_at_once(
        self, container: Any, notes: Any, drafts: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Not where a request wants the first repository."""
        store = TableStoreOfBoth()
        settings = Settings.model_construct(cursor_secret=SecretStr("hush"))
        with pytest.raises(SettingsError, match="cursor"):
            container(settings=settings, store=store, instruments=())
        settings = Settings(cursor_secret=SecretStr("hush" * 8))
        monkeypatch.setitem(sys.modules, "cryptography", None)
        with pytest.raises(SettingsError, match="pip install"):
            container(drafts, notes, settings=settings, store=store, instruments=())

    def test_what_was_closed_works_in_a_second_life(
        self, container: Any, notes: Any, drafts: Any
    ) -> None:
        """As an application is started again in a process, by its tests; closing twice is fine."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:
            daemon.bind(("127.0.0.1", 0))
            daemon.settimeout(30)
            settings = Settings(statsd=f"127.0.0.1:{daemon.getsockname()[1]}")
            wired = container(notes, drafts, store=MemoryStore(notes, drafts), settings=settings)
            wired.use_tracer(tracer := TracerProvider())
            tracer.add_span_processor(SimpleSpanProcessor(spans := InMemorySpanExporter()))
            for life in (1, 2, 3):
                finished(lambda: wired.repository(notes).get("a"))
                assert daemon.recv(9999).startswith(b"dynrepo.notes.GetItem.success")
                assert len(spans.get_finished_spans()) == life
                finished(wired.close)
                finished(wired.close)

    def test_instruments_are_changed_everywhere(
        self, container: Any, notes: Any, drafts: Any
    ) -> None:
        """For repositories that are there, and for those to come."""
        wired = container(notes, store=TableStoreOfBoth(), instruments=())
        made = wired.repository(notes)
        counter = Counter()
        wired.use_instruments(counter)
        assert (made.instruments, wired.repository(drafts).instruments) == ((counter,), (counter,))
        logger = logging.getLogger("mine")
        wired.use_logger(logger)
        for repository in (made, wired.repository(drafts), wired):
            assert repository.instruments[0] is counter
            assert repository.instruments[1].logger is logger

    def test_an_instrument_of_one_repository_is_kept(
        self, container: Any, notes: Any, drafts: Any
    ) -> None:
        """What the container changes is of another kind."""
        wired = container(notes, store=TableStoreOfBoth(), instruments=())
        counter = Counter()
        wired.repository(notes).use_instruments(counter)
        wired.use_logger(logging.getLogger("mine"))
        assert wired.repository(notes).instruments[0] is counter
        assert len(wired.repository(drafts).instruments) == 1

    def test_a_repository_can_be_provided(self, container: Any, notes: Any, drafts: Any) -> None:
        """A test puts its own in the place of the real one."""
        wired = container(notes, drafts, store=TableStoreOfBoth(), instruments=())
        mine = type("Mine", (notes,), {})(TableStoreOfBoth())
        wired.provide(notes, mine)
        assert wired.repository(notes) is mine
        assert type(wired.repository(drafts)) is drafts

    def test_what_is_provided_is_an_instance_of_the_class(
        self, container: Any, notes: Any, drafts: Any
    ) -> None:
        """Whoever asks for the class gets one that has its verbs; a mock of it is one, too."""
        wired = container(notes, store=TableStoreOfBoth(), instruments=())
        own = wired.repository(notes)
        other = drafts(TableStoreOfBoth())
        for given, said in (
            (other, f"an instance of {notes.__name__}, not an instance of {drafts.__name__}"),
            (object(), f"an instance of {notes.__name__}, not an instance of object"),
            (notes, f"an instance of {notes.__name__}, not a class"),
            (None, f"an instance of {notes.__name__}, not an instance of NoneType"),
        ):
            with pytest.raises(TypeError, match=f"a container hands out {said}"):
                wired.provide(notes, given)
        for kind in (own, dict, "notes"):
            with pytest.raises(TypeError, match="a container takes classes of repositories, not"):
                wired.provide(kind, own)
        assert wired.repository(notes) is own
        for mock in (mock_of(notes), create_autospec(notes, instance=True)):
            wired.provide(notes, mock)
            assert wired.repository(notes) is mock
