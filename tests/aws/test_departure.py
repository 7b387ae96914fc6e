"""What botocore did not come to sending was not sent, whatever kept it from that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import botocore.auth
import pytest

from dynrepo.aws.departure import Departure
from dynrepo.sending.outcomes import NotSent, SendingFailed
from tests.wire import KEY, connect_to, send

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynrepo.aws.connection import WireConnection
    from tests.loopback import Loopback

WRITE = {"TableName": "users", "Item": {"id": {"S": "1"}}}


class Odd(Exception):
    """An error that nobody knows."""


def odd(*_: Any, **__: Any) -> Any:
    """What fails in a way that nobody knows."""
    raise Odd


@pytest.fixture
def by_botocore(server: Loopback) -> Iterator[WireConnection]:
    """A connection over which botocore sends."""
    connection = connect_to("eu-west-1", server.url, transport="botocore")
    yield connection
    connection.close()


def test_what_did_not_leave_is_not_sent(
    by_botocore: WireConnection, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error that is not known, before the request is signed, leaves no write in doubt."""
    send(by_botocore, "GetItem", KEY)
    resolver = by_botocore.client._ruleset_resolver
    monkeypatch.setattr(resolver, "construct_endpoint", odd)
    with pytest.raises(NotSent) as raised:
        send(by_botocore, "PutItem", WRITE)
    assert raised.value.code == "Odd"
    assert len(server.received) == 1


def test_what_may_have_left_is_in_doubt(
    by_botocore: WireConnection, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same error, when the answer is read."""
    factory = by_botocore.client._endpoint._response_parser_factory
    monkeypatch.setattr(factory, "create_parser", odd)
    with pytest.raises(SendingFailed) as raised:
        send(by_botocore, "PutItem", WRITE)
    assert type(raised.value) is SendingFailed
    assert len(server.received) == 1


def test_where_anything_is_replaced_nobody_knows(
    by_botocore: WireConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever took a part of botocore's work may have sent the request."""
    send(by_botocore, "GetItem", KEY)
    monkeypatch.setattr(botocore.auth.SigV4Auth, "add_auth", odd)
    with pytest.raises(SendingFailed) as raised:
        send(by_botocore, "PutItem", WRITE)
    assert type(raised.value) is SendingFailed


def test_who_listens_may_have_sent_it(
    by_botocore: WireConnection, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And answer in botocore's place."""
    monkeypatch.setattr(by_botocore.client._ruleset_resolver, "construct_endpoint", odd)
    by_botocore.client.meta.events.register("before-send", lambda **_: None)
    with pytest.raises(SendingFailed) as raised:
        send(by_botocore, "PutItem", WRITE)
    assert type(raised.value) is SendingFailed
    assert server.received == []


def test_requests_of_others_are_not_told(
    by_botocore: WireConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A block knows of its own alone."""
    departure, client = Departure(), by_botocore.client
    client.get_item(**KEY)
    with departure.noted():
        assert not departure.is_pending
        client.get_item(**KEY)
    assert not departure.is_pending
    other = Departure()
    monkeypatch.setattr(client._ruleset_resolver, "construct_endpoint", odd)
    with pytest.raises(Odd):
        client.get_item(**KEY)
    assert not other.is_pending
    with other.noted(), pytest.raises(Odd):
        client.get_item(**KEY)
    assert other.is_pending
    assert not departure.is_pending
