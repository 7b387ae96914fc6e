"""No value is told by the log of others, and no handler that raises is felt."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from pynamodb.connection import Connection
from pynamodb.signals import pre_dynamodb_send

from tests.loopback import (
    Loopback,
    answer,
    say,
)
from tests.wire import ITEM, KEY, Connect, Grudge, send

if TYPE_CHECKING:
    from collections.abc import Callable


def test_no_log_of_pynamodb_is_written(connect: Connect, grudge: Grudge) -> None:
    """Its lines hold keys and items, and a handler that raises would be felt by the call."""
    with Loopback(say(answer({"Item": ITEM}))) as server:
        assert send(connect(server.url), "GetItem", KEY).body["Item"] == ITEM
    assert grudge.told == []


def test_what_others_send_by_pynamodb_is_logged_without_its_arguments(
    caplog: pytest.LogCaptureFixture, connect: Connect
) -> None:
    """From the first connection on, in the whole process, where DEBUG is on."""
    caplog.set_level(logging.DEBUG, logger="pynamodb")
    with Loopback(say(answer({"Item": ITEM}))) as server:
        connect(server.url)
        own = Connection(region="eu-west-1", host=server.url)
        own.dispatch("GetItem", {"TableName": "users", "Key": {"id": {"S": "mustikka"}}})
    assert "Calling GetItem" in caplog.text
    assert "mustikka" not in caplog.text


def test_a_signal_that_raises_is_not_felt(connect: Connect, grudge: Grudge) -> None:
    """Nor is the log handler that raises when PynamoDB logs it."""

    def receiver(_: Any, **__: Any) -> None:
        raise LookupError("not today")

    with Loopback(say(answer({"Item": ITEM}))) as server, pre_dynamodb_send.connected_to(receiver):
        assert send(connect(server.url), "GetItem", KEY).body["Item"] == ITEM
    assert len(grudge.told) == 1


def hidden(record: logging.LogRecord) -> bool:
    """Takes out what a line says."""
    record.msg, record.args = "hidden", ()
    return True


def kept_back(_: logging.LogRecord) -> bool:
    """Lets no line pass."""
    return False


def failing(_: logging.LogRecord) -> bool:
    """A filter with a fault."""
    raise LookupError("not today")


@pytest.mark.parametrize("sender", ["botocore"])
@pytest.mark.parametrize(
    ("redact", "told"), [(hidden, {"hidden"}), (kept_back, set()), (failing, set())]
)
def test_a_filter_of_the_application_sees_each_line_of_our_calls(
    connect: Connect,
    caplog: pytest.LogCaptureFixture,
    redact: Callable[[logging.LogRecord], bool],
    told: set[str],
) -> None:
    """It may change the line or keep it back; where it raises, the line is lost and no call."""
    loggers = [
        logging.getLogger(name)
        for name in list(logging.root.manager.loggerDict)
        if name.startswith(("botocore.", "urllib3."))
    ]
    with Loopback(say(answer({"Item": ITEM}))) as server, caplog.at_level(logging.DEBUG):
        connection = connect(server.url)
        for logger in loggers:
            logger.addFilter(redact)
        try:
            caplog.clear()
            assert send(connection, "GetItem", KEY).body["Item"] == ITEM
        finally:
            for logger in loggers:
                logger.removeFilter(redact)
    lines = {each.getMessage() for each in caplog.records if each.name.startswith("botocore.")}
    assert lines == told
