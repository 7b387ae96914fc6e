"""PynamoDB and dynrepo on one table: each reads what the other has written."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import uuid4

import pytest
from pydantic import AwareDatetime, BaseModel, JsonValue
from pynamodb import attributes as of
from pynamodb.exceptions import PutError
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model

from dynrepo import (
    Attribute,
    Encoding,
    PartitionKey,
    Repository,
    SortKey,
    TimeToLive,
    Version,
    VersionConflict,
    encodings,
)
from tests.integration.writers import REGION, saved_unchanged, stored

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynrepo import DynamoStore

pytestmark = pytest.mark.engine

SEEN = datetime(2024, 2, 29, 12, 0, 0, 250, tzinfo=UTC)
EXPIRES = datetime(2099, 1, 1, tzinfo=UTC)


class Place(of.MapAttribute[str, Any]):
    """A map with attributes of its own."""

    floor = of.NumberAttribute()
    room = of.UnicodeAttribute(attr_name="r", null=True)
    since = of.UTCDateTimeAttribute(null=True)


class Device(Model):
    """The attributes that PynamoDB has, in a table of several kinds."""

    class Meta:
        """Where it is stored; the test says at which engine."""

        table_name = f"pynamodb-{uuid4().hex[:8]}"
        region = REGION

    class ByOwner(GlobalSecondaryIndex[Any]):
        """Devices by owner."""

        class Meta:
            """Its name."""

            index_name = "by_owner"
            projection = AllProjection()

        owner = of.UnicodeAttribute(hash_key=True)
        seen = of.UTCDateTimeAttribute(range_key=True)

    id = of.UnicodeAttribute(hash_key=True)
    seen = of.UTCDateTimeAttribute(range_key=True)
    kind = of.DiscriminatorAttribute(attr_name="cls")
    owner = of.UnicodeAttribute()
    count = of.NumberAttribute(default=0)
    ratio = of.NumberAttribute(null=True)
    is_on = of.BooleanAttribute(attr_name="on", default=False)
    note = of.UnicodeAttribute(null=True)
    labels = of.UnicodeSetAttribute(null=True)
    sizes = of.NumberSetAttribute(null=True)
    settings: Any = of.JSONAttribute(null=True)
    place = Place(null=True)
    free: Any = of.MapAttribute(null=True)
    parts: Any = of.ListAttribute(null=True)
    places: Any = of.ListAttribute(of=Place, null=True)
    digest = of.BinaryAttribute(legacy_encoding=True, null=True)
    seal = of.BinaryAttribute(legacy_encoding=False, null=True)
    seals = of.BinarySetAttribute(legacy_encoding=False, null=True)
    digests = of.BinarySetAttribute(legacy_encoding=True, null=True)
    expires = of.TTLAttribute(null=True)
    version = of.VersionAttribute()
    by_owner = ByOwner()


class Sensor(Device, discriminator="Sensor"):
    """A kind with an attribute more."""

    celsius = of.NumberAttribute()


class Camera(Device, discriminator="Camera"):
    """Another kind."""


class Spot(BaseModel, frozen=True):
    """A `Place` of dynrepo's."""

    floor: int
    room: Annotated[str | None, Attribute("r")] = None
    since: Annotated[AwareDatetime | None, encodings.ISO_BASIC_OFFSET] = None


SPACED_JSON = Encoding("S", encode=json.dumps, decode=json.loads)
"""To the byte what `JSONAttribute` writes; `encodings.JSON_TEXT` writes the same without spaces."""


class Moved(BaseModel, frozen=True):
    """A `Device` of dynrepo's."""

    id: Annotated[str, PartitionKey()]
    seen: Annotated[AwareDatetime, encodings.ISO_BASIC_OFFSET, SortKey(), SortKey("by_owner")]
    kind: Annotated[Literal["Sensor", "Camera"], Attribute("cls")]
    owner: Annotated[str, PartitionKey("by_owner")]
    count: int = 0
    ratio: float | None = None
    is_on: Annotated[bool, Attribute("on")] = False
    note: str | None = None
    labels: frozenset[str] = frozenset()
    sizes: frozenset[Decimal] = frozenset()
    settings: Annotated[dict[str, JsonValue] | None, SPACED_JSON] = None
    place: Spot | None = None
    free: dict[str, Any] | None = None
    parts: list[Any] | None = None
    places: list[Spot] | None = None
    digest: Annotated[bytes | None, encodings.LEGACY_BINARY] = None
    seal: bytes | None = None
    seals: frozenset[bytes] = frozenset()
    digests: frozenset[Annotated[bytes, encodings.LEGACY_BINARY]] = frozenset()
    expires: Annotated[AwareDatetime | None, TimeToLive()] = None
    celsius: float | None = None
    version: Annotated[int, Version()] = 0


class Devices(Repository[Moved]):
    """The rows of PynamoDB's table."""

    table = Device.Meta.table_name


WRITTEN: dict[str, Any] = {
    "owner": "grace",
    "count": 3,
    "ratio": 1e-7,
    "is_on": True,
    "note": "",
    "labels": {"b", "a"},
    "sizes": {1, 2.5},
    "settings": {"every": 30, "scale": [0.1, None, "é"]},
    "place": {"floor": 2, "room": "lab", "since": SEEN},
    "free": {"a": {"b": 1}, "none": None},
    "parts": [1, "x", True, None, [2.5], {"c": "d"}],
    "places": [{"floor": 1}],
    "digest": b"\x00\xff",
    "seal": b"\x00\xff",
    "seals": {b"\x01", b"\x02"},
    "digests": {b"\x03", b"\x04"},
    "expires": EXPIRES,
}
FIRST = Spot(floor=2, room="lab", since=SEEN)


