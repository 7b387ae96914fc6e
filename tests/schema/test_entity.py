"""A model as an item: what is stored of it, what is refused, what is said about it."""

from __future__ import annotations

import gc
import linecache
import pickle
import re
import sys
import time
import typing
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from threading import Barrier
from types import new_class
from typing import Annotated, Any, Generic, Literal, NamedTuple, NotRequired, TypeVar
from uuid import UUID, uuid4
from weakref import ref

import pytest
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    Discriminator,
    Field,
    HttpUrl,
    Json,
    JsonValue,
    NaiveDatetime,
    PrivateAttr,
    RootModel,
    Secret,
    Tag,
    ValidationError,
    WrapValidator,
    computed_field,
    create_model,
    field_validator,
    model_validator,
)
from typing_extensions import TypedDict

from dynrepo import Repository
from dynrepo.codec import codec_for
from dynrepo.errors import CodecError, SchemaError
from dynrepo.markers import (
    Attribute,
    CreatedAt,
    PartitionKey,
    PlainText,
    SortKey,
    TimeToLive,
    UpdatedAt,
    Version,
)
from dynrepo.schema import entity
from dynrepo.schema.entity import Fields, Schema, schema_of
from dynrepo.testing import MemoryStore
from tests.encodings import Node

T = TypeVar("T")
Id = Annotated[str, PartitionKey()]
NOW = datetime(2024, 1, 2, 3, 4, 5, 6, tzinfo=UTC)


def round_trip(instance: Any, *, by_alias: bool = False) -> Any:
    """What is read after an instance was written."""
    fields = Fields(type(instance), by_alias=by_alias)
    return fields.decode(fields.encode(instance))


class Odd(BaseModel):
    """A member of a union whose discriminator function knows instances only."""

    odd: int = 1


ODD = Annotated[
    Annotated[Odd, Tag("odd")] | Annotated[dict[str, int], Tag("dict")],
    Discriminator(lambda value: {Odd: "odd", dict: "dict"}.get(type(value))),
]


class TestAbsence:
    """None and the empty set are absent attributes where absence says the same."""

    class Absent(BaseModel):
        """Every way of being without a value."""

        required: int | None
        defaulted: int | None = None
        otherwise: int | None = 5
        made: int | None = Field(default_factory=lambda: 7)
        anything: Any
        tags: set[str]
        empty: frozenset[int] = frozenset()
        factory: set[bytes] = Field(default_factory=set)
        full: set[str] = {"a"}
        maybe: set[str] | None = None
        neither: frozenset[str] | None = frozenset()
        text: str = "x"
        binary: bytes = b"x"

    NOTHING = Absent(
        required=None,
        defaulted=None,
        otherwise=None,
        made=None,
        anything=None,
        tags=set(),
        empty=frozenset(),
        factory=set(),
        full=set(),
        maybe=set(),
        neither=frozenset(),
        text="",
        binary=b"",
    )

    def test_what_reads_back_by_absence_is_not_stored(self) -> None:
        """An attribute is there only where its absence would read as something else."""
        assert Fields(self.Absent).encode(self.NOTHING) == {
            "otherwise": {"NULL": True},
            "made": {"NULL": True},
            "full": {"L": []},
            "maybe": {"L": []},
            "text": {"S": ""},
            "binary": {"B": ""},
        }

    def test_every_kind_of_nothing_round_trips(self) -> None:
        """None, the empty set and the empty string come back as themselves."""
        assert round_trip(self.NOTHING) == self.NOTHING
        neither = self.NOTHING.model_copy(update={"neither": None, "maybe": {"a"}})
        assert round_trip(neither) == neither
        assert Fields(self.Absent).encode(neither)["neither"] == {"NULL": True}

    def test_an_empty_set_is_told_from_none(self) -> None:
        """Of every kind of set that may be None, at every depth."""

        class Part(BaseModel):
            """Sets that may be None."""

            words: set[str] | None = None
            frozen: frozenset[int] | None = None
            required: set[bytes] | None

        class Whole(BaseModel):
            """Parts."""

            part: Part
            parts: list[Part] = []

        nothing = Part(required=None)
        for part in (nothing, Part(words=set(), frozen=frozenset(), required=set())):
            whole = Whole(part=part, parts=[nothing, part])
            assert round_trip(whole) == whole
        assert Fields(Part).encode(nothing) == {}

    def test_a_stored_null_reads_as_none(self) -> None:
        """Another writer's NULL is None, whatever the default."""
        stored = {"defaulted": {"NULL": True}, "otherwise": {"NULL": True}}
        read = Fields(self.Absent).decode(stored)

        assert (read.defaulted, read.otherwise) == (None, None)

    def test_a_missing_attribute_reads_as_its_default(self) -> None:
        """Defaults, default factories included, stand in for what is not stored."""
        read = Fields(self.Absent).decode({})

        assert (read.otherwise, read.made, read.full) == (5, 7, {"a"})


class Item(BaseModel):
    """An item with some of everything."""

    id: Id
    age: int = 0
    ratio: float = 0.0
    price: Decimal = Decimal(0)
    day: date | None = None
    secret: Annotated[str, AfterValidator(str.upper)] = "A"
    note: str | None = None
    names: list[str] = []


