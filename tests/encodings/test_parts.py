"""Sets, lists, members and whole values are stored as other programs store them."""

from __future__ import annotations

from decimal import Decimal
from enum import Enum, Flag, IntEnum
from typing import Annotated, Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, create_model
from typing_extensions import TypeAliasType

from dynrepo import CodecError, PartitionKey, SchemaError, encodings, schema_of
from dynrepo.codec import codec_for
from dynrepo.expressions.paths import FieldPath
from dynrepo.schema.entity import Fields, Schema
from tests.accelerator import if_accelerated
from tests.reading.test_parsers import by_accelerator, by_codec

ID = UUID("123e4567-e89b-12d3-a456-426614174000")


class Level(IntEnum):
    """An enum with a second name for a member."""

    LOW = 1
    HIGH = 2
    TOP = 2


class Odd(Enum):
    """An enum whose values have no stored form."""

    PAIR = (1, 2)


class Right(Flag):
    """No member has to be one of these."""

    READ = 1


class Profile(BaseModel):
    """What is stored as JSON."""

    id: UUID
    price: Decimal
    at: AwareDatetime | None = None
    tags: set[str] = set()


Name = TypeAliasType("Name", Level)


@pytest.mark.parametrize(
    ("annotation", "value", "stored"),
    [
        (set[str], {"b", "a"}, {"L": [{"S": "a"}, {"S": "b"}]}),
        (frozenset[int], frozenset({10, 9}), {"L": [{"N": "9"}, {"N": "10"}]}),
        (set[bool], {True}, {"L": [{"BOOL": True}]}),
        (set[str], set(), {"L": []}),
    ],
)
def test_a_set_is_a_list(annotation: Any, value: Any, stored: Any) -> None:
    """In the order of what is stored, so that what is unchanged is written as it was."""
    codec = codec_for(Annotated[annotation, encodings.AS_LIST])

    assert codec.encode(value) == codec.fast_encode(value) == stored
    assert codec.decode(stored) == codec.fast_decode(stored) == value


def test_a_list_that_is_no_set_is_refused() -> None:
    """An element twice; and no element is put into it where it may be there already."""

    class Post(BaseModel):
        id: Annotated[str, PartitionKey()]
        tags: Annotated[set[str], encodings.AS_LIST]

    codec = codec_for(Annotated[set[str], encodings.AS_LIST])
    with pytest.raises(CodecError, match="two elements"):
        codec.decode({"L": [{"S": "a"}, {"S": "a"}]})
    with pytest.raises(CodecError, match="two elements"):
        codec.fast_decode({"L": [{"S": "a"}, {"S": "a"}]})
    with pytest.raises(CodecError, match="expected set of str"):
        codec.encode(["a"])
    with pytest.raises(SchemaError, match="AS_LIST is a form of sets, and the type is list of int"):
        codec_for(Annotated[list[int], encodings.AS_LIST])
    (_, field) = schema_of(Post).fields
    path = FieldPath(["tags"], field.codec, field.label, name="tags", field=field)
    with pytest.raises(CodecError, match=r"Post\.tags: append and prepend are for lists"):
        path.append("a")
    assert path.contains("a").values[1].value == {"S": "a"}


@pytest.mark.parametrize(
    ("annotation", "value", "stored"),
    [
        (list[str], ["a", "b"], {"SS": ["a", "b"]}),
        (list[int], [9, 10], {"NS": ["9", "10"]}),
        (list[UUID], [ID], {"SS": [str(ID)]}),
        (list[str], [], {"L": []}),
    ],
)
def test_a_list_is_a_set(annotation: Any, value: Any, stored: Any) -> None:
    """Sorted, as it comes back."""
    codec = codec_for(Annotated[annotation, encodings.AS_SET])

    assert codec.encode(value) == stored
    assert codec.decode(stored) == value


@given(st.lists(st.integers()))
def test_a_list_as_a_set_comes_back_or_is_refused(value: list[int]) -> None:
    """A set has no order, and nothing twice."""
    codec = codec_for(Annotated[list[int], encodings.AS_SET])
    kept = sorted(set(value))

    assert codec.decode(codec.encode(kept)) == kept
    if kept:
        stored = codec.encode(kept)
        assert codec.fast_decode({"NS": stored["NS"][::-1]}) == kept
    if value != kept:
        with pytest.raises(CodecError, match=r"give it sorted\(set"):
            codec.encode(value)


def test_what_is_no_set_of_dynamodb_is_refused() -> None:
    """By its elements, or by its tag."""
    codec = codec_for(Annotated[list[str], encodings.AS_SET])

    for annotation in (list[list[int]], set[int], tuple[int, str]):
        with pytest.raises(SchemaError, match="AS_SET is a form of lists"):
            codec_for(Annotated[annotation, encodings.AS_SET])
    for stored in ({"L": [{"S": "a"}]}, {"NS": ["1"]}, {"SS": "a"}):
        with pytest.raises(CodecError):
            codec.decode(stored)
    with pytest.raises(CodecError, match="expected list of str"):
        codec.encode(("a",))


def test_a_set_that_is_absent_is_an_empty_list() -> None:
    """For DynamoDB has no empty set."""

    class Post(BaseModel):
        tags: Annotated[list[str], encodings.AS_SET]

    assert Fields(Post).decode({}) == Post(tags=[])
    assert Fields(Post).decode(Fields(Post).encode(Post(tags=[]))) == Post(tags=[])


