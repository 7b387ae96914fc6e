"""Each request is signed by what is valid at that moment."""

from __future__ import annotations

import re
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.credentials import ReadOnlyCredentials, RefreshableCredentials
from botocore.exceptions import CredentialRetrievalError

from dynrepo import DynamoStore, Settings
from dynrepo.aws import credentials
from dynrepo.errors import CredentialsMissing, StoreError
from dynrepo.operations.operation import Effect, Operation
from dynrepo.sending.outcomes import CredentialsUnusable
from tests.loopback import (
    Loopback,
    soon,
)
from tests.wire import KEY, Connect, send

if TYPE_CHECKING:
    from pathlib import Path

PUT: Operation[Any] = Operation(
    "PutItem",
    "users",
    {"TableName": "users", "Item": {"id": {"S": "1"}}},
    lambda answer: answer,
    effect=Effect.ONCE,
)


def test_credentials_are_asked_at_each_request(connect: Connect) -> None:
    """Refreshed ones are used from the next request on."""
    with Loopback() as server:
        connection = connect(server.url)
        names = iter(["first", "second"])

        def frozen() -> ReadOnlyCredentials:
            return ReadOnlyCredentials(next(names), "secret", None)

        send(connection, "GetItem", KEY)
        source = connection.client._request_signer._credentials
        source.get_frozen_credentials = frozen
        for _ in range(2):
            send(connection, "GetItem", KEY)
    used = [request.headers["authorization"].split("/")[0] for request in server.received]
    assert [name.rpartition("=")[2] for name in used] == ["made-up", "first", "second"]


PROCESS = """
import datetime, json, pathlib, sys
calls = pathlib.Path(sys.argv[1])
calls.write_text(calls.read_text() + "x" if calls.exists() else "x")
soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=5)
key = "KEY%d" % len(calls.read_text())
print(json.dumps({"Version": 1, "AccessKeyId": key, "SecretAccessKey": "made-up",
                  "SessionToken": "token of " + key, "Expiration": soon.isoformat()}))
"""


def test_credentials_are_refreshed_without_a_failed_call(
    connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that are about to expire are used while newer ones are got, and then no more."""
    (tmp_path / "process.py").write_text(PROCESS)
    command = f"{sys.executable} {tmp_path / 'process.py'} {tmp_path / 'calls'}"
    (tmp_path / "config").write_text(f"[default]\ncredential_process = {command}\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    with Loopback() as server:
        connection = connect(server.url)
        monkeypatch.setattr(credentials, "_PACE", 0.0)
        until = soon(20)
        while len(set(keys := _keys(server))) < 3:
            assert time.monotonic() < until, keys
            send(connection, "GetItem", KEY)

    assert keys == sorted(keys)
    tokens = [request.headers["x-amz-security-token"] for request in server.received]
    assert tokens == [f"token of KEY{number}" for number in keys]


def _keys(server: Loopback) -> list[int]:
    """The numbers of the keys that requests were signed with."""
    signed = [request.headers["authorization"] for request in server.received]
    return [int(found[1]) for one in signed if (found := re.search(r"Credential=KEY(\d+)/", one))]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("access key", "AKIA\r\nX-Injected: 1"),
        ("access key", "AKIA\n"),
        ("access key", "AKIA "),
        ("secret key", "hush\n"),
        ("secret key", "hush\t"),
        ("session token", "mark\r\n"),
    ],
)
def test_credentials_with_a_line_end_send_nothing(
    sender: str, monkeypatch: pytest.MonkeyPatch, name: str, text: str
) -> None:
    """The write says which of the three it is, that nothing was written, and not what it holds."""
    variable = {"access key": "ACCESS_KEY_ID", "secret key": "SECRET_ACCESS_KEY"}.get(name)
    monkeypatch.setenv(f"AWS_{variable or 'SESSION_TOKEN'}", text)
    transport: Any = "auto" if sender == "direct" else "botocore"
    with Loopback() as server:
        store = DynamoStore(region="eu-west-1", endpoint=server.url, transport=transport)
        with pytest.raises(CredentialsMissing, match=f"the {name} has") as raised:
            store.execute(PUT)
        store.close()
    assert (raised.value.attempts, raised.value.retryable) == (1, False)
    assert text.strip() not in str(raised.value)
    assert server.received == []


@pytest.mark.parametrize("variable", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_a_region_with_a_line_end_sends_nothing(
    sender: str, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """It is part of what is signed, and so of a header."""
    monkeypatch.setenv(variable, "eu-west-1\n")
    transport: Any = "auto" if sender == "direct" else "botocore"
    with Loopback() as server:
        store = DynamoStore(endpoint=server.url, transport=transport, settings=Settings())
        with pytest.raises(StoreError, match="no name such as eu-west-1"):
            store.execute(PUT)
        store.close()
    assert server.received == []


@pytest.mark.parametrize("sent", [0, 1])
def test_a_refresh_that_fails_sends_nothing(connect: Connect, sent: int) -> None:
    """It says so, before and after a sender was chosen, and changes nothing of the choice."""

    def refresh() -> dict[str, Any]:
        if fails:
            raise CredentialRetrievalError(provider="made-up", error_msg="not now")
        return {
            "access_key": "made-up",
            "secret_key": "made-up",
            "token": None,
            "expiry_time": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
        }

    fails = False
    with Loopback() as server:
        connection = connect(server.url)
        source = RefreshableCredentials.create_from_metadata(refresh(), refresh, "made-up")
        connection.client._request_signer._credentials = source
        chosen = connection.chooser.used
        connection.chooser.close()
        for _ in range(sent):
            send(connection, "GetItem", KEY)

        fails, source._expiry_time = True, datetime.now(UTC)
        with pytest.raises(CredentialsUnusable) as raised:
            send(connection, "UpdateItem", KEY)
        assert raised.value.code == "CredentialRetrievalError"
        assert len(server.received) == sent

        fails = False
        assert connection.chooser.used == chosen
