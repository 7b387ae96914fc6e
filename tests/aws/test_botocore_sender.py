"""botocore's own sender keeps the promises of the direct one."""

from __future__ import annotations

import pytest
from pynamodb.connection import Connection

from dynrepo.aws.connection import GivenConnection
from tests.loopback import (
    Loopback,
    answer,
    say,
)
from tests.wire import ITEM, KEY, Grudge, send


class TestAdapted:
    """A connection of the caller's is taken as it is."""

    def test_binary_values(self) -> None:
        """They are text on this side and bytes on that one."""
        with Loopback(say(answer({"Attributes": ITEM}))) as server:
            theirs = Connection(region="eu-west-1", host=server.url)
            adapted = GivenConnection(theirs)
            found = send(adapted, "PutItem", {"TableName": "users", "Item": ITEM}).body
            assert adapted.sender.name == "botocore"
            adapted.close()
        assert found["Attributes"] == ITEM
        assert server.received[0].json["Item"] == ITEM

    def test_no_log_of_pynamodb_is_written(self, grudge: Grudge) -> None:
        """Of this library's calls; others find no keys and values in it."""
        with Loopback(say(answer({"Item": ITEM})), say(answer({"Item": ITEM}))) as server:
            theirs = Connection(region="eu-west-1", host=server.url)
            adapted = GivenConnection(theirs)
            assert send(adapted, "GetItem", KEY).body["Item"] == ITEM
            assert grudge.told == []
            with pytest.raises(OSError, match="full"):
                theirs.dispatch("GetItem", KEY)
            adapted.close()
        assert grudge.told == ["Calling GetItem with arguments (not shown)"]

    def test_a_fork_forgets_its_client(self) -> None:
        """So that a child process makes its own."""
        theirs = Connection(region="eu-west-1", host="http://127.0.0.1:1")
        adapted = GivenConnection(theirs)
        client = adapted.client
        adapted.forget()
        assert adapted.client is not client
