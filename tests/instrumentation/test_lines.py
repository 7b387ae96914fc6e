"""Lines that are written here say what the client of `statsd` would have sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import statsd
from hypothesis import given
from hypothesis import strategies as st

from dynrepo.instrumentation import lines
from dynrepo.instrumentation.lines import PlainLines, datagrams, is_plain

if TYPE_CHECKING:
    from collections.abc import Iterator


class Client(statsd.StatsClient):
    """Keeps what it sends."""

    def __init__(self, **settings: Any) -> None:
        super().__init__("127.0.0.1", 9, **settings)
        self.sent: list[str] = []
        self.close()

    def _send(self, data: str) -> None:
        self.sent.append(data)


@pytest.fixture
def plain() -> Iterator[statsd.StatsClient]:
    """A client of the package."""
    client = statsd.StatsClient("127.0.0.1", 9)
    yield client
    client.close()


def sent_by(pipeline: Any, client: Client, names: list[str]) -> list[str]:
    """What a client sends of a timing and a count for each of some names."""
    for number, name in enumerate(names):
        pipeline.timing(name, number / 3)
        pipeline.incr(name, number)
        pipeline.incr(name, number / 4)
    pipeline.send()
    sent, client.sent = client.sent, []
    return sent


@given(
    st.lists(st.text("abc.", min_size=1, max_size=90), max_size=12),
    st.sampled_from([None, "", "app", "a.b"]),
    st.sampled_from([40, 120, 512]),
)
def test_the_datagrams_are_those_of_the_package(
    names: list[str], prefix: str | None, most: int
) -> None:
    """Character by character, however long they are, and again from the same lines."""
    client = Client(prefix=prefix, maxudpsize=most)
    written = PlainLines(client)
    for _ in range(2):
        assert sent_by(written, client, names) == sent_by(client.pipeline(), client, names)


def test_what_is_not_drawn_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line is drawn for itself, and says the share; without a line nothing is sent."""
    monkeypatch.setattr(lines, "draw", iter([0.4, 0.6, 0.6]).__next__)
    client = Client(prefix="app")
    written = PlainLines(client)
    written.timing("time", 1.5, 0.5)
    written.incr("lost", 1, 0.5)
    written.send()
    written.incr("lost", 1, 0.5)
    written.send()
    assert client.sent == ["app.time:1.500000|ms|@0.5"]


def test_a_text_is_as_long_as_it_may_be() -> None:
    """And one line is never cut."""
    assert [*datagrams(["aa", "bb", "c" * 9, "d"], 5)] == ["aa\nbb", "c" * 9, "d"]
    assert [*datagrams([], 5)] == []


def test_only_the_package_s_own_client_is_written_for(
    plain: statsd.StatsClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A subclass, another client, and one with a part of its own send as they see fit.

    So does one of a release that names its parts otherwise.
    """
    assert is_plain(plain)
    assert not is_plain(Client())
    assert not is_plain(object())
    for name in ("pipeline", "_send"):
        setattr(plain, name, print)
        assert not is_plain(plain)
        delattr(plain, name)
    with monkeypatch.context() as patched:
        for owner in statsd.StatsClient.__mro__[:2]:
            patched.delattr(owner, "_send")
        assert not is_plain(plain)
    assert is_plain(plain)
    del plain._prefix
    assert not is_plain(plain)
