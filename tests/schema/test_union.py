"""Several models are the items of one table: each is written and read as by its own schema."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated, Any, Generic, Literal, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    Discriminator,
    Field,
    Tag,
    create_model,
)
from typing_extensions import TypeAliasType

from dynrepo import (
    Attribute,
    CodecError,
    CreatedAt,
    PartitionKey,
    SchemaError,
    SortKey,
    TimeToLive,
    UpdatedAt,
    Version,
)
from dynrepo.schema.entity import schema_of
from dynrepo.schema.union import UnionSchema, schema_for
from tests.accelerator import if_accelerated
from tests.animals import Animal, Cat, Dog, Pet

S = TypeVar("S")
ANIMALS = schema_for(Animal)
TOM, REX = Cat(owner="o", name="tom"), Dog(owner="o", name="rex", tricks=frozenset({"sit"}))


def test_the_schema_of_one_model_is_the_models() -> None:
    """Also behind an alias, and an annotation that says nothing of keys."""
    alias = TypeAliasType("alias", Cat)
    assert schema_for(Cat) is schema_for(Annotated[Cat, "a cat"]) is schema_of(Cat)
    assert schema_for(alias) is schema_of(Cat)


def test_an_item_is_written_and_read_as_by_its_model() -> None:
    """Which alone knows what it has."""
    for item in (TOM, REX):
        stored = ANIMALS.encode(item)
        assert stored == schema_of(type(item)).encode(item)
        assert ANIMALS.decode(stored) == item
        assert ANIMALS.values(stored)["kind"] == item.kind
        assert ANIMALS.of_stored(stored) is ANIMALS.of_instance(item) is schema_of(type(item))


def test_an_instance_of_no_model_is_refused() -> None:
    """One of a base class or of a subclass is of none of them."""

    class Lion(Cat):
        """More than a cat."""

    for other in (Pet(owner="o", name="x"), Lion(owner="o", name="x")):
        with pytest.raises(CodecError, match=r"expected Cat \| Dog, found"):
            ANIMALS.encode(other)


def test_an_item_of_no_model_is_a_codec_error_with_its_key() -> None:
    """That names the discriminator, and no value."""
    stored = {**ANIMALS.encode(TOM), "kind": {"S": "cow"}}
    with pytest.raises(CodecError, match=r"^Cat \| Dog\.kind: what is stored") as raised:
        ANIMALS.decode(stored)
    assert raised.value.key == ANIMALS.key(TOM)
    assert "cow" not in str(raised.value)


def test_an_upcast_is_asked_once_before_the_model_is_known() -> None:
    """It may be what names the model."""
    calls: list[dict[str, Any]] = []

    def upcast(old: dict[str, Any]) -> dict[str, Any]:
        calls.append(old)
        return {**old, "kind": "cat"}

    stored = ANIMALS.encode(TOM)
    del stored["kind"]
    assert ANIMALS.decode(stored, upcast=upcast) == TOM
    assert len(calls) == 1
    with pytest.raises(CodecError, match=r"Cat \| Dog: its upcast raised ZeroDiv") as raised:
        ANIMALS.decode(stored, upcast=lambda _: {"a": 1 / 0})
    assert raised.value.key == ANIMALS.key(TOM)


def test_keys_are_those_of_all_models() -> None:
    """Given by values, or by an instance of any."""
    key = {"owner": {"S": "o"}, "name": {"S": "tom"}}
    assert ANIMALS.key(("o", "tom")) == ANIMALS.key(TOM) == ANIMALS.key_of(ANIMALS.encode(TOM))
    assert ANIMALS.key(("o", "tom")) == key
    assert ANIMALS.identities([TOM, REX]) == ANIMALS.identities(
        list(map(ANIMALS.encode, (TOM, REX)))
    )
    assert ANIMALS.has_key(REX, ANIMALS.key(REX))
    assert not ANIMALS.has_key(TOM, ANIMALS.key(REX))
    assert list(ANIMALS.indexes) == ["by_town"]


def test_the_fields_are_those_of_all_models() -> None:
    """And it is known which of them not all have."""
    assert {"lives", "tricks", "note", "kind"} <= {field.name for field in ANIMALS.fields}
    assert ANIMALS.owners == {"lives": {Cat}, "tricks": {Dog}}
    with pytest.raises(AttributeError, match=r"Cat \| Dog has no field live: did you mean lives"):
        ANIMALS.field("live")


class Told(BaseModel):
    """One that is told by a member of an enum."""

    id: Annotated[str, PartitionKey()]


class Kind(StrEnum):
    """Kinds of things."""

    BOX = "box"
    BAG = "bag"


class Box(Told):
    """One of them."""

    kind: Literal[Kind.BOX] = Kind.BOX


class Bag(Told):
    """Another."""

    kind: Literal[Kind.BAG] = Kind.BAG


class Crate(Told, Generic[S]):
    """Generic models, told by what they hold."""

    kind: S
    size: int = 1


class Keyed(BaseModel):
    """One whose kind is a part of its key, and has another name where it is stored."""

    id: Annotated[str, PartitionKey()]
    kind: Annotated[Literal["keyed"], Attribute("_et"), SortKey()] = "keyed"


class Locked(BaseModel):
    """Another."""

    id: Annotated[str, PartitionKey()]
    kind: Annotated[Literal["locked"], Attribute("_et"), SortKey()] = "locked"


Small, Large = Crate[Literal["small"]], Crate[Literal["large"]]
Things = TypeAliasType("Things", Annotated[Box | Bag, Field(discriminator="kind")])
Animals = TypeAliasType("Animals", Annotated[Cat | Dog, Discriminator("kind")])
UNIONS: dict[str, tuple[Any, list[BaseModel]]] = {
    "alias": (Animals, [TOM, REX]),
    "enum": (Things, [Box(id="a"), Bag(id="b")]),
    "union of unions": (
        Annotated[Things | Annotated[Small, "s"] | Large, Field(discriminator="kind")],
        [Box(id="a"), Bag(id="b"), Small(id="c", kind="small"), Large(id="d", kind="large")],
    ),
    "part of the key": (
        Annotated[Keyed | Locked, Field(discriminator="kind")],
        [Keyed(id="a"), Locked(id="a")],
    ),
}


@if_accelerated
@pytest.mark.parametrize("name", UNIONS)
def test_every_way_to_write_a_union_is_read(name: str) -> None:
    """By the codec, and from the text of an answer."""
    annotation, items = UNIONS[name]
    schema = schema_for(annotation)
    stored = [schema.encode(item) for item in items]
    assert isinstance(schema, UnionSchema)
    assert [schema.decode(item) for item in stored] == items
    assert schema.unaccelerated == ""
    assert rows_by_accelerator(schema, stored) == items


def rows_by_accelerator(schema: Any, stored: list[Any]) -> Any:
    """What is made of the text of a page."""
    parse = schema.parse("Items")
    assert parse is not None, schema.unaccelerated
    found = parse(json.dumps({"Items": stored}).encode())
    assert found is not None
    return found[1]


STORED = st.sampled_from(
    [
        {"S": "cat"},
        {"S": "dog"},
        {"S": "cow"},
        {"S": ""},
        {"N": "1"},
        {"N": "2.50"},
        {"NULL": True},
        {"SS": ["sit"]},
        {"L": [{"S": "sit"}]},
        {"L": []},
        {"M": {"a": {"S": "b"}}},
        {"S": "2026-01-01T00:00:00.000000Z"},
    ]
)
NAMES = ["owner", "name", "town", "weight", "version", "seen", "ends", "kind", "lives", "note"]


def by_codec(stored: Any) -> Any:
    """What the codec makes of a row; an error is told by its text."""
    try:
        return ANIMALS.decode(stored)
    except CodecError as error:
        return str(error)


@if_accelerated
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from([TOM, REX]),
            st.dictionaries(st.sampled_from([*NAMES, "tricks", "other"]), STORED, max_size=3),
        ),
        max_size=5,
    )
)
def test_a_page_is_read_as_by_the_codec(rows: list[tuple[Any, Any]]) -> None:
    """Each row of it: a bad one is an error of its own, among those that are read."""
    stored = [{**ANIMALS.encode(item), **changed} for item, changed in rows]
    found = rows_by_accelerator(ANIMALS, stored)
    told = [str(row) if isinstance(row, CodecError) else row for row in found]
    wanted = [by_codec(item) for item in stored]
    assert told == wanted
    assert list(map(type, told)) == list(map(type, wanted))


def test_an_unknown_row_leaves_the_others_to_one_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the row itself is looked at by the codec."""
    looked_at: list[str] = []
    schema = schema_for(Animal)

    def decode(item: Any) -> Any:
        looked_at.append(item["name"]["S"])
        return by_codec(item)

    monkeypatch.setattr(schema, "decode", decode)
    schema._lay_out_items()
    unknown = {**ANIMALS.encode(TOM), "name": {"S": "bad"}, "kind": {"S": "cow"}}
    found = rows_by_accelerator(schema, [ANIMALS.encode(TOM), unknown, ANIMALS.encode(REX)])
    assert (found[0], found[2], looked_at) == (TOM, REX, ["bad"])


