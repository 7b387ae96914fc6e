"""The root of the errors, which says what its request came to."""

from __future__ import annotations

from typing import TypedDict

from dynrepo.public import public


class RequestDetails(TypedDict, total=False):
    """What an error says of the request that led to it."""

    code: str
    request_id: str | None
    retryable: bool
    attempts: int


@public
class DynrepoError(Exception):
    """The root of every error that this library raises of its own accord.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html

    Args:
        message: What happened, without any value that is stored: it may be logged.

    Attributes:
        code: The error code of AWS, or the class name of the local failure; `""` where no request
            failed.
        request_id: AWS's id of the request; None where AWS did not answer.
        retryable: Whether the same call may succeed later.
        attempts: Requests that were sent; 0 where none failed.
    """

    def __init__(
        self,
        message: str = "",
        *,
        code: str = "",
        request_id: str | None = None,
        retryable: bool = False,
        attempts: int = 0,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.request_id = request_id
        self.retryable = retryable
        self.attempts = attempts
