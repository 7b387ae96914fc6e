"""What an HTTP client is told of an error, in any framework: status, class, sentence.

::

    def answer(request, error):
        problem = problem_of(error)
        if problem is None:
            raise error
        return Response(problem.body, status_code=problem.status, headers=problem.headers)

It needs no extra. The integration of Starlette, and so of FastAPI, answers by it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from dynrepo.errors import (
    AccessDenied,
    CodecError,
    ConditionFailed,
    CredentialsMissing,
    DynrepoError,
    InvalidCursor,
    ItemExists,
    ItemNotFound,
    NotUnique,
    OutcomeUnknown,
    StoreError,
    TableNotFound,
    TransactionCanceled,
    Unprocessed,
    VersionConflict,
    WrittenUnreadable,
)

_RETRY_AFTER = {"Retry-After": "1"}
"""Seconds that a client is asked to wait where the same request may succeed later."""


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as a client may see it: it names no table and holds no value.

    Attributes:
        status: The status of the answer, 404 to 504.
        error: The name of the error's class, as `"ItemNotFound"`.
        detail: A fixed sentence; of a `CodecError` its text, which names the model and the field.
        headers: `Retry-After` in seconds, where the same request may succeed later; else none.
    """

    status: int
    error: str
    detail: str
    headers: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def body(self) -> dict[str, str]:
        """`error` and `detail`, to be sent as JSON."""
        return {"error": self.error, "detail": self.detail}


_TOLD: tuple[tuple[type[DynrepoError], int, str], ...] = (
    (ItemNotFound, 404, "Nothing is stored under this key."),
    (ItemExists, 409, "The key is taken."),
    (VersionConflict, 409, "The item has changed since it was read."),
    (NotUnique, 409, "Another item has a value that is to be unique."),
    (ConditionFailed, 409, "The item is not in the state that this needs."),
    (TransactionCanceled, 409, "Something that this needs has changed; nothing was written."),
    (InvalidCursor, 422, "The cursor is not one of this list."),
    (OutcomeUnknown, 504, "It is not known whether this was done."),
    (Unprocessed, 503, "Only a part of this could be done in time."),
    (TableNotFound, 503, "The store is not ready."),
    (AccessDenied, 503, "The store is not ready."),
    (CredentialsMissing, 503, "The store is not ready."),
    (WrittenUnreadable, 500, "This was done, but what is stored cannot be read."),
)


def problem_of(error: Exception) -> Problem | None:
    """What a client is told of an error of a repository.

    Args:
        error: What a call has raised.

    Returns:
        The problem, or None where only a programmer can cure the error: a stored item that is not
            the model, or a request that DynamoDB finds wrong. Raise it then: the server logs it.
    """
    kind = type(error).__name__
    if isinstance(error, StoreError | TransactionCanceled) and error.retryable:
        detail = "The store is busy or cannot be reached."
        return Problem(503, kind, detail, dict(_RETRY_AFTER))
    for known, status, sentence in _TOLD:
        if isinstance(error, known):
            return Problem(
                status, kind, sentence, dict(_RETRY_AFTER) if known is Unprocessed else {}
            )
    if isinstance(error, CodecError) and error.key is None:
        return Problem(422, kind, str(error))  # names the model and the field
    return None
