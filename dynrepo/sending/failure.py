"""What a failed request means: the one place where foreign errors become errors of this library.

A failure is read from an exception of PynamoDB, botocore or the transport, or from an error answer
of DynamoDB; `verdict` turns it into the error that the caller of an operation gets.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, cast

from dynrepo.errors import (
    AccessDenied,
    CredentialsMissing,
    DynrepoError,
    OutcomeUnknown,
    StoreError,
    TableNotFound,
    Throttled,
    Timeout,
    Unavailable,
)
from dynrepo.operations.operation import Effect, Operation, Refusal

_SERVER_ERROR = 500
_RETRYABLE = (Throttled, Timeout, Unavailable)


class _Kind(NamedTuple):
    """The class of a failure, and whether the request may have been applied."""

    error: type[StoreError]
    in_doubt: bool = False


class Failure(NamedTuple):
    """One attempt that did not succeed.

    `code` is the error code of AWS, or the class name of the local exception. `in_doubt` is True
    when the request of this attempt, or of one before it, may have been applied.
    """

    code: str
    kind: type[StoreError]
    in_doubt: bool = False
    request_id: str | None = None
    response: Mapping[str, Any] = MappingProxyType({})

    @classmethod
    def from_exception(cls, error: Exception, *, after: Failure | None = None) -> Failure:
        """What an exception raised while sending says, and the failure of the attempt before."""
        failure = cls._read(error)
        return failure._replace(in_doubt=True) if after and after.in_doubt else failure

    @classmethod
    def _read(cls, error: Exception) -> Failure:
        # PynamoDB's error keeps only the code; the response is on the botocore error it came from.
        for one in (error.__cause__, error):
            response = _response_on(one)
            if "Error" in response:
                return cls.from_response(response)
        if _NO_HANDSHAKE.search(str(error)):
            return cls(type(error).__name__, Unavailable)
        for ancestor in type(error).__mro__:
            if ancestor.__name__ in _LOCAL:
                return cls(type(error).__name__, *_LOCAL[ancestor.__name__])
        # Nobody knows how far a request came that failed in a way nobody knows.
        return cls(type(error).__name__, StoreError, in_doubt=True)

    @classmethod
    def from_response(cls, response: Mapping[str, Any]) -> Failure:
        """What an error answer says, in the shape that botocore gives it."""
        metadata = response.get("ResponseMetadata", {})
        code = str(response["Error"].get("Code", "Unknown"))
        broken = metadata.get("HTTPStatusCode", 400) >= _SERVER_ERROR
        if code == "TransactionCanceledException" and _passes(response):
            return cls(code, Throttled, broken, metadata.get("RequestId"), response)
        kind, in_doubt = _REMOTE.get(code, _Kind(Unavailable if broken else StoreError, broken))
        return cls(code, kind, in_doubt or broken, metadata.get("RequestId"), response)

    @property
    def retryable(self) -> bool:
        """Whether the same request may succeed a moment later."""
        return issubclass(self.kind, _RETRYABLE)

    def verdict(self, operation: Operation[Any], attempts: int = 1) -> DynrepoError:
        """The error for the caller, after all attempts."""
        if self.code in _REFUSALS and operation.refusal is not None:
            return operation.refusal(Refusal(self.code, self.request_id, attempts, self.response))
        if self.in_doubt and operation.effect is not Effect.NONE:
            return OutcomeUnknown(
                f"{operation.name} on {operation.table} may or may not have been applied:"
                f" {self.code}",
                code=self.code,
                request_id=self.request_id,
                attempts=attempts,
            )
        return self._plain(operation, attempts)

    def _plain(self, operation: Operation[Any], attempts: int) -> StoreError:
        request = f" (request {self.request_id})" if self.request_id else ""
        reason = _REMEDIES.get(self.code, self.code)
        return self.kind(
            f"{operation.name} on {operation.table} failed: {reason}{request}",
            code=self.code,
            request_id=self.request_id,
            retryable=self.retryable,
            attempts=attempts,
        )


def _response_on(error: BaseException | None) -> Mapping[str, Any]:
    found: object = getattr(error, "response", None)
    return cast("Mapping[str, Any]", found) if isinstance(found, Mapping) else {}


def _passes(response: Mapping[str, Any]) -> bool:
    """Whether nothing but load stood against a transaction, its own or that of others."""
    codes = {reason.get("Code", "None") for reason in response.get("CancellationReasons", ())}
    return bool(codes - {"None"}) and codes <= _PASSING


# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html#API_TransactWriteItems_Errors
_PASSING = {"None", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}

# What botocore's errors say of TLS before it carries a request: OpenSSL's words, and urllib3's.
_NO_HANDSHAKE = re.compile(
    "CERTIFICATE_VERIFY_FAILED|ALERT_PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL"
    "|hostname .* doesn't match"
)

_REFUSALS = ("ConditionalCheckFailedException", "TransactionCanceledException")

_REMEDIES = {
    "NoRegionError": "no AWS region; set AWS_REGION, or pass region= to the store",
    "NoCredentialsError": "no AWS credentials; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and"
    " AWS_SECRET_ACCESS_KEY, or give the host a role",
    "ResourceNotFoundException": "no such table or index here; create_table() makes it",
    "InvalidRegionError": "the AWS region is no name such as eu-west-1",
    "ProfileNotFound": "the AWS profile does not exist; see AWS_PROFILE",
    "ValueError": "a setting is not valid; is the endpoint a URL such as http://localhost:8000?",
    "NotConnected": "NotConnected; nothing answers at the endpoint, or with no trusted certificate",
    "EndpointConnectionError": "EndpointConnectionError; nothing answers at the endpoint",
}

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
_REMOTE: dict[str, _Kind] = {
    "ResourceNotFoundException": _Kind(TableNotFound),
    "TableNotFoundException": _Kind(TableNotFound),
    "IndexNotFoundException": _Kind(TableNotFound),
    "ProvisionedThroughputExceededException": _Kind(Throttled),
    "RequestLimitExceeded": _Kind(Throttled),
    "Throttling": _Kind(Throttled),
    "ThrottlingException": _Kind(Throttled),
    "ThrottledException": _Kind(Throttled),
    "TooManyRequestsException": _Kind(Throttled),
    "RequestThrottled": _Kind(Throttled),
    "RequestThrottledException": _Kind(Throttled),
    "BandwidthLimitExceeded": _Kind(Throttled),
    "EC2ThrottledException": _Kind(Throttled),
    "PriorRequestNotComplete": _Kind(Throttled),
    "SlowDown": _Kind(Throttled),
    "429": _Kind(Throttled),
    "ReplicatedWriteConflictException": _Kind(Throttled),
    "TransactionConflictException": _Kind(Throttled),
    "TransactionInProgressException": _Kind(Throttled),
    "LimitExceededException": _Kind(Throttled),
    "AccessDenied": _Kind(AccessDenied),
    "AccessDeniedException": _Kind(AccessDenied),
    "ExpiredToken": _Kind(AccessDenied),
    "ExpiredTokenException": _Kind(AccessDenied),
    "IncompleteSignatureException": _Kind(AccessDenied),
    "InvalidClientTokenId": _Kind(AccessDenied),
    "InvalidSignatureException": _Kind(AccessDenied),
    "MissingAuthenticationTokenException": _Kind(AccessDenied),
    "NotAuthorizedException": _Kind(AccessDenied),
    "OptInRequired": _Kind(AccessDenied),
    "RequestExpired": _Kind(AccessDenied),
    "RequestTimeTooSkewed": _Kind(AccessDenied),
    "SignatureDoesNotMatch": _Kind(AccessDenied),
    "UnrecognizedClientException": _Kind(AccessDenied),
    "InternalFailure": _Kind(Unavailable, in_doubt=True),
    "InternalServerError": _Kind(Unavailable, in_doubt=True),
    "RequestTimeout": _Kind(Unavailable, in_doubt=True),
    "RequestTimeoutException": _Kind(Unavailable, in_doubt=True),
    "ServiceUnavailable": _Kind(Unavailable, in_doubt=True),
    "ServiceUnavailableException": _Kind(Unavailable, in_doubt=True),
}

# By name, since importing botocore takes half a second; a base class stands for its subclasses.
_LOCAL: dict[str, _Kind] = {
    "DeadlineExceeded": _Kind(Timeout),
    "ConnectTimedOut": _Kind(Timeout),
    "NotSent": _Kind(Unavailable),
    "AnswerTimedOut": _Kind(Timeout, in_doubt=True),
    "InDoubt": _Kind(Unavailable, in_doubt=True),
    "NoRegionError": _Kind(StoreError),
    "NoCredentialsError": _Kind(CredentialsMissing),
    "PartialCredentialsError": _Kind(CredentialsMissing),
    "CredentialRetrievalError": _Kind(CredentialsMissing),
    "LoginError": _Kind(CredentialsMissing),
    "MetadataRetrievalError": _Kind(CredentialsMissing),
    "NoAuthTokenError": _Kind(CredentialsMissing),
    "RefreshWithMFAUnsupportedError": _Kind(CredentialsMissing),
    "TokenRetrievalError": _Kind(CredentialsMissing),
    "SSOError": _Kind(CredentialsMissing),
    "ProfileNotFound": _Kind(CredentialsMissing),
    "ConnectTimeoutError": _Kind(Timeout),
    "EndpointConnectionError": _Kind(Unavailable),
    "ProxyConnectionError": _Kind(Unavailable),
    "ConnectionRefusedError": _Kind(Unavailable),
    "gaierror": _Kind(Unavailable),
    "SSLError": _Kind(Unavailable, in_doubt=True),
    "ReadTimeoutError": _Kind(Timeout, in_doubt=True),
    "TimeoutError": _Kind(Timeout, in_doubt=True),
    "ConnectionClosedError": _Kind(Unavailable, in_doubt=True),
    "ConnectionResetError": _Kind(Unavailable, in_doubt=True),
    "BrokenPipeError": _Kind(Unavailable, in_doubt=True),
    "HTTPClientError": _Kind(Unavailable, in_doubt=True),
    "HTTPException": _Kind(Unavailable, in_doubt=True),
    "ResponseParserError": _Kind(Unavailable, in_doubt=True),
    "ChecksumError": _Kind(Unavailable, in_doubt=True),
    "FlexibleChecksumError": _Kind(Unavailable, in_doubt=True),
    "IncompleteReadError": _Kind(Unavailable, in_doubt=True),
    "JSONDecodeError": _Kind(Unavailable, in_doubt=True),
    "UnicodeDecodeError": _Kind(Unavailable, in_doubt=True),
    "BotoCoreError": _Kind(StoreError),
    "ValueError": _Kind(StoreError),
}