class TestReading:
    """Reading is strict about what is stored, and silent about values."""

    @pytest.mark.parametrize(
        ("attribute", "stored", "says"),
        [
            ("age", {"S": "hunter2"}, "Item.age: expected N for int, found S"),
            ("age", {"N": "2.5"}, "Item.age: expected a whole number, found a fraction"),
            ("id", {"NULL": True}, "Item.id"),
            ("age", {"BOOL": True}, "found BOOL"),
            ("price", {"S": "1.5"}, "expected N for Decimal, found S"),
            ("day", {"S": "hunter2"}, "Item.day"),
            ("day", {"M": {}}, "expected S for date, found M"),
            ("day", {}, "no attribute value"),
            ("id", {"N": "1"}, "Item.id"),
        ],
    )
    def test_a_wrong_stored_type_is_refused(
        self, attribute: str, stored: dict[str, Any], says: str
    ) -> None:
        """The error names model and field and has the key, and holds no value anywhere."""
        with pytest.raises(CodecError, match=re.escape(says)) as caught:
            schema_of(Item).decode({"id": {"S": "k"}, attribute: stored})

        key = {"id": stored} if attribute == "id" else {"id": {"S": "k"}}
        assert caught.value.key == key
        assert caught.value.__context__ is None
        assert "hunter2" not in repr(caught.value)

    def test_an_invalid_item_is_refused_without_its_inputs(self) -> None:
        """What Pydantic says stays behind the error, without the values it was said about."""

        class Picky(BaseModel):
            id: Id
            names: dict[str, Annotated[str, Field(max_length=3)]]

            @field_validator("id")
            @classmethod
            def quoting(cls, value: str) -> str:
                raise ValueError(f"not {value}")

        item = {"id": {"S": "hunter2"}, "names": {"M": {"hunter3": {"S": "hunter4"}}}}
        with pytest.raises(CodecError) as caught:
            schema_of(Picky).decode(item)

        assert "Picky.id (value_error), Picky.names[...] (string_too_long)" in str(caught.value)
        cause = caught.value.__cause__
        assert isinstance(cause, ValidationError)
        assert caught.value.__context__ is None
        assert "hunter" not in f"{caught.value}{cause}{cause.errors()}{cause!r}"

    def test_an_item_without_its_key_is_refused(self) -> None:
        """A row that lacks the key is no item of the table, whatever default the field has."""

        class Event(BaseModel):
            at: Annotated[AwareDatetime, PartitionKey()]
            number: Annotated[int, SortKey()] = 0

        whole = {"at": {"S": "2024-01-02T03:04:05.000006Z"}, "number": {"N": "1"}}
        assert schema_of(Event).decode(whole) == Event(at=NOW, number=1)
        for name in whole:
            part = {key: stored for key, stored in whole.items() if key != name}
            with pytest.raises(CodecError, match=rf"Event\.{name}: the stored item lacks this"):
                schema_of(Event).decode(part)
        with pytest.raises(CodecError, match=r"Item\.id: the stored item lacks this"):
            schema_of(Item).decode({"age": {"N": "1"}})

    def test_a_key_in_another_form_is_refused(self) -> None:
        """A key that would be written otherwise could be read and never found again."""

        class Visit(BaseModel):
            user: Annotated[UUID, PartitionKey()]
            at: Annotated[AwareDatetime, SortKey()]

        visit = Visit(user=uuid4(), at=NOW)
        schema = schema_of(Visit)
        stored = schema.encode(visit)
        assert schema.decode(stored) == visit
        for name, form in (("user", str(visit.user).upper()), ("at", "2024-01-02T03:04:05Z")):
            with pytest.raises(CodecError, match=rf"Visit\.{name}: the stored form is another"):
                schema.decode(stored | {name: {"S": form}})

    @pytest.mark.parametrize("keeps", [False, True])
    def test_an_url_is_a_key_as_pydantic_writes_it(self, keeps: bool) -> None:  # noqa: FBT001
        """An item is found by its URL; one that another writer spelled otherwise is refused."""

        class Page(BaseModel, url_preserve_empty_path=keeps):
            url: Annotated[HttpUrl, PartitionKey()]

        page = Page.model_validate({"url": "http://x.org"})
        schema = schema_of(Page)
        stored = schema.encode(page)

        assert schema.decode(stored) == page
        assert schema.key(page.url) == stored
        with pytest.raises(CodecError, match=r"Page\.url: the stored form is another"):
            schema.decode({"url": {"S": "HTTP://x.org/"}})

    def test_a_time_in_another_form_is_read(self) -> None:
        """Outside keys an instant is read in any ISO form, offsets included."""

        class Log(BaseModel):
            at: AwareDatetime

        for text in ("2024-01-02T03:04:05.000006+00:00", "2024-01-02T04:04:05.000006+0100"):
            assert Fields(Log).decode({"at": {"S": text}}).at == NOW
        with pytest.raises(CodecError, match="whole microseconds"):
            Fields(Log).decode({"at": {"S": "2024-01-02T03:04:05.1234567Z"}})

    def test_a_number_in_another_form_is_read(self) -> None:
        """An int is an int however an engine spells it."""
        read = schema_of(Item).decode({"id": {"S": "k"}, "age": {"N": "1E+2"}, "ratio": {"N": "1"}})

        assert (read.age, read.ratio) == (100, 1.0)

    def test_old_items_are_brought_up_to_date_before_validation(self) -> None:
        """The hook is given plain values, and returns those of today."""

        def upcast(old: dict[str, Any]) -> dict[str, Any]:
            return {**old, "age": old.pop("years") + 1}

        read = schema_of(Item).decode({"id": {"S": "k"}, "years": {"N": "3"}}, upcast=upcast)
        assert read == Item(id="k", age=4)

    @pytest.mark.parametrize(
        ("upcast", "says"),
        [
            (lambda old: old["gone"], "Item: its upcast raised KeyError"),
            (lambda old: old.clear(), "Item: its upcast returned NoneType, which is no mapping"),
            (lambda old: old | {"age": NOW}, "Item: its upcast made .*datetime has no DynamoDB"),
        ],
        ids=["raises", "returns nothing", "returns no stored values"],
    )
    def test_a_hook_that_fails_is_an_item_that_cannot_be_read(
        self, upcast: Callable[[Any], Any], says: str
    ) -> None:
        """The error holds the key of the row, so that a bad row can be skipped or collected."""
        with pytest.raises(CodecError, match=says) as caught:
            schema_of(Item).decode({"id": {"S": "k"}, "note": {"S": "hunter2"}}, upcast=upcast)
        assert caught.value.key == {"id": {"S": "k"}}
        assert caught.value.__context__ is None