def plain(device: Device) -> dict[str, Any]:
    """The values of an instance of PynamoDB's, maps as dicts."""
    return {name: _plain(value) for name, value in device.attribute_values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, of.MapAttribute):
        return {name: _plain(part) for name, part in value.attribute_values.items()}
    return [_plain(part) for part in value] if isinstance(value, list) else value


@pytest.fixture
def devices(
    engine_endpoint: str, plain_store: DynamoStore, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Devices]:
    """The table, as PynamoDB makes it."""
    monkeypatch.setattr(Device.Meta, "host", engine_endpoint)
    Device.create_table(billing_mode="PAY_PER_REQUEST", wait=True)
    Sensor("a", SEEN, celsius=20.5, **WRITTEN).save()
    yield Devices(plain_store)
    Device.delete_table()


def test_every_attribute_is_read_and_left_as_it_was(client: Any, devices: Devices) -> None:
    """A program that is moved saves rows that PynamoDB goes on with."""
    Camera("b", SEEN, owner="alan", labels=set(), sizes=set()).save()
    before = {device.id: plain(device) for device in Device.scan()}

    full, bare = sorted(saved_unchanged(client, devices, version="version"), key=lambda row: row.id)

    assert full == Moved(
        id="a", seen=SEEN, kind="Sensor", celsius=20.5, version=1, **WRITTEN | {"place": FIRST}
    )
    assert bare == Moved(id="b", seen=SEEN, kind="Camera", owner="alan", version=1)
    counted = {key: {**values, "version": 2} for key, values in before.items()}
    assert {device.id: plain(device) for device in Device.scan()} == counted


def test_the_table_of_a_model_is_verified(devices: Devices) -> None:
    """Its keys, its index, and each row in the form that is written."""
    assert not devices.verify_table(sample="all")


def test_what_dynrepo_writes_is_read_by_pynamodb(client: Any, devices: Devices) -> None:
    """As what it would have written itself, discriminator and version included."""
    (read,) = devices.scan().all()
    devices.create(read.model_copy(update={"id": "b", "version": 0}))

    written = Device.get("b", SEEN)
    assert type(written) is Sensor
    assert plain(written) == {**plain(Device.get("a", SEEN)), "id": "b"}
    first, second = stored(client, devices.mapper.table)
    assert {**first, "id": None} == {**second, "id": None}


def test_each_sees_the_versions_of_the_other(devices: Devices) -> None:
    """Whoever holds an older one may not write."""
    device = Device.get("a", SEEN)
    (read,) = devices.scan().all()
    saved = devices.save(read)

    with pytest.raises(PutError, match="conditional"):
        device.save()
    device.refresh()
    device.save()
    with pytest.raises(VersionConflict):
        devices.save(saved)
    assert device.version == 3


def test_json_is_read_by_both_in_any_spelling(devices: Devices) -> None:
    """What `encodings.JSON_TEXT` writes is what PynamoDB reads, and the reverse."""

    class Setting(BaseModel):
        """A part of the row."""

        id: Annotated[str, PartitionKey()]
        seen: Annotated[AwareDatetime, encodings.ISO_BASIC_OFFSET, SortKey()]
        settings: Annotated[dict[str, JsonValue], encodings.JSON_TEXT]

    class Settings(Repository[Setting]):
        """The same rows."""

        table = devices.mapper.table

    settings = Settings(devices.store)
    (read,) = settings.scan().all()
    assert read.settings == WRITTEN["settings"]
    settings.save(read)
    assert Device.get("a", SEEN).settings == WRITTEN["settings"]


def test_only_a_save_of_pynamodb_drops_what_it_does_not_know(client: Any, devices: Devices) -> None:
    """Its `update` does not, nor does a save of dynrepo's."""

    class Named(BaseModel):
        """A model with an attribute that PynamoDB's has not, and few that it has."""

        id: Annotated[str, PartitionKey()]
        seen: Annotated[AwareDatetime, encodings.ISO_BASIC_OFFSET, SortKey()]
        name: str = ""

    class Names(Repository[Named]):
        """The same rows."""

        table = devices.mapper.table

    names = Names(devices.store)
    (before,) = stored(client, names.mapper.table)
    names.save(Named(id="a", seen=SEEN, name="x"))
    assert stored(client, names.mapper.table) == [{**before, "name": {"S": "x"}}]
    device = Device.get("a", SEEN)
    device.update(actions=[Device.count.set(4)])
    assert names.get(("a", SEEN)) == Named(id="a", seen=SEEN, name="x")
    device.save()
    assert names.get(("a", SEEN)) == Named(id="a", seen=SEEN)


def test_keys_and_indexes_are_found_by_both(devices: Devices) -> None:
    """The time in a key is spelled as PynamoDB spells it."""
    fields = devices.fields
    assert devices.exists(("a", SEEN))
    since = (fields.owner == "grace") & (fields.seen >= SEEN)
    assert devices.query(since, index="by_owner").count() == 1
    devices.update(("a", SEEN), fields.owner.set("alan"))
    assert [device.id for device in Device.by_owner.query("alan", Device.seen <= SEEN)] == ["a"]
