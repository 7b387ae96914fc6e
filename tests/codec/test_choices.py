"""A closed set of values is stored by a table: no value of another set gets in."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, Flag, IntEnum, IntFlag, StrEnum, auto
from ipaddress import IPv4Address
from typing import Any, Literal, NamedTuple

import pytest
from pydantic import ConfigDict, create_model, with_config
from typing_extensions import TypedDict

from dynrepo.codec import codec_for
from dynrepo.codec.choices import choices_of, enum, literal
from dynrepo.codec.scalars import STR
from dynrepo.errors import CodecError, SchemaError
from dynrepo.schema.entity import Fields
from tests.encodings import Mixed, Right, Status


class Spelled(Enum):
    """An enum that takes another spelling of its member."""

    HALF = Decimal("0.50")

    @classmethod
    def _missing_(cls, value: object) -> Spelled | None:
        return cls.HALF if value == "half" else None


class Level(IntEnum):
    """An enum of ints."""

    LOW = 1
    HIGH = 2


class Empty(Enum):
    """An enum of nothing."""


@pytest.mark.parametrize(
    ("codec", "value", "stored"),
    [
        (enum(Status), Status.PAID, {"S": "paid"}),
        (enum(Status, values=True), "paid", {"S": "paid"}),
        (enum(Level), Level.LOW, {"N": "1"}),
        (enum(Mixed), Mixed.TWO, {"S": "two"}),
        (enum(Right), Right.READ | Right.WRITE, {"N": "3"}),
        (literal(["a", "b"]), "b", {"S": "b"}),
        (literal(["a", 1, True]), True, {"BOOL": True}),
        (literal([Status.PAID]), Status.PAID, {"S": "paid"}),
    ],
)
def test_a_value_comes_back(codec: Any, value: Any, stored: dict[str, Any]) -> None:
    """As the very member, not an equal of it."""
    assert codec.encode(value) == stored
    assert codec.decode(stored) == value
    assert type(codec.decode(stored)) is type(value)


@pytest.mark.parametrize(
    ("codec", "value"),
    [
        (enum(Status), "paid"),
        (enum(Level), 1),
        (enum(Mixed), Mixed),
        (enum(Right), 1),
        (literal(["a"]), []),
        (literal([1, "a"]), True),
    ],
)
def test_an_equal_of_another_class_is_refused(codec: Any, value: Any) -> None:
    """It would come back as the member."""
    with pytest.raises(CodecError, match="found"):
        codec.encode(value)


@pytest.mark.parametrize(
    ("codec", "stored", "says"),
    [
        (enum(Spelled), {"N": "2"}, "the N found is no Spelled"),
        (enum(Spelled), {"S": "half"}, "expected N for Spelled, found S"),
        (enum(Mixed), {"BOOL": True}, "found BOOL, which no value of Mixed is stored as"),
        (enum(Right), {"N": "-1"}, "bits that the flag has not"),
        (literal(["a"]), {"S": "b"}, "none of the values of the Literal"),
        (literal(["a", 1]), {"S": "b"}, "none of the values of the Literal"),
        (literal(["a", 1]), {"BOOL": True}, "found BOOL, which no value of Literal"),
    ],
)
def test_what_is_stored_for_no_value_is_refused(codec: Any, stored: Any, says: str) -> None:
    """With the name of the type."""
    with pytest.raises(CodecError, match=says):
        codec.decode(stored)


def test_an_enum_is_read_by_equal_values_and_by_its_own_rule() -> None:
    """Engines drop trailing zeros, and `_missing_` has the last word."""
    assert codec_for(Spelled).decode({"N": "0.5"}) is Spelled.HALF
    assert codec_for(Mixed).decode({"N": "0.50"}) is Mixed.HALF


def test_flags_may_be_kept_as_values() -> None:
    """A model with `use_enum_values` holds the number."""
    fields = Fields(
        create_model("Sample", __config__=ConfigDict(use_enum_values=True), field=(Right, ...))
    )
    held = fields.model.model_validate({"field": Right.WRITE})

    assert fields.encode(held) == {"field": {"N": "2"}}
    assert fields.decode(fields.encode(held)) == held


def test_two_values_with_one_form_are_refused() -> None:
    """What is read could be either of them."""
    with pytest.raises(SchemaError, match="two values with one stored form"):
        codec_for(Literal["open", Status.OPEN])
    with pytest.raises(SchemaError, match="a value that cannot be stored: a text holds"):
        codec_for(Literal["\ud800"])


def test_a_value_without_one_stored_form_is_refused() -> None:
    """And an enum without members, which no value could be of."""
    for value in (None, (1,), IPv4Address("10.0.0.1")):
        with pytest.raises(SchemaError, match="no one stored form"):
            literal([value])
    with pytest.raises(SchemaError, match="has no members"):
        enum(Empty)


def test_values_of_one_tag_may_be_a_key() -> None:
    """Numbers and texts have an order, a flag has none, and a bool is no key."""

    class Colour(Flag):
        RED = auto()

    assert [enum(Status).key, enum(Level).key, enum(Colour).key] == ["sort", "sort", "partition"]
    assert [literal([True]).key, literal(["a", 1]).key] == ["", ""]
    assert not literal(["x" * 65]).fixed


def test_the_table_of_a_type_is_known_where_it_has_one() -> None:
    """By which a union is told apart."""
    choices = choices_of(literal(["a", 1]))

    assert choices is not None
    assert list(choices.by_stored) == [("S", "a"), ("N", "1")]
    assert choices_of(STR) is None


class Open(StrEnum):
    """An enum whose members are their values."""

    YES = "yes"
    NO = "no"


class Plain(Enum):
    """An enum whose members are no equals of their values."""

    ONE = 1


class Rights(IntFlag):
    """A flag whose members are numbers."""

    READ = 1
    WRITE = 2


class Marks(Flag):
    """A flag whose members are none."""

    BOLD = 1


def holding(annotation: Any, default: Any) -> Any:
    """A model that holds the values of enums, with a default that Pydantic does not look at."""
    config = ConfigDict(use_enum_values=True)
    return create_model("Holder", __config__=config, field=(annotation, default))


@pytest.mark.parametrize(
    ("annotation", "default"),
    [
        (Open, Open.YES),
        (Level, Level.HIGH),
        (Open | None, Open.NO),
        (list[Open], [Open.YES, "no"]),
        (set[Level], {Level.LOW}),
        (dict[Open, Level], {Open.YES: Level.LOW}),
        (Open | int, Open.YES),
        (Rights, Rights.READ | Rights.WRITE),
        (Plain, 1),
        (Marks, 1),
    ],
)
def test_a_default_that_is_the_value_of_a_member_is_stored(annotation: Any, default: Any) -> None:
    """Though Pydantic leaves it a member; what is read is its value, which is equal."""
    model = holding(annotation, default)
    for instance in (model(), model.model_validate({"field": default})):
        read = Fields(model).decode(Fields(model).encode(instance))
        assert read == instance
        assert read.field == default


@pytest.mark.parametrize("default", [Plain.ONE, Marks.BOLD])
def test_a_default_that_is_no_value_is_refused_for_what_it_is(default: Any) -> None:
    """A member, where values are kept, which are no equals of it."""
    model = holding(type(default), default)
    reason = (
        rf"its default cannot be stored: found a member of {type(default).__name__}, and use_enum"
    )
    with pytest.raises(SchemaError, match=rf"Holder\.field: {reason}"):
        Fields(model)
    validated = create_model(
        "Holder",
        __config__=ConfigDict(use_enum_values=True, validate_default=True),
        field=(type(default), default),
    )
    assert Fields(validated).encode(validated()) == {"field": {"N": "1"}}


def test_a_value_of_another_enum_is_no_member() -> None:
    """Where values are kept, too."""
    codec = enum(Plain, values=True)
    with pytest.raises(CodecError, match="expected Plain, found Open"):
        codec.encode(Open.YES)


@dataclass
class Held:
    """A dataclass without settings."""

    level: Plain


class HeldDict(TypedDict):
    """A dict without settings."""

    level: Plain


@with_config(ConfigDict(frozen=True))
class OwnDict(TypedDict):
    """A dict with settings."""

    level: Plain


class HeldTuple(NamedTuple):
    """A tuple, which has none."""

    level: Plain


@pytest.mark.parametrize("annotation", [Held, HeldDict, HeldTuple, list[Held]])
def test_a_class_without_settings_holds_values_as_the_model_around_it(annotation: Any) -> None:
    """So what is read of it is written again, and a member in it, no equal of it, is not."""
    fields = Fields(holding(annotation, ...))
    level: Any = {"M": {"level": {"N": "1"}}}
    stored = {HeldTuple: {"L": [{"N": "1"}]}, list[Held]: {"L": [level]}}.get(annotation, level)
    assert fields.encode(fields.decode({"field": stored})) == {"field": stored}


def test_a_member_in_a_dataclass_is_not_stored_for_its_value() -> None:
    """It was no equal of what is read."""
    model = holding(Held, ...)
    with pytest.raises(CodecError, match=r"Held\.level: found a member of Plain, and use_enum"):
        Fields(model).encode(model(field=Held(Plain.ONE)))


def test_a_class_with_settings_of_its_own_holds_members() -> None:
    """As Pydantic has it."""
    fields = Fields(holding(OwnDict, ...))
    assert fields.decode({"field": {"M": {"level": {"N": "1"}}}}).field == {"level": Plain.ONE}
    assert fields.encode(fields.model(field={"level": 1})) == {
        "field": {"M": {"level": {"N": "1"}}}
    }
