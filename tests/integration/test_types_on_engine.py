"""What a real engine makes of the stored forms: independent readers, order, PynamoDB's models."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, Rounded
from random import Random
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID, uuid4

import boto3
import pytest
from boto3.dynamodb.types import TypeDeserializer
from moto import mock_aws
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, create_model

from dynrepo.codec import decode_any, encode_any
from dynrepo.errors import CodecError
from dynrepo.markers import Encoding, PartitionKey, SortKey
from dynrepo.schema.entity import schema_of
from tests.encodings import ENCODINGS, Example

if TYPE_CHECKING:
    from collections.abc import Iterator

WIRE = {"region_name": "eu-west-1", "aws_access_key_id": "x", "aws_secret_access_key": "x"}


@pytest.fixture(
    scope="module", params=["moto", pytest.param("ministack", marks=pytest.mark.engine)]
)
def client(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A client of boto3's, which knows nothing of dynrepo."""
    if request.param == "moto":
        with mock_aws():
            yield boto3.client("dynamodb", **WIRE)
    else:
        endpoint = request.getfixturevalue("engine_endpoint")
        yield boto3.client("dynamodb", endpoint_url=endpoint, **WIRE)


@pytest.fixture
def table(client: Any) -> str:
    """A table with a string for its key."""
    return _create(client, {"id": "S"})


def _create(client: Any, key: dict[str, str]) -> str:
    name = f"types-{uuid4()}"
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": one, "AttributeType": tag} for one, tag in key.items()
        ],
        KeySchema=[
            {"AttributeName": one, "KeyType": kind}
            for one, kind in zip(key, ("HASH", "RANGE"), strict=False)
        ],
    )
    return name


def _convert(stored: dict[str, Any], binary: Any) -> dict[str, Any]:
    """An attribute value with its binaries in another form; boto3 takes and gives bytes."""
    ((tag, payload),) = stored.items()
    if tag == "B":
        return {"B": binary(payload)}
    if tag == "BS":
        return {"BS": [binary(one) for one in payload]}
    if tag == "L":
        return {"L": [_convert(one, binary) for one in payload]}
    if tag == "M":
        return {"M": {key: _convert(one, binary) for key, one in payload.items()}}
    return stored


def _as_bytes(text: str) -> bytes:
    return decode_any({"B": text})  # type: ignore[no-any-return]


def _as_text(data: Any) -> str:
    return encode_any(bytes(data))["B"]  # type: ignore[no-any-return]


def put(client: Any, table: str, item: dict[str, Any]) -> None:
    """Stores an item of ours through boto3."""
    sent = {name: _convert(one, _as_bytes) for name, one in item.items()}
    client.put_item(TableName=table, Item=sent)


def get(client: Any, table: str, key: dict[str, Any]) -> dict[str, Any]:
    """The attributes under a key, as boto3 gives them."""
    found: dict[str, Any] = client.get_item(TableName=table, Key=key, ConsistentRead=True)["Item"]
    return found


def _plain(value: Any) -> Any:
    """What boto3's deserializer made, with `bytes` for the class that it has for them."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, set):
        return {_plain(one) for one in value}
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return bytes(value.value) if hasattr(value, "value") else value


EACH = [pytest.param(one, id=f"{number}-{one.name}") for number, one in enumerate(ENCODINGS)]


@pytest.mark.parametrize("example", EACH)
def test_an_engine_keeps_every_type(client: Any, table: str, example: Example) -> None:
    """The value comes back, and boto3's own deserializer reads the same attribute as we do."""
    model = create_model(
        "Sample",
        __config__=ConfigDict(arbitrary_types_allowed=True),
        id=(Annotated[str, PartitionKey()], ...),
        field=(example.annotation, Field(default_factory=lambda: None)),
    )
    schema = schema_of(model)
    put(client, table, schema.encode(model.model_construct(id="k", field=example.value)))
    found = get(client, table, {"id": {"S": "k"}})
    item = {name: _convert(one, _as_text) for name, one in found.items()}
    read = schema.decode(item).field  # type: ignore[attr-defined]

    assert read == example.value
    assert type(read) is type(example.value)
    for name, one in found.items():
        assert _independently(one) == decode_any(item[name])