TEN_MILLISECONDS = 25_000
"""Calls of functions, which take 0.2 to 0.4 µs each: a count is the same on every machine."""


def _calls_of(function: Callable[[], Any]) -> int:
    """The calls of functions that a function makes, which may be refused."""
    calls = 0

    def count(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal calls
        calls += event == "call"

    known = sys.getprofile()
    sys.setprofile(count)
    try:
        with suppress(CodecError):
            function()
    finally:
        sys.setprofile(known)
    return calls


def _refused_in(model: type[BaseModel], value: Any, says: str) -> int:
    """The calls of functions that were made for the error."""
    fields = Fields(model)
    with pytest.raises(CodecError, match=says):
        fields.encode(value)
    return _calls_of(lambda: fields.encode(value))


class Forest(RootModel["list[Part]"]):
    """A root that holds others."""


@dataclass(slots=True)
class Slotted:
    """A dataclass without a dict of its own."""

    part: Part | None = None


class Named(NamedTuple):
    """A tuple with a name for its place."""

    part: Part | None


class Typed(TypedDict):
    """A dict with a key that may be absent."""

    part: NotRequired[Part]


class Part(BaseModel, extra="allow"):
    """A model that may stand in itself in every way there is."""

    forest: Forest | None = None
    slotted: Slotted | None = None
    named: Named | None = None
    typed: Typed | None = None
    pair: tuple[int, Part] | None = None
    by_name: dict[str, Part] = {}
    either: Part | list[Part] | int = 0
    secret: Annotated[Secret[list[Part]] | None, PlainText()] = None


class TestWriting:
    """A value that cannot be read back is an error, and nothing of it is in the error."""

    @pytest.mark.parametrize(
        ("values", "says"),
        [
            ({"age": True}, "Item.age: expected int, found bool"),
            ({"age": "hunter2"}, "Item.age: expected int, found str"),
            ({"age": None}, "Item.age: expected int, found NoneType"),
            ({"age": 10**38 + 1}, "Item.age: a number has more than 38 digits"),
            ({"age": 10**126}, "Item.age: a number is out of the range"),
            ({"ratio": float("nan")}, "Item.ratio: a float is not finite"),
            ({"ratio": float("-inf")}, "Item.ratio: a float is not finite"),
            ({"ratio": 1e126}, "out of the range"),
            ({"ratio": 1e-131}, "out of the range"),
            ({"ratio": 2**53 + 1}, "expected float, found int"),
            ({"ratio": 10**400}, "expected float, found int"),
            ({"price": Decimal("NaN")}, "NaN and infinities"),
            ({"price": Decimal("sNaN")}, "NaN and infinities"),
            ({"price": Decimal("Infinity")}, "NaN and infinities"),
            ({"price": Decimal("1e-131")}, "out of the range"),
            ({"price": Decimal("1." + "1" * 38)}, "more than 38 digits"),
            ({"price": 1.5}, "Item.price: expected Decimal, found float"),
            ({"day": NOW}, "Item.day: expected date, found datetime"),
            ({"secret": "\ud800"}, "Item.secret: a text holds a lone surrogate"),
            ({"id": ""}, "Item.id: a key cannot be empty"),
            ({"id": "k" * 2049}, "Item.id: a key has 2048 bytes at most"),
            ({"id": "é" * 1025}, "Item.id: a key has 2048 bytes at most"),
        ],
    )
    def test_what_cannot_be_stored_exactly_is_refused(
        self, values: dict[str, Any], says: str
    ) -> None:
        """The error names model and field; it comes before anything is sent."""
        unchecked = Item.model_construct(**({"id": "k"} | values))
        with pytest.raises(CodecError, match=re.escape(says)) as caught:
            schema_of(Item).encode(unchecked)
        assert "hunter2" not in str(caught.value)

    def test_a_choice_may_be_too_long_like_any_text(self) -> None:
        """A value of an enum or a Literal counts as what is stored for it."""
        long_key = "k" * 2049
        keyed = create_model("Keyed", id=(Annotated[Literal[long_key], PartitionKey()], ...))  # type: ignore[valid-type]
        with pytest.raises(CodecError, match="a key has 2048 bytes at most"):
            schema_of(keyed).encode(keyed(id=long_key))

    def test_numbers_at_the_limits_are_exact(self) -> None:
        """38 digits, and the exponents to both ends, whatever the decimal context says."""
        for price in (
            Decimal("9" * 38),
            Decimal("-1E-130"),
            Decimal("9." + "9" * 37 + "E125"),
            Decimal("0E-200"),
            Decimal("1." + "0" * 60),
        ):
            assert round_trip(Item(id="k", price=price)).price == price

    def test_an_int_stands_for_a_float_or_a_decimal(self) -> None:
        """Defaults like `x: float = 0` are as common as they are harmless."""

        class Sloppy(BaseModel):
            ratio: float = 0
            price: Decimal = 0  # type: ignore[assignment]

        assert round_trip(Sloppy()) == Sloppy()

    def test_a_field_that_was_never_set_is_refused(self) -> None:
        """An instance made around Pydantic lacks what it lacks."""
        with pytest.raises(CodecError, match=r"Item\.id: has no value"):
            schema_of(Item).encode(Item.model_construct())

    def test_an_instance_of_a_subclass_is_refused(self) -> None:
        """It would come back as less than it is."""

        class More(Item):
            more: int = 1

        with pytest.raises(CodecError, match="expected Item, found More"):
            schema_of(Item).encode(More(id="k"))

    def test_a_subclass_of_datetime_is_stored_if_it_is_an_equal(self) -> None:
        """Pydantic lets such values pass, as from libraries that freeze the time in tests."""

        class Frozen(datetime):
            pass

        class Finer(datetime):
            def __eq__(self, other: object) -> bool:
                return isinstance(other, Finer)

            __hash__ = datetime.__hash__

        codec = codec_for(AwareDatetime)
        assert codec.encode(Frozen(2024, 1, 1, tzinfo=UTC)) == {"S": "2024-01-01T00:00:00.000000Z"}
        with pytest.raises(CodecError, match="expected aware datetime, found Finer"):
            codec.encode(Finer(2024, 1, 1, tzinfo=UTC))

    @pytest.mark.parametrize(
        ("annotation", "value", "says"),
        [
            (datetime, datetime(2024, 1, 1), "found a naive one"),  # noqa: DTZ001
            (AwareDatetime, datetime.max.replace(tzinfo=UTC) - timedelta(0), None),
            (NaiveDatetime, NOW, "found an aware one"),
            (Sequence[int], (1, 2), "expected list of int, found tuple"),
            (dict[str, int], OrderedDict(a=1), "found OrderedDict"),
            (dict[str, int], {"": 1}, "the key of a map cannot be empty"),
            (tuple[int, int], (1,), "expected tuple of 2"),
            (Any, (1,), "tuple has no DynamoDB type that reads back as an equal value"),
            (Any, 0.5, "float has no DynamoDB type"),
            (Any, NOW, "datetime has no DynamoDB type"),
            (Any, set(), "a set without a declared type is empty"),
            (Any, {1, "a"}, "of mixed types"),
            (Any, {1: 2}, "expected str, found int"),
            (JsonValue, 1e300, "out of the range|another int"),
            (JsonValue, 2.0**60, "would read back as another int"),
            (re.Pattern[str], re.compile("a", re.IGNORECASE), "the flags of a pattern"),
            (int | str, b"x", r"expected int \| str, found bytes"),
            (Literal[1], True, "expected Literal"),
            (Json[dict[str, Any]], {"a": (1,)}, "does not read back as an equal value"),
            (Json[Any], {"a": object()}, "has no JSON text"),
            (ODD, Odd(), "names another member for the stored form"),
            (ODD, 1.5, "names no member for the value"),
        ],
    )
    def test_a_value_outside_the_exact_ones_is_refused(
        self, annotation: Any, value: Any, says: str | None
    ) -> None:
        """Some types hold values that would come back as others; those are refused one by one."""
        codec = codec_for(annotation)
        if says is None:
            assert codec.decode(codec.encode(value)) == value
        else:
            with pytest.raises(CodecError, match=says):
                codec.encode(value)

    def test_a_value_without_end_is_refused_at_once(self) -> None:
        """Cyclic and too deep values are an error within ten milliseconds."""

        class Tree(BaseModel):
            parts: list[Tree] = []
            free: Any = None

        cyclic = Tree()
        cyclic.parts.append(cyclic)
        endless: list[Any] = []
        endless.extend([endless, endless])
        deep: Any = None
        for _ in range(32):
            deep = [deep]
        deep_enough: Any = None
        for _ in range(30):
            deep_enough = [deep_enough]
        both = Tree(parts=[Tree(free=deep_enough)])
        for value in (cyclic, Tree(free=endless), Tree(free=deep), both):
            assert _refused_in(Tree, value, "nested deeper than 32 levels") < TEN_MILLISECONDS / 10

    def test_a_value_without_end_is_refused_before_what_stands_beside_it(self) -> None:
        """However many others there are: nothing of them is encoded, on no level."""

        class Tree(BaseModel):
            parts: list[Tree] = []
            free: Any = None
            untyped: list[Any] = []
            text: JsonValue = None

        siblings = [Tree() for _ in range(1000)]
        cyclic = Tree(parts=siblings)
        cyclic.parts.append(cyclic)
        deep = Tree(parts=siblings)
        for _ in range(20):
            deep = Tree(parts=[*siblings, deep])
        endless: list[Any] = [0] * 10_000
        endless.append(endless)
        shared: list[Any] = [1]
        for _ in range(30):
            shared = [shared, shared]
        for value in (
            cyclic,
            deep,
            Tree.model_construct(free=endless),
            Tree.model_construct(text=endless),
            Tree.model_construct(untyped=endless),
            Tree.model_construct(free=shared),
            Tree.model_construct(untyped=shared),
        ):
            says = r"nested deeper than 32|holds more than 409600 bytes"
            assert _refused_in(Tree, value, says) < TEN_MILLISECONDS

    def test_a_value_without_end_is_found_wherever_it_may_stand(self) -> None:
        """In all that holds others: models, dataclasses, tuples, maps, unions, secrets, roots."""
        endless: list[Any] = []
        endless.append(endless)
        for name, make in {
            "forest": lambda part: Forest.model_construct([part]),
            "slotted": Slotted,
            "named": Named,
            "typed": lambda part: {"part": part},
            "pair": lambda part: (1, part),
            "by_name": lambda part: {"a": part},
            "either": lambda part: [part],
            "secret": lambda part: Secret([part]),
            "undeclared": lambda _: endless,
        }.items():
            part = Part()
            setattr(part, name, make(part))
            calls = _refused_in(
                Part, part, rf"^Part.*({name}|extra attribute): .*nested deeper than 32"
            )
            assert calls < TEN_MILLISECONDS / 10

    def test_a_new_value_of_a_field_has_an_end_too(self) -> None:
        """An update encodes the field alone, and looks through it as a whole before."""
        field = Fields(Node).field("children")
        cyclic = Node(name="a", children=[Node(name="b") for _ in range(1000)])
        cyclic.children.append(cyclic)

        written = _calls_of(lambda: field.encode(cyclic.children[:-1]))
        refused = _calls_of(lambda: field.encode(cyclic.children))
        assert refused < written / 2

    def test_what_is_not_stored_may_be_without_end(self) -> None:
        """A part that knows the whole, for instance, in a field that is excluded or private."""

        class Tree(BaseModel):
            parts: list[Tree] = []
            whole: Tree | None = Field(None, exclude=True, repr=False)

        tree = Tree(parts=[Tree()])
        tree.parts[0].whole = tree

        assert Fields(Tree).encode(tree) == {
            "parts": {"L": [{"M": {"parts": {"L": []}}}]},
        }

    def test_a_value_that_unfolds_beyond_any_item_is_refused(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Models that share their parts are counted as often as they would be written."""
        monkeypatch.setattr("dynrepo.codec.nesting.MAX_SIZE", 400)

        class Tree(BaseModel):
            parts: list[Tree] = []

        crowd = Tree()
        for _ in range(12):
            crowd = Tree(parts=[crowd, crowd])
        with pytest.raises(CodecError, match="holds more than 400 bytes, and an item has no more"):
            Fields(Tree).encode(crowd)

    def test_a_field_is_named_once_however_deep_the_value_is(self) -> None:
        """The way down is the same names again and again, which nobody reads to its end."""

        class Ping(BaseModel):
            pong: Pong | None = None

        class Pong(BaseModel):
            ping: Ping | None = None

        Ping.model_rebuild()
        fields = Fields(Ping)
        deep: Any = 1
        for name in ("ping", "pong") * 5:
            deep = (Ping if name == "pong" else Pong).model_construct(**{name: deep})
        stored: Any = {"N": "1"}
        for name in ("ping", "pong") * 5:
            stored = {"M": {name: stored}}

        with pytest.raises(CodecError, match=r"^Ping\.pong: Pong\.ping: expected Ping"):
            fields.encode(deep)
        with pytest.raises(CodecError, match=r"^Ping\.pong: Pong\.ping: expected M"):
            fields.decode(stored["M"])

    def test_a_value_that_is_met_twice_is_no_cycle(self) -> None:
        """Only a value inside itself is without end."""

        class Tree(BaseModel):
            parts: list[Tree] = []
            free: Any = None

        part = Tree(free=[1])
        twice = Tree(parts=[part, part], free=[part.free, part.free])

        assert round_trip(twice) == twice

    def test_32_levels_are_stored(self) -> None:
        """The limit itself is within the limit: 31 lists, and what is in them."""

        class Free(BaseModel):
            free: Any

        deep: Any = 1
        for _ in range(31):
            deep = [deep]
        assert round_trip(Free(free=deep)) == Free(free=deep)


class TestModels:
    """All that Pydantic lets a model have works as it does without a table."""

    def test_attributes_are_named_by_field_marker_or_alias(self) -> None:
        """A marker wins over the alias, which counts only when the repository says so."""

        class Named(BaseModel):
            plain: int = Field(alias="Plain")
            marked: Annotated[int, Attribute("m")] = Field(alias="Marked")

        class Outer(BaseModel):
            inner: Named = Field(serialization_alias="Inner")

        outer = Outer(inner=Named(Plain=1, Marked=2))
        numbers = {"m": {"N": "2"}}
        assert Fields(Outer).encode(outer) == {"inner": {"M": {"plain": {"N": "1"}, **numbers}}}
        by_alias = {"Inner": {"M": {"Plain": {"N": "1"}, **numbers}}}
        assert Fields(Outer, by_alias=True).encode(outer) == by_alias
        assert round_trip(outer) == round_trip(outer, by_alias=True) == outer

    def test_extra_attributes_of_every_type_come_back(self) -> None:
        """What no field declares is stored and returned as it is."""

        class Open(BaseModel, extra="allow"):
            id: Id

        item = {
            "id": {"S": "k"},
            "s": {"S": ""},
            "n": {"N": "1.5"},
            "i": {"N": "3"},
            "b": {"B": "AA=="},
            "bool": {"BOOL": False},
            "null": {"NULL": True},
            "l": {"L": [{"M": {"x": {"L": []}}}]},
            "ss": {"SS": ["a"]},
            "ns": {"NS": ["1"]},
            "bs": {"BS": ["AA=="]},
        }
        schema = schema_of(Open)
        instance = schema.decode(item)

        assert schema.encode(instance) == item
        assert instance.model_extra == {
            "s": "",
            "n": Decimal("1.5"),
            "i": 3,
            "b": b"\0",
            "bool": False,
            "null": None,
            "l": [{"x": []}],
            "ss": {"a"},
            "ns": {1},
            "bs": {b"\0"},
        }

    def test_extra_attributes_have_the_type_that_the_model_gives_them(self) -> None:
        """`__pydantic_extra__` may say what they are."""

        class Typed(BaseModel, extra="allow"):
            __pydantic_extra__: dict[str, date] = Field(init=False)

        assert round_trip(Typed(day=date(2024, 1, 1))).day == date(2024, 1, 1)

    def test_nested_models_keep_their_extra_attributes(self) -> None:
        """What holds for the item holds for the models in it."""

        class Inner(BaseModel, extra="allow"):
            a: int = 1

        class Outer(BaseModel):
            inner: Inner

        outer = Outer(inner=Inner(b=[1]))
        assert round_trip(outer) == outer

    def test_undeclared_attributes_are_ignored_or_forbidden(self) -> None:
        """As the configuration of the model says."""

        class Closed(BaseModel, extra="forbid"):
            id: Id

        item = {"id": {"S": "k"}, "more": {"S": "hunter2"}}
        assert schema_of(Item).decode(item) == Item(id="k")
        with pytest.raises(
            CodecError, match=r"an undeclared attribute \(extra_forbidden"
        ) as caught:
            schema_of(Closed).decode(item)
        assert "hunter2" not in str(caught.value)

    def test_an_undeclared_attribute_cannot_pose_as_a_field(self) -> None:
        """Where a field is stored under another name, its own name is free in the table."""

        class Open(BaseModel, extra="allow"):
            id: Id
            name: Annotated[str, Attribute("n")] = "x"

        schema = schema_of(Open)
        with pytest.raises(CodecError, match=r"has the name of the field Open\.name"):
            schema.decode({"id": {"S": "k"}, "name": {"S": "other"}})
        with pytest.raises(CodecError, match="has the name of a declared one"):
            schema.encode(Open(id="k", n="y"))
        with pytest.raises(CodecError, match=r"Open, extra attribute: float"):
            schema.encode(Open(id="k", x=0.5))

    def test_validators_see_what_the_user_would_have_passed(self) -> None:
        """Before, after, wrap and model validators run once, on values of Python."""
        seen: list[Any] = []

        def look(value: Any) -> Any:
            seen.append(type(value))
            return value

        def around(value: Any, handler: Callable[[Any], Any]) -> Any:
            return handler(look(value))

        class Checked(BaseModel):
            before: Annotated[date, BeforeValidator(look)]
            wrapped: Annotated[UUID, WrapValidator(around)]
            after: Annotated[Decimal, AfterValidator(look)]

            @model_validator(mode="before")
            @classmethod
            def names(cls, values: dict[str, Any]) -> dict[str, Any]:
                seen.append(sorted(values))
                return values

            @model_validator(mode="after")
            def whole(self) -> Checked:
                seen.append("whole")
                return self

        instance = Checked(before=date(2024, 1, 1), wrapped=uuid4(), after=Decimal(1))
        seen.clear()
        assert round_trip(instance) == instance
        assert seen == [["after", "before", "wrapped"], date, UUID, Decimal, "whole"]

    def test_frozen_generic_and_strict_models_work(self) -> None:
        """No model has to be ours."""

        class Frozen(BaseModel, Generic[T], frozen=True, strict=True):
            id: Annotated[T, PartitionKey()]
            inner: Item
            days: frozenset[date] = frozenset()

        instance = Frozen[UUID](id=uuid4(), inner=Item(id="k"), days=frozenset({date(2024, 1, 1)}))
        schema = schema_of(Frozen[UUID])

        assert schema.decode(schema.encode(instance)) == instance

    def test_what_is_excluded_or_private_is_not_stored(self) -> None:
        """They are made anew when the item is read."""

        class Partial(BaseModel):
            a: int
            cache: dict[str, int] = Field(default_factory=dict, exclude=True)
            _private: int = PrivateAttr(default=1)

        partial = Partial(a=1, cache={"x": 1})
        partial._private = 2
        read = round_trip(partial)

        assert Fields(Partial).encode(partial) == {"a": {"N": "1"}}
        assert (read.a, read.cache, read._private) == (1, {}, 1)

    def test_a_computed_field_is_stored_if_it_is_marked(self) -> None:
        """As the key of an index, say; reading ignores it."""

        class Sale(BaseModel, extra="forbid"):
            id: Id
            at: AwareDatetime

            @computed_field
            @property
            def month(self) -> Annotated[str, PartitionKey(index="by_month"), Attribute("m")]:
                return self.at.strftime("%Y-%m")

            @computed_field
            @property
            def year(self) -> int:
                return self.at.year

        sale = Sale(id="k", at=NOW)
        schema = schema_of(Sale)
        stored = schema.encode(sale)

        assert stored.keys() == {"id", "at", "m"}
        assert stored["m"] == {"S": "2024-01"}
        assert schema.decode(stored) == sale
        assert schema.indexes["by_month"].partition.computed

    def test_enum_values_are_kept_where_the_model_wants_values(self) -> None:
        """With `use_enum_values` an instance holds no members."""

        class Kind(Enum):
            A = 1

        class Values(BaseModel, use_enum_values=True):
            kind: Kind
            kinds: list[Kind] = []

        instance = Values(kind=Kind.A, kinds=[Kind.A])
        assert Fields(Values).encode(instance) == {
            "kind": {"N": "1"},
            "kinds": {"L": [{"N": "1"}]},
        }
        assert round_trip(instance) == instance

    def test_a_dataclass_in_a_strict_model_is_read(self) -> None:
        """Pydantic takes an instance there, and none of its fields unchecked."""

        @dataclass
        class Point:
            x: Annotated[int, Field(gt=0)]

        class Strict(BaseModel, strict=True):
            point: Point

        strict = Strict(point=Point(x=1))
        assert round_trip(strict) == strict
        with pytest.raises(CodecError, match=r"Strict\.point"):
            Fields(Strict).decode({"point": {"M": {"x": {"N": "-1"}}}})

    def test_a_time_to_live_is_whole_seconds(self) -> None:
        """It is stored as DynamoDB reads it; a fraction is dropped, by Pydantic or by the write."""

        class Session(BaseModel):
            id: Id
            until: Annotated[AwareDatetime | None, TimeToLive()] = None

        session = Session(id="k", until=NOW)
        schema = schema_of(Session)

        assert session.until == NOW.replace(microsecond=0)
        assert schema.encode(session)["until"] == {"N": "1704164645"}
        assert schema.decode(schema.encode(session)) == session
        assert schema.encode(session.model_copy(update={"until": NOW})) == schema.encode(session)


class TestLookup:
    """What other modules ask a schema for."""

    def test_an_unknown_field_names_its_neighbours(self) -> None:
        """A typo is answered with the names that it may have meant."""

        class Order(BaseModel):
            id: Id
            status: str

        with pytest.raises(AttributeError, match="did you mean status"):
            schema_of(Order).field("statsu")
        with pytest.raises(AttributeError, match="it has id, status"):
            schema_of(Order).field("zzz")

    def test_a_call_asks_for_no_type(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """What a type is, is decided when the class is defined: afterwards nobody asks again."""

        class Whole(BaseModel):
            id: Id
            tree: list[Part] = []
            either: int | str | Part | None = None
            at: AwareDatetime = NOW

        schema = schema_of(Whole)
        for name in ("codec", "record", "_plain", "_class", "_union", "_container"):
            monkeypatch.delattr(f"dynrepo.codec.compiler.Compiler.{name}")
        whole = Whole(id="k", tree=[Part(either=1)], either=Part())

        assert schema.decode(schema.encode(whole)) == whole

    def test_a_codec_leads_to_its_parts(self) -> None:
        """By field, index, key and set element, as expressions on nested paths need it."""

        class Part(BaseModel):
            name: Annotated[str, Attribute("n")]

        class Whole(BaseModel):
            parts: list[Part]
            by_day: dict[date, int]
            tags: set[int] | None
            pair: tuple[int, str]
            free: Any

        field = Fields(Whole).field
        place, part = field("parts").codec.child(3)
        assert place == 3
        assert part.child("name") == ("n", codec_for(str))
        assert field("by_day").codec.child(date(2024, 1, 1))[0] == "2024-01-01"  # type: ignore[arg-type]
        assert field("tags").codec.element is codec_for(int)
        assert field("pair").codec.child(1) == (1, codec_for(str))
        assert field("free").codec.child("x") == ("x", codec_for(Any))
        for codec, step in [
            (part, "nope"),
            (field("parts").codec, "name"),
            (field("parts").codec, -1),
            (field("pair").codec, 2),
            (codec_for(int), 0),
            (field("tags").codec, 0),
        ]:
            with pytest.raises(CodecError):
                codec.child(step)


class TestLife:
    """A schema is made once, and lives as long as its model."""

    def test_a_schema_is_made_once(self) -> None:
        """It is compiled when the class is defined, and looked up afterwards."""
        assert schema_of(Item) is schema_of(Item)
        assert schema_of(Item) is not schema_of(Item, by_alias=True)

    def test_a_subclass_has_a_schema_of_its_own(self) -> None:
        """Whichever was asked for first."""

        class More(Item):
            more: int = 1

        class Less(More):
            pass

        assert schema_of(More).model is More
        assert schema_of(Item).model is Item
        assert schema_of(Less).model is Less
        assert schema_of(Less).field("more").owner == "Less"

    def test_threads_get_one_schema(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Though all of them ask at once for what is not there yet."""

        class Slow(Schema[Any]):
            def __init__(self, model: type[BaseModel], **options: Any) -> None:
                time.sleep(0.01)  # the others have their turn
                super().__init__(model, **options)

        monkeypatch.setattr(entity, "Schema", Slow)
        model = create_model("Shared", id=(Id, ...))
        barrier = Barrier(8)

        def ask() -> Schema[Any]:
            barrier.wait()
            return schema_of(model)

        with ThreadPoolExecutor(8) as pool:
            schemas = [future.result() for future in [pool.submit(ask) for _ in range(8)]]

        assert {id(schema) for schema in schemas} == {id(schema_of(model))}

    def test_a_class_that_lets_nothing_be_set_has_a_schema(self) -> None:
        """A metaclass of the user's may say so."""

        class Closing(type(BaseModel)):  # type: ignore[misc]
            def __setattr__(cls, name: str, value: Any) -> None:
                if "dynrepo" in name:
                    raise TypeError(name)
                super().__setattr__(name, value)

        class Closed(BaseModel, metaclass=Closing):
            id: Id

        assert schema_of(Closed) is schema_of(Closed)

    def test_a_model_can_be_pickled_by_value(self) -> None:
        """What the library has put on it is left behind, and made anew."""
        model = create_model("Sent", id=(Id, ...))
        schema_of(model)
        ours = {name: value for name, value in vars(model).items() if "dynrepo" in name}

        received = pickle.loads(pickle.dumps(ours))  # noqa: S301 - of this test

        assert received == {name: {} for name in ours}

    def test_it_goes_with_its_model(self) -> None:
        """And all that was made with it: functions, sources, what repositories remember."""
        gc.collect()
        sources = _sources()

        made = [reference for number in range(50) for reference in _used(number)]
        for forget in typing._cleanups:  # type: ignore[attr-defined]
            forget()  # `Repository[T]` is remembered by `typing` for the last 128 types
        gc.collect()

        assert len(made) == 200
        assert sum(reference() is not None for reference in made) == 0
        assert _sources() <= sources


def _sources() -> set[str]:
    """The generated sources that are to be seen."""
    return {name for name in linecache.cache if name.startswith("<dynrepo ")}


def _used(number: int) -> list[ref[Any]]:
    """References to two models, a schema and a repository that were used in every way."""
    part = create_model("Part", size=(Annotated[int, Field(ge=0)], 1))
    model = create_model(
        f"Made{number}",
        __base__=part,
        id=(Annotated[str, PartitionKey()], ...),
        other=(Annotated[str, PartitionKey(index="by_other")], "o"),
        parts=(list[part], []),  # type: ignore[valid-type]
        tags=(set[str], set()),
        wait=(timedelta, timedelta(1)),
    )
    schema = schema_of(model)
    kind: Any = new_class(
        "Many",
        (Repository[model],),  # type: ignore[valid-type]
        exec_body=lambda body: body.update(table="many"),
    )
    many = kind(MemoryStore(kind))
    many.set(model(id="a", parts=[part()], tags={"t"}))
    many.save(many.require("a"))
    assert many.update("a", many.fields.size.set(2)).size == 2
    assert many.query(many.fields.other == "o", index="by_other").only(part).first().size == 2
    many.set_many([model(id="b")])
    assert len(many.get_many(["a", "b"])) == 2
    for answer_part in ("Item", "Items", "Attributes", "Responses"):
        schema.parse(answer_part)  # type: ignore[arg-type]
    return [ref(each) for each in (part, model, schema, kind)]


class TestWhatIsNoEntity:
    """Classes that cannot be items, with the reason."""

    @pytest.mark.parametrize(
        ("found", "reason"),
        [
            (int, "is no model"),
            ("User", "is no model"),
            (BaseModel, "is no model"),
            (RootModel[list[int]], "is a RootModel, and an item has named fields"),
        ],
        ids=["a class", "a text", "BaseModel", "a root"],
    )
    def test_what_is_no_model_is_refused(self, found: Any, reason: str) -> None:
        """By name, with what an item is."""
        with pytest.raises(SchemaError, match=reason):
            schema_of(found)

    @pytest.mark.parametrize(
        ("fields", "reason"),
        [
            (
                {"one": Annotated[int, Version()], "two": Annotated[int, Version()]},
                r"Item: one and two are both marked Version\(\): mark one",
            ),
            ({"one": Annotated[str, Version()]}, r"Item\.one: a Version\(\) is an int"),
            ({"one": Annotated[Decimal, TimeToLive()]}, r"Item\.one: a TimeToLive\(\) is an aware"),
            ({"one": Annotated[str, TimeToLive()]}, r"Item\.one: a TimeToLive\(\) is an aware"),
            ({"one": Annotated[NaiveDatetime, CreatedAt()]}, r"Item\.one: a CreatedAt\(\) is an"),
            ({"one": Annotated[date, UpdatedAt()]}, r"Item\.one: an? UpdatedAt\(\) is an aware"),
        ],
        ids=["two", "version", "decimal", "text", "naive", "date"],
    )
    def test_a_marker_has_its_type(self, fields: dict[str, Any], reason: str) -> None:
        """And stands once in a model."""
        declared: Any = {name: (annotation, ...) for name, annotation in fields.items()}
        with pytest.raises(SchemaError, match=reason):
            schema_of(create_model("Item", pk=(Id, ...), **declared))

    def test_a_validator_that_raises_anything_makes_no_item(self) -> None:
        """What is stored is a CodecError with its key; what is not of the row passes."""
        errors: list[Exception] = []

        def check(text: str) -> str:
            if text == "bad":
                raise KeyError(text)
            if errors:
                raise errors.pop()
            return text

        text: Any = (Annotated[str, AfterValidator(check)], "")
        schema = schema_of(create_model("Item", pk=(Id, ...), text=text))
        item = {"pk": {"S": "k"}, "text": {"S": "bad"}}
        with pytest.raises(CodecError, match=r"validation of Item\.text raised KeyError") as caught:
            schema.decode(item)
        assert caught.value.key == {"pk": {"S": "k"}}
        errors.append(RuntimeError("once"))
        with pytest.raises(RuntimeError, match="once"):
            schema.decode({**item, "text": {"S": "good"}})

    def test_a_long_key_is_refused_where_it_is_there(self) -> None:
        """Of an index, too; one that is absent has no length."""
        index = (Annotated[str | None, PartitionKey(index="by_other")], None)
        schema = schema_of(create_model("Item", pk=(Id, ...), other=index, free=(Any, None)))
        item = schema.model(pk="k", other="a" * 3000)
        with pytest.raises(CodecError, match=r"Item\.other: a key has 2048 bytes at most"):
            schema.encode(item)
        assert schema.encode(schema.model(pk="k")) == {"pk": {"S": "k"}}


class Lowered(BaseModel):
    """A key that its validator changes."""

    id: Annotated[str, PartitionKey(), AfterValidator(str.lower)]


def test_a_stored_key_is_the_one_that_its_fields_make() -> None:
    """Else the instance would be saved as another item."""
    schema = schema_of(Lowered)
    assert schema.decode({"id": {"S": "a"}}) == Lowered(id="a")
    with pytest.raises(CodecError, match="Lowered: its fields make another key"):
        schema.decode({"id": {"S": "A"}})
