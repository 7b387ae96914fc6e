"""The rules of a model for a value in one place of it: what `set`, `append` and `add` take."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple, Self

import pytest
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ByteSize,
    Field,
    HttpUrl,
    Json,
    PlainValidator,
    RootModel,
    StringConstraints,
    ValidationInfo,
    WrapValidator,
    conint,
    create_model,
    field_validator,
    model_validator,
)
from typing_extensions import TypedDict

from dynrepo import CodecError, PartitionKey, schema_of
from dynrepo.codec.scalars import INT
from dynrepo.expressions.fields import FieldPaths
from dynrepo.expressions.rules import Rules, rules_of
from tests.encodings import ENCODINGS


def lower_only(text: str) -> str:
    """Text without capitals."""
    if text != text.lower():
        raise ValueError
    return text


def broken(_text: str) -> str:
    """A validator that has a fault of its own."""
    raise LookupError("top secret")


def below_most(number: int, info: ValidationInfo) -> int:
    """A number below the one in another field."""
    if number > info.data["most"]:
        raise ValueError
    return number


def named(text: str, info: ValidationInfo) -> str:
    """A text that differs from the name of its field."""
    if text == info.field_name or info.mode != "python":
        raise ValueError
    return text


Slug = Annotated[str, AfterValidator(lower_only)]
Small = Annotated[int, Field(ge=0, lt=10)]


class Part(BaseModel):
    """A nested model with rules, and one for the whole."""

    slug: str = ""
    left: Small = 0
    note: Slug | None = None
    parts: list[Part] = []

    @field_validator("slug")
    @classmethod
    def is_lower(cls, text: str) -> str:
        """No capitals."""
        return lower_only(text)

    @model_validator(mode="after")
    def agree(self) -> Self:
        """No slug of an item with 7."""
        if self.left == 7 and self.slug:
            raise ValueError
        return self


@dataclass
class Point:
    """A dataclass with a rule."""

    x: Small = 0


class Pair(TypedDict):
    """A TypedDict with a rule."""

    left: Small


class Couple(NamedTuple):
    """A NamedTuple with a rule."""

    left: Small
    right: str


class Smalls(RootModel[list[Small]]):
    """A list with a rule for its elements."""


class Thing(BaseModel):
    """A field with each kind of rule."""

    id: Annotated[str, PartitionKey()]
    plain: str = ""
    many: list[str] = []
    slug: str = ""
    small: Small = 0
    perhaps: Small | None = None
    short: Annotated[str, Field(max_length=3)] | None = None
    bounded: conint(gt=0) = 1  # type: ignore[valid-type]
    stripped: Annotated[str, BeforeValidator(str.strip)] = ""
    lowered: Annotated[str, StringConstraints(to_lower=True)] = ""
    wrapped: Annotated[str, WrapValidator(lambda text, handler: lower_only(handler(text)))] = ""
    given: Annotated[Any, PlainValidator(lambda value: value or 1 / 0)] = 1
    faulty: Annotated[str, AfterValidator(broken)] = ""
    most: int = 5
    least: Annotated[int, AfterValidator(below_most)] = 0
    wraps: Annotated[int, WrapValidator(lambda n, handler, info: handler(below_most(n, info)))] = 0
    other: Annotated[str, AfterValidator(named)] = ""
    slugs: list[Slug] = []
    tags: frozenset[Slug] = frozenset()
    counts: dict[str, Small] = {}
    free: dict[str, Any] = {}
    part: Part | None = None
    parts: list[Part] = []
    by_name: dict[str, Part] = {}
    point: Point = Point()
    pair: Pair = {"left": 0}
    couple: Couple = Couple(0, "")
    both: tuple[Small, str] = (0, "")
    row: tuple[Small, ...] = ()
    queue: deque[Small] = deque()
    sequence: Sequence[Small] = []
    counter: Counter[str] = Counter()
    root: Smalls = Smalls([])
    url: HttpUrl | None = None
    json_text: Json[list[int]] | None = None
    size: ByteSize = ByteSize(0)
    when: AwareDatetime | None = None

    @field_validator("slug", "slugs")
    @classmethod
    def is_lower(cls, value: Any) -> Any:
        """No capitals."""
        return lower_only(value) if isinstance(value, str) else value[:2]


class Stripped(BaseModel, str_strip_whitespace=True, str_max_length=3):
    """A model that changes and bounds all of its texts."""

    id: Annotated[str, PartitionKey()]
    text: str = ""


f: Any = FieldPaths(schema_of(Thing))
g: Any = FieldPaths(schema_of(Stripped))

INVALID: dict[str, Any] = {
    "constraint": lambda: f.small.set(-1),
    "in a union": lambda: f.perhaps.set(10),
    "of a text": lambda: f.short.set("long"),
    "of a made type": lambda: f.bounded.set(0),
    "by a decorator": lambda: f.slug.set("BIG"),
    "around": lambda: f.wrapped.set("BIG"),
    "of a model's texts": lambda: g.text.set("long"),
    "default": lambda: f.slug.set(f.slug | "BIG"),
    "element": lambda: f.slugs[0].set("BIG"),
    "elements": lambda: f.slugs.set(["a", "BIG"]),
    "append": lambda: f.slugs.append("a", "BIG"),
    "prepend": lambda: f.slugs.prepend("BIG"),
    "add": lambda: f.tags.add("a", "BIG"),
    "set": lambda: f.tags.set(frozenset({"BIG"})),
    "entry": lambda: f.counts["a"].set(-1),
    "nested": lambda: f.part["slug"].set("BIG"),
    "nested constraint": lambda: f.part["left"].set(-1),
    "nested union": lambda: f.part["note"].set("BIG"),
    "in a list": lambda: f.parts[3]["slug"].set("BIG"),
    "in a map": lambda: f.by_name["a"]["slug"].set("BIG"),
    "in itself": lambda: f.part["parts"][0]["parts"][1]["slug"].set("BIG"),
    "instance": lambda: f.part.set(Part.model_construct(left=-1)),
    "whole instance": lambda: f.part.set(Part.model_construct(left=7, slug="a")),
    "appended instance": lambda: f.parts.append(Part.model_construct(left=-1)),
    "dataclass": lambda: f.point["x"].set(10),
    "TypedDict": lambda: f.pair["left"].set(10),
    "NamedTuple": lambda: f.couple[0].set(10),
    "NamedTuple by name": lambda: f.couple["left"].set(10),
    "tuple": lambda: f.both[0].set(10),
    "variadic": lambda: f.row[2].set(10),
    "deque": lambda: f.queue[0].set(10),
    "Sequence": lambda: f.sequence[0].set(10),
    "root": lambda: f.root[0].set(10),
}


@pytest.mark.parametrize("case", INVALID)
def test_what_the_rules_of_a_place_refuse_is_not_stored(case: str) -> None:
    """The error names the field and never the value."""
    with pytest.raises(CodecError, match=r"(Thing|Stripped)\.\w+.*not valid \(") as refusal:
        INVALID[case]()
    error: BaseException | None = refusal.value
    while error is not None:
        assert "BIG" not in str(error)
        error = error.__cause__ or error.__context__


STORED: list[tuple[Any, Any]] = [
    (lambda: f.plain.set("BIG"), {"S": "BIG"}),
    (lambda: f.slug.set("low"), {"S": "low"}),
    (lambda: f.small.set(0), {"N": "0"}),
    (lambda: f.stripped.set(" a "), {"S": "a"}),
    (lambda: f.stripped.set(f.stripped | " a ").values[1], {"S": "a"}),
    (lambda: f.lowered.set("BIG"), {"S": "big"}),
    (lambda: g.text.set(" abc "), {"S": "abc"}),
    (lambda: f.slugs.set(["a", "b", "c"]), {"L": [{"S": "a"}, {"S": "b"}]}),
    (lambda: f.given.set("x"), {"S": "x"}),
    (lambda: f.tags.add("a"), {"SS": ["a"]}),
    (lambda: f.tags.delete("BIG"), {"SS": ["BIG"]}),
    (lambda: f.part["slug"].set("a"), {"S": "a"}),
    (
        lambda: f.part.set(Part(left=7)),
        {"M": {"slug": {"S": ""}, "left": {"N": "7"}, "parts": {"L": []}}},
    ),
    (lambda: f.couple[0].set(1), {"N": "1"}),
    (lambda: f.free["a"].set("BIG"), {"S": "BIG"}),
    (lambda: f.counter["a"].set(-1), {"N": "-1"}),
    (lambda: f.url.set(HttpUrl("http://x.org/")), {"S": "http://x.org/"}),
    (lambda: f.json_text.set([1]), {"S": "[1]"}),
    (lambda: f.size.set(ByteSize(5)), {"N": "5"}),
    (lambda: f.other.set("x"), {"S": "x"}),
]


@pytest.mark.parametrize(("make", "stored"), STORED, ids=range(len(STORED)))
def test_what_the_rules_let_pass_is_stored_as_they_return_it(make: Any, stored: Any) -> None:
    """As it is when the model itself is given it."""
    assert make().values[1].value == stored


def test_a_validator_that_looks_at_other_fields_is_not_asked() -> None:
    """There are none; another one that is told of its field is asked."""
    assert f.least.set(100).values[1].value == {"N": "100"}
    assert f.wraps.set(100).values[1].value == {"N": "100"}
    with pytest.raises(CodecError, match=r"Thing\.other: not valid \(value_error\)"):
        f.other.set("other")


def test_a_validator_of_the_whole_is_not_asked_for_a_part() -> None:
    """It would be for the instance."""
    assert f.part["left"].set(7).values[1].value == {"N": "7"}


def test_a_fault_of_a_validator_is_named_without_its_text() -> None:
    """As any value that is not valid."""
    for make in (lambda: f.faulty.set("a"), lambda: f.given.set("")):
        with pytest.raises(CodecError, match=r"not valid \(a validator raised \w+\)$") as refusal:
            make()
        assert refusal.value.__context__ is None


def test_a_value_of_each_type_is_stored_as_the_model_stores_it() -> None:
    """Rules change nothing of what a valid instance would hold."""
    for example in ENCODINGS:
        types: Any = {
            "id": (Annotated[str, PartitionKey()], ...),
            "value": (example.annotation, ...),
        }
        model: Any = create_model("Any", __config__={"arbitrary_types_allowed": True}, **types)
        action: Any = FieldPaths(schema_of(model)).value.set(example.value)
        expected = schema_of(model).field("value").encode(example.value)
        assert [value.value for value in action.values[1:]] == ([expected] if expected else [])


def test_a_condition_compares_with_any_value_of_the_type() -> None:
    """Rules are for what is stored."""
    assert (f.small == -1).values[1].value == {"N": "-1"}
    assert f.slug.startswith("BIG").values[1].value == {"S": "BIG"}
    assert f.tags.contains("BIG").values[1].value == {"S": "BIG"}


def test_none_passes_the_rules_too() -> None:
    """Where the field may be None but its validators say no."""

    class Firm(BaseModel):
        id: Annotated[str, PartitionKey()]
        note: str | None = None

        @field_validator("note")
        @classmethod
        def is_there(cls, value: str | None) -> str | None:
            if value is None:
                raise ValueError
            return value

    with pytest.raises(CodecError, match=r"Firm\.note: not valid"):
        FieldPaths(schema_of(Firm)).note.set(None)
    assert FieldPaths(schema_of(Firm)).note.remove()


@pytest.mark.parametrize("schema", [{"type": "new"}, {"type": "model", "schema": {}}])
def test_a_schema_of_pydantic_that_is_not_known_asks_nothing(schema: Any) -> None:
    """What is stored is judged when it is read."""
    rules = Rules(schema)
    assert rules.below("slug") is None
    assert rules.checked(1, INT, INT.encode) == {"N": "1"}


def test_a_model_whose_schema_is_not_found_asks_nothing() -> None:
    """As before it was looked for."""
    nothing: Any = object()
    assert rules_of(nothing).below("slug") is None


class Counted(BaseModel):
    """Numbers and lists by texts in lower case, which validators ask for in two ways."""

    name: Annotated[str, PartitionKey()]
    counts: dict[Annotated[str, AfterValidator(lower_only)], int] = {}
    lists: dict[Annotated[str, StringConstraints(to_lower=True)], list[int]] = {}
    deep: dict[str, dict[Annotated[str, Field(max_length=3)], int]] = {}


def test_nothing_is_stored_under_a_key_of_a_map_that_its_validators_refuse_or_change() -> None:
    """Nobody could read the item; what is there already may be removed."""
    fields: Any = FieldPaths(schema_of(Counted))
    counts, lists, deep = fields.counts, fields.lists, fields.deep
    assert counts["a"].add(1)
    assert lists["a"].append(1)
    assert deep["LONG"]["a"].set(1)
    for change in (
        lambda: counts["A"].set(1),
        lambda: counts["A"].set(counts["a"] + 1),
        lambda: counts["A"].add(1),
        lambda: lists["A"].append(1),
        lambda: lists["A"].prepend(1),
        lambda: deep["a"]["long"].set(1),
    ):
        with pytest.raises(CodecError, match="key"):
            change()
    assert counts["A"].remove()


def test_numbers_of_a_union_have_bounds_where_they_are_the_same() -> None:
    """A sum that is beyond those of one may be a value of the other."""

    class Balance(BaseModel):
        name: Annotated[str, PartitionKey()]
        alike: Annotated[int, Field(ge=0)] | Annotated[float, Field(ge=0)] = 0
        apart: Annotated[int, Field(ge=0)] | Annotated[float, Field(ge=-5)] = 0

    rules = rules_of(Balance)
    alike, apart = rules.below("alike"), rules.below("apart")
    assert alike
    assert alike.bounds
    assert apart
    assert not apart.bounds
