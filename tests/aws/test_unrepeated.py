"""Over a connection of the caller's each request of a store is sent once: the store repeats."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Annotated, Any
from zlib import crc32

import botocore.endpoint
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ReadTimeoutError
from pydantic import BaseModel
from pynamodb.connection import Connection
from pynamodb.exceptions import PynamoDBConnectionError

from dynrepo import (
    DynamoStore,
    ItemExists,
    OutcomeUnknown,
    PartitionKey,
    Repository,
    Throttled,
    Timeout,
    Version,
)
from dynrepo.sending.retry import ATTEMPTS
from tests.told import told

if TYPE_CHECKING:
    from collections.abc import Callable


class Coin(BaseModel):
    """Some money."""

    name: Annotated[str, PartitionKey()]
    cents: int = 0
    version: Annotated[int, Version()] = 0


class Coins(Repository[Coin]):
    """Money."""

    table = "coins"


class Raw(io.BytesIO):
    """The body of an answer, as urllib3 gives it."""

    def stream(self, **_: Any) -> Any:
        """All of it."""
        yield self.read()


def answered(status: int, body: dict[str, Any], *, checksum: int | None = None) -> Any:
    """An answer of DynamoDB, as botocore has it."""
    text = json.dumps(body).encode()
    headers = {"x-amz-crc32": str(crc32(text) if checksum is None else checksum)}
    return lambda: AWSResponse("http://coins", status, headers, Raw(text))


def lost() -> Any:
    """No answer comes."""
    raise ReadTimeoutError(endpoint_url="http://coins")


class Line:
    """A connection with the retries that PynamoDB gives it, which follows a script."""

    def __init__(self, *script: Callable[[], Any], **options: Any) -> None:
        self.script = list(script)
        self.sent: list[str] = []
        self.connection = Connection(region="eu-west-1", **options)
        self.connection.client.meta.events.register_first("before-send.dynamodb", self._answer)
        self.coins = Coins(DynamoStore(connection=self.connection), instruments=())

    def _answer(self, request: Any, **_: Any) -> Any:
        """The next step of the script, the last of which repeats for ever."""
        self.sent.append(request.headers["X-Amz-Target"].decode().rpartition(".")[2])
        return (self.script.pop(0) if len(self.script) > 1 else self.script[0])()


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Botocore does not sleep before it repeats."""
    monkeypatch.setattr(botocore.endpoint.time, "sleep", lambda _: None)


RETRIES: list[dict[str, Any]] = [
    {},
    {"max_retry_attempts": 9},
    {"retry_configuration": {"mode": "legacy", "max_attempts": 5}},
    {"retry_configuration": {"mode": "adaptive", "max_attempts": 5}},
]
FAILED = answered(500, {"__type": "x#InternalServerError"})
GARBLED = answered(200, {"Attributes": {"name": {"S": "a"}}}, checksum=1)
WRITES: dict[str, Callable[[Coins], Any]] = {
    "update": lambda coins: coins.update("a", coins.fields.cents.add(1)),
    "delete": lambda coins: coins.delete(Coin(name="a", version=1)),
    "save": lambda coins: coins.save(Coin(name="a")),
}


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("loss", [lost, FAILED, GARBLED], ids=["lost", "failed", "garbled"])
def test_a_write_whose_answer_is_lost_is_sent_once(write: str, loss: Callable[[], Any]) -> None:
    """Else it counts twice, or deletes what was saved under the key in between."""
    line = Line(loss)
    assert type(told(lambda: WRITES[write](line.coins))) is OutcomeUnknown
    assert len(line.sent) == 1


@pytest.mark.parametrize("options", RETRIES, ids=["default", "nine", "legacy", "adaptive"])
def test_the_retries_of_the_connection_do_not_matter(options: dict[str, Any]) -> None:
    """A call sends as many requests as the store may, its looks included."""
    line = Line(lost, **options)
    error = told(lambda: line.coins.create(Coin(name="a")))
    assert line.sent == ["PutItem", *["GetItem"] * (ATTEMPTS - 1)]
    assert (type(error), error.attempts) == (OutcomeUnknown, ATTEMPTS)


def test_an_answer_means_what_it_meant() -> None:
    """A refusal with its item, a table that is too busy, an item."""
    item = {"name": {"S": "a"}, "cents": {"N": "3"}, "version": {"N": "2"}}
    unmet = {"__type": "x#ConditionalCheckFailedException", "Item": item}
    refused = told(lambda: Line(answered(400, unmet)).coins.create(Coin(name="a")))
    assert isinstance(refused, ItemExists)
    assert refused.item == Coin(name="a", cents=3, version=2)
    busy = Line(answered(400, {"__type": "x#ThrottlingException"}))
    assert type(told(lambda: busy.coins.get("a"))) is Throttled
    assert len(busy.sent) == ATTEMPTS
    assert Line(answered(200, {"Item": item})).coins.get("a") == refused.item


def test_what_the_caller_sends_is_repeated_as_ever() -> None:
    """The connection is theirs."""
    line = Line(lost)
    assert type(told(lambda: line.coins.get("a"))) is Timeout
    line.sent.clear()
    with pytest.raises((PynamoDBConnectionError, ReadTimeoutError)):
        line.connection.dispatch("GetItem", {"TableName": "coins", "Key": {"name": {"S": "a"}}})
    assert len(line.sent) == 4
