"""The direct sender steps aside for whatever it cannot do as botocore would, and says why."""

from __future__ import annotations

import subprocess
import sys
import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo import DynamoStore
from dynrepo.aws.credentials import TOOK, SharedCredentials
from dynrepo.aws.sender_choice import CHOOSING
from dynrepo.operations.operation import Operation
from dynrepo.sending.outcomes import CredentialsUnusable, DeadlineExceeded, NotPrepared, NotSent
from dynrepo.sending.sender_used import SenderUsed
from tests.loopback import Loopback, soon
from tests.scripted import EMPTY, Scripted
from tests.wire import KEY, connect_to, send

if TYPE_CHECKING:
    from dynrepo.aws.connection import WireConnection
    from dynrepo.aws.pending import Pending


def test_the_store_hands_it_on(server: Loopback) -> None:
    """`DynamoStore(transport=...)` decides what its connections may do."""
    for asked, name in (("auto", "direct"), ("botocore", "botocore")):
        store = DynamoStore(region="eu-west-1", endpoint=server.url, transport=asked)  # type: ignore[arg-type]
        assert store.sender.name == name
        store.close()


def test_botocore_when_it_is_asked_for(server: Loopback) -> None:
    """Whatever else is true."""
    connection = connect_to("eu-west-1", server.url, 2, 3, transport="botocore")
    assert connection.chooser.used == SenderUsed("botocore", "it was asked for")
    connection.close()


def test_a_table_named_by_its_arn(connection: WireConnection, server: Loopback) -> None:
    """It may be another account's, with an endpoint that botocore knows to find."""
    send(connection, "GetItem", KEY)
    send(connection, "GetItem", {**KEY, "TableName": "arn:aws:dynamodb:eu-west-1:1:table/users"})
    ours, theirs = (request.headers["user-agent"] for request in server.received)
    assert "lib/dynrepo" in ours
    assert "lib/dynrepo" not in theirs


