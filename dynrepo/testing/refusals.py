"""How the store in memory refuses a request: with the error answers of DynamoDB."""

from __future__ import annotations

from typing import Any

from dynrepo.sending.outcomes import Refused


def answered(code: str, message: str, *, status: int = 400, **more: Any) -> Refused:
    """An error answer as DynamoDB gives it, whose sentence may have any value."""
    metadata = {"HTTPStatusCode": status, "RequestId": "memory"}
    error = {"Code": code, "Message": message}
    return Refused({"Error": error, "ResponseMetadata": metadata, **more})


def refused(code: str, message: str, **more: Any) -> Refused:
    """An error answer of the store in memory, whose sentence, which has no value, is a note."""
    refusal = answered(code, message, **more)
    refusal.add_note(message)
    return refusal


def invalid(message: str) -> Refused:
    """The refusal of a request that is not valid."""
    return refused("ValidationException", message)