def test_what_one_model_cannot_do_none_of_them_does() -> None:
    """The reason names the model."""

    class Strict(BaseModel, strict=True, extra="forbid"):
        id: Annotated[str, PartitionKey()]
        kind: Literal["strict"] = "strict"
        size: Annotated[int, AfterValidator(abs)] = 1

        def model_post_init(self, _: Any) -> None:
            """Looks at the whole."""

    schema = schema_for(Annotated[Strict | Box, Field(discriminator="kind")])
    alone = schema_of(Strict).unaccelerated
    assert schema.unaccelerated == (f"Strict: {alone}" if alone else "")
    assert schema.runs_own_code
    assert not schema.is_plain


class Bare(BaseModel):
    """One without marks."""

    id: Annotated[str, PartitionKey()]
    kind: Literal["bare"] = "bare"


@pytest.mark.parametrize(
    ("marker", "mark"),
    [
        (Version, Annotated[int, Version()]),
        (TimeToLive, Annotated[AwareDatetime, TimeToLive()]),
        (CreatedAt, Annotated[AwareDatetime, CreatedAt()]),
        (UpdatedAt, Annotated[AwareDatetime, UpdatedAt()]),
    ],
)
def test_what_writes_ask_for_is_in_all_models(marker: Any, mark: Any) -> None:
    """Versions, times and the end of life."""
    marked: Any = create_model("Marked", __base__=Bare, kind=(Literal["m"], "m"), mark=(mark, ...))
    with pytest.raises(
        SchemaError, match=rf"Marked\.mark is marked {marker.__name__}\(\), and Bare"
    ):
        schema_for(Annotated[marked | Bare, Field(discriminator="kind")])


