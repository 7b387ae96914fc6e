"""What botocore and PynamoDB raise is an outcome of this library, and says what is known of it."""

from __future__ import annotations

import http.client
import json
import socket
from typing import Any

import botocore.exceptions as botocore_errors
import pytest
from botocore.parsers import ResponseParserError
from pynamodb.exceptions import VerboseClientError

from dynrepo.aws.errors import outcome_of, unsent
from dynrepo.errors import CredentialsMissing, StoreError, Timeout, Unavailable
from dynrepo.operations.operation import Operation
from dynrepo.sending.failure import Failure
from dynrepo.sending.outcomes import AnswerBroken, CredentialsUnusable, NotSent, Refused

SECRET = "kirsikka-7319"
URL = {"endpoint_url": "http://127.0.0.1"}
GET: Operation[Any] = Operation("GetItem", "things", {}, lambda answer: answer)


RAISED = [
    (botocore_errors.NoRegionError(), StoreError, False),
    (botocore_errors.NoCredentialsError(), CredentialsMissing, False),
    (
        botocore_errors.PartialCredentialsError(provider="env", cred_var="x"),
        CredentialsMissing,
        False,
    ),
    (
        botocore_errors.CredentialRetrievalError(provider="p", error_msg=SECRET),
        CredentialsMissing,
        False,
    ),
    (botocore_errors.UnauthorizedSSOTokenError(), CredentialsMissing, False),
    (botocore_errors.MetadataRetrievalError(error_msg=SECRET), CredentialsMissing, False),
    (botocore_errors.ProfileNotFound(profile="p"), CredentialsMissing, False),
    (botocore_errors.EndpointConnectionError(**URL), Unavailable, False),
    (botocore_errors.ConnectTimeoutError(**URL), Timeout, False),
    (botocore_errors.ProxyConnectionError(proxy_url="http://p"), Unavailable, False),
    (
        botocore_errors.SSLError(**URL, error="[SSL: CERTIFICATE_VERIFY_FAILED] verify failed"),
        Unavailable,
        False,
    ),
    (botocore_errors.SSLError(**URL, error="hostname 'a' doesn't match 'b'"), Unavailable, False),
    (
        botocore_errors.SSLError(**URL, error="no appropriate subjectAltName fields were found"),
        Unavailable,
        False,
    ),
    (
        botocore_errors.SSLError(**URL, error="[SSL: TLSV1_ALERT_PROTOCOL_VERSION] tlsv1 alert"),
        Unavailable,
        False,
    ),
    (botocore_errors.SSLError(**URL, error="EOF occurred in violation"), Unavailable, True),
    (botocore_errors.ReadTimeoutError(**URL), Timeout, True),
    (botocore_errors.ConnectionClosedError(**URL), Unavailable, True),
    (botocore_errors.HTTPClientError(error="?"), Unavailable, True),
    (
        botocore_errors.HTTPClientError(error=ValueError("Invalid header value b'a\\nb'")),
        StoreError,
        False,
    ),
    (
        botocore_errors.HTTPClientError(error=ValueError("Invalid header value b'AWS4-HMAC")),
        CredentialsMissing,
        False,
    ),
    (botocore_errors.ResponseStreamingError(error="?"), Unavailable, True),
    (botocore_errors.FlexibleChecksumError(error_msg="?"), Unavailable, True),
    (ResponseParserError("?"), Unavailable, True),
    (json.JSONDecodeError(SECRET, SECRET, 0), Unavailable, True),
    (UnicodeDecodeError("utf-8", b"\xff", 0, 1, SECRET), Unavailable, True),
    (TimeoutError(), Timeout, True),
    (ConnectionResetError(), Unavailable, True),
    (BrokenPipeError(), Unavailable, True),
    (ConnectionRefusedError(), Unavailable, False),
    (socket.gaierror(), Unavailable, False),
    (http.client.IncompleteRead(b""), Unavailable, True),
    (ValueError("Invalid endpoint"), StoreError, False),
    (RuntimeError(SECRET), StoreError, True),
]


