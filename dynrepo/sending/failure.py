"""What a failed request means: the one place where outcomes become errors of this library.

A failure is read from the exception of a sender, or from an error answer of DynamoDB; `verdict`
turns it into the error that the caller of an operation gets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

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
from dynrepo.opaque import OpaqueRecord
from dynrepo.operations.operation import (
    CancellationReason,
    Effect,
    Location,
    Operation,
    Refusal,
)
from dynrepo.plain_text import told_name
from dynrepo.sending.outcomes import (
    AnswerTimedOut,
    ConnectTimedOut,
    CredentialsUnusable,
    DeadlineExceeded,
    InDoubt,
    Misconfigured,
    NotSent,
    Refused,
    SendingFailed,
    TlsRefused,
)
from dynrepo.sending.told import told_sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dynrepo.codec import Item

_SERVER_ERROR = 500
_RETRYABLE = (Throttled, Timeout, Unavailable)


_NOWHERE = Location()


class _ErrorKind(NamedTuple):
    """The class of a failure, whether the request may have been applied, and whether it lasts."""

    error: type[StoreError]
    in_doubt: bool = False
    lasts: bool = False


class Failure(OpaqueRecord, sealed=["response"]):
    """One attempt that did not succeed.

    `code` is the error code of AWS, or the class name of the local exception. `in_doubt` is True
    when the request of this attempt, or of one before it, may have been applied.
    """

    code: str
    kind: type[StoreError]
    in_doubt: bool = False
    request_id: str | None = None
    response: Mapping[str, Any] | None = None
    remedy: str = ""
    lasts: bool = False
    """Whether it will be the same a moment later, unlike others of its kind."""

    @classmethod
    def from_exception(cls, error: Exception, *, after: Failure | None = None) -> Failure:
        """What an exception raised while sending says, and the failure of the attempt before."""
        failure = cls._read(error)
        return failure.replaced(in_doubt=True) if after and after.in_doubt else failure

    @classmethod
    def _read(cls, error: Exception) -> Failure:
        if isinstance(error, Refused):
            return cls.from_response(error.response)
        code, remedy = type(error).__name__, ""
        if isinstance(error, SendingFailed):
            code, remedy = error.code, error.remedy
        for ancestor in type(error).__mro__:
            if ancestor in _LOCAL:
                kind, in_doubt, lasts = _LOCAL[ancestor]
                return cls(code, kind, in_doubt, remedy=remedy, lasts=lasts)
        # An error that is not known does not tell how far the request came.
        return cls(code, StoreError, in_doubt=True)

    @classmethod
    def from_response(cls, response: Mapping[str, Any]) -> Failure:
        """What an error answer says, in the shape that botocore gives it."""
        metadata = response.get("ResponseMetadata", {})
        code = told_name(response["Error"].get("Code", "Unknown"))
        request_id = metadata.get("RequestId")
        broken = metadata.get("HTTPStatusCode", 400) >= _SERVER_ERROR
        kind, in_doubt, _ = _REMOTE.get(
            code, _ErrorKind(Unavailable if broken else StoreError, broken)
        )
        if code == _CANCELED and _only_met_load(response):
            kind = Throttled
        if code == _INVALID and str(response["Error"].get("Message")).startswith(_NO_INDEX):
            kind = TableNotFound
        told = None if request_id is None else told_name(request_id)
        return cls(code, kind, in_doubt or broken, told, response)

    def __repr__(self) -> str:
        return f"Failure({self.code!r}, {self.kind.__name__}, in_doubt={self.in_doubt})"

    @property
    def retryable(self) -> bool:
        """Whether the same request may succeed a moment later."""
        return issubclass(self.kind, _RETRYABLE) and not self.lasts

    @property
    def lost(self) -> bool:
        """Whether a request may have arrived, and no answer came of it."""
        return self.in_doubt and self.response is None

    @property
    def refused(self) -> bool:
        """Whether DynamoDB refused a condition of the caller's: an answer, and no fault."""
        return self.code in _REFUSALS and not self.retryable

    @property
    def sentence(self) -> str:
        """What may be told of DynamoDB's own sentence; empty where none is known."""
        return _sentence_of(self.response["Error"]) if self.response else ""

    def verdict(
        self, operation: Operation[Any], attempts: int = 1, location: Location = _NOWHERE
    ) -> DynrepoError:
        """The error for the caller, after all attempts of sending to a place."""
        # A repeat that was refused says nothing of the attempt before it, which may have been
        # applied, and undone by others since, or be still on its way: the token of a transaction
        # keeps it from being applied twice, not from being applied late.
        if self.in_doubt and operation.effect is not Effect.NONE:
            return OutcomeUnknown(
                f"{operation.name} on {operation.table} may or may not have been applied:"
                f" {self.code}",
                code=self.code,
                request_id=self.request_id,
                attempts=attempts,
            )
        if self.code in _REFUSALS and operation.refusal is not None:
            return operation.refusal(self._refusal(attempts))
        return self._plain(operation, attempts, location)

    def _refusal(self, attempts: int) -> Refusal:
        response = self.response or {}
        return Refusal(
            self.code,
            self.request_id,
            attempts,
            _item_of(response),
            tuple(_reasons(response)),
        )

    def _plain(self, operation: Operation[Any], attempts: int, location: Location) -> StoreError:
        request = f" (request {self.request_id})" if self.request_id else ""
        reason = self.remedy or ": ".join(filter(None, (self.code, self.sentence)))
        if self.kind is TableNotFound:
            reason = _missing(operation, self.code, location)
        return self.kind(
            f"{operation.name} on {operation.table} failed: {reason}{request}",
            code=self.code,
            request_id=self.request_id,
            retryable=self.retryable,
            attempts=attempts,
        )


