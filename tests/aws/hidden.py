"""Takes a private name of botocore or PynamoDB from this library alone, and then calls it.

`python -m tests.aws.hidden MODULE:CLASS.NAME ...` prints for each name, as JSON in a line, who sent
and why, what was logged, and what get, update and query returned. Each name is taken in a process
of its own, before dynrepo is imported; botocore itself still has it, as if it were called otherwise
there. The processes are forked from one that has botocore, PynamoDB and Pydantic ready.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from importlib import import_module
from typing import Annotated, Any

from pydantic import BaseModel

ITEM = {"id": {"S": "1"}, "visits": {"N": "3"}}


class Hidden:
    """An attribute of instances that exists for everybody but dynrepo."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is None or asked_by_dynrepo():
            raise AttributeError(self._name, name=self._name)
        try:
            return instance.__dict__[f"renamed{self._name}"]
        except KeyError:
            raise AttributeError(self._name) from None

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[f"renamed{self._name}"] = value


def asked_by_dynrepo() -> bool:
    """Whether the caller of the caller is a module of dynrepo."""
    return str(sys._getframe(2).f_globals.get("__name__")).startswith("dynrepo")


def hide_method(owner: Any, name: str) -> None:
    """Takes a method out of the dictionary of its class."""
    method = owner.__dict__[name]
    delattr(owner, name)
    others = owner.__dict__.get("__getattr__")

    def find(self: Any, asked: str) -> Any:
        if asked == name and not asked_by_dynrepo():
            return method.__get__(self)
        if others is None:
            raise AttributeError(asked, name=asked)
        return others(self, asked)

    owner.__getattr__ = find


def call_without(module: str, owner: str, name: str) -> None:
    """Hides the name, calls, and tells."""
    held: Any = getattr(import_module(module), owner)
    if name in held.__dict__:
        hide_method(held, name)
    else:
        setattr(held, name, Hidden(name))

    from dynrepo import DynamoStore, PartitionKey, Repository  # noqa: PLC0415
    from tests.loopback import Loopback, Received, answer  # noqa: PLC0415

    answers: dict[str, Any] = {
        "GetItem": {"Item": ITEM},
        "UpdateItem": {"Attributes": ITEM},
        "Query": {"Items": [ITEM], "Count": 1, "ScannedCount": 1},
    }

    def reply(connection: Any, request: Received) -> None:
        operation = request.headers["x-amz-target"].rpartition(".")[2]
        connection.sendall(answer(answers[operation]))

    class Visit(BaseModel):
        id: Annotated[str, PartitionKey()]
        visits: int

    class Visits(Repository[Visit]):
        table = "visits"

    logged: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: logged.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger("dynrepo").addHandler(handler)
    with Loopback(reply) as server:
        visits = Visits(DynamoStore(region="eu-west-1", endpoint=server.url), instruments=[])
        found = visits.require("1"), visits.update("1", visits.fields.visits.add(1))
        queried = visits.query(visits.fields.id == "1").all()
        store: Any = visits.store
        sender = store.sender
        store.close()
    read = [item.visits for item in (*found, *queried)]
    told = {"name": sender.name, "reason": sender.reason, "logged": logged, "read": read}
    print(json.dumps(told))  # noqa: T201 - whoever started this reads it


def main(*names: str) -> None:
    """Has each name hidden in a process of its own, one after the other."""
    os.environ.update(AWS_ACCESS_KEY_ID="made-up", AWS_SECRET_ACCESS_KEY="made-up")
    for dotted in names:
        module, _, rest = dotted.partition(":")
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            call_without(module, *rest.split("."))
            sys.stdout.flush()
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if status:
            sys.exit(f"without {dotted} the calls failed")


if __name__ == "__main__":
    main(*sys.argv[1:])
