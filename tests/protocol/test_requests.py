"""A request is framed, signed and dated as botocore would, and differs in its body alone."""

from __future__ import annotations

import json
import time
from email.utils import formatdate
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials, ReadOnlyCredentials

from dynrepo.operations.operation import Operation
from dynrepo.protocol.endpoint import Endpoint, Target
from dynrepo.protocol.requests import RequestWriter
from dynrepo.sending.outcomes import CredentialsUnusable, Refused

TARGET = Target(
    endpoint=Endpoint("db.example", 443),
    host="db.example",
    region="eu-west-1",
    service="dynamodb",
    user_agent="tests",
    extra_headers={"X-Team": "blue"},
)
KEY = {"TableName": "users", "Key": {"id": {"S": "ä"}}}
LONG_TERM = ReadOnlyCredentials("key", "secret", None)


def operation(name: str = "GetItem", **more: Any) -> Operation[Any]:
    """An operation on one item."""
    return Operation(name, "users", KEY, lambda answer: answer, **more)


def parts_of(request: bytes) -> tuple[dict[str, str], bytes]:
    """The headers by lower-case name, and the body."""
    head, _, body = request.partition(b"\r\n\r\n")
    lines = head.decode("ascii").split("\r\n")
    assert lines[0] == "POST / HTTP/1.1"
    return {
        name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:])
    }, body


@pytest.mark.parametrize("token", [None, "token"])
def test_it_is_signed_as_botocore_signs(token: str | None) -> None:
    """With long-term and with temporary credentials."""
    writer = RequestWriter(TARGET)
    headers, body = parts_of(
        writer.request(operation(), ReadOnlyCredentials("key", "secret", token))
    )
    theirs = AWSRequest(
        "POST",
        "https://db.example/",
        data=body,
        headers={"Content-Type": headers["content-type"], "X-Amz-Target": headers["x-amz-target"]},
    )
    signer = SigV4Auth(Credentials("key", "secret", token), "dynamodb", "eu-west-1")
    theirs.context["timestamp"] = headers["x-amz-date"]
    theirs.headers["X-Amz-Date"] = headers["x-amz-date"]
    if token:
        theirs.headers["X-Amz-Security-Token"] = token
    signed = signer.string_to_sign(theirs, signer.canonical_request(theirs))
    assert headers["authorization"].endswith(f"Signature={signer.signature(signed, theirs)}")
    assert headers.get("x-amz-security-token") == token


def test_what_it_says() -> None:
    """The operation, the length in bytes, the headers of the caller's."""
    headers, body = parts_of(RequestWriter(TARGET).request(operation(), LONG_TERM))
    assert headers["x-amz-target"] == "DynamoDB_20120810.GetItem"
    assert headers["x-team"] == "blue"
    assert int(headers["content-length"]) == len(body)
    assert json.loads(body) == {**KEY, "ReturnConsumedCapacity": "TOTAL"}


def test_a_body_that_is_there_is_sent() -> None:
    """It is not written again."""
    text = b'{"TableName":"users", "Key":{}}'
    _, body = parts_of(RequestWriter(TARGET).request(operation(text=text), LONG_TERM))
    assert body.startswith(text[:-1])


@pytest.mark.parametrize("name", ["DescribeTable", "CreateTable"])
def test_capacity_is_asked_of_those_that_tell_it(name: str) -> None:
    """DynamoDB refuses the parameter elsewhere."""
    _, body = parts_of(RequestWriter(TARGET).request(operation(name), LONG_TERM))
    assert json.loads(body) == KEY


def test_new_credentials_sign_the_next_request() -> None:
    """Within the same second, too."""
    writer = RequestWriter(TARGET)
    used = [
        parts_of(writer.request(operation(), ReadOnlyCredentials(name, "secret", None)))[0]
        for name in ("first", "second", "first")
    ]
    names = [headers["authorization"].split("=")[1].split("/")[0] for headers in used]
    assert names == ["first", "second", "first"]


@pytest.mark.parametrize(
    "credentials",
    [
        ReadOnlyCredentials("key\nX: y", "secret", None),
        ReadOnlyCredentials("key\n", "secret", None),
        ReadOnlyCredentials("kéy", "secret", None),
        ReadOnlyCredentials("key", "secret", "token\r\nX: y"),
        ReadOnlyCredentials("key ", "secret", None),
        ReadOnlyCredentials("key", "secret\n", None),
        ReadOnlyCredentials("key", " secret", "token"),
        ReadOnlyCredentials("key", "secret", "token\t"),
    ],
)
def test_credentials_become_no_header_of_their_own(credentials: ReadOnlyCredentials) -> None:
    """Who set them wrong is told, without them."""
    with pytest.raises(CredentialsUnusable, match="such as a line end") as raised:
        RequestWriter(TARGET).request(operation(), credentials)
    assert "key" not in str(raised.value).replace("access key", "").replace("secret key", "")


@pytest.mark.parametrize("parts", [(7, "secret", None), (None, None, None), ("key", "secret", 7)])
def test_credentials_of_another_type_are_none(parts: tuple[Any, Any, Any]) -> None:
    """A process that gives them out may answer with null, or with a number."""
    with pytest.raises(CredentialsUnusable):
        RequestWriter(TARGET).request(operation(), ReadOnlyCredentials(*parts))


def test_a_space_within_is_left_to_the_engine() -> None:
    """Those that check no signature take any made-up secret."""
    made_up = ReadOnlyCredentials("key", "not a secret", None)
    assert b"Credential=key/" in RequestWriter(TARGET).request(operation(), made_up)


def refused(code: str) -> Refused:
    """DynamoDB's answer to a request that it did not apply."""
    return Refused({"Error": {"Code": code}})


class TestClock:
    """A request that is refused because this machine's clock is wrong is dated anew."""

    def test_a_clock_that_is_wrong(self) -> None:
        """From then on requests have the server's time."""
        writer, ahead = RequestWriter(TARGET), time.time() + 7200
        headers = {"date": formatdate(ahead, usegmt=True)}
        assert writer.corrects_clock(refused("RequestExpired"), headers)
        found, _ = parts_of(writer.request(operation(), LONG_TERM))
        assert found["x-amz-date"][:11] == time.strftime("%Y%m%dT%H", time.gmtime(ahead))
        assert not writer.corrects_clock(refused("RequestExpired"), headers)

    @pytest.mark.parametrize(
        ("code", "ahead"), [("AccessDeniedException", 7200), ("RequestExpired", 0)]
    )
    def test_what_time_does_not_explain(self, code: str, ahead: float) -> None:
        """It stays refused."""
        headers = {"date": formatdate(time.time() + ahead, usegmt=True)}
        assert not RequestWriter(TARGET).corrects_clock(refused(code), headers)

    def test_a_date_that_is_none(self) -> None:
        """It says nothing of the clock."""
        headers = {"date": "yesterday"}
        assert not RequestWriter(TARGET).corrects_clock(refused("RequestExpired"), headers)

    def test_an_answer_without_a_date(self) -> None:
        """It says nothing of the clock."""
        assert not RequestWriter(TARGET).corrects_clock(refused("RequestExpired"), {})
