"""The health of all repositories of a container: asked together, told to all who ask, in time."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from dynrepo import Health, Status, deadline
from dynrepo.aio import overall_health as aio
from dynrepo.blocking import overall_health as blocking
from tests.aio import loops

if TYPE_CHECKING:
    from collections.abc import Callable

Ask: TypeAlias = "Callable[[Callable[[type[Any]], Health], list[type[Any]]], Callable[[], Health]]"
"""Makes, of a check and the classes that it is of, what asks for the health of all."""


class Notes:
    """A class of repositories."""


class Drafts:
    """Another one."""


def in_threads(check: Callable[[type[Any]], Health], kinds: list[type[Any]]) -> Callable[[], Any]:
    """Asks in the blocking face."""
    return blocking.OverallHealth(kinds, check).health


def in_tasks(check: Callable[[type[Any]], Health], kinds: list[type[Any]]) -> Callable[[], Any]:
    """Asks in the asynchronous face, each time in a loop of its own."""

    async def awaited(kind: type[Any]) -> Health:
        await asyncio.sleep(0)
        return check(kind)

    overall = aio.AsyncOverallHealth(kinds, awaited)
    return lambda: loops.run(overall.health)


@pytest.fixture(params=[in_threads, in_tasks])
def ask(request: pytest.FixtureRequest) -> Ask:
    """Either face."""
    made: Ask = request.param
    return made


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Says for how long an answer serves those who ask next."""

    def set_fresh(seconds: float) -> None:
        monkeypatch.setattr(blocking, "FRESH", seconds)
        monkeypatch.setattr(aio, "FRESH", seconds)

    return set_fresh


def up(_: type[Any]) -> Health:
    """All is well."""
    return Health(Status.UP)


def test_it_is_that_of_the_worst(ask: Ask) -> None:
    """With the details of each, by the name of its class."""

    def check(kind: type[Any]) -> Health:
        return Health(Status.DOWN, {"error": "x"}) if kind is Drafts else Health(Status.UP)

    found = ask(check, [Drafts, Notes])()
    assert found == Health(
        Status.DOWN, {"Drafts": {"status": "DOWN", "error": "x"}, "Notes": {"status": "UP"}}
    )


def test_of_nothing_it_is_up(ask: Ask) -> None:
    """There is nothing that could be down."""
    assert ask(up, [])() == Health(Status.UP, {})


def test_a_class_that_came_later_is_asked(ask: Ask, fresh: Callable[[float], None]) -> None:
    """At the next look."""
    fresh(0.0)
    kinds: list[type[Any]] = [Notes]
    health = ask(up, kinds)
    assert set(health().details) == {"Notes"}
    kinds.append(Drafts)
    assert set(health().details) == {"Notes", "Drafts"}


def test_what_was_told_is_told_again(ask: Ask, fresh: Callable[[float], None]) -> None:
    """For a moment: many probes cost one look."""
    fresh(60.0)
    asked: list[type[Any]] = []
    health = ask(lambda kind: asked.append(kind) or up(kind), [Notes])
    assert health() == health()
    assert asked == [Notes]


def test_what_is_old_is_asked_for_anew(ask: Ask, fresh: Callable[[float], None]) -> None:
    """Health changes."""
    fresh(0.0)
    states = [Status.DOWN, Status.UP]
    health = ask(lambda _: Health(states.pop()), [Notes])
    assert [health().status, health().status] == ["UP", "DOWN"]


def test_a_check_that_raises_is_down(ask: Ask) -> None:
    """By the class of its error, and without its text."""

    def check(_: type[Any]) -> Health:
        raise RuntimeError("secret 4711")

    assert ask(check, [Notes])().details == {"Notes": {"status": "DOWN", "error": "RuntimeError"}}


def test_the_deadline_of_one_asker_is_not_that_of_the_look(ask: Ask) -> None:
    """Others are told what the look found, in its own time."""
    goes_on = threading.Event()

    def check(kind: type[Any]) -> Health:
        if ask is in_threads:  # the look of tasks ends with their loop
            goes_on.wait(10)
        return up(kind)

    health = ask(check, [Notes])
    with deadline(0.0):
        assert health().status == "DOWN"
    goes_on.set()
    assert health() == Health(Status.UP, {"Notes": {"status": "UP"}})


def test_all_threads_are_told_of_one_look(fresh: Callable[[float], None]) -> None:
    """Those who ask while it is under way, too."""
    fresh(60.0)  # also those that begin when it is over
    asked: list[type[Any]] = []
    told: list[Health] = []
    goes_on = threading.Event()

    def check(kind: type[Any]) -> Health:
        asked.append(kind)
        goes_on.wait(10)
        return Health(Status.UP)

    health = in_threads(check, [Notes])
    threads = [threading.Thread(target=lambda: told.append(health())) for _ in range(20)]
    for thread in threads:
        thread.start()
    goes_on.set()
    for thread in threads:
        thread.join()
    assert (len(told), asked) == (20, [Notes])


def test_all_tasks_are_told_of_one_look_whoever_is_cancelled() -> None:
    """The one who asked first may be gone before the answer is there."""

    async def main() -> None:
        asked: list[type[Any]] = []
        all_asked, goes_on = asyncio.Event(), asyncio.Event()

        async def check(kind: type[Any]) -> Health:
            asked.append(kind)
            if kind is Drafts:
                all_asked.set()
            await goes_on.wait()
            return Health(Status.UP)

        overall = aio.AsyncOverallHealth([Notes, Drafts], check)
        first, *others = [asyncio.ensure_future(overall.health()) for _ in range(20)]
        await all_asked.wait()
        first.cancel()
        await asyncio.wait([first])
        goes_on.set()
        told = await asyncio.gather(*others)
        assert first.cancelled()
        assert {health.status for health in told} == {"UP"}
        assert asked == [Notes, Drafts]

    loops.run_on_each(main)


KINDS: list[type[Any]] = [Drafts, Notes]
SEEN = {"Drafts": {"status": "DOWN", "error": "Timeout"}, "Notes": {"status": "UP"}}


def test_what_hangs_in_a_thread_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """One end for all: it is DOWN, and the others are seen; a later look starts no second check."""
    monkeypatch.setattr(blocking, "WITHIN", 1.0)
    asked: list[type[Any]] = []
    goes_on = threading.Event()

    def check(kind: type[Any]) -> Health:
        asked.append(kind)
        if kind is Drafts:
            goes_on.wait(10)
        return Health(Status.UP)

    overall = blocking.OverallHealth(KINDS, check)
    found = overall.look().details
    monkeypatch.setattr(blocking, "WITHIN", 0.0)
    overall.look()
    goes_on.set()
    assert found == SEEN
    assert asked.count(Drafts) == 1


def test_what_hangs_in_a_task_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same, even where there is no time: what needs none is seen."""
    monkeypatch.setattr(aio, "WITHIN", 0.0)

    async def main() -> None:
        asked: list[type[Any]] = []

        async def check(kind: type[Any]) -> Health:
            asked.append(kind)
            if kind is Drafts:
                await asyncio.Event().wait()
            return Health(Status.UP)

        overall = aio.AsyncOverallHealth(KINDS, check)
        assert (await overall.look()).details == SEEN
        assert (await overall.look()).details == SEEN
        assert asked.count(Drafts) == 1

    loops.run_on_each(main)
