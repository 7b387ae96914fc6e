"""How the store in memory refuses a request: with the error answers of DynamoDB."""

from __future__ import annotations

from typing import Any

from dynrepo.sending.outcomes import Refused


def refused(code: str, message: str, *, status: int = 400, **more: Any) -> Refused:
    """An error answer of the store in memory, whose sentence, which has no value, is a note."""
    metadata = {"HTTPStatusCode": status, "RequestId": "memory"}
    error = {"Code": code, "Message": message}
    refusal = Refused({"Error": error, "ResponseMetadata": metadata, **more})
    refusal.add_note(message)
    return refusal


def invalid(message: str) -> Refused:
    """The refusal of a request that is not valid."""
    return refused("ValidationException", message)
