"""Models in shared tables: keys made of fields by templates, written with every item."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import pytest
from pydantic import AwareDatetime, BaseModel, computed_field

from dynrepo.errors import CodecError, SchemaError
from dynrepo.markers import Attribute, CreatedAt, PartitionKey, SortKey, UpdatedAt, Version
from dynrepo.places.schema import PlacedSchema, placed_schema_of
from dynrepo.places.shared_table import SharedTable
from dynrepo.places.table_keys import Index, Key
from dynrepo.schema.entity import schema_of
from tests.accelerator import is_there
from tests.shop import (
    ADA,
    CUSTOMER,
    LINE,
    NOW,
    ORDER,
    Customer,
    Customers,
    HandmadeOrders,
    Line,
    Lines,
    Order,
    Orders,
    Setting,
    Settings,
    Shop,
)

CUSTOMERS: PlacedSchema[Customer] = placed_schema_of(Customer, Customers.place)
ORDERS: PlacedSchema[Order] = placed_schema_of(Order, Orders.place)
LINES: PlacedSchema[Line] = placed_schema_of(Line, Lines.place)
SETTINGS: PlacedSchema[Setting] = placed_schema_of(Setting, Settings.place)

ORDER_KEY = {
    "pk": {"S": f"USER#{ADA}"},
    "sk": {"S": "ORDER#2026-01-02T03:04:05.000006Z#00000007"},
}


def refused(function: Any, *arguments: Any, error: type[Exception] = CodecError) -> str:
    """What the error says that a call raises."""
    with pytest.raises(error) as raised:
        function(*arguments)
    return str(raised.value)


def test_an_item_is_written_with_its_place() -> None:
    """The texts of its templates, and the mark of its entity."""
    assert ORDERS.encode(ORDER) == {
        "user_id": {"S": str(ADA)},
        "placed": {"S": "2026-01-02T03:04:05.000006Z"},
        "number": {"N": "7"},
        "status": {"S": "open"},
        **ORDER_KEY,
        "gsi1pk": {"S": "STATUS#open#2026-01-02"},
        "gsi1sk": {"S": "2026-01-02T03:04:05.000006Z"},
        "_et": {"S": "ORDER"},
    }


def test_a_field_without_a_value_takes_its_attributes_out() -> None:
    """Each attribute of an index stands alone."""
    item = ORDERS.encode(ORDER.model_copy(update={"status": None}))

    assert "gsi1pk" not in item
    assert item["gsi1sk"] == {"S": "2026-01-02T03:04:05.000006Z"}


def test_a_number_by_itself_is_a_number_in_the_key() -> None:
    """Where the attribute is one."""
    item = CUSTOMERS.encode(CUSTOMER)

    assert (item["gsi2pk"], item["gsi2sk"]) == ({"S": "BOARD"}, {"N": "3"})
    assert item["gsi1pk"] == {"S": "MAIL#ada@example.org"}
    assert item["email"] == {"S": "Ada@Example.org"}


def test_a_key_is_the_fields_in_the_order_of_the_templates() -> None:
    """Each once; one is the bare value, and none an empty tuple; an instance is a key too."""
    for key in (ORDER, (ADA, NOW, 7)):
        assert ORDERS.key(key) == ORDER_KEY
    assert CUSTOMERS.key(ADA) == CUSTOMERS.key(CUSTOMER)
    assert CUSTOMERS.key(ADA) == {"pk": {"S": f"USER#{ADA}"}, "sk": {"S": "PROFILE"}}
    assert (
        SETTINGS.key(())
        == SETTINGS.key(Setting())
        == {
            "pk": {"S": "SETTINGS"},
            "sk": {"S": "SHOP"},
        }
    )
    assert [field.name for field in ORDERS.key_fields] == ["user_id", "placed", "number"]
    assert (
        ORDERS.key_item(ORDER)
        == ORDERS.key_item((ADA, NOW, 7))
        == {
            "user_id": {"S": str(ADA)},
            "placed": {"S": "2026-01-02T03:04:05.000006Z"},
            "number": {"N": "7"},
        }
    )


def test_a_key_that_cannot_be_made_names_field_and_template() -> None:
    """By its values as by an instance, and never a value."""
    too_wide = "Order.number in the template 'ORDER#{placed}#{number:08d}': the form takes 0 to"
    for number in (-1, 10**8):
        assert too_wide in refused(ORDERS.key, (ADA, NOW, number))
        assert too_wide in refused(ORDERS.encode, ORDER.model_copy(update={"number": number}))
    assert "expected UUID" in refused(ORDERS.key, ("7", NOW, 7))
    assert "the key is (user_id, placed, number), found 1" in refused(ORDERS.key, ADA)
    assert "the key is (), found 1" in refused(SETTINGS.key, "shop")
    assert "Order.number: expected int" in refused(ORDERS.key, (ADA, NOW, None))
    long = LINE.model_copy(update={"sku": "é" * 600})
    assert "1024 bytes" in refused(LINES.encode, long)
    assert "1024 bytes" in refused(LINES.key, long)


def test_instances_keys_and_rows_have_one_identity() -> None:
    """By which batches put answers to what was asked."""
    for schema, instance in ((ORDERS, ORDER), (CUSTOMERS, CUSTOMER), (SETTINGS, Setting())):
        row = schema.encode(instance)  # type: ignore[attr-defined]
        assert schema.identity(row) == schema.identity(instance)  # type: ignore[attr-defined]
        assert schema.key_of(row) == schema.key(instance)  # type: ignore[attr-defined]
    assert ORDERS.identities([ORDER]) == ORDERS.identities([ORDER_KEY])


def test_the_model_never_sees_its_place() -> None:
    """Not one that keeps what it does not declare, nor an upcast."""
    row = LINES.encode(LINE)
    seen: list[dict[str, Any]] = []

    def upcast(attributes: dict[str, Any]) -> dict[str, Any]:
        seen.append(attributes)
        return attributes

    assert LINES.decode(row).__pydantic_extra__ == {}
    assert LINES.decode(row, upcast=upcast) == LINE
    assert seen[0].keys() == {"user_id", "number", "sku", "amount", "version"}
    assert LINES.decode(row | {"more": {"S": "x"}}).__pydantic_extra__ == {"more": "x"}
    assert LINES.unaccelerated == ""


def test_a_key_is_of_the_entity_that_makes_it() -> None:
    """Whatever stands for one."""
    assert ORDERS.makes(ORDER_KEY)
    assert CUSTOMERS.makes(CUSTOMERS.key(ADA))
    assert not CUSTOMERS.makes(ORDER_KEY)
    for wrong in ({}, {"pk": {"S": "x"}}, {"pk": {"S": 7}, "sk": None}, {"pk": {}, "sk": {}}):
        assert not ORDERS.makes(wrong)  # type: ignore[arg-type]


def test_fields_that_are_not_stored_are_in_the_key() -> None:
    """Written by either way, stamped, read, and named by no write."""
    unstored: PlacedSchema[Order] = placed_schema_of(Order, HandmadeOrders.place)
    item = unstored.encode(ORDER)
    assert item.keys() == {"status", "pk", "sk", "gsi1pk", "gsi1sk"}
    assert unstored.decode(item) == ORDER
    assert [field.name for field in unstored.stored_fields] == ["status", "note"]
    assert unstored.attributes == ("status", "note", "gsi1pk", "gsi1sk")
    status = "é" * 300  # near the limit, and not over
    careful = unstored.encode(ORDER.model_copy(update={"status": status}))
    assert careful == {
        **item,
        "status": {"S": status},
        "gsi1pk": {"S": f"STATUS#{status}#2026-01-02"},
    }
    for text in ("paid", status):
        item["status"] = {"S": text}
        unstored.restamped(item)
        assert item["gsi1pk"] == {"S": f"STATUS#{text}#2026-01-02"}
        assert item.keys() == careful.keys()
    assert unstored.parse("Items") is not None


def test_a_row_without_a_field_of_its_key_is_read() -> None:
    """From the key."""
    row = ORDERS.encode(ORDER)
    del row["number"]
    assert ORDERS.decode(row) == ORDER
    assert {field.name for field in ORDERS.stored_fields} == set(Order.model_fields)


def test_one_item_is_compared_with_the_key_that_was_asked() -> None:
    """In one pass; what makes several is left as it is."""
    parse, rows = ORDERS.parse("Item"), ORDERS.parse("Items")
    assert parse is not None
    assert rows is not None
    body = json.dumps({"Item": ORDERS.encode(ORDER)}).encode()
    made = ORDERS.asked(parse, ORDERS.key(ORDER))(body)
    assert made is not None
    assert list(made[1] or ()) == [ORDER]
    assert ORDERS.asked(parse, ORDERS.key((ADA, NOW, 8)))(body) is None
    assert ORDERS.asked(len, {}) is len  # type: ignore[arg-type, comparison-overlap]


def test_an_extra_attribute_cannot_have_the_name_of_a_key() -> None:
    """Else an instance would write itself over another item."""
    line = LINE.model_copy()
    line.__pydantic_extra__ = {"gsi1pk": "SKU#b"}

    assert "the name gsi1pk, which is one of Shop" in refused(LINES.encode, line)


def test_a_row_is_of_the_key_that_its_fields_make() -> None:
    """Else it is none of the model; what an index has of it may be stale, or lacking."""
    row = ORDERS.encode(ORDER)
    stale = {**row, "gsi1pk": {"S": "STATUS#paid#2026-01-02"}}
    del stale["gsi1sk"]
    assert ORDERS.decode(stale) == ORDER

    for other in ({"sk": {"S": "ORDER#x"}}, {"pk": {"S": "USER#8"}}, {"number": {"N": "8"}}):
        with pytest.raises(CodecError, match="make another key than the stored one") as raised:
            ORDERS.decode({**row, **other})
        assert raised.value.key == ORDERS.key_of({**row, **other})
    del row["pk"]
    assert "another key" in refused(ORDERS.decode, row)


def test_stamps_are_in_the_texts_that_name_them() -> None:
    """A write makes these anew, by the careful way where the other refuses."""
    item = LINES.encode(LINE)
    assert "gsi1sk" not in item
    item["changed"] = {"S": "2026-01-02T03:04:05.000006Z"}
    LINES.restamped(item)
    assert item["gsi1sk"] == {"S": "2026-01-02T03:04:05.000006Z"}

    row = LINES.encode(LINE.model_copy(update={"sku": "é" * 300}))  # near the limit, and not over
    row["changed"] = {"S": "2026-01-02T03:04:05.000006Z"}
    LINES.restamped(row)
    assert row["gsi1sk"] == {"S": "2026-01-02T03:04:05.000006Z"}
    assert row["sk"] == {"S": "SKU#" + "é" * 300}


def test_indexes_are_asked_for_by_the_names_of_the_repository() -> None:
    """And are those of the table, of whatever entity, where the table is made."""
    assert ORDERS.indexes.keys() == {"by_status"}
    assert ORDERS.indexes["by_status"].name == "gsi1"
    for schema in (ORDERS, SETTINGS):
        tables = schema.table_indexes  # type: ignore[attr-defined]
        assert [field.attribute for field in tables["gsi1"].fields] == ["gsi1pk", "gsi1sk"]
        assert [field.codec.tag for field in tables["gsi2"].fields] == ["S", "N"]
    assert ORDERS.attributes == (
        "user_id",
        "placed",
        "number",
        "status",
        "note",
        "gsi1pk",
        "gsi1sk",
    )
    assert ORDERS.attributes_of(ORDERS.field("status")) == ("status", "gsi1pk")
    assert ORDERS.added == {"pk", "sk", "gsi1pk", "gsi1sk", "_et"}
    assert ORDERS.templated.keys() == {"status", "placed"}


def test_a_schema_is_of_a_model_and_a_place() -> None:
    """Markers of keys on the model are not looked at; without the place they hold."""

    class Marked(BaseModel):
        a: Annotated[str, PartitionKey()]
        b: Annotated[int, SortKey()]
        version: Annotated[int, Version()] = 0

    first, second = (
        placed_schema_of(Marked, Shop.place("A#{b:03d}", "{a}", entity="M")) for _ in range(2)
    )
    assert first is second
    assert first.key((1, "x")) == {"pk": {"S": "A#001"}, "sk": {"S": "x"}}
    assert first.version is not None
    assert schema_of(Marked).key(("x", 1)) == {"a": {"S": "x"}, "b": {"N": "1"}}
    assert placed_schema_of(Marked, Shop.place("A#{b:04d}", "{a}", entity="M")) is not first


def test_a_computed_field_may_stand_in_a_key() -> None:
    """As any other."""

    class Event(BaseModel):
        at: AwareDatetime
        text: str

        @computed_field  # type: ignore[prop-decorator]
        @property
        def kind(self) -> Annotated[str, Attribute("sort")]:
            return self.text.partition(" ")[0]

    schema = placed_schema_of(Event, Shop.place("EVENT#{kind}", "{at}", entity="EVENT"))
    event = Event(at=NOW, text="login ada")

    assert schema.key(event)["pk"] == {"S": "EVENT#login"}
    assert schema.decode(schema.encode(event)) == event


def test_numbers_are_one_key_in_every_spelling() -> None:
    """As in any table whose key is a number."""

    class Table(SharedTable):
        table = "numbers"
        key = Key("n", "s", types=("N", "S"))

    class Number(BaseModel):
        number: Decimal
        text: str

    schema = placed_schema_of(Number, Table.place("{number}", "{text}"))
    one = Number(number=Decimal("1.0"), text="x")
    row = schema.encode(one)

    assert schema.key((Decimal(1), "x")) == {"n": {"N": "1"}, "s": {"S": "x"}}
    respelled = {**row, "n": {"N": "1.00"}}
    assert schema.decode(respelled) == one
    assert schema.identity(respelled) == schema.identity(one)


class Wrong(BaseModel):
    """Fields that a key cannot be made of."""

    id: str
    pk: str = ""
    nick: str | None = None
    email: str = ""
    status: str = ""
    created: Annotated[AwareDatetime | None, CreatedAt()] = None
    updated: Annotated[AwareDatetime, UpdatedAt()] = datetime(2026, 1, 1, tzinfo=UTC)


class Table(SharedTable):
    """A table whose keys are none of the fields."""

    table = "table"
    key = Key("p", "s")
    gsi = Index("gp", "gs")


WRONG = {
    "has no field idd: .*id": lambda: Table.place("{idd}", "P"),
    "names nick, which may be None": lambda: Table.place("{nick}", "P"),
    "Wrong.updated: every write would change the key": lambda: Table.place("{id}", "{updated}"),
    "two values of email may make one key": lambda: Table.place("{email:lower}", "P"),
    "writes set updated themselves, and do not know status": lambda: Table.place(
        "{id}", "P", by=Table.gsi("{status}", "{updated}#{status}")
    ),
    "writes set created themselves": lambda: Table.place(
        "{id}", "P", by=Table.gsi("{created}#{status}", "x")
    ),
    "has over 1024 bytes": lambda: Table.place("{id}", "P" * 1025),
}


@pytest.mark.parametrize("says", WRONG)
def test_a_place_that_no_item_can_have_is_refused(says: str) -> None:
    """Where the repository is defined, naming the field."""
    with pytest.raises(SchemaError, match=says):
        placed_schema_of(Wrong, WRONG[says]())


def test_a_field_under_the_name_of_a_key_is_refused() -> None:
    """As under that of a mark: two writers of one attribute."""
    with pytest.raises(SchemaError, match=r"Wrong.pk: Shop stores a key or a mark under pk"):
        placed_schema_of(Wrong, Shop.place("{id}", "P", entity="W"))


def test_a_key_folds_values_where_that_is_said() -> None:
    """Or where the whole field stands in it too: two spellings are one item."""
    tables = [type("Own", (Table,), {}) for _ in range(3)]  # each with keys of its own
    folding = placed_schema_of(Wrong, tables[0].place("{email:lower}", "P", lossy=True))
    beside = placed_schema_of(Wrong, tables[1].place("{email:lower}", "{email}"))
    stamped = placed_schema_of(
        Wrong, tables[2].place("{id}", "P", by=Table.gsi("{id}", "{id}#{updated}"))
    )

    assert folding.key("A@B") == folding.key("a@b") == {"p": {"S": "a@b"}, "s": {"S": "P"}}
    assert folding.folded == {"email"}
    assert beside.folded == frozenset()
    instance = Wrong(id="1", email="A@B")
    assert folding.decode(folding.encode(instance)) == instance
    assert beside.key("A@B")["s"] == {"S": "A@B"}
    assert "gs" in stamped.encode(instance)


def test_a_row_of_a_text_that_no_value_makes_is_no_item() -> None:
    """A value that could not be written is not read either."""
    own = type("Own", (Table,), {})
    schema = placed_schema_of(Wrong, own.place("{id}#{email}", "P"))
    row = schema.encode(Wrong(id="1", email="x"))

    assert "cannot hold '#'" in refused(schema.encode, Wrong(id="a#b", email="x"))
    assert "another key" in refused(schema.decode, {**row, "id": {"S": "a#b"}})


def test_an_uuid_is_written_as_it_is_stored() -> None:
    """In one shape."""
    assert ORDERS.key((UUID(int=2**128 - 1), NOW, 0))["pk"] == {
        "S": "USER#ffffffff-ffff-ffff-ffff-ffffffffffff"
    }


def test_a_mark_is_asked_for_where_a_query_reads_others() -> None:
    """From then on; a row with another mark, or with none, is of others."""
    own = type("Own", (Table,), {"mark": "m"})
    orders = placed_schema_of(Order, own.place("{user_id}", "O#{number:03d}", entity="O"))
    assert orders.asked_mark == ()
    lines = placed_schema_of(Line, own.place("{user_id}", "O#{number:03d}#{sku}", entity="L"))
    assert (orders.asked_mark, lines.asked_mark) == ((("m", "O"),), (("m", "L"),))
    row = orders.encode(ORDER)
    assert not orders.is_of_others(row)
    assert orders.is_of_others({**row, "m": {"S": "L"}})
    assert orders.is_of_others({})


def test_what_a_key_is_made_of_is_known_by_the_attributes() -> None:
    """Of the table and of its indexes, by DynamoDB's names of these."""
    key = ORDERS.key_item(ORDER)
    assert key == {name: ORDERS.encode(ORDER)[name] for name in ("user_id", "placed", "number")}
    assert ORDERS.attributes_of(ORDERS.field("status")) == ("status", "gsi1pk")
    assert ORDERS.attributes_of(ORDERS.field("note")) == ("note",)
    assert {"gsi1pk", "gsi1sk"} <= set(ORDERS.attributes)
    assert ORDERS.plans.keys() == ORDERS.rows.keys() == {"", "gsi1"}
    assert set(ORDERS.table_indexes) == {"gsi1", "gsi2"}
    assert set(ORDERS.templated) == {"status", "placed"}
    assert ORDERS.stale_keys({}, {"gsi1pk": {"S": "x"}}) == {"gsi1pk": {"S": "x"}}


