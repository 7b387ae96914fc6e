"""The libraries that block, each doing the same seven things in its own way.

A peer is a dict of functions by operation; each is called with a number and does its thing that
many times.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, TypeAlias

from pydantic import AwareDatetime, BaseModel

from dynrepo import DynamoStore, PartitionKey, Repository, SortKey
from tests.benchmarks.canned import PAGED, TABLE, item

Peer: TypeAlias = dict[str, Callable[[int], Any]]

OPERATIONS = ("get", "put", "delete", "query 100", "1 MB page", "batch get 100", "batch write 25")
WIRE = item(0)
KEY = {"pk": WIRE["pk"], "sk": WIRE["sk"]}
KEYS = [{"pk": "user-1", "sk": f"{number:08d}"} for number in range(100)]


class User(BaseModel):
    """The item as a model."""

    pk: Annotated[str, PartitionKey()]
    sk: Annotated[str, SortKey()]
    name: str
    email: str
    street: str
    city: str
    country: str
    phone: str
    age: int
    visits: int
    balance: Decimal
    active: bool
    tags: list[str]
    preferences: dict[str, str]
    created: AwareDatetime
    about: str


class Users(Repository[User]):
    """The items of the table."""

    table = TABLE


class Pages(Repository[User]):
    """The same, a thousand of them."""

    table = PAGED


def times(function: Callable[[], Any]) -> Callable[[int], None]:
    """A function that does the same a given number of times."""

    def repeat(number: int) -> None:
        for _ in range(number):
            function()

    return repeat


def repositories(
    url: str, *kinds: type[Repository[Any]], transport: str = "auto", statsd_port: int | None = None
) -> list[Any]:
    """Repositories of this library on one store: StatsD on, the OpenTelemetry API there, no SDK."""
    client = statsd_client(statsd_port)
    store = DynamoStore(endpoint=url, transport=transport)  # type: ignore[arg-type]
    made = [kind(store) for kind in kinds]
    for repository in made:
        repository.use_metrics(client)
    return made


def statsd_client(port: int | None = None) -> Any:
    """A client that sends to a port; without one, to a socket that nobody reads."""
    import statsd  # noqa: PLC0415

    return statsd.StatsClient("127.0.0.1", port or _unread())


def _unread() -> int:
    """The port of a socket that takes what is sent to it, and that nobody reads."""
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.bind(("127.0.0.1", 0))
    _kept.append(receiver)
    return int(receiver.getsockname()[1])


def dynrepo_peer(url: str, transport: str = "auto") -> Peer:
    """This library: validated models out."""
    users, pages = repositories(url, Users, Pages, transport=transport)
    model = users.get(("user-1", "00000000"))
    assert model is not None
    models = [model.model_copy(update=key) for key in KEYS]
    keys = [(key["pk"], key["sk"]) for key in KEYS]
    return {
        "get": times(lambda: users.get(keys[0])),
        "put": times(lambda: users.set(model)),
        "delete": times(lambda: users.delete(keys[0])),
        "query 100": times(lambda: list(users.query(users.fields.pk == "user-1"))),
        "1 MB page": times(lambda: list(pages.query(pages.fields.pk == "user-1"))),
        "batch get 100": times(lambda: users.get_many(keys)),
        "batch write 25": times(lambda: users.set_many(models[:25])),
    }


_kept: list[Any] = []


def boto3_raw(url: str) -> Peer:
    """The client of boto3, which gives and takes dicts of DynamoDB JSON."""
    import boto3  # noqa: PLC0415

    client = boto3.client("dynamodb", endpoint_url=url)
    wire_keys = [{name: {"S": value} for name, value in key.items()} for key in KEYS]
    puts = [{"PutRequest": {"Item": item(number)}} for number in range(25)]
    condition: Any = {
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": {"S": "user-1"}},
    }
    return {
        "get": times(lambda: client.get_item(TableName=TABLE, Key=KEY)),
        "put": times(lambda: client.put_item(TableName=TABLE, Item=WIRE)),
        "delete": times(lambda: client.delete_item(TableName=TABLE, Key=KEY)),
        "query 100": times(lambda: client.query(TableName=TABLE, **condition)),
        "1 MB page": times(lambda: client.query(TableName=PAGED, **condition)),
        "batch get 100": times(
            lambda: client.batch_get_item(RequestItems={TABLE: {"Keys": wire_keys}})
        ),
        "batch write 25": times(lambda: client.batch_write_item(RequestItems={TABLE: puts})),
    }


def serializers() -> tuple[Callable[[Any], User], Callable[[User], Any], Callable[[Any], Any]]:
    """Reads an item, writes one and writes a key by boto3's serializers, as one does by hand."""
    from boto3.dynamodb.types import TypeDeserializer, TypeSerializer  # noqa: PLC0415

    value_of, value = TypeDeserializer().deserialize, TypeSerializer().serialize

    def read(stored: Any) -> User:
        return User.model_validate({name: value_of(found) for name, found in stored.items()})

    def key(pair: Any) -> Any:
        return {name: value(part) for name, part in pair.items()}

    def write(user: User) -> Any:
        return key({**user.model_dump(), "created": user.created.isoformat()})

    return read, write, key


