"""Validators that raise something else than a ValueError: what a read and a write make of it."""

from __future__ import annotations

import json
import traceback
from dataclasses import dataclass
from typing import Annotated, Any, Self

import pytest
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    ValidationInfo,
    create_model,
    field_validator,
    model_validator,
)
from typing_extensions import TypedDict

from dynrepo import CodecError, PartitionKey, Repository, SortKey, WrittenUnreadable
from dynrepo.operations.operation import Effect, Operation, nothing
from dynrepo.schema.entity import schema_of
from dynrepo.schema.raising import raises, raising_field, without_text
from dynrepo.testing import MemoryStore
from tests.accelerator import if_accelerated


class OwnError(Exception):
    """An exception of somebody's, which is not made without its two arguments."""

    def __new__(cls, code: int, text: str) -> Self:
        """With two arguments."""
        return super().__new__(cls, code, text)


def part_after_colon(text: str) -> str:
    """The text, when it has a part after a colon."""
    parts = text.split(":")
    return f"{parts[0]}:{parts[1]}"


def refuse(error: type[BaseException], *arguments: Any) -> Any:
    """A validator that refuses a text with "bad" in it by an error."""

    def check(text: str) -> str:
        if "bad" in text:
            raise error(*arguments)
        return text

    return AfterValidator(check)


def told(error: BaseException | None) -> str:
    """All that an error and its causes say."""
    return "" if error is None else repr(error) + told(error.__cause__ or error.__context__)


def items_of(model: Any, store: MemoryStore) -> Any:
    """A repository of a model that is made here, with its table."""

    class Items(Repository[model]):
        """Items."""

        table = "items"

    items = Items(store)
    items.create_table()
    return items


class Row(BaseModel):
    """A row with a validator that takes texts with a colon for granted."""

    pk: Annotated[str, PartitionKey()]
    sk: Annotated[int, SortKey()]
    text: Annotated[str, AfterValidator(part_after_colon)]


class Rows(Repository[Row]):
    """Rows."""

    table = "rows"


@pytest.fixture(params=["memory", "moto"])
def rows(request: pytest.FixtureRequest) -> Rows:
    """A good row, one that another program wrote, and a good one."""
    store = request.getfixturevalue(request.param)
    made = Rows(store)
    made.create_table()
    made.set(Row(pk="k", sk=1, text="a:b"))
    item = {"pk": {"S": "k"}, "sk": {"N": "2"}, "text": {"S": "secret"}}
    request = {"TableName": "rows", "Item": item}
    store.execute(Operation("PutItem", "rows", request, nothing, Effect.REPEATABLE))
    made.set(Row(pk="k", sk=3, text="c:d"))
    return made