def _missing(operation: Operation[Any], code: str, location: Location) -> str:
    """What is not there, where it was looked for, and what makes it."""
    index = operation.request.get("IndexName")
    missing = "no such table"
    if index is not None:
        missing = f"no index {index}" if code == _INVALID else f"no such table, or no index {index}"
    region, endpoint = location
    is_elsewhere = endpoint and not location.is_in_process
    where = f" in {region}" * bool(region) + f" at {endpoint}" * bool(is_elsewhere)
    return f"{missing}{where}; ensure_table() makes it"


def _sentence_of(shown: Mapping[str, Any]) -> str:
    """What may be told of the sentence in an error, or in a reason."""
    return told_sentence(shown.get("Message") or "")


def _reasons(response: Mapping[str, Any]) -> Iterator[CancellationReason]:
    """Why each write of a canceled transaction was not made."""
    reasons: object = response.get("CancellationReasons")
    shown = cast("list[object]", reasons) if isinstance(reasons, list) else []
    if not all(isinstance(reason, dict) for reason in shown):
        return
    for reason in cast("list[dict[str, Any]]", shown):
        code = told_name(reason.get("Code") or _NO_REASON)
        kind = Throttled if code in _LOAD else StoreError
        stood = None if code == _NO_REASON else kind
        yield CancellationReason(code, stood, _item_of(reason), _sentence_of(reason))


def _item_of(shown: Mapping[str, Any]) -> Item | None:
    """The item that a refusal shows; None where it shows none, or something else."""
    item = shown.get("Item")
    return cast("Item", item) if isinstance(item, dict) else None


def _only_met_load(response: Mapping[str, Any]) -> bool:
    """Whether nothing but load stood against a transaction, its own or that of others."""
    codes = {reason.code for reason in _reasons(response)} - {_NO_REASON}
    return bool(codes) and codes <= _LOAD


# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html#API_TransactWriteItems_Errors
_NO_REASON = "None"
_LOAD = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}

_CANCELED = "TransactionCanceledException"
_REFUSALS = ("ConditionalCheckFailedException", _CANCELED)

