"""A connection that answers from a script, for tests of what stands above it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError
from pynamodb.connection import Connection

from dynrepo.operations.operation import Operation

GET: Operation[Any] = Operation("GetItem", "things", {"TableName": "things"}, lambda answer: answer)

EMPTY = {"ConsumedCapacity": {"TableName": "things", "CapacityUnits": 0.5}}
"""What a get answers that finds nothing."""


def refused(code: str, status: int = 400, **more: Any) -> ClientError:
    """An error answer of DynamoDB, as botocore raises it."""
    metadata = {"HTTPStatusCode": status, "RequestId": "R1"}
    response: Any = {"Error": {"Code": code}, "ResponseMetadata": metadata, **more}
    return ClientError(response, "Scripted")


class Scripted(Connection):
    """Answers each request by the next step: an answer, an error to raise, a function to call.

    The last step repeats for ever. `sent` holds what was asked, `closed` counts the closings.
    """

    def __init__(self, *script: Any) -> None:
        super().__init__(region="eu-west-1")
        self.script = list(script)
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.closed = 0
        meta = SimpleNamespace(region_name="eu-west-1", endpoint_url="http://scripted")
        self.fake = SimpleNamespace(meta=meta, close=self._close)

    @property
    def client(self) -> Any:
        """No client of botocore."""
        return self.fake

    def dispatch(self, operation_name: str, operation_kwargs: dict[str, Any]) -> dict[str, Any]:
        """The next step."""
        self.sent.append((operation_name, operation_kwargs))
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if callable(step):
            step = step()
        if isinstance(step, Exception):
            raise step
        return step  # type: ignore[no-any-return]

    def _close(self) -> None:
        self.closed += 1
