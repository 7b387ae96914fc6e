"""What botocore and PynamoDB raise, as outcomes: the border that none of their errors passes."""

from __future__ import annotations

import errno
import http.client
import json
import re
import socket
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

import botocore.exceptions
from botocore.parsers import ResponseParserError

from dynrepo.sending.outcomes import (
    AnswerBroken,
    AnswerLost,
    AnswerTimedOut,
    ConnectTimedOut,
    CredentialsUnusable,
    Misconfigured,
    NotConnected,
    NotSent,
    Refused,
    SendingFailed,
    TlsRefused,
)


class _Meaning(NamedTuple):
    """The outcome that a class of errors stands for, and what to do about it."""

    outcome: type[SendingFailed]
    remedy: str = ""


def outcome_of(error: Exception) -> SendingFailed:
    """The outcome of an exchange that an error ended.

    A plain `SendingFailed` for one that is not known: it does not tell how far the request came.
    """
    if isinstance(found := _within(error), SendingFailed):
        return found
    # PynamoDB's error keeps only the code; the response is on the botocore error it came from.
    for candidate in (error.__cause__, error):
        response = getattr(candidate, "response", None)
        if isinstance(response, Mapping) and "Error" in response:
            return Refused(cast("Mapping[str, Any]", response))
    if (outcome := _told_by_text(error)) is not None:
        return outcome
    code = type(error).__name__
    for ancestor in type(error).__mro__:
        meaning = _MEANINGS.get(ancestor)
        if meaning is not None:
            return meaning.outcome(code=code, remedy=meaning.remedy or code)
    return SendingFailed(code=code)


def cause_of(outcome: SendingFailed, error: Exception) -> Exception | None:
    """The error, as the cause of its outcome; None for one whose text has what it must not tell.

    AWS's own text quotes, of a wrong signature, all that was signed; `http.client` quotes a header.
    """
    quotes = isinstance(outcome, Refused) or _INVALID_HEADER.search(str(error))
    return None if quotes else error


def _told_by_text(error: Exception) -> NotSent | None:
    """The outcome of an error whose class does not tell how far the request came."""
    code = type(error).__name__
    if isinstance(error, ValueError) and str(error).startswith("Invalid endpoint"):
        return Misconfigured(code=code, remedy=_NO_URL)
    if (header := _INVALID_HEADER.match(str(_within(error)))) is not None:
        kind = CredentialsUnusable if header["signature"] else Misconfigured
        return kind(code=code, remedy=f"{code}; a header would have what none may have, a line end")
    if _NO_HANDSHAKE.search(str(error)):
        return TlsRefused(code=code)
    return None


def _within(error: Exception) -> object:
    """What botocore's error for any failure below it holds; the error itself for other ones."""
    return getattr(error, "kwargs", {}).get("error", error)


def unsent(error: Exception) -> NotSent:
    """The outcome of a request that an error kept from being sent, whatever the error is.

    An error answer that came before is one of the service that gives out credentials.
    """
    outcome = outcome_of(error)
    if isinstance(outcome, NotSent):
        return outcome
    kind = CredentialsUnusable if isinstance(outcome, Refused) else NotSent
    return kind(code=outcome.code)


def unusable(error: Exception) -> NotSent:
    """The outcome of a request for which an error kept credentials from being got.

    Where this machine has no file descriptor or memory left, that is no fault of the credentials.
    """
    outcome = outcome_of(error)
    if isinstance(error, MemoryError) or getattr(error, "errno", None) in _NOTHING_LEFT:
        return NotSent(code=outcome.code)
    if isinstance(outcome, CredentialsUnusable) and outcome.remedy != outcome.code:
        return outcome
    remedy = f"the AWS credentials could not be got, or not be refreshed: {outcome.code}"
    return CredentialsUnusable(code=outcome.code, remedy=remedy)


def _known(*names: str) -> list[type[Exception]]:
    """Those of botocore's errors that this version has; a base class stands for its subclasses."""
    found = [getattr(botocore.exceptions, name, None) for name in names]
    return [error for error in found if error is not None]


# What botocore's errors say of TLS before it carries a request: OpenSSL's words, and urllib3's.
_NO_HANDSHAKE = re.compile(
    "CERTIFICATE_VERIFY_FAILED|ALERT_PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL"
    "|hostname .* doesn't match|no appropriate subjectAltName"
)

# What `http.client` says before a request leaves; the signature names the access key.
_INVALID_HEADER = re.compile("Invalid header (?:name|value b'(?P<signature>AWS4-)?)")

_NOTHING_LEFT = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN}

_NO_CREDENTIALS = (
    "no AWS credentials; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give"
    " the host a role"
)
_NO_URL = "a setting is not valid; is the endpoint a URL such as http://localhost:8000?"
_NO_REGION = "no AWS region; set AWS_REGION, or pass region= to the store"

_MEANINGS: dict[type[BaseException], _Meaning] = {
    **dict.fromkeys(_known("NoRegionError"), _Meaning(Misconfigured, _NO_REGION)),
    **dict.fromkeys(
        _known("InvalidRegionError"),
        _Meaning(Misconfigured, "the AWS region is no name such as eu-west-1"),
    ),
    **dict.fromkeys(_known("NoCredentialsError"), _Meaning(CredentialsUnusable, _NO_CREDENTIALS)),
    **dict.fromkeys(
        _known("ProfileNotFound"),
        _Meaning(CredentialsUnusable, "the AWS profile does not exist; see AWS_PROFILE"),
    ),
    **dict.fromkeys(
        _known(
            "PartialCredentialsError",
            "CredentialRetrievalError",
            "LoginError",
            "MetadataRetrievalError",
            "NoAuthTokenError",
            "RefreshWithMFAUnsupportedError",
            "TokenRetrievalError",
            "SSOError",
        ),
        _Meaning(CredentialsUnusable),
    ),
    **dict.fromkeys(
        _known("EndpointConnectionError"),
        _Meaning(NotConnected, "EndpointConnectionError; nothing answers at the endpoint"),
    ),
    **dict.fromkeys(_known("ProxyConnectionError"), _Meaning(NotConnected)),
    **dict.fromkeys(_known("ConnectTimeoutError"), _Meaning(ConnectTimedOut)),
    **dict.fromkeys(_known("ReadTimeoutError"), _Meaning(AnswerTimedOut)),
    **dict.fromkeys(_known("ConnectionClosedError", "SSLError"), _Meaning(AnswerLost)),
    **dict.fromkeys(
        _known("ChecksumError", "FlexibleChecksumError", "IncompleteReadError"),
        _Meaning(AnswerBroken),
    ),
    **dict.fromkeys(_known("HTTPClientError"), _Meaning(AnswerLost)),
    **dict.fromkeys(_known("BotoCoreError"), _Meaning(Misconfigured)),
    ResponseParserError: _Meaning(AnswerBroken),
    http.client.HTTPException: _Meaning(AnswerLost),
    ConnectionRefusedError: _Meaning(NotConnected),
    socket.gaierror: _Meaning(NotConnected),
    TimeoutError: _Meaning(AnswerTimedOut),
    ConnectionError: _Meaning(AnswerLost),
    json.JSONDecodeError: _Meaning(AnswerBroken),
    UnicodeDecodeError: _Meaning(AnswerBroken),
    ValueError: _Meaning(Misconfigured),  # of a header, for one: raised before it is sent
}
"""By class, of which the nearest ancestor counts."""