def boto3_pydantic(url: str) -> Peer:
    """The same with boto3's serializers and a Pydantic model, as one writes it by hand."""
    import boto3  # noqa: PLC0415

    client = boto3.client("dynamodb", endpoint_url=url)
    model, wire, key = serializers()

    def query(table: str) -> Any:
        answer = client.query(
            TableName=table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": KEY["pk"]},
        )
        return [model(one) for one in answer["Items"]]

    def batch_get() -> Any:
        answer = client.batch_get_item(RequestItems={TABLE: {"Keys": [key(one) for one in KEYS]}})
        return [model(one) for one in answer["Responses"][TABLE]]

    ada = model(WIRE)
    return {
        "get": times(lambda: model(client.get_item(TableName=TABLE, Key=key(KEYS[0]))["Item"])),
        "put": times(lambda: client.put_item(TableName=TABLE, Item=wire(ada))),
        "delete": times(lambda: client.delete_item(TableName=TABLE, Key=key(KEYS[0]))),
        "query 100": times(lambda: query(TABLE)),
        "1 MB page": times(lambda: query(PAGED)),
        "batch get 100": times(batch_get),
        "batch write 25": times(
            lambda: client.batch_write_item(
                RequestItems={TABLE: [{"PutRequest": {"Item": wire(ada)}} for _ in range(25)]}
            )
        ),
    }


def pynamodb_model(url: str) -> Peer:
    """PynamoDB's own models."""
    from pynamodb import attributes as kinds  # noqa: PLC0415
    from pynamodb.models import Model  # noqa: PLC0415

    def declared(table: str) -> Any:
        names = ("name", "email", "street", "city", "country", "phone", "about", "created")
        body: dict[str, Any] = {name: kinds.UnicodeAttribute() for name in names}
        body |= {name: kinds.NumberAttribute() for name in ("age", "visits", "balance")}
        body |= {
            "pk": kinds.UnicodeAttribute(hash_key=True),
            "sk": kinds.UnicodeAttribute(range_key=True),
            "active": kinds.BooleanAttribute(),
            "tags": kinds.ListAttribute(),
            "preferences": kinds.MapAttribute(),
            "Meta": type("Meta", (), {"table_name": table, "host": url, "region": "eu-west-1"}),
        }
        return type("PynamoUser", (Model,), body)

    users, pages = declared(TABLE), declared(PAGED)
    ada = users.get("user-1", "00000000")
    pairs = [(key["pk"], key["sk"]) for key in KEYS]

    def batch_write() -> None:
        with users.batch_write() as batch:
            for _ in range(25):
                batch.save(ada)

    return {
        "get": times(lambda: users.get("user-1", "00000000")),
        "put": times(ada.save),
        "delete": times(ada.delete),
        "query 100": times(lambda: list(users.query("user-1"))),
        "1 MB page": times(lambda: list(pages.query("user-1"))),
        "batch get 100": times(lambda: list(users.batch_get(pairs))),
        "batch write 25": times(batch_write),
    }