READS = {
    "get": lambda rows: rows.get(("k", 2)),
    "require": lambda rows: rows.require(("k", 2)),
    "get_many": lambda rows: rows.get_many([("k", 1), ("k", 2)]),
    "query": lambda rows: rows.query(rows.fields.pk == "k").all(),
    "page": lambda rows: rows.query(rows.fields.pk == "k").page(3),
    "scan": lambda rows: rows.scan().all(),
    "delete": lambda rows: rows.delete(("k", 2)),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_a_read_of_what_a_validator_breaks_on_is_a_codec_error(rows: Rows, read: Any) -> None:
    """It names model and field, and has the key of the item; no text of it holds a value."""
    with pytest.raises(
        CodecError, match=r"the validation of Row\.text raised IndexError"
    ) as caught:
        read(rows)
    said = caught.value
    raised = said.__cause__.__cause__ if isinstance(said, WrittenUnreadable) else said.__cause__
    assert isinstance(raised, IndexError)
    assert "part_after_colon" in "".join(traceback.format_tb(raised.__traceback__))


def test_bad_rows_are_asked_for_a_row_that_a_validator_breaks_on(rows: Rows) -> None:
    """The others are read."""
    bad: list[CodecError] = []
    found = rows.query(rows.fields.pk == "k", bad_rows=bad.append).all()
    found += rows.scan(bad_rows=bad.append).all()
    assert [row.sk for row in found] == [1, 3, 1, 3]
    assert [error.key for error in bad] == [{"pk": {"S": "k"}, "sk": {"N": "2"}}] * 2


ERRORS = [
    (KeyError, ("bad secret",)),
    (ZeroDivisionError, ()),
    (TypeError, ("secret",)),
    (AttributeError, ()),
    (RuntimeError, ()),
    (RecursionError, ()),
    (StopIteration, ("secret",)),
    (LookupError, ()),
    (FileNotFoundError, (2, "secret")),
    (OwnError, (1, "secret")),
]


@pytest.mark.parametrize(
    ("error", "arguments"), ERRORS, ids=lambda each: getattr(each, "__name__", "")
)
def test_whatever_a_validator_raises_is_a_codec_error(error: Any, arguments: Any) -> None:
    """When it is read by the codec and when it is about to be written; nothing is sent then."""
    model = create_model(
        "Item",
        pk=(Annotated[str, PartitionKey()], ...),
        text=(Annotated[str, refuse(error, *arguments)], ...),
    )
    schema = schema_of(model)
    reason = rf"^the stored item is no Item: the validation of Item\.text raised {error.__name__}$"
    with pytest.raises(CodecError, match=reason) as caught:
        schema.decode({"pk": {"S": "k"}, "text": {"S": "bad secret"}})
    assert "secret" not in told(caught.value)
    store = MemoryStore()
    items = items_of(model, store)
    item = model.model_construct(pk="k", text="bad secret")
    for write in (items.create, items.set, items.save, lambda each: items.set_many([each])):
        with pytest.raises(CodecError, match=reason):
            write(item)
    assert store.items("items") == []


@if_accelerated
def test_the_accelerated_way_leaves_such_a_row_to_the_codec() -> None:
    """So that the caller is told the same."""
    parse = schema_of(Row).parse("Item")
    assert parse is not None
    body = {"Item": {"pk": {"S": "k"}, "sk": {"N": "2"}, "text": {"S": "legacy"}}}
    assert parse(json.dumps(body).encode()) is None


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, MemoryError, GeneratorExit])
def test_what_is_no_matter_of_the_row_passes(error: Any) -> None:
    """Somebody wants the program to end, or the memory is full."""
    model = create_model(
        "Item", pk=(Annotated[str, PartitionKey()], ...), text=(Annotated[str, refuse(error)], ...)
    )
    with pytest.raises(error):
        schema_of(model).decode({"pk": {"S": "k"}, "text": {"S": "bad"}})


def test_an_exception_that_came_from_elsewhere_passes() -> None:
    """A signal's, for instance: the same row is read without it."""
    raised: list[Exception] = [RuntimeError("from a signal")]

    def interrupted(text: str) -> str:
        if raised:
            raise raised.pop()
        return text

    model = create_model(
        "Item",
        pk=(Annotated[str, PartitionKey()], ...),
        text=(Annotated[str, AfterValidator(interrupted)], ...),
    )
    with pytest.raises(RuntimeError, match="from a signal"):
        schema_of(model).decode({"pk": {"S": "k"}, "text": {"S": "a"}})


class Inner(BaseModel):
    """A part with a validator."""

    text: Annotated[str, refuse(KeyError)] = ""


class Dict(TypedDict):
    """A TypedDict with one."""

    text: Annotated[str, refuse(KeyError)]


@dataclass
class Point:
    """A dataclass that refuses itself."""

    x: int

    def __post_init__(self) -> None:
        if self.x:
            raise KeyError("x")