def test_the_key_is_in_all_models() -> None:
    """And is one key."""

    class Longer(BaseModel):
        id: Annotated[str, PartitionKey()]
        part: Annotated[str, SortKey()]
        kind: Literal["longer"] = "longer"

    class Other(BaseModel):
        key: Annotated[str, PartitionKey()]
        kind: Literal["other"] = "other"

    with pytest.raises(SchemaError, match=r"Longer\.part is marked SortKey\(\), and Bare has no"):
        schema_for(Annotated[Longer | Bare, Field(discriminator="kind")])
    with pytest.raises(SchemaError, match=r"Other \| Bare: key and id are both PartitionKey"):
        schema_for(Annotated[Other | Bare, Field(discriminator="kind")])


def test_no_two_models_have_one_kind() -> None:
    """The items of one would be read as those of the other, without what only it has."""
    fields: Any = {"owner": (Annotated[str, PartitionKey()], ...), "kind": (Literal["cat"], "cat")}
    tom, tiger = (create_model(name, **fields) for name in ("Tom", "Tiger"))
    with pytest.raises(SchemaError, match=r"Tom and Tiger have one value .* 'kind'"):
        schema_for(Annotated[tom | tiger, Field(discriminator="kind")])


def test_a_union_is_told_apart_by_a_field() -> None:
    """Neither by nothing nor by a function, which no condition can ask."""
    tagged: Any = Annotated[Box, Tag("box")] | Annotated[Bag, Tag("bag")]
    for annotation in (Box | Bag, Annotated[tagged, Discriminator(lambda _: "box")]):
        with pytest.raises(SchemaError, match=r"Box \| Bag: several models in one table are told"):
            schema_for(annotation)
    with pytest.raises(SchemaError, match="is no model"):
        schema_for(Annotated[Box | None, Field(discriminator="kind")])
    with pytest.raises(SchemaError, match="Told has no field 'kind' to be told apart by"):
        schema_for(Annotated[Box | Told, Field(discriminator="kind")])
