"""Fields that stand in the texts of a key, stored beside them or not."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel, ConfigDict, computed_field

from dynrepo import AsyncRepository, CodecError, NotUnique, Repository, SchemaError
from dynrepo.markers import Attribute
from dynrepo.operations.operation import Operation, nothing
from dynrepo.places.key_fields import KeyFields
from dynrepo.places.schema import placed_schema_of
from dynrepo.places.shared_table import SharedTable
from dynrepo.places.table_keys import Key
from dynrepo.testing import MemoryStore
from tests.accelerator import if_accelerated
from tests.shop import ADA, CUSTOMER, NOW, ORDER, HandmadeCustomers, HandmadeOrders, Order, Orders
from tests.templates.made import FIELDS, Made, template

if TYPE_CHECKING:
    from dynrepo.codec import Item

KEY: Item = {
    "pk": {"S": f"USER#{ADA}"},
    "sk": {"S": "ORDER#2026-01-02T03:04:05.000006Z#00000007"},
}
FOUND: Item = {
    "user_id": {"S": str(ADA)},
    "placed": {"S": "2026-01-02T03:04:05.000006Z"},
    "number": {"N": "7"},
}
UNSTORED = placed_schema_of(Order, HandmadeOrders.place)
STORED = placed_schema_of(Order, Orders.place)


def fields_of(partition: str, sort: str, *, are_stored: bool = True) -> KeyFields:
    """What reads the fields of a key that two templates make."""
    templates = {"pk": template(partition, sort=False), "sk": template(sort)}
    return KeyFields(templates, are_stored=are_stored)


def test_fields_are_read_from_the_texts_of_a_key() -> None:
    """Where each text is one that its template makes."""
    assert UNSTORED.texts.read(KEY) == STORED.texts.read(KEY) == FOUND
    for other in ({"sk": {"S": "ORDER#x"}}, {"pk": {"N": "7"}}, {"sk": {"S": "PROFILE"}}):
        with pytest.raises(CodecError, match=r"Order: the template"):
            UNSTORED.texts.read({**KEY, **other})
    with pytest.raises(CodecError, match="the stored item lacks sk"):
        UNSTORED.texts.read({"pk": KEY["pk"]})


@pytest.mark.parametrize(
    ("partition", "sort", "other"),
    [
        ("U#{name}", "P#{name}", {"sk": {"S": "P#Bob"}}),
        ("D#{at:.10}", "{at}", {"pk": {"S": "D#2026-11-30"}}),
        ("L#{mail:lower}", "{mail}", {"pk": {"S": "L#bob@example.org"}}),
    ],
)
def test_a_field_in_two_texts_is_one(partition: str, sort: str, other: Item) -> None:
    """Texts that tell two values, or another form of it, are no key."""
    fields = fields_of(partition, sort)
    values = Made()
    item = {name: FIELDS[name].encode(getattr(values, name)) or {} for name in fields.attributes}
    key = {
        "pk": template(partition, sort=False).stored(item) or {},
        "sk": template(sort).stored(item) or {},
    }
    assert fields.read(key) == item
    with pytest.raises(CodecError, match="does not make the text"):
        fields.read({**key, **other})


def test_what_a_form_folds_cannot_be_read() -> None:
    """All else can."""
    assert fields_of("U#{mail:lower}", "{number}").attributes == {"number"}
    assert fields_of("U#{mail:lower}", "{mail}").attributes == {"mail"}


def test_a_row_that_lacks_a_field_has_it_in_its_key() -> None:
    """As those have it that other programs write; what is stored is what is taken, and checked."""
    row = STORED.encode(ORDER)
    for lacking in ("user_id", "placed", "number"):
        theirs = {name: stored for name, stored in row.items() if name != lacking}
        assert STORED.decode(theirs) == ORDER
        parse = STORED.parse("Items")
        assert parse is not None
        assert parse(json.dumps({"Items": [theirs]}).encode()) == ({}, [ORDER])
    with pytest.raises(CodecError, match="make another key"):
        STORED.decode({**row, "number": {"N": "8"}})
    with pytest.raises(CodecError, match="make another key"):
        STORED.decode({**KEY, "number": {"N": "8"}})
    with pytest.raises(CodecError, match="the template") as raised:
        STORED.decode({"status": {"S": "x"}, **KEY, "sk": {"S": "ORDER#x"}})
    assert raised.value.key == {**KEY, "sk": {"S": "ORDER#x"}}
    without_key = {name: stored for name, stored in row.items() if name not in ("pk", "number")}
    with pytest.raises(CodecError, match="number"):
        STORED.decode(without_key)


class Counter(BaseModel):
    """With a default in its key."""

    name: str
    number: int = 1
    note: str = ""


class Counters(Repository[Counter]):
    """Whose number may be lacking."""

    class Table(SharedTable):
        """Theirs."""

        table = "counters"
        key = Key("pk", "sk")

    place = Table.place("C#{name}", "{number:03d}")


def test_a_default_stands_for_no_part_of_a_key() -> None:
    """A row without the attribute is of the number that its key says."""
    store = MemoryStore(Counters)
    counters = Counters(store)
    row = {"pk": {"S": "C#a"}, "sk": {"S": "007"}, "name": {"S": "a"}}
    for part in ("Item", "Items"):
        parse = Counters.schema.parse(part)
        assert parse is not None
        answer = parse(json.dumps({part: row if part == "Item" else [row]}).encode())
        # An instance that the codec made of one item is compared with its key.
        assert answer is not None
        assert list(answer[1] or ()) == [Counter(name="a", number=7)]
    assert Counters.schema.decode(row).number == 7
    counters.set(Counter(name="a", number=7))
    assert counters.query(Counters.fields.name == "a").all() == [Counter(name="a", number=7)]


def test_what_is_not_stored_is_no_attribute() -> None:
    """Neither of what is written, nor of what is read: another program's is left alone."""
    item = UNSTORED.encode(ORDER)
    assert item.keys() == {"status", "pk", "sk", "gsi1pk", "gsi1sk"}
    assert {"pk": item["pk"], "sk": item["sk"]} == KEY
    assert UNSTORED.attributes == ("status", "note", "gsi1pk", "gsi1sk")
    assert UNSTORED.decode({**item, "number": {"S": "theirs"}}) == ORDER
    with pytest.raises(CodecError, match=r"Order\.number in the template"):
        UNSTORED.encode(ORDER.model_copy(update={"number": -1}))
    long = HandmadeCustomers.schema.encode(CUSTOMER.model_copy(update={"email": "é" * 3000}))
    assert "user_id" not in long


