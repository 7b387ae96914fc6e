"""Every exception of the library.

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

from typing import TYPE_CHECKING, Any, Unpack

from dynrepo.error_root import DynrepoError as DynrepoError  # noqa: PLC0414 - mypy wants it
from dynrepo.public import public

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dynrepo.error_root import RequestDetails


@public
class SchemaError(DynrepoError, TypeError):
    """A model or a repository cannot work as it is declared; raised where the class is defined.

    The message says what to declare instead.
    """


@public
class CodecError(DynrepoError, ValueError):
    """A value cannot be stored exactly, or a stored item is not an instance of the model.

    Args:
        message: The model and its field, or the attribute, and what was expected there.
        **request: `code`, `request_id`, `retryable` and `attempts`, as of any `DynrepoError`.

    Attributes:
        key: The key of the stored item that could not be read, as `{attribute: value}` in DynamoDB
            JSON; None where a value could not be written. It is data: do not log it.
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

    To repeat the call writes again.

    Attributes:
        item: That item in DynamoDB JSON, as an update or a save left it, or as a delete removed it;
            None where an `update(exactly_once=True)` was done and the item not found, or not read,
            after it. It is data: do not log it.
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
    """A setting is wrong; the message names the argument, or the environment variable."""


@public
class InvalidCursor(DynrepoError, ValueError):
    """A cursor was forged, cut, made for another query, or is too old; no request was sent.

    Begin again at the first page.
    """


@public
class ItemNotFound(DynrepoError, LookupError):
    """No item is stored under a key where `require`, `update` or `edit` needs one."""


@public
class ConditionFailed(DynrepoError):
    """The condition of a write did not hold, so nothing was written.

    Its `code` is `ConditionalCheckFailedException`, or `ConditionalCheckFailed` in a transaction.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ConditionExpressions.html

    Args:
        message: Which write of which table was refused.
        **request: `code`, `request_id`, `retryable` and `attempts`, as of any `DynrepoError`.

    Attributes:
        item: What is stored at that moment, as an instance of the model; None where nothing is
            stored under the key, or what is stored there is not the model.
        field: The name of the field whose bound an update would have passed, by what `item` shows:
            `left`, or `lines[0].count` in a nested one; None where the condition of the caller did
            not hold.
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
    """The key of a `create` is taken; `item` is what is stored under it."""


@public
class VersionConflict(ConditionFailed):
    """The stored item is not the version that the caller read: `item` is the newer one."""


@public
class NotUnique(ConditionFailed):
    """Another item has a value that is to be unique; `field` names its field.

    Of a value that is made of several fields, all are named, with `, ` between them. `item` is
    None: the guard of the value tells whose it is, and nothing else of that item was read.
    """


@public
class TransactionCanceled(DynrepoError):
    """A transaction was canceled; none of its writes was applied.

    It is `retryable` where nothing but load stood against it, as another transaction on an item.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CancellationReason.html

    Args:
        message: How many writes of which tables, and AWS's code of each reason.
        **request: `code`, `request_id`, `retryable` and `attempts`, as of any `DynrepoError`.

    Attributes:
        reasons: One error, or None, for each write in the order they were added, with AWS's code of
            the reason as `code`; empty where AWS did not give one for each.
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
    """A batch broke off before all of it was done; it is safe to ask for the rest again.

    Where the answer to the last request was lost, some of the rest may be done already.
    `__cause__` is the error that ended the batch, whose `code`, `request_id` and `attempts` these
    are; None where its rounds were over, which `attempts` counts then.

    Args:
        message: How many of which table are left.
        **request: `code`, `request_id`, `retryable` and `attempts`, as of any `DynrepoError`.

    Attributes:
        items: What is left to be written, as it was given.
        keys: The keys that are left to be read or deleted.
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
    """The engine refused a request, or could not be asked; of a write, nothing was applied."""


@public
class TableNotFound(StoreError):
    """The table or the index does not exist in this account, region and endpoint.

    `ensure_table()` makes it.
    """


@public
class Throttled(StoreError):
    """The table, the account or the partition is over its throughput: `retryable`.

    So is a request that met a transaction on the same item.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TroubleshootingThrottling.html
    """


@public
class AccessDenied(StoreError):
    """AWS refused the credentials, or they do not allow this action on this table."""


@public
class CredentialsMissing(StoreError):
    """No AWS credentials were found, or what provides them failed; nothing was sent."""


@public
class Timeout(StoreError):
    """No answer came in time to a read, or to a write that was not sent.

    It is `retryable`, unless it is a table that is not ready after ten minutes. A write that was
    sent and not answered is an `OutcomeUnknown`.
    """


@public
class Unavailable(StoreError):
    """The engine could not be reached, or failed on its side.

    It is `retryable`, unless TLS was refused.
    """
