"""A botocore or PynamoDB without a private name sends by itself, and the store says so."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.credentials import (
    DeferredRefreshableCredentials,
    ReadOnlyCredentials,
    RefreshableCredentials,
)
from pynamodb.connection import Connection

from dynrepo.aws import private
from dynrepo.sending.sender_used import SenderUsed
from tests.wire import connect_to

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]

NEEDED = [
    ("botocore.client", "BaseClient", "_make_request"),
    ("botocore.client", "BaseClient", "_resolve_endpoint_ruleset"),
    ("botocore.client", "BaseClient", "_endpoint"),
    ("botocore.client", "BaseClient", "_request_signer"),
    ("botocore.signers", "RequestSigner", "_credentials"),
    ("botocore.endpoint", "Endpoint", "_send_request"),
    ("botocore.endpoint", "Endpoint", "_send"),
    ("botocore.hooks", "EventAliaser", "_emitter"),
    ("botocore.hooks", "HierarchicalEmitter", "_lookup_cache"),
    ("botocore.hooks", "HierarchicalEmitter", "_handlers"),
    ("botocore.httpsession", "URLLib3Session", "_proxy_config"),
    ("botocore.httpsession", "URLLib3Session", "_verify"),
    ("botocore.client", "BaseClient", "_make_api_call"),
    ("pynamodb.connection", "Connection", "_make_api_call"),
]


POOLS = ("botocore.httpsession", "URLLib3Session", "_pool_classes_by_scheme")


@pytest.fixture(scope="session")
def told() -> dict[str, dict[str, Any]]:
    """What calls come to without each of the names, by the name."""
    names = [f"{module}:{owner}.{name}" for module, owner, name in (*NEEDED, POOLS)]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.aws.hidden", *names],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    return dict(zip(names, map(json.loads, done.stdout.splitlines()), strict=True))


@pytest.mark.parametrize(
    ("module", "owner", "name"), NEEDED, ids=[f"{owner}.{name}" for _, owner, name in NEEDED]
)
def test_without_a_name_botocore_sends(
    module: str, owner: str, name: str, told: dict[str, dict[str, Any]]
) -> None:
    """Get, update and query work, and the log and the store name what is missing."""
    calls = told[f"{module}:{owner}.{name}"]
    assert calls["read"] == [3, 3, 3]
    assert calls["name"] == "botocore"
    assert name in calls["reason"]
    assert calls["logged"] == [f"botocore sends the requests: {calls['reason']}"]


def test_without_a_carrier_botocore_sends(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that this botocore or urllib3 does not have, or has further below."""
    connection = connect_to("eu-west-1", "http://127.0.0.1:1")
    for owner, names in private.carriers_of(connection.client).shared:
        for name in [name for name in names if name.startswith("_")]:
            with monkeypatch.context() as patch:
                holder = next(kind for kind in owner.__mro__ if name in vars(kind))
                patch.delattr(holder, name)
                connection.chooser.close()
                used = connection.chooser.used
                missing = SenderUsed("botocore", f"this botocore has no {name}")
                assert used == missing or hasattr(owner, name)
    connection.close()


def test_reads_need_no_bound_to_be_sent_directly(told: dict[str, dict[str, Any]]) -> None:
    """Without the classes of its pools, botocore's reads are bounded as it bounds them."""
    module, owner, name = POOLS
    calls = told[f"{module}:{owner}.{name}"]
    assert (calls["name"], calls["read"], calls["logged"]) == ("direct", [3, 3, 3], [])


def test_a_connection_without_the_names_keeps_its_client() -> None:
    """And the caller can be told."""
    connection = Connection(region="eu-west-1")
    assert private.can_forget_client(connection)
    del connection._local
    assert not private.can_forget_client(connection)
    private.forget_client(connection)
    assert connection._client is None


class TestNames:
    """What the names of this botocore lead to, on a client of its own."""

    @pytest.fixture
    def client(self) -> Any:
        """A client of botocore's."""
        return connect_to("eu-west-1", "http://127.0.0.1:1").client

    def test_who_listens(self, client: Any) -> None:
        """A listener that was registered is found."""

        def listener(**_: Any) -> None: ...

        client.meta.events.register("before-send.dynamodb.GetItem", listener)
        emitter = private.emitter_of(client)
        assert listener in private.listeners_to(emitter, "before-send.dynamodb.GetItem")

    def test_who_signs(self, client: Any) -> None:
        """With which credentials, for which region."""
        assert private.credentials_of(client).get_frozen_credentials().access_key == "made-up"
        assert private.signer_of(client).region_name == "eu-west-1"

    def test_where_it_goes(self, client: Any) -> None:
        """By botocore's rules for endpoints."""
        context = {"auth_type": "v4", "client_config": client.meta.config}
        url, headers = private.endpoint_of(client, context)
        assert (url, dict(headers)) == ("http://127.0.0.1:1", {})

    def test_what_carries_it(self, client: Any) -> None:
        """A session without a proxy that verifies certificates."""
        session = private.http_session_of(client)
        assert private.proxy_for(session, "http://127.0.0.1:1") is None
        assert private.verification_of(session)
        assert set(private.pool_classes_of(session) or {}) == {"http", "https"}


def test_a_connection_starts_anew() -> None:
    """With the names, the client is made again."""
    connection = Connection(region="eu-west-1")
    client = connection.client
    private.forget_client(connection)
    assert connection.client is not client


class TestRefreshedCredentials:
    """What credentials that refresh themselves hold, and until when."""

    def test_what_they_hold(self) -> None:
        """The frozen form, its expiry, and the seconds that are left by their own clock."""
        expiry = datetime(2026, 1, 1, 12, tzinfo=UTC)
        source = RefreshableCredentials(
            "key", "secret", None, expiry, dict, "test", lambda: expiry - timedelta(seconds=90)
        )
        held = private.signing_of(source)
        assert held is not None
        assert (held[0].access_key, held[1]) == ("key", expiry)
        assert private.expiry_of(source) is expiry
        assert private.seconds_left(source, expiry) == 90
        assert private.seconds_left(source, None) == math.inf
        assert not private.tells_the_time(source)

    def test_before_the_first_refresh(self) -> None:
        """They hold nothing, by the clock of the machine."""
        source = DeferredRefreshableCredentials(dict, "test")
        assert private.signing_of(source) is None
        assert private.tells_the_time(source)

    @pytest.mark.parametrize("name", ["_frozen_credentials", "_expiry_time", "_time_fetcher"])
    def test_without_a_name(self, name: str) -> None:
        """They do not tell, and are asked at each request."""
        source = DeferredRefreshableCredentials(dict, "test")
        source._frozen_credentials = ReadOnlyCredentials("key", "secret", None)
        assert private.signing_of(source) is not None
        delattr(source, name)
        assert private.signing_of(source) is None


def test_a_request_without_the_name_is_sent_by_the_clients_own_method() -> None:
    """PynamoDB's method is used where there is one."""
    asked: list[Any] = []
    client = SimpleNamespace(get_item=lambda **request: asked.append(request) or {"Item": {}})
    plain = SimpleNamespace(client=client)
    assert private.call_api(plain, "GetItem", {"TableName": "users"}) == {"Item": {}}
    named = SimpleNamespace(_make_api_call=lambda name, request: {"name": name, **request})
    assert private.call_api(named, "GetItem", {"a": "b"}) == {"name": "GetItem", "a": "b"}
    assert asked == [{"TableName": "users"}]