def test_texts_are_made_anew_of_an_item_without_its_fields() -> None:
    """When a write stamps it."""
    item = UNSTORED.encode(ORDER)
    item["status"] = {"S": "paid"}
    UNSTORED.restamped(item)
    assert item["gsi1pk"] == {"S": "STATUS#paid#2026-01-02"}
    assert item.keys() == {"status", "pk", "sk", "gsi1pk", "gsi1sk"}
    item["status"] = {"S": "ü" * 500}  # near the limit, and not over
    UNSTORED.restamped(item)
    assert item["gsi1pk"] == {"S": f"STATUS#{'ü' * 500}#2026-01-02"}
    assert "number" not in item


@if_accelerated
def test_fields_of_keys_are_read_in_one_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the rest of the rows; the codec reads those that are not as they are written."""
    rows = [ORDER.model_copy(update={"number": number}) for number in (7, 8)]
    row = UNSTORED.encode(ORDER)
    parse, one = UNSTORED.parse("Items"), UNSTORED.parse("Item")
    assert parse is not None
    assert one is not None

    def parsed(*stored: Item) -> Any:
        return parse(json.dumps({"Items": stored}).encode())[1]  # type: ignore[index]

    wrong = parsed({**row, "sk": {"S": "ORDER#2026"}}, {**row, "pk": {"N": "1"}})
    assert [type(error) for error in wrong] == [CodecError, CodecError]
    monkeypatch.setattr(UNSTORED, "values", None)
    assert parsed(*map(UNSTORED.encode, rows)) == rows
    assert one(json.dumps({"Item": row}).encode()) == ({}, (ORDER,))


NAMES = ["uid", "name", "at", "local", "day", "status", "level", "address", "iso", "short", "upper"]
TEXTS = [*(f"{{{name}}}" for name in NAMES), "{name:escaped}#{number}", "{at:ms}", "{number:08d}"]


@if_accelerated
@pytest.mark.parametrize("text", TEXTS)
def test_a_field_of_each_type_is_read_from_a_text(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one pass as by the codec."""

    class Table(SharedTable):
        table = "texts"
        key = Key("pk", "sk")

    schema = placed_schema_of(Made, Table.place("T", f"A#{text}", stored=False))
    made = Made(name="A#%b")
    item = schema.encode(made)
    assert not {name for name in FIELDS if f"{{{name}" in text} & item.keys()
    assert schema.decode(item) == made
    parse = schema.parse("Items")
    assert parse is not None, schema.unaccelerated
    monkeypatch.setattr(schema, "values", None)
    assert parse(json.dumps({"Items": [item]}).encode()) == ({}, [made])


