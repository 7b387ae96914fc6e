"""Whatever stands in an item, what is read in one pass is what the codec reads."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import pytest
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    HttpUrl,
    create_model,
)

from dynrepo import encodings
from dynrepo.markers import Attribute, Encoding, PartitionKey, TimeToLive
from dynrepo.reading.parsers import accelerated_schema, parser
from dynrepo.schema.entity import Schema, schema_of
from tests.reading.odd_items import IDENTIFIER, Free, Odd, OddItems
from tests.reading.test_parsers import by_codec, if_accelerated, is_same

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = if_accelerated


def reader_of(schema: Schema[Any]) -> Callable[[Any], Any]:
    """Reads an item in one pass; None for one that is left to the codec as a whole."""

    def refuse(_item: Any) -> Any:
        raise ValueError

    made = accelerated_schema(schema.model, schema._record, schema.key_schema.fields)
    parse = parser(made, "Item", refuse)

    def read(item: Any) -> Any:
        found = parse(json.dumps({"Item": item}).encode())
        return None if found is None else (found[1] or (None,))[0]

    return read


def same_in_both(schema: Schema[Any], item: Any) -> Any:
    """What both make of an item; None where the codec reads none, or it is left to the codec."""
    found = reader_of(schema)(item)
    assert found is None or is_same(found, by_codec(schema, item))
    return found


class DefaultingLine(BaseModel):
    """A part with a default."""

    sku: str
    note: str = "none"


class Defaulting(BaseModel, validate_default=True):
    """Defaults of every kind."""

    id: Annotated[str, PartitionKey()]
    text: str = "none"
    count: Annotated[int, Field(validate_default=False)] = 7
    numbers: list[int] = Field(default_factory=lambda: [1])
    double: str = Field(default_factory=lambda data: data["text"] * 2)
    prices: dict[str, int] = {"a": 1}
    note: Annotated[str, AfterValidator(str.upper)] = "none"
    line: DefaultingLine = DefaultingLine(sku="b")
    ends: Annotated[AwareDatetime, TimeToLive()] = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(("share", "seed"), [(0, 1), (0.01, 2), (0.01, 3), (0.03, 4)])
def test_values_in_any_form_are_read_as_by_the_codec(share: float, seed: int) -> None:
    """Nested ones too; and no item that has the forms of its types is left to it as a whole."""
    schema = schema_of(Odd)
    read, items = reader_of(schema), OddItems(Random(seed), share)  # noqa: S311 - no secret

    for _ in range(150):
        item = items.item()
        found, expected = read(item), by_codec(schema, item)
        assert found is not None or expected is None or share, item
        assert found is None or is_same(found, expected), item


@pytest.mark.parametrize("model", [Odd, Defaulting])
def test_a_null_in_place_of_a_default_sets_the_default(model: type[BaseModel]) -> None:
    """In one pass with the rest of the item, whatever the type and however the default is given."""
    schema, items = schema_of(model), OddItems(Random(1), 0)  # noqa: S311 - no secret
    item = items.item() if model is Odd else {"id": {"S": "1"}}
    fields = [field for field in schema.fields if field.null_is_default]
    assert len(fields) > 4
    for field in fields:
        found = same_in_both(schema, {**item, field.attribute: {"NULL": True}})
        absent = same_in_both(schema, {k: v for k, v in item.items() if k != field.attribute})
        assert getattr(found, field.name) == getattr(absent, field.name)
        assert field.name in found.model_fields_set - absent.model_fields_set


def test_a_null_that_sets_nothing_is_for_the_codec() -> None:
    """In the place of a time to live, which is then not over, and in a nested model."""
    schema, null = schema_of(Defaulting), {"NULL": True}
    item = {"id": {"S": "1"}, "ends": null}
    assert reader_of(schema)(item) is None
    assert "ends" not in schema.decode(item).model_fields_set
    found = same_in_both(
        schema, {"id": {"S": "1"}, "line": {"M": {"sku": {"S": "a"}, "note": null}}}
    )
    assert (found.line.note, found.line.model_fields_set) == ("none", {"sku"})


class Needed(BaseModel):
    """Fields that are stored by absence, and are set all the same."""

    id: Annotated[str, PartitionKey()]
    note: Annotated[str | None, AfterValidator(lambda value: value)]
    tags: set[str]


def test_what_is_stored_by_absence_is_set() -> None:
    """As if it were there: None, and the empty set."""
    found = same_in_both(schema_of(Needed), {"id": {"S": "1"}})
    assert (found.note, found.tags) == (None, set())
    assert found.model_fields_set == {"id", "note", "tags"}


class NeededByName(Needed):
    """The same under a key that a validator may change."""

    id: Annotated[str, PartitionKey(), AfterValidator(str.strip)]


def test_it_is_set_beside_a_key_that_is_compared() -> None:
    """A required field that may be absent costs no item of such a model its one pass."""
    schema = schema_of(NeededByName)
    found = same_in_both(schema, {"id": {"S": "1"}, "tags": {"SS": ["a"]}})
    assert schema.unaccelerated == ""
    assert found == NeededByName(id="1", note=None, tags={"a"})
    assert found.model_fields_set == {"id", "note", "tags"}
    assert same_in_both(schema, {"id": {"S": " 1"}}) is None


@pytest.mark.parametrize("default", [{"default": "7"}, {"default_factory": lambda: "7"}])
def test_a_default_is_validated_where_the_model_says_so(default: Any) -> None:
    """In one pass, and without a copy that the next instance shares."""
    model = create_model(
        "Defaults",
        __config__=ConfigDict(validate_default=True),
        id=(Annotated[str, PartitionKey()], ...),
        number=(int, create_field(**default)),
        names=(list[str], []),
        counts=(dict[str, int], {"a": "1"}),
    )
    schema = schema_of(model)
    found = same_in_both(schema, {"id": {"S": "1"}})
    assert (found.number, found.counts, found.model_fields_set) == (7, {"a": 1}, {"id"})
    assert same_in_both(schema, {"id": {"S": "1"}, "number": {"S": "1"}}) is None
    found.names.append("a")
    assert same_in_both(schema, {"id": {"S": "1"}}).names == []


def create_field(**options: Any) -> Any:
    """A field with some options."""
    from pydantic import Field  # noqa: PLC0415 - of the name that a field here has

    return Field(**options)


def test_a_factory_that_is_told_of_other_fields_is_asked() -> None:
    """With those that are read."""
    model = create_model(
        "Told",
        id=(Annotated[str, PartitionKey()], ...),
        copy_of=(str, create_field(default_factory=lambda data: data["id"], validate_default=True)),
    )
    assert by_codec(schema_of(model), {"id": {"S": "1"}}).copy_of == "1"
    same_in_both(schema_of(model), {"id": {"S": "1"}})


class Page(BaseModel):
    """A key of which equal values are stored in several forms."""

    id: Annotated[HttpUrl, PartitionKey()]
    visits: int = 0


class Lower(BaseModel):
    """A key that a validator sees first."""

    id: Annotated[UUID, PartitionKey(), BeforeValidator(lambda value: value)]


@pytest.mark.parametrize(
    ("model", "text", "other"),
    [(Page, "http://a.example/", "http://a.example"), (Lower, IDENTIFIER, IDENTIFIER.upper())],
)
def test_a_key_is_taken_in_the_form_that_is_written(model: Any, text: str, other: str) -> None:
    """In another one it would not be found again."""
    schema: Schema[Any] = schema_of(model)
    assert same_in_both(schema, {"id": {"S": text}}) is not None
    assert same_in_both(schema, {"id": {"S": other}}) is None
    assert same_in_both(schema, {"id": {"N": "1"}}) is None


def test_a_key_of_one_form_of_a_number_is_read_in_any() -> None:
    """For DynamoDB compares numbers, not their texts."""
    model = create_model("Numbered", id=(Annotated[int, PartitionKey()], 1))
    assert same_in_both(schema_of(model), {"id": {"N": "1E+3"}}).id == 1000
    assert same_in_both(schema_of(model), {}) is None


def test_settings_of_the_model_hold_for_what_its_codec_reads() -> None:
    """As for what pydantic-core reads alone."""
    model = create_model(
        "Short",
        __config__=ConfigDict(str_max_length=3),
        id=(Annotated[str, PartitionKey()], ...),
        pair=(tuple[str, int] | None, None),
        name=(str | None, None),
    )
    schema, pair = schema_of(model), {"L": [{"S": "long"}, {"N": "1"}]}
    assert by_codec(schema, {"id": {"S": "1"}, "pair": pair}) is None
    assert same_in_both(schema, {"id": {"S": "1"}, "pair": pair}) is None
    assert same_in_both(schema, {"id": {"S": "1"}, "name": {"NULL": True}}) is not None


def test_settings_of_the_model_hold_below_a_tag() -> None:
    """In what stands in lists and maps, and in the keys of these."""
    model = create_model(
        "Lowered",
        __config__=ConfigDict(str_to_lower=True, str_strip_whitespace=True),
        id=(Annotated[int, PartitionKey()], ...),
        names=(list[str], ...),
        notes=(dict[str, str] | None, None),
        counts=(list[dict[str, int]], []),
    )
    counts = {"L": [{"M": {" A": {"N": "1"}}}]}
    item = {"id": {"N": "1"}, "names": {"L": [{"S": " Ada "}]}, "counts": counts}
    found = same_in_both(schema_of(model), {**item, "notes": {"M": {"B ": {"S": "C"}}}})
    assert (found.names, found.notes, found.counts) == (["ada"], {"b": "c"}, [{"a": 1}])


def test_a_key_of_a_map_is_read_by_its_encoding() -> None:
    """Though to Pydantic it is a text like any other."""
    mirrored = Encoding("S", encode=lambda text: text[::-1], decode=lambda text: text[::-1])
    model = create_model(
        "Mirrored",
        id=(Annotated[int, PartitionKey()], ...),
        counts=(dict[Annotated[str, mirrored], int], ...),
        several=(list[dict[Annotated[str, encodings.JSON_TEXT], int]], []),
    )
    several = {"L": [{"M": {'"b"': {"N": "2"}}}]}
    item = {"id": {"N": "1"}, "counts": {"M": {"ada": {"N": "1"}, "xy": {"N": "2"}}}}
    found = same_in_both(schema_of(model), {**item, "several": several})
    assert (found.counts, found.several) == ({"ada": 1, "yx": 2}, [{"b": 2}])


@pytest.mark.parametrize("stored", [{}, {"S": "a"}, {"L": [{}]}, {"M": {"x": {}}}, None, 1])
@pytest.mark.parametrize("place", ["free", "counts", "line", "lines", "text", "names"])
def test_what_is_no_attribute_value_of_the_type_is_refused(place: str, stored: Any) -> None:
    """And neither absent nor empty."""
    item = OddItems(Random(1), 0).item()  # noqa: S311 - no secret
    same_in_both(schema_of(Odd), {**item, place: stored})


def test_a_nested_model_has_its_own_names() -> None:
    """And may be one of defaults only."""
    inner = create_model(
        "Inner", number=(Annotated[int, Attribute("no")], ...), free=(Free, Free())
    )
    model = create_model(
        "Outer",
        id=(Annotated[str, PartitionKey()], ...),
        inner=(inner, ...),
        below=(list[inner], []),
    )
    stored = {"M": {"no": {"N": "7"}, "free": {"M": {"a": {"N": "2"}}}}}
    item = {"id": {"S": "1"}, "inner": stored, "below": {"L": [stored]}}
    assert same_in_both(schema_of(model), item).below[0].free.a == 2  # type: ignore[attr-defined]