def _independently(stored: dict[str, Any]) -> Any:
    """What boto3's deserializer reads."""
    try:
        return _plain(TypeDeserializer().deserialize(stored))
    except Rounded:  # MiniStack writes 3E+125 out, and boto3 takes 38 digits, be they zeros
        return Decimal(stored["N"])


def test_an_engine_takes_the_deepest_value(client: Any, table: str) -> None:
    """The depth that is let through is not too deep for an engine that counts."""
    model = create_model("Deep", id=(Annotated[str, PartitionKey()], "k"), free=(Any, None))
    deep: Any = 1
    for _ in range(31):
        deep = [deep]

    put(client, table, schema_of(model).encode(model(free=deep)))
    with pytest.raises(CodecError, match="nested deeper than 32 levels"):
        schema_of(model).encode(model(free=[deep]))


_RANDOM = Random(7)  # noqa: S311  # an order to be sorted, no secret
_START = datetime(2024, 1, 1, tzinfo=UTC)
SORTED = {
    str: ["~", "é", "z", "Z", "\uffff", "😀", "a"],
    int: [-(10**37), -2, -1, 0, 1, 9, 10, 10**37],
    Decimal: [Decimal(one) for one in ("-1.5", "-1E-20", "0", "0.1", "0.09", "1E+20")],
    float: [-1e100, -1.5, 0.0, 1e-100, 0.1, 1e100],
    bytes: [b"\x00", b"\x7f", b"\x80", b"\xff\x00", b"\xff"],
    date: [date(1, 1, 1), date(987, 1, 1), date(2024, 2, 1), date(2024, 1, 31), date.max],
    AwareDatetime: [_START + timedelta(microseconds=_RANDOM.randrange(10**13)) for _ in range(20)]
    + [_START, datetime(987, 1, 1, tzinfo=UTC)],
    timedelta: [timedelta(seconds=one) for one in (-90, -0.5, 0, 0.25, 3600)],
    UUID: [UUID(int=_RANDOM.getrandbits(128)) for _ in range(20)],
}


@pytest.mark.parametrize("kind", SORTED, ids=lambda kind: kind.__name__)
def test_a_query_returns_the_order_of_python(client: Any, kind: Any) -> None:
    """Sort keys are stored so that the engine's order is the order of the values."""
    model = create_model(
        "Row", id=(Annotated[str, PartitionKey()], "k"), at=(Annotated[kind, SortKey()], ...)
    )
    schema = schema_of(model)
    tag = schema.field("at").codec.tag
    table = _create(client, {"id": "S", "at": tag})
    for value in SORTED[kind]:
        put(client, table, schema.encode(model(at=value)))
    found = client.query(
        TableName=table,
        KeyConditionExpression="id = :id",
        ExpressionAttributeValues={":id": {"S": "k"}},
        ConsistentRead=True,
    )["Items"]
    rows = [{name: _convert(one, _as_text) for name, one in row.items()} for row in found]

    assert [schema.decode(row).at for row in rows] == sorted(SORTED[kind])  # type: ignore[attr-defined]


class Shared(BaseModel):
    """What PynamoDB's attributes and ours store alike."""

    id: Annotated[str, PartitionKey()]
    number: int
    ratio: float
    flag: bool
    data: bytes
    names: set[str]
    sizes: set[int]
    parts: list[Any]
    more: dict[str, Any]
    nothing: str | None = None


SHARED = Shared(
    id="k",
    number=7,
    ratio=0.5,
    flag=True,
    data=b"\x00\xff",
    names={"a", "b"},
    sizes={1, 2},
    parts=[1, "x", True],
    more={"a": {"b": 1}},
)
WHEN = datetime(2024, 1, 2, 3, 4, 5, 6, tzinfo=UTC)