@pytest.mark.parametrize(
    ("error", "kind", "in_doubt"),
    RAISED,
    ids=[f"{n}-{type(e).__name__}" for n, (e, *_) in enumerate(RAISED)],
)
def test_an_error_has_an_outcome(
    error: Exception,
    kind: type[StoreError],
    in_doubt: bool,  # noqa: FBT001
) -> None:
    """What went wrong on this side is told apart by whether the request may have been applied."""
    failure = Failure.from_exception(outcome_of(error))
    assert (failure.kind, failure.in_doubt) == (kind, in_doubt)
    assert failure.code == type(error).__name__


@pytest.mark.parametrize(
    ("text", "helps"),
    [
        ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate has expired", False),
        ("hostname 'a' doesn't match 'b'", False),
        ("[SSL: UNSUPPORTED_PROTOCOL] unsupported protocol", False),
        ("EOF occurred in violation of protocol", True),
    ],
)
def test_no_trust_is_not_tried_again(text: str, helps: bool) -> None:  # noqa: FBT001
    """A certificate is the same a moment later; a connection that broke may come about then."""
    failure = Failure.from_exception(outcome_of(botocore_errors.SSLError(**URL, error=text)))
    assert failure.retryable is helps


@pytest.mark.parametrize("error", [error for error, *_ in RAISED])
def test_what_kept_a_request_from_being_sent_leaves_no_doubt(error: Exception) -> None:
    """However unknown it is: the request was not applied."""
    outcome = unsent(error)
    assert isinstance(outcome, NotSent)
    assert outcome.code == type(error).__name__


@pytest.mark.parametrize("error", [error for error, *_ in RAISED])
def test_no_outcome_quotes_what_it_stands_for(error: Exception) -> None:
    """The text of a foreign error may hold a value."""
    outcome = outcome_of(error)
    told = Failure.from_exception(outcome).verdict(GET)
    assert SECRET not in f"{outcome!r}{outcome}{told!r}{told}"


@pytest.mark.parametrize(
    ("error", "cure"),
    [
        (botocore_errors.NoRegionError(), "set AWS_REGION"),
        (botocore_errors.NoCredentialsError(), "set AWS_PROFILE"),
        (botocore_errors.ProfileNotFound(profile="p"), "see AWS_PROFILE"),
        (botocore_errors.InvalidRegionError(region_name="?"), "no name such as eu-west-1"),
        (botocore_errors.EndpointConnectionError(**URL), "nothing answers at the endpoint"),
        (ValueError("Invalid endpoint: nonsense"), "a URL such as"),
    ],
)
def test_what_is_missing_is_said_with_its_cure(error: Exception, cure: str) -> None:
    """The message says which variable to set."""
    assert cure in str(Failure.from_exception(outcome_of(error)).verdict(GET))


def test_a_value_error_is_no_wrong_endpoint() -> None:
    """Only botocore's own word for one is."""
    told = Failure.from_exception(outcome_of(ValueError("Invalid header value"))).verdict(GET)
    assert "endpoint" not in str(told)


def test_the_answer_is_found_behind_pynamodbs_error() -> None:
    """PynamoDB keeps only the code; the whole answer is on the error that it came from."""
    answer: Any = {
        "Error": {"Code": "ConditionalCheckFailedException"},
        "Item": {"id": {"S": "1"}},
    }
    error = VerboseClientError({"Error": answer["Error"]}, "PutItem", {})
    error.__cause__ = botocore_errors.ClientError(answer, "PutItem")
    outcome = outcome_of(error)
    assert isinstance(outcome, Refused)
    assert outcome.response == answer


def test_a_refusal_before_anything_was_sent_is_one_of_credentials() -> None:
    """A token service that fails on its side leaves no write in doubt."""
    answer: Any = {"Error": {"Code": "Busy"}, "ResponseMetadata": {"HTTPStatusCode": 503}}
    outcome = unsent(botocore_errors.ClientError(answer, "AssumeRole"))
    assert isinstance(outcome, CredentialsUnusable)
    assert not Failure.from_exception(outcome).in_doubt


def test_an_outcome_stays_what_it_is() -> None:
    """A check of ours may raise within botocore."""
    broken = AnswerBroken("cut")
    assert outcome_of(broken) is broken