def test_fields_that_are_in_the_key_alone_are_read_from_it() -> None:
    """And are written there alone, also where a write has stamped the item."""
    own = type("Own", (Table,), {})
    schema = placed_schema_of(Order, own.place("{user_id}", "{placed}#{number}", stored=False))
    row = schema.encode(ORDER)
    assert row.keys() == {"p", "s", "status"}
    assert [field.name for field in schema.stored_fields] == ["status", "note"]
    assert schema.decode(row) == ORDER
    schema.restamped(row)
    assert row == schema.encode(ORDER)
    broken = {**row, "s": {"S": "2026#7"}}
    assert "Order" in refused(schema.decode, broken)


def test_an_entity_has_a_name_for_log_lines() -> None:
    """That of the mark; where nothing is said, the model's."""
    assert ORDERS.entity == "ORDER"

    class Unmarked(SharedTable):
        table = "unmarked"
        key = Key("pk", "sk")

    assert placed_schema_of(Order, Unmarked.place("USER#{user_id}", "-")).entity == "Order"


def test_a_key_is_told_from_those_of_other_entities() -> None:
    """By its texts; whatever else stands for a key is none."""
    assert ORDERS.makes(ORDER_KEY)
    assert not ORDERS.makes(CUSTOMERS.key(ADA))
    assert not ORDERS.makes({"pk": {"S": "USER#x"}, "sk": ORDER_KEY["sk"]})
    assert not ORDERS.makes({})