def test_a_number_alone_is_read_as_it_is() -> None:
    """From a key that is one."""

    class Table(SharedTable):
        table = "numbers"
        key = Key("pk", "sk", types=("S", "N"))

    schema = placed_schema_of(Made, Table.place("T", "{number}", stored=False))
    item = schema.encode(Made(number=-7))
    assert item["sk"] == {"N": "-7"}
    assert "number" not in item
    assert schema.decode(item).number == -7
    parse = schema.parse("Item")
    assert parse is not None
    answer = parse(json.dumps({"Item": item}).encode())
    assert answer == ({}, (Made(number=-7),))


class Titled(BaseModel):
    """With a computed part of its key."""

    title: str
    year: int

    @computed_field  # type: ignore[prop-decorator]
    @property
    def slug(self) -> Annotated[str, Attribute("slug")]:
        """The title in small letters."""
        return self.title.lower()


def test_a_computed_field_of_a_key_is_computed() -> None:
    """And compared with what the key says."""

    class Table(SharedTable):
        table = "titles"
        key = Key("pk", "sk")

    schema = placed_schema_of(Titled, Table.place("T#{slug}", "{year:04d}", stored=False))
    item = schema.encode(Titled(title="Dune", year=1965))
    assert item == {"title": {"S": "Dune"}, "pk": {"S": "T#dune"}, "sk": {"S": "1965"}}
    assert schema.decode(item) == Titled(title="Dune", year=1965)
    with pytest.raises(CodecError, match="make another key"):
        schema.decode({**item, "pk": {"S": "T#emma"}})


@pytest.mark.parametrize("extra", ["allow", "forbid"])
def test_a_model_that_looks_at_all_attributes_is_read_by_the_codec(extra: Any) -> None:
    """And sees none of the key: neither its texts, nor what others store beside it."""

    class Whole(BaseModel):
        model_config = ConfigDict(extra=extra)

        name: str

    class Table(SharedTable):
        table = "wholes"
        key = Key("pk", "sk")

    schema = placed_schema_of(Whole, Table.place("W#{name}", "X", stored=False))
    assert schema.parse("Items") is None
    assert "may have the name of a field" in schema.unaccelerated
    item = schema.encode(Whole(name="a"))
    assert item.keys() == {"pk", "sk"}
    assert schema.decode({**item, "name": {"S": "theirs"}}) == Whole(name="a")
    more = {**item, "more": {"S": "x"}}
    if extra == "allow":
        assert schema.decode(more).__pydantic_extra__ == {"more": "x"}
    else:
        with pytest.raises(CodecError, match="an undeclared attribute"):
            schema.decode(more)


class Part(BaseModel):
    """Some of an order, with a part of its key."""

    number: int
    status: str | None = None


class Rest(BaseModel):
    """Some of an order, without its key."""

    status: str | None = None


@pytest.mark.parametrize("kind", [Orders, HandmadeOrders])
def test_a_part_of_an_item_has_fields_of_its_key(kind: type[Orders | HandmadeOrders]) -> None:
    """Stored or not; the key is asked for where the part has some of it."""
    store = MemoryStore(kind)
    orders = kind(store)
    orders.set(ORDER)
    of_ada = orders.fields.user_id == ADA
    for part in (Part(number=7, status="open"), Rest(status="open")):
        model = type(part)
        assert orders.get((ADA, NOW, 7), only=model) == part
        assert orders.query(of_ada).only(model).all() == [part]
    schema = orders.schema
    from dynrepo.schema.parts import part_in  # noqa: PLC0415 - of this test alone

    assert part_in(schema, Rest).asked == ("status",)
    row = schema.encode(ORDER)
    row.pop("number", None)
    assert part_in(schema, Part).decode(row) == Part(number=7, status="open")


