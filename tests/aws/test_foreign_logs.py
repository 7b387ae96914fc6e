"""No value is told by the log of others, and no handler that raises is felt."""

from __future__ import annotations

from typing import Any

from pynamodb.signals import pre_dynamodb_send

from tests.loopback import (
    Loopback,
    answer,
    say,
)
from tests.wire import ITEM, KEY, Connect, Grudge, send


def test_no_log_of_pynamodb_is_written(connect: Connect, grudge: Grudge) -> None:
    """Its lines hold keys and items, and a handler that raises would be felt by the call."""
    with Loopback(say(answer({"Item": ITEM}))) as server:
        assert send(connect(server.url), "GetItem", KEY).body["Item"] == ITEM
    assert grudge.told == []


def test_a_signal_that_raises_is_not_felt(connect: Connect, grudge: Grudge) -> None:
    """Nor is the log handler that raises when PynamoDB logs it."""

    def receiver(_: Any, **__: Any) -> None:
        raise LookupError("not today")

    with Loopback(say(answer({"Item": ITEM}))) as server, pre_dynamodb_send.connected_to(receiver):
        assert send(connect(server.url), "GetItem", KEY).body["Item"] == ITEM
    assert len(grudge.told) == 1
