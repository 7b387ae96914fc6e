"""The lines of a call: clean names, each line drawn for itself, and cut where they are too long."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from dynrepo import Throttled
from dynrepo.instrumentation import lines
from dynrepo.instrumentation.events import ConnectionMade
from dynrepo.instrumentation.lines import PlainLines, TaggedLines, datagrams, level_of, tags_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from dynrepo import Call

    Ended = Callable[..., Call]


def test_plain_lines_tell_all_by_their_names(ended: Ended) -> None:
    """A timing and a counter of the outcome, and what else there is to count."""
    body = {"Item": {"a": {"S": "b"}}, "ConsumedCapacity": {"CapacityUnits": 0.5}}
    assert PlainLines("app").of(ended(body=body, attempts=2)).split("\n") == [
        "app.notes.GetItem.success:1.234500|ms",
        "app.notes.GetItem.success:1|c",
        "app.notes.GetItem.items:1|c",
        "app.notes.GetItem.capacity:0.5|c",
        "app.notes.GetItem.retries:1|c",
    ]


def test_tags_tell_the_error_as_well(ended: Ended) -> None:
    """Behind each line, after its rate."""
    call = ended("PutItem", error=Throttled("no", code="SlowDown"))
    tail = "|#table:notes,operation:PutItem,outcome:failure,error:SlowDown"
    assert TaggedLines("app").of(call).split("\n") == [
        f"app.duration:1.234500|ms{tail}",
        f"app.calls:1|c{tail}",
        f"app.throttled:1|c{tail}",
    ]


def test_what_happened_on_the_way_is_told_of_the_call_that_it_happened_to(ended: Ended) -> None:
    """Not of the next one, which is equal but for that."""
    written, eventful = PlainLines("app"), ended()
    usual = written.of(ended())
    eventful.events = (ConnectionMade("h:1", 0.25),)
    assert written.of(eventful) == f"{usual}\napp.notes.GetItem.connection_create:250.000000|ms"
    assert written.of(ended()) == usual


def test_calls_that_differ_in_what_is_counted_have_lines_of_their_own(ended: Ended) -> None:
    """Though what calls have in common is kept."""
    written = PlainLines("app")
    bodies = [{"Count": count, "ConsumedCapacity": {"CapacityUnits": 2}} for count in (1, 2, 0, 1)]
    texts = [written.of(ended("Query", body=body)) for body in bodies]
    told = [re.findall(r"items:(.*)\|c", text) for text in texts]
    assert told == [["1"], ["2"], [], ["1"]]
    assert all(text.endswith("capacity:2.0|c") for text in texts)


def test_what_is_not_drawn_is_not_written(ended: Ended, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line is drawn for itself, and says the share."""
    monkeypatch.setattr(lines, "draw", iter([0.4, 0.6, 0.6, 0.6]).__next__)
    written = PlainLines("app", 0.5)
    assert written.of(ended()) == "app.notes.GetItem.success:1.234500|ms|@0.5"
    assert written.of(ended()) == ""


def test_a_text_is_as_long_as_it_may_be() -> None:
    """And one line is never cut."""
    assert [*datagrams(["aa", "bb", "c" * 9, "d"], 5)] == ["aa\nbb", "c" * 9, "d"]
    assert [*datagrams([], 5)] == []


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_no_name_can_inject_a_metric(table: str, operation: str, code: str) -> None:
    """Whatever a table is called, it is one level of one line."""
    name = level_of("dynrepo", table, operation)
    assert re.fullmatch(r"dynrepo\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.", name)
    for tag in tags_of(table, operation, "failure", code):
        assert re.fullmatch(r"[a-z]+:[A-Za-z0-9_-]*", tag)