def test_what_cannot_be_read_from_a_key_is_stored() -> None:
    """The error names the field."""

    class Table(SharedTable):
        table = "lossy"
        key = Key("pk", "sk")

    with pytest.raises(SchemaError, match=r"Made\.mail cannot be read from the key"):
        placed_schema_of(Made, Table.place("M#{mail:lower}", "X", stored=False, lossy=True))
    with pytest.raises(SchemaError, match="could be read in two ways"):
        placed_schema_of(Made, Table.place("M#{mail}{name}", "X", stored=False))
    with pytest.raises(SchemaError, match=r"Made\.expires: its marker asks for an attribute"):
        placed_schema_of(Made, Table.place("M#{expires:010d}", "X", stored=False))
    both = placed_schema_of(Made, Table.place("M#{at:.10}", "{at}", stored=False))
    when = datetime(2026, 1, 2, tzinfo=UTC)
    item = both.encode(Made(at=when))
    assert "at" not in item
    assert both.decode(item).at == when


def test_conditions_cannot_ask_for_what_is_no_attribute() -> None:
    """A query asks for it by its key; the error says so, and names the field."""
    orders = HandmadeOrders(MemoryStore(HandmadeOrders))
    f = orders.fields
    of_ada = f.user_id == ADA
    assert orders.query(of_ada & (f.placed == NOW) & (f.number > 3)).all() == []
    orders.set(ORDER)
    for asked in (
        lambda: orders.query(of_ada, where=f.number == 7),
        lambda: orders.scan(where=(f.status == "open") & ~f.number.exists()),
        lambda: orders.query(
            (f.status == "open") & f.placed.startswith("2026-01-02"),
            index="by_status",
            where=f.number == 7,
        ),
        lambda: orders.update(ORDER, f.status.set("x"), condition=f.number == 7),
        lambda: orders.delete(ORDER, condition=f.user_id == ADA),
        lambda: orders.update(ORDER, f.note.set(f.user_id)),
    ):
        with pytest.raises(ValueError, match=r"^Order\.\w+ is in the key alone, by stored=False"):
            asked()
    with pytest.raises(ValueError, match=r"Order\.number: an update cannot change the key"):
        orders.update(ORDER, f.number.set(8))
    assert orders.require(ORDER) == ORDER


def test_verbs_keep_what_is_not_stored_out_of_the_row() -> None:
    """Whatever they are; what others have under the name of a field stays."""
    store = MemoryStore(HandmadeOrders, HandmadeCustomers)
    orders, customers = HandmadeOrders(store), HandmadeCustomers(store)
    status = orders.fields.status
    orders.update(ORDER, status.set("made"), upsert=True)
    orders.edit(ORDER, lambda order: order.model_copy(update={"status": "edited"}))
    with pytest.raises(ValueError, match=r"Order\.number: an edit cannot change the key"):
        orders.edit(ORDER, lambda order: order.model_copy(update={"number": 8}))
    assert orders.require(ORDER).status == "edited"
    orders.save(ORDER)
    orders.set_many([ORDER.model_copy(update={"number": number}) for number in range(3)])
    customers.create(CUSTOMER)
    with orders.transaction() as tx:
        tx.update(orders, ORDER, status.set("paid"))
        tx.save(customers, CUSTOMER)
    assert [order.number for order in orders.scan()] == [0, 1, 2, 7]
    found = orders.verify_table(sample="all")
    assert not found
    assert found.sample is not None
    assert (found.sample.rows, dict(found.sample.undeclared)) == (4, {})
    assert orders.delete(ORDER) == ORDER.model_copy(update={"status": "paid"})


def test_keys_of_indexes_are_repaired_of_fields_that_are_in_the_key_alone() -> None:
    """As of any other."""
    store = MemoryStore(HandmadeOrders)
    orders = HandmadeOrders(store)
    item = orders.schema.encode(ORDER)
    own = {name: item[name] for name in ("pk", "sk", "status")}
    request = {"TableName": "handmade", "Item": own}
    store.execute(Operation("PutItem", "handmade", request, nothing))
    assert orders.rekey().repaired == 1
    assert store.items("handmade") == [item]
    assert orders.rekey().repaired == 0