def dyntastic_peer(url: str) -> Peer:
    """Pydantic models that are dyntastic's."""
    from dyntastic import Dyntastic  # noqa: PLC0415

    def declared(table: str) -> Any:
        names = {name: info.annotation for name, info in User.model_fields.items()}
        body = {
            "__annotations__": {**names, "created": datetime},
            "__module__": __name__,
            "__table_name__": table,
            "__hash_key__": "pk",
            "__range_key__": "sk",
            "__table_host__": url,
            "__table_region__": "eu-west-1",
        }
        return type(Dyntastic)("DyntasticUser", (Dyntastic,), body)

    users, pages = declared(TABLE), declared(PAGED)
    ada = users.get("user-1", "00000000")
    pairs = [(key["pk"], key["sk"]) for key in KEYS]

    def batch_write() -> None:
        with users.batch_writer(batch_size=25):
            for key in KEYS[:25]:
                ada.model_copy(update=key).save()

    return {
        "get": times(lambda: users.get("user-1", "00000000")),
        "put": times(ada.save),
        "delete": times(ada.delete),
        "query 100": times(lambda: list(users.query("user-1"))),
        "1 MB page": times(lambda: list(pages.query("user-1"))),
        "batch get 100": times(lambda: users.batch_get(pairs)),
        "batch write 25": times(batch_write),
    }


def pydynox_client(url: str) -> Any:
    """A client of pydynox, which writes no line about a slow operation."""
    logging.getLogger("pydynox").setLevel(logging.ERROR)
    from pydynox import DynamoDBClient  # noqa: PLC0415

    return DynamoDBClient(
        region="eu-west-1",
        access_key="made-up",
        secret_key="made-up",
        endpoint_url=url,
    )


def pydynox_model(client: Any, table: str) -> Any:
    """A model of pydynox."""
    from pydynox import Model, ModelConfig  # noqa: PLC0415
    from pydynox import attributes as kinds  # noqa: PLC0415

    names = ("name", "email", "street", "city", "country", "phone", "about", "created")
    body: dict[str, Any] = {name: kinds.StringAttribute() for name in names}
    body |= {name: kinds.NumberAttribute() for name in ("age", "visits", "balance")}
    body |= {
        "pk": kinds.StringAttribute(partition_key=True),
        "sk": kinds.StringAttribute(sort_key=True),
        "active": kinds.BooleanAttribute(),
        "tags": kinds.ListAttribute(),
        "preferences": kinds.MapAttribute(),
        "model_config": ModelConfig(table=table, client=client),
    }
    return type(Model)("PydynoxUser", (Model,), body)


def pydynox_peer(url: str) -> Peer:
    """pydynox: models of its own over a Rust core."""
    from pydynox import SyncBatchWriter  # noqa: PLC0415

    client = pydynox_client(url)
    users, pages = pydynox_model(client, TABLE), pydynox_model(client, PAGED)
    ada = users.sync_get(pk="user-1", sk="00000000")
    values = ada.to_dict()

    def batch_write() -> None:
        with SyncBatchWriter(client, TABLE) as batch:
            for key in KEYS[:25]:
                batch.put({**values, **key})

    return {
        "get": times(lambda: users.sync_get(pk="user-1", sk="00000000")),
        "put": times(ada.sync_save),
        "delete": times(ada.sync_delete),
        "query 100": times(lambda: list(users.sync_query(partition_key="user-1"))),
        "1 MB page": times(lambda: list(pages.sync_query(partition_key="user-1"))),
        "batch get 100": times(lambda: users.sync_batch_get(KEYS)),
        "batch write 25": times(batch_write),
    }
