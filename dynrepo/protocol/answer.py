"""What an answer of DynamoDB must be, whichever sender brought it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from zlib import crc32

from botocore.exceptions import ClientError
from pydantic_core import from_json

from dynrepo.sending.outcomes import AnswerBroken

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dynrepo.codec.core import Parse

OK = 200
_ERRORS = 400

MEMBERS = {
    "GetItem": frozenset({"Item", "ConsumedCapacity"}),
    "PutItem": frozenset({"Attributes", "ConsumedCapacity"}),
    "UpdateItem": frozenset({"Attributes"}),  # all of the new ones are asked for
    "DeleteItem": frozenset({"Attributes", "ConsumedCapacity"}),
    "TransactWriteItems": frozenset({"ConsumedCapacity"}),
    "TransactGetItems": frozenset({"Responses"}),
    "BatchGetItem": frozenset({"Responses"}),
    "BatchWriteItem": frozenset({"UnprocessedItems", "ConsumedCapacity"}),
    "Query": frozenset({"ScannedCount"}),
    "Scan": frozenset({"ScannedCount"}),
    "DescribeTable": frozenset({"Table"}),
}
"""What an answer has one of at least; the consumed capacity is asked for wherever it is told."""


def verify(headers: Mapping[str, str], body: bytes | bytearray) -> None:
    """Compares a body with the checksum that DynamoDB sends beside it, where there is one."""
    written = headers.get("x-amz-crc32")
    if written is not None and written != str(crc32(body)):
        raise AnswerBroken("the answer is not what its checksum says")


def parse(
    status: int, body: bytes | bytearray, accelerator: Parse | None = None
) -> tuple[dict[str, Any], Sequence[Any] | None]:
    """The JSON object of a successful answer; `AnswerBroken` for whatever else came.

    An `accelerator` is asked first, and makes the instances that stand beside it.
    """
    if status != OK:
        raise AnswerBroken(f"DynamoDB does not answer with status {status}")
    accelerated = accelerator and accelerator(body)
    if accelerated:
        return accelerated
    answer = _object(body)
    if answer is None:
        raise AnswerBroken("the answer is not a JSON object")
    return answer, None


def require_members(
    operation_name: str, body: Mapping[str, Any], items: Sequence[Any] | None = None
) -> None:
    """`AnswerBroken` unless an answer has one of the members that every answer of its kind has.

    Without this, an object that lost its members would mean "not found".
    """
    members = MEMBERS.get(operation_name)
    if items is None and members is not None and members.isdisjoint(body):
        raise AnswerBroken(f"an answer to {operation_name} has one of {', '.join(sorted(members))}")


def is_refusal(status: int) -> bool:
    """Whether an answer is an error that DynamoDB tells of."""
    return status >= _ERRORS


def refusal(
    operation_name: str, status: int, headers: Mapping[str, str], body: bytes | bytearray
) -> ClientError:
    """The error that an answer tells of, as botocore would raise it."""
    told = _object(body) or {}
    code = str(told.pop("__type", status)).split(":")[0].rpartition("#")[2]
    message = told.pop("message", None) or told.pop("Message", None) or ""
    response: Any = {
        **told,
        "Error": {"Code": code, "Message": str(message)},
        "ResponseMetadata": metadata(status, headers),
    }
    return ClientError(response, operation_name)


def metadata(status: int, headers: Mapping[str, str]) -> dict[str, Any]:
    """What botocore adds to every answer."""
    return {
        "RequestId": headers.get("x-amzn-requestid"),
        "HTTPStatusCode": status,
        "HTTPHeaders": headers,
        "RetryAttempts": 0,
    }


def _object(body: bytes | bytearray) -> dict[str, Any] | None:
    try:
        # Attribute names come again, values seldom do: to look for each of them in the cache of
        # strings takes a fifth of the time that an item takes.
        found = from_json(body, allow_inf_nan=False, cache_strings="keys")
    except ValueError:
        return None
    return cast("dict[str, Any]", found) if isinstance(found, dict) else None
