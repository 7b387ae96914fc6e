"""Each request is signed by what is valid at that moment."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.credentials import ReadOnlyCredentials, RefreshableCredentials
from botocore.exceptions import CredentialRetrievalError

from dynrepo.sending.outcomes import CredentialsUnusable
from tests.loopback import (
    Loopback,
)
from tests.wire import KEY, Connect, send

if TYPE_CHECKING:
    from pathlib import Path


def test_credentials_are_asked_at_each_request(connect: Connect) -> None:
    """Refreshed ones are used from the next request on."""
    with Loopback() as server:
        connection = connect(server.url)
        names = iter(["first", "second"])

        def frozen() -> ReadOnlyCredentials:
            return ReadOnlyCredentials(next(names), "secret", None)

        credentials = connection.client._request_signer._credentials
        credentials.get_frozen_credentials = frozen
        for _ in range(2):
            send(connection, "GetItem", KEY)
    used = [request.headers["authorization"].split("/")[0] for request in server.received]
    assert used == [f"AWS4-HMAC-SHA256 Credential={name}" for name in ("first", "second")]


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
    """Those that are about to expire are replaced before the next request is signed."""
    (tmp_path / "process.py").write_text(PROCESS)
    command = f"{sys.executable} {tmp_path / 'process.py'} {tmp_path / 'calls'}"
    (tmp_path / "config").write_text(f"[default]\ncredential_process = {command}\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    with Loopback() as server:
        connection = connect(server.url)
        for _ in range(3):
            send(connection, "GetItem", KEY)

    signed = [request.headers["authorization"] for request in server.received]
    keys = [re.search(r"Credential=KEY(\d+)/", one) for one in signed]
    numbers = [int(found[1]) for found in keys if found]
    assert len(numbers) == len(set(numbers)) == 3
    tokens = [request.headers["x-amz-security-token"] for request in server.received]
    assert tokens == [f"token of KEY{number}" for number in numbers]


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
        credentials = RefreshableCredentials.create_from_metadata(refresh(), refresh, "made-up")
        connection.client._request_signer._credentials = credentials
        chosen = connection.chooser.used
        connection.chooser.close()
        for _ in range(sent):
            send(connection, "GetItem", KEY)

        fails, credentials._expiry_time = True, datetime.now(UTC)
        with pytest.raises(CredentialsUnusable) as raised:
            send(connection, "UpdateItem", KEY)
        assert raised.value.code == "CredentialRetrievalError"
        assert len(server.received) == sent

        fails = False
        assert connection.chooser.used == chosen
