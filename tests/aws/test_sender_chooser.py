"""A sender is chosen once for all requests, and anew when what it was chosen for has changed."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from pynamodb.signals import post_dynamodb_send, pre_dynamodb_send

from dynrepo.aws.credentials import TOOK, SharedCredentials
from dynrepo.aws.sender_chooser import CHOOSING
from dynrepo.operations.operation import Operation
from dynrepo.sending.outcomes import CredentialsUnusable, DeadlineExceeded, NotPrepared, NotSent
from tests.loopback import Loopback, soon
from tests.scripted import EMPTY, Scripted
from tests.wire import KEY, connect_to, send

if TYPE_CHECKING:
    from dynrepo.aws.connection import WireConnection
    from dynrepo.aws.pending import Pending

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


@pytest.mark.parametrize("signal", [pre_dynamodb_send, post_dynamodb_send])
def test_who_fires_signals(signal: Any) -> None:
    """The thread of the caller, or PynamoDB itself, which then sends as it does everywhere."""
    heard: list[Any] = []

    def receive(*_: Any, **__: Any) -> None:
        heard.append(1)

    with Loopback() as server:
        connections = [
            connect_to("eu-west-1", server.url, fires_signals=fires) for fires in (True, False)
        ]
        for connection in connections:
            send(connection, "GetItem", KEY)
            with signal.connected_to(receive):
                send(connection, "GetItem", KEY)
            connection.close()
    assert heard == [1, 1]
    agents = ["lib/dynrepo" in request.headers["user-agent"] for request in server.received]
    assert agents == [True, True, True, False]


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
