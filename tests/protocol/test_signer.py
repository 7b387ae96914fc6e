"""Signatures are AWS's own, byte for byte."""

from __future__ import annotations

from datetime import UTC, datetime
from unittest.mock import patch

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials
from hypothesis import given
from hypothesis import strategies as st

from dynrepo.protocol.signer import Clock, SignedHead, Signer

DATE = "20150830T123600Z"
KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKEN = (
    "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPf"
    "IeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7W"
    "Z0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8F"
    "DrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="
)
BASIC = {"host": "example.amazonaws.com", "x-amz-date": DATE}
FORM = {**BASIC, "content-type": "application/x-www-form-urlencoded"}


def signed(method: str, headers: dict[str, str]) -> SignedHead:
    """A request for `/` with these headers, in the form that is signed."""
    lines = "".join(f"{name}:{value}\n" for name, value in sorted(headers.items()))
    return SignedHead(f"{method}\n/\n\n{lines}", ";".join(sorted(headers)))


# From AWS's test suite for Signature Version 4: get-vanilla, post-vanilla, and so on.
@pytest.mark.parametrize(
    ("method", "headers", "body", "signature"),
    [
        ("GET", BASIC, b"", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("POST", BASIC, b"", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        (
            "POST",
            {**BASIC, "my-header1": "value1"},
            b"",
            "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
        ),
        (
            "POST",
            FORM,
            b"Param1=value1",
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
        ),
        (
            "POST",
            {**BASIC, "x-amz-security-token": TOKEN},
            b"",
            "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
        ),
    ],
    ids=["get-vanilla", "post-vanilla", "post-header", "post-form", "post-sts-token"],
)
def test_published_vectors(
    method: str, headers: dict[str, str], body: bytes, signature: str
) -> None:
    """AWS's published requests get AWS's published signatures."""
    signer = Signer("us-east-1", "service")
    credentials = ReadOnlyCredentials(KEY, SECRET, None)
    assert signer.context(credentials, signed(method, headers), DATE).authorization(body) == (
        f"AWS4-HMAC-SHA256 Credential={KEY}/20150830/us-east-1/service/aws4_request,"
        f" SignedHeaders={';'.join(sorted(headers))}, Signature={signature}"
    )


def test_the_published_key() -> None:
    """The signing key is the one that AWS's guide derives, step by step."""
    key = Signer("us-east-1", "iam")._derived(SECRET, "20150830")
    assert key.hex() == "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"


SIGNERS = {region: Signer(region, "dynamodb") for region in ("eu-west-1", "us-gov-east-1", "local")}
words = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)


@given(
    region=st.sampled_from(sorted(SIGNERS)),
    key=words,
    secret=words,
    token=st.none() | words,
    operation=st.sampled_from(["GetItem", "Query", "TransactWriteItems"]),
    host=st.from_regex(r"[a-z]{1,20}(\.[a-z0-9-]{1,20}){0,3}(:[1-9][0-9]{3})?", fullmatch=True),
    body=st.binary(max_size=2000),
    moment=st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1)),  # noqa: DTZ001 - naive by design
)
def test_the_same_as_botocore(
    *,
    region: str,
    key: str,
    secret: str,
    token: str | None,
    operation: str,
    host: str,
    body: bytes,
    moment: datetime,
) -> None:
    """The header is botocore's, whatever the credentials, the host, the body and the time."""
    credentials = ReadOnlyCredentials(key, secret, token)
    content = {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": f"DynamoDB_20120810.{operation}",
    }
    request = AWSRequest("POST", f"http://{host}/", headers=dict(content), data=body)
    with patch("botocore.auth.get_current_datetime", return_value=moment):
        SigV4Auth(credentials, "dynamodb", region).add_auth(request)
    timestamp = request.headers["X-Amz-Date"]
    headers = {**content, "host": host, "x-amz-date": timestamp}
    if token:
        headers["x-amz-security-token"] = token
    context = SIGNERS[region].context(credentials, signed("POST", headers), timestamp)
    context.authorization(b"another")  # what was signed before makes no difference
    assert context.authorization(body) == request.headers["Authorization"]


def test_a_key_is_derived_once_a_day() -> None:
    """The same secret and day use one key; another secret, or the next day, another."""
    signer = Signer("eu-west-1", "dynamodb")
    first = signer._key("secret", "20261123")
    assert signer._key("secret", "20261123") is first
    others = [signer._key("another", "20261123"), signer._key("secret", "20261124")]
    again = signer._key("secret", "20261123")
    digests = [key.inner.hexdigest() for key in (first, *others, again)]
    assert digests[0] == digests[3]
    assert len(set(digests)) == 3


def test_the_clock_writes_corrected_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A timestamp is UTC to the second, moved by the skew."""
    now = datetime(2026, 11, 23, 15, 59, 59, 900_000, UTC)
    monkeypatch.setattr("time.time", now.timestamp)
    clock = Clock()
    assert clock.timestamp() == "20261123T155959Z"
    clock.skew = 3600.2
    assert clock.timestamp() == "20261123T170000Z"