class TestMoto:
    """Under `mock_aws` no request leaves the process, however late it was started."""

    def test_started_after_the_store_was_used(
        self, connection: WireConnection, server: Loopback
    ) -> None:
        """The sender changes while it runs, and back."""
        from moto import mock_aws  # noqa: PLC0415 - late, as in the case at hand

        send(connection, "GetItem", KEY)
        with mock_aws():
            assert connection.chooser.used.name == "botocore"
        assert connection.chooser.used.name == "direct"
        send(connection, "GetItem", KEY)
        assert len(server.received) == 2

    @pytest.mark.parametrize("when", ["before the store", "after the store"])
    def test_nothing_leaves(self, when: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Not even a name is looked up, where AWS itself is the endpoint."""
        from moto import mock_aws  # noqa: PLC0415 - late, as in the case at hand

        monkeypatch.setattr("socket.getaddrinfo", _not_to_be_called)
        monkeypatch.setattr("socket.socket.connect", _not_to_be_called)
        connection = None
        if when == "after the store":
            connection = connect_to("eu-west-1", None, 2, 3)
        with mock_aws():
            connection = connection or connect_to("eu-west-1", None, 2, 3)
            assert send(connection, "ListTables", {}).body["TableNames"] == []
        connection.close()

    def test_imported_after_the_store_was_used(self) -> None:
        """In a process that had not heard of moto before."""
        script = """
import socket, sys
from tests.loopback import Loopback
from tests.wire import connect_to, send

def refuse(*_, **__):
    raise AssertionError("a request left")

with Loopback() as server:
    for sender in ("auto", "botocore"):
        connection = connect_to("eu-west-1", None, 2, 3, transport=sender)
        used = connection.chooser.used
        assert used.name == {"auto": "direct"}.get(sender, sender), used
        globals()[sender] = connection
    assert "moto" not in sys.modules
    from moto import mock_aws

    socket.getaddrinfo = refuse
    with mock_aws():
        for connection in (auto, botocore):
            assert send(connection, "ListTables", {}).body["TableNames"] == []
    print("nothing left")
"""
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
        )
        assert done.stdout.strip() == "nothing left", done.stderr


def _not_to_be_called(*_: Any, **__: Any) -> None:
    raise AssertionError("a request left the process")


def test_what_is_off_does_not_count(server: Loopback) -> None:
    """A mock that was imported and is not on leaves the direct sender alone."""
    switch = SimpleNamespace(enabled=False)

    class Mock:
        enabled = False

        def __call__(self, **_: Any) -> None:
            switch.heard = True

    connection = connect_to("eu-west-1", server.url, 2, 3)
    mock = Mock()
    connection.client.meta.events.register("before-send", mock)
    assert connection.chooser.used.name == "direct"
    mock.enabled = True
    assert connection.chooser.used.name == "botocore"
    send(connection, "GetItem", KEY)
    assert switch.heard
    connection.close()


GET: Operation[Any] = Operation("GetItem", "users", KEY, lambda answer: answer)


def chosen(waited_for: Pending[Any]) -> Any:
    """What a thread chose."""
    waited_for.task.wait(waited_for.seconds)
    return waited_for.result()


def test_before_a_choice_there_is_no_sender(server: Loopback) -> None:
    """Whoever may not wait has the choice made in a thread, one for all, and asks again."""
    connection = connect_to("eu-west-1", server.url)
    chooser = connection.chooser
    assert (chooser.known, chooser.sender_now(GET)) == (None, None)
    made = [chosen(each) for each in (chooser.pending(soon()), chooser.pending(soon()))]
    assert made[0] is made[1]
    assert chooser.sender_now(GET) is chooser.sender_for(GET, soon()) is made[0].direct
    assert chooser.known == chooser.used
    connection.close()
    assert chooser.sender_now(GET) is None


def test_a_choice_that_no_longer_holds_is_none(connection: WireConnection) -> None:
    """A part that was replaced since is seen before the next request."""
    sender = connection.chooser.sender_for(GET, soon())
    session = connection.client._endpoint.http_session
    session.send = session.send
    assert connection.chooser.sender_now(GET) is None
    assert connection.chooser.sender_for(GET, soon()) is connection.chooser.botocore
    del session.send
    assert connection.chooser.sender_for(GET, soon()) is not sender
    assert connection.chooser.used.name == "direct"


def test_a_choice_that_takes_too_long_says_what_took_the_time(server: Loopback) -> None:
    """The credentials, or the choice itself; it goes on for those who come later."""
    go_on, looking = threading.Event(), threading.Event()

    def find() -> None:
        looking.set()
        go_on.wait(30)

    connection = connect_to("eu-west-1", server.url, credentials=SharedCredentials(find))
    waited_for = connection.chooser.pending(0.0)
    assert looking.wait(30)
    with pytest.raises(DeadlineExceeded) as raised:
        waited_for.result()
    assert raised.value.remedy == TOOK
    go_on.set()
    with pytest.raises(CredentialsUnusable):
        chosen(connection.chooser.pending(soon()))
    assert connection.chooser.used.reason == "there are no credentials"
    connection.close()


def test_a_choice_that_hangs_is_not_waited_for_at_a_fork(
    monkeypatch: pytest.MonkeyPatch, server: Loopback
) -> None:
    """But for a moment."""
    go_on = threading.Event()
    connection = connect_to("eu-west-1", server.url)
    monkeypatch.setattr(connection.chooser, "_made", lambda _: go_on.wait(30))
    waited_for = connection.chooser.pending(0.0)
    connection.settle()
    assert any(thread.name == CHOOSING for thread in threading.enumerate())
    with pytest.raises(DeadlineExceeded) as raised:
        waited_for.result()
    assert "choice" in raised.value.remedy
    monkeypatch.undo()
    go_on.set()
    connection.close()


def test_what_cannot_be_chosen_was_not_sent(
    monkeypatch: pytest.MonkeyPatch, server: Loopback
) -> None:
    """A client that cannot be made, or credentials that do not come in time."""
    connection = connect_to("eu-west-1", server.url)
    monkeypatch.setattr(type(connection), "client", property(lambda _: {}["client"]))
    with pytest.raises(NotSent):
        chosen(connection.chooser.pending(soon()))
    monkeypatch.undo()
    connection.close()
    hanging = connect_to("eu-west-1", server.url, credentials=SharedCredentials(server.url.split))
    with pytest.raises((NotPrepared, DeadlineExceeded, CredentialsUnusable)):
        hanging.chooser.sender_for(GET, 0.0)
    hanging.close()


def test_over_a_connection_that_was_given_botocore_sends() -> None:
    """Nothing has to be chosen."""
    from dynrepo.aws.connection import given  # noqa: PLC0415 - of a store

    connection = given(Scripted(EMPTY))
    chooser = connection.chooser
    assert chooser.sender_now(GET) is chooser.sender_for(GET, 0.0) is chooser.botocore
    assert chooser.known == chooser.used
    assert send(connection, "GetItem", KEY).body == EMPTY