def test_attributes_that_others_store_beside_a_key_are_counted() -> None:
    """And left where they are."""
    store = MemoryStore(HandmadeOrders)
    orders = HandmadeOrders(store)
    orders.create(ORDER)
    item = {**orders.schema.encode(ORDER), "number": {"N": "9"}}
    request = {"TableName": "handmade", "Item": item}
    store.execute(Operation("PutItem", "handmade", request, nothing))
    saved = orders.save(ORDER.model_copy(update={"note": "x"}))
    edited = orders.edit(ORDER, lambda order: order.model_copy(update={"status": "z"}))
    assert (saved.number, edited.number) == (7, 7)
    assert store.items("handmade")[0]["number"] == {"N": "9"}
    sample = orders.verify_table(sample="all").sample
    assert sample is not None
    assert (dict(sample.undeclared), sample.bad_rows) == ({"number": 1}, 0)
    assert not sample.other_forms


class Devices(SharedTable):
    """A table in which all is told by keys and marks."""

    table = "devices"
    key = Key("pk", "sk")
    mark = "kind"


class Owner(BaseModel):
    """One of a partition."""

    owner: str
    name: str


class Device(BaseModel):
    """One of an owner's."""

    owner: str
    serial: int
    label: str = ""


class DevicePlace:
    """Where devices are, for both faces."""

    place = Devices.place("O#{owner}", "DEVICE#{serial:04d}", entity="DEVICE", stored=False)


class OwnersInKeys(Repository[Owner]):
    """Owners by their keys alone."""

    place = Devices.place("O#{owner}", "OWNER", entity="OWNER", stored=False)


class DevicesInKeys(DevicePlace, Repository[Device]):
    """Devices, whose numbers are in their keys alone, and taken once."""

    unique = ("serial",)


class AsyncDevicesInKeys(DevicePlace, AsyncRepository[Device]):
    """The same, awaited."""


@if_accelerated
def test_several_kinds_are_read_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """In one pass, though their fields are in keys alone."""
    store = MemoryStore(OwnersInKeys, DevicesInKeys)
    owners, devices = OwnersInKeys(store), DevicesInKeys(store)
    owners.create(Owner(owner="ada", name="Ada"))
    devices.create(Device(owner="ada", serial=7))
    both: list[Any] = [Device(owner="ada", serial=7), Owner(owner="ada", name="Ada")]
    read = owners.query_with(devices, condition=owners.fields.owner == "ada")
    assert read.all() == both
    parse = read.mapper.parse_items
    assert parse is not None
    items = [devices.schema.encode(both[0]), owners.schema.encode(both[1])]
    for schema in (owners.schema, devices.schema):
        monkeypatch.setattr(schema, "values", None)
    assert parse(json.dumps({"Items": items}).encode()) == ({}, both)


def test_what_is_unique_may_be_in_the_key_alone() -> None:
    """Of two keys with one such value the second is refused, until the first is gone."""
    devices = DevicesInKeys(MemoryStore(DevicesInKeys))
    devices.create(Device(owner="ada", serial=7))
    with pytest.raises(NotUnique):
        devices.create(Device(owner="bob", serial=7))
    devices.update(("ada", 7), devices.fields.label.set("x"))
    devices.delete(("ada", 7))
    assert devices.create(Device(owner="bob", serial=7)).owner == "bob"


def test_what_is_awaited_reads_the_same() -> None:
    """Keys, items, parts and changes."""

    async def main() -> None:
        devices = AsyncDevicesInKeys(MemoryStore(DevicesInKeys))
        device = Device(owner="ada", serial=7)
        await devices.create(device)
        query = devices.query(devices.fields.owner == "ada")
        assert await query.keys().all() == [("ada", 7)]
        assert [item async for item in query] == [device]
        assert await devices.update(device, devices.fields.label.set("x")) == device.model_copy(
            update={"label": "x"}
        )
        record = {"eventName": "REMOVE", "dynamodb": {"Keys": devices.schema.key(device)}}
        change = Devices.change_of(record, devices)
        assert change is not None
        assert change.kind == "REMOVE"

    asyncio.run(main())