_INVALID = "ValidationException"
_NO_INDEX = ("The table does not have the specified index", "Invalid index: ")

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
_REMOTE: dict[str, _ErrorKind] = {
    "ResourceNotFoundException": _ErrorKind(TableNotFound),
    "TableNotFoundException": _ErrorKind(TableNotFound),
    "IndexNotFoundException": _ErrorKind(TableNotFound),
    "ProvisionedThroughputExceededException": _ErrorKind(Throttled),
    "RequestLimitExceeded": _ErrorKind(Throttled),
    "Throttling": _ErrorKind(Throttled),
    "ThrottlingException": _ErrorKind(Throttled),
    "ThrottledException": _ErrorKind(Throttled),
    "TooManyRequestsException": _ErrorKind(Throttled),
    "RequestThrottled": _ErrorKind(Throttled),
    "RequestThrottledException": _ErrorKind(Throttled),
    "BandwidthLimitExceeded": _ErrorKind(Throttled),
    "EC2ThrottledException": _ErrorKind(Throttled),
    "PriorRequestNotComplete": _ErrorKind(Throttled),
    "SlowDown": _ErrorKind(Throttled),
    "429": _ErrorKind(Throttled),
    "ReplicatedWriteConflictException": _ErrorKind(Throttled),
    "TransactionConflictException": _ErrorKind(Throttled),
    "TransactionInProgressException": _ErrorKind(Throttled),
    "LimitExceededException": _ErrorKind(Throttled),
    "AccessDenied": _ErrorKind(AccessDenied),
    "AccessDeniedException": _ErrorKind(AccessDenied),
    "ExpiredToken": _ErrorKind(AccessDenied),
    "ExpiredTokenException": _ErrorKind(AccessDenied),
    "IncompleteSignatureException": _ErrorKind(AccessDenied),
    "InvalidClientTokenId": _ErrorKind(AccessDenied),
    "InvalidSignatureException": _ErrorKind(AccessDenied),
    "MissingAuthenticationTokenException": _ErrorKind(AccessDenied),
    "NotAuthorizedException": _ErrorKind(AccessDenied),
    "OptInRequired": _ErrorKind(AccessDenied),
    "RequestExpired": _ErrorKind(AccessDenied),
    "RequestTimeTooSkewed": _ErrorKind(AccessDenied),
    "SignatureDoesNotMatch": _ErrorKind(AccessDenied),
    "UnrecognizedClientException": _ErrorKind(AccessDenied),
    "InternalFailure": _ErrorKind(Unavailable, in_doubt=True),
    "InternalServerError": _ErrorKind(Unavailable, in_doubt=True),
    "RequestTimeout": _ErrorKind(Unavailable, in_doubt=True),
    "RequestTimeoutException": _ErrorKind(Unavailable, in_doubt=True),
    "ServiceUnavailable": _ErrorKind(Unavailable, in_doubt=True),
    "ServiceUnavailableException": _ErrorKind(Unavailable, in_doubt=True),
}

# A class stands for its subclasses. Those of Python are for stores that others write.
_LOCAL: dict[type[BaseException], _ErrorKind] = {
    ConnectTimedOut: _ErrorKind(Timeout),
    DeadlineExceeded: _ErrorKind(Timeout),
    CredentialsUnusable: _ErrorKind(CredentialsMissing),
    Misconfigured: _ErrorKind(StoreError),
    TlsRefused: _ErrorKind(Unavailable, lasts=True),
    NotSent: _ErrorKind(Unavailable),
    AnswerTimedOut: _ErrorKind(Timeout, in_doubt=True),
    InDoubt: _ErrorKind(Unavailable, in_doubt=True),
    TimeoutError: _ErrorKind(Timeout, in_doubt=True),
    ConnectionRefusedError: _ErrorKind(Unavailable),
    ConnectionError: _ErrorKind(Unavailable, in_doubt=True),
}