def test_a_member_is_stored_by_its_name() -> None:
    """Also where its value has no stored form; a second name is read as the first."""
    codec = codec_for(Annotated[Level, encodings.ENUM_NAME])

    assert codec.encode(Level.TOP) == {"S": "HIGH"}
    assert codec.decode({"S": "TOP"}) is codec.decode({"S": "HIGH"}) is Level.HIGH
    assert codec_for(Annotated[Odd, encodings.ENUM_NAME]).encode(Odd.PAIR) == {"S": "PAIR"}
    assert codec_for(Annotated[Name, encodings.ENUM_NAME]).decode({"S": "LOW"}) is Level.LOW
    assert codec_for(set[Annotated[Level, encodings.ENUM_NAME]]).tag == "SS"
    assert not codec.ordered
    for stored in ({"S": "low"}, {"N": "1"}, {"S": []}):
        with pytest.raises(CodecError):
            codec.decode(stored)
    with pytest.raises(CodecError, match="expected Level by name"):
        codec.encode(1)


def test_names_are_of_members() -> None:
    """A flag may be several, and use_enum_values keeps none."""

    class Values(BaseModel):
        model_config = ConfigDict(use_enum_values=True)
        level: Annotated[Level, encodings.ENUM_NAME]

    for annotation in (Right, int):
        with pytest.raises(SchemaError, match="ENUM_NAME is a form of an Enum"):
            codec_for(Annotated[annotation, encodings.ENUM_NAME])
    with pytest.raises(SchemaError, match=r"Values\.level: .* use_enum_values"):
        Fields(Values)


def test_a_key_by_name_is_written_by_the_first_one() -> None:
    """By the second it would not be found."""

    class Alarm(BaseModel):
        level: Annotated[Level, encodings.ENUM_NAME, PartitionKey()]

    schema = schema_of(Alarm)
    assert schema.key(Level.TOP) == {"level": {"S": "HIGH"}}
    with pytest.raises(CodecError, match="the stored form is another"):
        schema.decode({"level": {"S": "TOP"}})


@pytest.mark.parametrize(
    ("annotation", "value", "text"),
    [
        (list[int], [1, 2], "[1,2]"),
        (dict[str, JsonValue], {"a": [1, None, "é"]}, '{"a":[1,null,"é"]}'),
        (Profile, Profile(id=ID, price=Decimal("1.50"), tags={"a"}), None),
    ],
)
def test_a_value_is_stored_as_json(annotation: Any, value: Any, text: str | None) -> None:
    """And read as the value, of its own classes."""
    codec = codec_for(Annotated[annotation, encodings.JSON_TEXT])
    stored = codec.encode(value)

    assert text is None or stored == {"S": text}
    assert codec.decode(stored) == codec.fast_decode(stored) == value
    assert type(codec.decode(stored)) is type(value)


def test_json_of_others_is_read() -> None:
    """With spaces and escapes, as PynamoDB's `json.dumps` writes it; what is none is refused."""

    class User(BaseModel):
        id: Annotated[str, PartitionKey()]
        profile: Annotated[Profile | None, encodings.JSON_TEXT] = None
        each: list[Annotated[list[int], encodings.JSON_TEXT]] = []

    schema = schema_of(User)
    text = f'{{"id": "{ID}", "price": "1.5", "tags": ["\\u00e9"]}}'
    user = schema.decode(
        {"id": {"S": "a"}, "profile": {"S": text}, "each": {"L": [{"S": "[ 1 ]"}]}}
    )

    assert user.profile == Profile(id=ID, price=Decimal("1.5"), tags={"é"})
    assert user.each == [[1]]
    assert schema.decode(schema.encode(user)) == user
    for stored in ({"S": "{"}, {"S": '{"id": 1}'}, {"M": {}}):
        with pytest.raises(CodecError, match=r"User\.profile"):
            schema.decode({"id": {"S": "a"}, "profile": stored})
    with pytest.raises(SchemaError, match="cannot be a key"):
        schema_of(type("Keyed", (BaseModel,), {"__annotations__": {"id": Keyed}}))


DOCUMENT = '{"a": [1, 1.0, -0.0, true, null, "\u00c9"], "b": {"a": {}}, "a": NaN, "c": 1e999}'


@if_accelerated
@pytest.mark.parametrize(
    ("annotation", "config"),
    [
        (JsonValue, {}),
        (dict[str, JsonValue], {}),
        (dict[str, JsonValue] | None, {}),
        (list[dict[str, JsonValue]], {}),
        (Annotated[dict[str, JsonValue], Field(min_length=2)], {}),
        (JsonValue, {"str_to_upper": True}),
        (JsonValue, {"allow_inf_nan": False}),
        (dict[str, list[int]], {}),
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "text",
    [DOCUMENT, f"[{DOCUMENT}]", '{"a": [1], "b": "x"}', '{"a": ["1"]}', '{"a": 1}', "NaN", "{", ""],
    ids=range(8),
)
def test_json_is_read_alike_in_one_pass(annotation: Any, config: Any, text: str) -> None:
    """By the rules of the field and the settings of the model, though it is not validated twice."""
    model = create_model(
        "Noted",
        __config__=ConfigDict(**config),
        id=(Annotated[str, PartitionKey()], ...),
        note=(Annotated[annotation, encodings.JSON_TEXT], ...),
    )
    schema: Schema[Any] = schema_of(model)
    item = {"id": {"S": "a"}, "note": {"S": text}}
    found, expected = by_accelerator(schema, item), by_codec(schema, item)
    assert repr(found) == repr(expected)


Keyed = Annotated[list[int], encodings.JSON_TEXT, PartitionKey()]
