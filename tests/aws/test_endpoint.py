"""Requests go where botocore would send them, or are left to botocore."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo.aws import private
from dynrepo.aws.endpoint import NotDirect, target_of
from dynrepo.sending.sender_used import SenderUsed
from tests.wire import KEY, connect_to, send, wire_connection

if TYPE_CHECKING:
    from pathlib import Path

    from tests.loopback import Loopback


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({"HTTPS_PROXY": "http://127.0.0.1:1"}, "there is a proxy"),
        ({"AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:1/path"}, "not a plain host"),
        ({"AWS_ENDPOINT_DISCOVERY_ENABLED": "true"}, "botocore.discovery"),
    ],
)
def test_what_only_botocore_does(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], reason: str
) -> None:
    """It is left to botocore."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    connection = connect_to("eu-west-1", None, 2, 3)
    assert connection.chooser.used.name == "botocore"
    assert reason in connection.chooser.used.reason
    connection.close()


def test_a_proxy_that_does_not_count(monkeypatch: pytest.MonkeyPatch, server: Loopback) -> None:
    """`NO_PROXY` is honoured."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    connection = connect_to("eu-west-1", server.url, 2, 3)
    assert connection.chooser.used.name == "direct"
    connection.close()


@pytest.mark.parametrize("headers", [{"Host": "x"}, {"X": "a\r\nb: c"}, {"X": "ä"}, {"X\n": "a"}])
def test_headers_that_are_no_plain_ones(server: Loopback, headers: dict[str, str]) -> None:
    """They are not put between ours."""
    connection = wire_connection(region="eu-west-1", host=server.url, extra_headers=headers)
    assert connection.chooser.used.name == "botocore"
    connection.close()


def test_a_bundle_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It is botocore that tells of it, at the first call, as it always does."""
    monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "none.pem"))
    connection = connect_to("eu-west-1", "https://127.0.0.1:1", 2, 3)
    assert connection.chooser.used == SenderUsed("botocore", "the CA bundle cannot be read")
    connection.close()


@pytest.mark.parametrize(
    ("region", "url", "signed_for"),
    [
        ("eu-west-1", "https://dynamodb.eu-west-1.amazonaws.com", "eu-west-1"),
        ("cn-north-1", "https://dynamodb.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        ("local", "http://localhost:8000", "us-east-1"),
    ],
)
def test_where_requests_go(region: str, url: str, signed_for: str) -> None:
    """Where botocore would send them, signed as botocore would."""
    connection = connect_to(region, None, 2, 3)
    direct: Any = connection.chooser._current().direct
    target = direct.target
    assert url.endswith(f"//{target.host}")
    assert (target.endpoint.tls is not None) is url.startswith("https")
    assert target.region == signed_for
    connection.close()


def test_the_endpoint_of_an_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials that name their account go to its own endpoint; another account, another one."""
    monkeypatch.setenv("AWS_ACCOUNT_ID", "123456789012")
    connection = connect_to("eu-west-1", None, 2, 3)
    direct: Any = connection.chooser._current().direct
    assert direct.target.host == "123456789012.ddb.eu-west-1.amazonaws.com"
    connection.client._request_signer._credentials.account_id = "210987654321"
    moved: Any = connection.chooser._current().direct
    assert moved.target.host == "210987654321.ddb.eu-west-1.amazonaws.com"
    connection.close()


@pytest.mark.parametrize("url", ["http://ada:secret@127.0.0.1:1", "http://127.0.0.1:1/?a=b"])
def test_an_endpoint_that_says_more_than_a_host(url: str) -> None:
    """It is left to botocore."""
    connection = connect_to("eu-west-1", url)
    assert connection.chooser.used.reason == "the endpoint is not a plain host"
    connection.close()


@pytest.mark.parametrize(
    ("url", "host"), [("http://[::1]:8000", "[::1]:8000"), ("http://localhost:80", "localhost")]
)
def test_the_host_of_an_endpoint(url: str, host: str) -> None:
    """As the Host header has it: an address in brackets, no port that is the usual one."""
    connection = connect_to("eu-west-1", url)
    direct: Any = connection.chooser._current().direct
    assert direct.target.host == host
    connection.close()


def test_what_a_session_may_be_told() -> None:
    """Certificates that are not verified, a client certificate, another session: botocore's."""
    client = connect_to("eu-west-1", "http://127.0.0.1:1").client
    session = private.http_session_of(client)
    client.meta.config.client_cert = "mine.pem"
    with pytest.raises(NotDirect, match="client_cert is configured"):
        target_of(client, {})
    session._verify = False
    with pytest.raises(NotDirect, match="certificates are not to be verified"):
        target_of(client, {})
    client._endpoint.http_session = SimpleNamespace()
    with pytest.raises(NotDirect, match="HTTP session is replaced"):
        target_of(client, {})


def test_a_client_that_signs_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only Signature Version 4 is signed here."""
    client = connect_to("eu-west-1", "http://127.0.0.1:1").client
    monkeypatch.setattr(private, "endpoint_of", lambda *_: ("http://127.0.0.1:1", {"X": "y"}))
    with pytest.raises(NotDirect, match="Signature Version 4 alone"):
        target_of(client, {})


@pytest.mark.parametrize(
    ("where", "name"), [("environment", "shop"), ("environment", "a\r\nb: c"), ("profile", "shop")]
)
def test_the_name_of_the_application(
    server: Loopback, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, where: str, name: str
) -> None:
    """Each sender says it, as botocore writes it."""
    if where == "profile":
        (tmp_path / "config").write_text(f"[default]\nsdk_ua_app_id = {name}\n")
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    else:
        monkeypatch.setenv("AWS_SDK_UA_APP_ID", name)
    for transport in ("auto", "botocore"):
        connection = connect_to("eu-west-1", server.url, transport=transport)
        send(connection, "GetItem", KEY)
        connection.close()
    ours, theirs = (f"{request.headers['user-agent']} " for request in server.received)
    assert "lib/dynrepo" in ours
    said = f" app/{re.sub(r'[^a-z]', '-', name)} "
    assert (said in ours, said in theirs) == (True, True)
