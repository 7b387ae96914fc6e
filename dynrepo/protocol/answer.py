"""What an answer of DynamoDB must be, whichever sender brought it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, cast
from zlib import crc32

from pydantic_core import from_json

from dynrepo.operations.operation import new_answer
from dynrepo.protocol.http import LARGEST_BODY, TOO_LONG
from dynrepo.protocol.shapes import is_shaped
from dynrepo.sending.outcomes import AnswerBroken, AnswerEmpty, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dynrepo.operations.operation import Answer, Operation
    from dynrepo.protocol.http import Message

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

_CAPACITY_ALONE = {"ConsumedCapacity"}
_ONE_ITEM = frozenset({"GetItem", "PutItem", "UpdateItem", "DeleteItem"})
"""What is answered with an item and no more."""


def read(
    operation: Operation[Any], message: Message, attempt: int, at_once: float = math.inf
) -> Answer:
    """The answer in a message: `AnswerBroken` for whatever is none, `Refused` for an error.

    The operation's `parse` is asked first, and makes the instances that stand beside the JSON;
    but not of more bytes than `at_once`, where the operation can be read in steps.
    """
    status, headers, body = message.status, message.headers, message.body
    written = headers.get("x-amz-crc32")
    if written is not None and written != str(crc32(body)):
        raise AnswerBroken(_WRONG_CHECKSUM)
    if status != OK:
        raise _of_status(status, headers, body)
    items: Sequence[Any] | None = None
    parse, parsed = operation.parse, None
    if parse is not None and (operation.steps is None or len(body) <= at_once):
        parsed = parse(body)
    if parsed is None:
        found = _json_object(body)
        if found is None:
            raise AnswerBroken(_NO_OBJECT)
    else:
        found, items = parsed
    answer = new_answer(found, headers.get("x-amzn-requestid"), attempt, items)
    if items is None:
        require_members(operation.name, answer)
    elif not _is_all_seen(operation.name, found):
        _require_shape(operation.name, found)
    return answer


def verify(operation_name: str, status: int, headers: Mapping[str, str], body: bytes) -> None:
    """`AnswerBroken` for what is no answer, before botocore reads it."""
    written = headers.get("x-amz-crc32")
    if written is not None and written != str(crc32(body)):
        raise AnswerBroken(_WRONG_CHECKSUM)
    if len(body) > LARGEST_BODY:
        raise AnswerBroken(TOO_LONG)
    if status < _ERRORS:
        if status != OK:
            raise AnswerBroken(f"DynamoDB does not answer with status {status}")
        found = _json_object(body)
        if found is None:
            raise AnswerBroken(_NO_OBJECT)
        if found:  # one without any member is judged by all that is known of the engine
            _require_shape(operation_name, found)


def require_members(operation_name: str, answer: Answer) -> None:
    """`AnswerBroken` unless an answer has the members of its kind, and they have their types.

    Without this, an object that lost its members would mean "not found". `AnswerEmpty` where it has
    none, and an engine that does not tell consumed capacity may have nothing to say.
    """
    members = MEMBERS.get(operation_name)
    if members is not None and members.isdisjoint(answer.body):
        message = f"an answer to {operation_name} has one of {', '.join(sorted(members))}"
        if "ConsumedCapacity" in members:
            raise AnswerEmpty(message, answer)
        raise AnswerBroken(message)
    if set(answer.body) != _CAPACITY_ALONE:
        _require_shape(operation_name, answer.body)


def _is_all_seen(operation_name: str, rest: Mapping[str, Any]) -> bool:
    """Whether an answer whose items were made instances has no other member that is read."""
    if operation_name == "BatchGetItem":
        return rest.get("UnprocessedKeys") == {}
    return operation_name in _ONE_ITEM


def _require_shape(operation_name: str, body: Mapping[str, Any]) -> None:
    if not is_shaped(operation_name, body):
        raise AnswerBroken(f"an answer to {operation_name} has a member of another type")


def _of_status(status: int, headers: Mapping[str, str], body: bytes | bytearray) -> Exception:
    """The outcome of an answer whose status is not 200."""
    if status < _ERRORS:
        return AnswerBroken(f"DynamoDB does not answer with status {status}")
    members = _json_object(body) or {}
    code = str(members.pop("__type", status)).split(":")[0].rpartition("#")[2]
    message = members.pop("message", None) or members.pop("Message", None) or ""
    return Refused(
        {
            **members,
            "Error": {"Code": code, "Message": str(message)},
            "ResponseMetadata": {
                "RequestId": headers.get("x-amzn-requestid"),
                "HTTPStatusCode": status,
                "HTTPHeaders": headers,
            },
        }
    )


def _json_object(body: bytes | bytearray) -> dict[str, Any] | None:
    try:
        # Attribute names come again, values seldom do: to look for each of them in the cache of
        # strings takes a fifth of the time that an item takes.
        found = from_json(body, allow_inf_nan=False, cache_strings="keys")
    except ValueError:
        return None
    return cast("dict[str, Any]", found) if isinstance(found, dict) else None


_WRONG_CHECKSUM = "the answer is not what its checksum says"
_NO_OBJECT = "the answer is not a JSON object"