def test_a_row_of_others_has_not_the_mark() -> None:
    """Which writes ask for where a query reads rows of others, and only there."""
    assert ORDERS.asked_mark == ()
    assert not ORDERS.is_of_others(ORDERS.encode(ORDER))
    assert ORDERS.is_of_others(CUSTOMERS.encode(CUSTOMER))
    assert ORDERS.is_of_others({})


def test_texts_are_made_anew_of_fields_that_are_in_the_key_alone() -> None:
    """As where a write has stamped the item."""
    schema = placed_schema_of(Order, HandmadeOrders.place)
    item = schema.encode(ORDER)
    stamped = dict(item)
    schema.restamped(stamped)
    assert stamped == item
    assert "number" not in item


def test_an_answer_is_of_the_key_that_was_asked() -> None:
    """Else the codec reads it, as it does all of them where nothing else can."""
    parse = ORDERS.parse("Item")
    assert (parse is not None) == is_there()
    if parse is not None:
        body = json.dumps({"Item": ORDERS.encode(ORDER)}).encode()
        found = ORDERS.asked(parse, ORDERS.key(ORDER))(body)
        assert found is not None
        assert found[1] == (ORDER,)
        assert ORDERS.asked(parse, ORDERS.key((ADA, NOW, 8)))(body) is None
