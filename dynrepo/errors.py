"""Every exception of the library.

::

    DynrepoError
    ├── SchemaError (TypeError)          a model or repository that cannot work, at class definition
    ├── CodecError (ValueError)          an unstorable value, a stored item that is not the model
    │   └── WrittenUnreadable            the write was done; its item cannot be read
    ├── SettingsError (ValueError)       a setting, or the environment variable for it, is wrong
    ├── InvalidCursor (ValueError)       a cursor that is forged, foreign or cut
    ├── ItemNotFound (LookupError)       nothing is stored under a key that was insisted on
    ├── ConditionFailed                  the condition of a write did not hold; nothing was written
    │   ├── ItemExists                   the key of a `create` is taken
    │   ├── VersionConflict              the item changed since it was read
    │   └── NotUnique                    another item has a value that is to be unique
    ├── TransactionCanceled              no write of the transaction was applied
    ├── Unprocessed                      what a batch could not do in its time
    ├── OutcomeUnknown                   the write may or may not have been applied
    └── StoreError                       the engine refused, or could not be asked
        ├── TableNotFound
        ├── Throttled
        ├── AccessDenied
        ├── CredentialsMissing
        ├── Timeout
        └── Unavailable

Messages name models, fields, attributes and tables, never a value: they may be logged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from dynrepo.public import public

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class RequestDetails(TypedDict, total=False):
    """What an error says of the request that led to it."""

    code: str
    request_id: str | None
    retryable: bool
    attempts: int


@public
class DynrepoError(Exception):
    """The root of every error that this library raises of its own accord.

    Each says what its request came to: `code` is the error code of AWS, or the class name of the
    local failure; `request_id` is AWS's id of the request, when it answered; `retryable` says
    whether the same call may succeed later; `attempts` counts the requests sent. An error that no
    failed request led to has `""`, None, False and 0.
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


@public
class SchemaError(DynrepoError, TypeError):
    """A model or a repository cannot work as it is declared; raised where the class is defined."""


@public
class CodecError(DynrepoError, ValueError):
    """A value cannot be stored exactly, or a stored item is not an instance of the model.

    `key` holds the key of a stored item that could not be read, as `{attribute: value}` in
    DynamoDB JSON, and None when a value could not be written. It is data: do not log it.
    """

    def __init__(
        self,
        message: str,
        *,
        key: Mapping[str, Any] | None = None,
        **request: Unpack[RequestDetails],
    ) -> None:
        super().__init__(message, **request)
        self.key = key


@public
class WrittenUnreadable(CodecError):
    """A write was done, and the item that it is answered with cannot be read.

    `item` is that item in DynamoDB JSON: as an update or a save left it, or as a delete removed it;
    None where an `update(exactly_once=True)` was done and the item not found, or not read, after
    it. It is data: do not log it. To repeat the call writes again.
    """

    def __init__(
        self,
        message: str,
        *,
        key: Mapping[str, Any] | None = None,
        item: Mapping[str, Any] | None = None,
        **request: Unpack[RequestDetails],
    ) -> None:
        super().__init__(message, key=key, **request)
        self.item = item


@public
class SettingsError(DynrepoError, ValueError):
    """A setting is wrong; names the environment variable that it came from."""


@public
class InvalidCursor(DynrepoError, ValueError):
    """A cursor was forged, cut, made for another query, or is too old; no request was sent."""


@public
class ItemNotFound(DynrepoError, LookupError):
    """No item is stored under the key."""


@public
class ConditionFailed(DynrepoError):
    """The condition of a write did not hold, so nothing was written.

    `item` is the item stored at that moment, as an instance of the model; None when nothing is
    stored under the key, or when what is stored there is not the model. `code` is that of AWS,
    `ConditionalCheckFailedException`, or `ConditionalCheckFailed` in a transaction. `field` is the
    name of the field whose bound an update would have passed, by what `item` shows: `left`, or
    `lines[0].count` in a nested one; None where the condition of the caller did not hold.
    """

    def __init__(
        self,
        message: str = "",
        *,
        item: Any = None,
        field: str | None = None,
        **request: Unpack[RequestDetails],
    ) -> None:
        super().__init__(message, **request)
        self.item = item
        self.field = field


@public
class ItemExists(ConditionFailed):
    """The key of a `create` is taken."""


@public
class VersionConflict(ConditionFailed):
    """The stored item is not the version that the caller read."""


@public
class NotUnique(ConditionFailed):
    """Another item has a value that is to be unique; `field` names its field.

    Of a value that is made of several fields, all are named, with `, ` between them. `item` is
    None: the guard of the value tells whose it is, and nothing else of that item was read.
    """


@public
class TransactionCanceled(DynrepoError):
    """A transaction was canceled; none of its writes was applied.

    `reasons` holds one error, or None, for each write in the order they were added; the `code` of
    each is AWS's code of the reason.
    """

    def __init__(
        self,
        message: str = "",
        *,
        reasons: Sequence[DynrepoError | None] = (),
        **request: Unpack[RequestDetails],
    ) -> None:
        super().__init__(message, **request)
        self.reasons = tuple(reasons)


@public
class Unprocessed(DynrepoError):
    """A batch broke off: `items` were not all written, `keys` not all read or deleted.

    Where the answer to the last request was lost, some of them may be done: it is safe to ask for
    them again. `__cause__` is the error that ended the batch, whose `code`, `request_id` and
    `attempts` these are; None when its rounds were over, which `attempts` counts then.
    """

    def __init__(
        self,
        message: str = "",
        *,
        items: Sequence[Any] = (),
        keys: Sequence[Any] = (),
        **request: Unpack[RequestDetails],
    ) -> None:
        super().__init__(message, **request)
        self.items = tuple(items)
        self.keys = tuple(keys)


@public
class OutcomeUnknown(DynrepoError):
    """A write was sent and its answer was lost: it may or may not have been applied.

    It is never `retryable`: look at the table, or use a write that can be repeated, before sending
    it again.
    """


@public
class StoreError(DynrepoError):
    """The engine refused a request, or could not be asked."""


@public
class TableNotFound(StoreError):
    """The table or the index does not exist in this account, region and endpoint."""


@public
class Throttled(StoreError):
    """The table, the account or the partition is over its throughput."""


@public
class AccessDenied(StoreError):
    """The credentials were refused, or do not allow this action."""


@public
class CredentialsMissing(StoreError):
    """No AWS credentials were found."""


@public
class Timeout(StoreError):
    """No answer came in time. Nothing is known to be written when a read timed out."""


@public
class Unavailable(StoreError):
    """The engine could not be reached, or failed on its side."""