@pytest.fixture(scope="module")
def legacy() -> Iterator[Any]:
    """A model of PynamoDB's with the same attributes, and its table."""
    from pynamodb import attributes as of  # noqa: PLC0415  # a second that other tests need not pay
    from pynamodb.models import Model  # noqa: PLC0415

    class Legacy(Model):
        """The same item in PynamoDB's words."""

        class Meta:
            """Where it is stored."""

            table_name = "legacy"
            region = "eu-west-1"

        id = of.UnicodeAttribute(hash_key=True)
        number = of.NumberAttribute()
        ratio = of.NumberAttribute()
        flag = of.BooleanAttribute()
        data = of.BinaryAttribute(legacy_encoding=False)
        names = of.UnicodeSetAttribute()
        sizes = of.NumberSetAttribute()
        parts = of.ListAttribute()
        more = of.MapAttribute()
        nothing = of.UnicodeAttribute(null=True)
        at = of.UTCDateTimeAttribute(null=True)

    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "x")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "x")
        Legacy.create_table(billing_mode="PAY_PER_REQUEST", wait=True)
        yield Legacy


def test_an_item_of_a_pynamodb_model_is_read(legacy: Any) -> None:
    """What PynamoDB wrote is an instance of ours, for the kinds of attributes that both have."""
    written = SHARED.model_dump(exclude={"nothing"})
    legacy(**written).save()
    found = get(boto3.client("dynamodb", **WIRE), "legacy", {"id": {"S": "k"}})
    item = {name: _convert(one, _as_text) for name, one in found.items()}

    assert schema_of(Shared).decode(item) == SHARED


def test_a_pynamodb_model_reads_an_item_of_ours(legacy: Any) -> None:
    """And the reverse."""
    put(boto3.client("dynamodb", **WIRE), "legacy", schema_of(Shared).encode(SHARED))
    read = legacy.get("k").attribute_values

    assert read.pop("more").as_dict() == SHARED.more
    assert read == SHARED.model_dump(exclude={"more", "nothing"})


def test_a_datetime_of_pynamodb_is_read_and_not_the_reverse(legacy: Any) -> None:
    """The documentation says so: PynamoDB reads no other form than its own."""

    class Event(BaseModel):
        """An item with a datetime."""

        id: Annotated[str, PartitionKey()]
        at: AwareDatetime

    client = boto3.client("dynamodb", **WIRE)
    legacy(id="t", at=WHEN, **SHARED.model_dump(exclude={"id", "nothing"})).save()
    assert schema_of(Event).decode(get(client, "legacy", {"id": {"S": "t"}})) == Event(
        id="t", at=WHEN
    )
    item = get(client, "legacy", {"id": {"S": "t"}}) | schema_of(Event).encode(
        Event(id="t", at=WHEN)
    )
    client.put_item(TableName="legacy", Item=item)
    with pytest.raises(ValueError, match="does not match format"):
        legacy.get("t")


def test_pynamodb_form_of_datetimes_by_an_encoding(legacy: Any) -> None:
    """A field that PynamoDB is to read brings PynamoDB's form with it."""
    form = Encoding(
        "S",
        encode=lambda value: value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f+0000"),
        decode=datetime.fromisoformat,
    )

    class Event(BaseModel):
        """An item with a datetime in PynamoDB's form."""

        id: Annotated[str, PartitionKey()]
        at: Annotated[AwareDatetime, form]

    client = boto3.client("dynamodb", **WIRE)
    whole = schema_of(Shared).encode(SHARED) | schema_of(Event).encode(Event(id="e", at=WHEN))
    put(client, "legacy", whole)

    assert legacy.get("e").at == WHEN
    assert schema_of(Event).decode(get(client, "legacy", {"id": {"S": "e"}})).at == WHEN


def test_a_foreign_value_of_another_type_is_refused(client: Any, table: str) -> None:
    """Another writer's text in a number field is found out, and named."""
    client.put_item(TableName=table, Item={"id": {"S": "k"}, "number": {"S": "7"}})
    with pytest.raises(CodecError, match=r"Shared\.number: expected N for int, found S"):
        schema_of(Shared).decode(get(client, table, {"id": {"S": "k"}}))