class Parts(BaseModel):
    """Everything that may raise, and what may not."""

    pk: Annotated[str, PartitionKey()]
    good: str = "good"
    inner: Inner | None = None
    inners: list[Inner] = []
    typed: Dict | None = None
    point: Point | None = None
    before: Annotated[list[str], BeforeValidator(json.loads)] | None = None
    other: Annotated[int, Field(ge=0)] = 0
    asks: str = ""

    @field_validator("asks")
    @classmethod
    def ask(cls, asks: str, info: ValidationInfo) -> str:
        """Asks for what was validated before."""
        return asks and {"good": asks}[info.data["good"]]


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("inner", {"M": {"text": {"S": "bad"}}}),
        ("inners", {"L": [{"M": {}}, {"M": {"text": {"S": "bad"}}}]}),
        ("typed", {"M": {"text": {"S": "bad"}}}),
        ("point", {"M": {"x": {"N": "1"}}}),
        ("before", {"L": [{"S": "a"}]}),
    ],
)
def test_the_field_is_named_whose_part_raises(name: str, stored: Any) -> None:
    """A nested model, a TypedDict, a dataclass, a validator that takes the input form alone."""
    with pytest.raises(CodecError, match=rf"the validation of Parts\.{name} raised"):
        schema_of(Parts).decode({"pk": {"S": "k"}, name: stored})


def test_a_validator_that_asks_for_other_fields_is_named_for_itself() -> None:
    """The fields before it are there when it is looked for; what else is wrong is no matter."""
    stored = {"pk": {"S": "k"}, "good": {"S": "no"}, "asks": {"S": "a"}, "other": {"N": "-1"}}
    with pytest.raises(CodecError, match=r"the validation of Parts\.asks raised KeyError"):
        schema_of(Parts).decode(stored)
    assert schema_of(Parts).decode({"pk": {"S": "k"}, "asks": {"S": "a"}}).asks == "a"


def test_a_validator_of_the_whole_is_named_by_the_model() -> None:
    """After and before its fields, in `model_post_init` and in `__init__`."""

    class After(BaseModel):
        """A validator after the fields."""

        pk: Annotated[str, PartitionKey()]

        @model_validator(mode="after")
        def check(self) -> After:
            """Refuses."""
            raise KeyError(self.pk)

    class Before(BaseModel):
        """A validator before the fields."""

        pk: Annotated[str, PartitionKey()]

        @model_validator(mode="before")
        @classmethod
        def check(cls, values: Any) -> Any:
            """Refuses."""
            raise KeyError(values["pk"])

    class Post(BaseModel):
        """A method after the making."""

        pk: Annotated[str, PartitionKey()]

        def model_post_init(self, _: Any, /) -> None:
            """Refuses."""
            raise KeyError(self.pk)

    for model in (After, Before, Post):
        reason = f"is no {model.__name__}: the validation of {model.__name__} raised KeyError$"
        with pytest.raises(CodecError, match=reason) as caught:
            schema_of(model).decode({"pk": {"S": "secret"}})
        assert "secret" not in told(caught.value)


def test_a_default_that_raises_is_no_matter_of_the_fields_that_are_there() -> None:
    """None of them is named."""

    def fail() -> str:
        raise KeyError("x")

    model = create_model(
        "Item",
        pk=(Annotated[str, PartitionKey()], ...),
        text=(str, Field(default_factory=fail)),
    )
    with pytest.raises(CodecError, match="the validation of Item raised KeyError"):
        schema_of(model).decode({"pk": {"S": "k"}})


def test_a_schema_of_another_kind_names_no_field() -> None:
    """What Pydantic may do one day."""

    class Odd(BaseModel):
        """A model whose schema is something else."""

        text: str

    Odd.__pydantic_core_schema__ = {"type": "unknown"}  # type: ignore[assignment, typeddict-item]
    assert raising_field(Odd, {"text": "a"}) is None


def test_a_validator_that_takes_everything_raises_nothing() -> None:
    """And a ValidationError is none of those that are looked for."""
    assert not raises(lambda _values, **_: None, {})
    assert raising_field(Parts, {"pk": "k", "good": 5}) is None


def test_an_error_without_its_text_is_of_its_class() -> None:
    """None where the class takes other arguments."""
    blank = without_text(KeyError("secret"))
    assert type(blank) is KeyError
    assert blank.args == ()
    assert without_text(OwnError(1, "secret")) is None
