"""Generated functions do what records do field by field, and can be read like any other code."""

from __future__ import annotations

import builtins
import gc
import inspect
import linecache
import re
import traceback
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel, Field, computed_field, create_model

from dynrepo.codec import Compiler, source
from dynrepo.codec.generated import (
    identifier_of_instance,
    identifier_of_stored,
    key_writer,
    reader,
    writer,
)
from dynrepo.errors import CodecError
from dynrepo.markers import Attribute, PartitionKey, SortKey
from dynrepo.schema.entity import schema_of
from tests.encodings import ENCODINGS, Example

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynrepo.codec import Record


def record_of(model: type[Any]) -> Record:
    """The fields of a class."""
    return Compiler(by_alias=False).record(model)


class Line(BaseModel):
    """A part of an order."""

    sku: str
    count: int = 1


@dataclass(slots=True)
class Point:
    """A class without a dict."""

    x: int
    y: int | None = None


class Order(BaseModel):
    """Fields of every kind that the functions tell apart."""

    user: Annotated[str, PartitionKey()]
    number: Annotated[Decimal, SortKey()]
    status: Annotated[str | None, PartitionKey(index="by_status"), Attribute("st")] = None
    note: str | None
    paid: bool = False
    tags: frozenset[str] = frozenset()
    flags: set[int] = {1}
    otherwise: int | None = 5
    either: int | str = 0
    lines: list[Line] = []
    words: list[str] = []
    counts: list[int] | None = None
    secret: str = Field(default="s", exclude=True)

    @computed_field
    @property
    def month(self) -> Annotated[str, PartitionKey(index="by_month")]:
        """Stored, and not read."""
        return self.user[:1]


ORDER = Order(user="ada", number=Decimal(1), note=None)
FULL = Order(
    user="ada",
    number=Decimal("1.5"),
    status="open",
    note="n",
    paid=True,
    tags=frozenset("a"),
    flags=set(),
    otherwise=None,
    either="x",
    lines=[Line(sku="é", count=10**20)],
    words=["", "a", "é"],
    counts=[1, -(10**20)],
)


@pytest.mark.parametrize("instance", [ORDER, FULL, Point(1), Point(1, 2), Line(sku="")], ids=repr)
def test_they_write_and_read_as_the_record_does(instance: Any) -> None:
    """Whatever a field is: computed, excluded, absent, empty, of several tags."""
    record = record_of(type(instance))
    item = record.encode(instance)

    assert writer(record, {})(instance) == item
    assert reader(record)(item) == record.decode(item)


@pytest.mark.parametrize(
    "example",
    [pytest.param(each, id=f"{number}-{each.name}") for number, each in enumerate(ENCODINGS)],
)
def test_they_write_and_read_every_type(example: Example) -> None:
    """With a field that is always there, and one that may be absent."""
    annotation: Any = example.annotation
    model = create_model(
        "Sample",
        __config__={"arbitrary_types_allowed": True},
        field=(annotation, ...),
        perhaps=(annotation | None if annotation is not None else None, None),
    )
    record = record_of(model)
    write, read = writer(record, {}), reader(record)

    for perhaps in (example.value, None):
        instance = model.model_construct(field=example.value, perhaps=perhaps)
        item = record.encode(instance)
        assert write(instance) == item
        assert are_same(read(item), record.decode(item))


def are_same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether values are equal, or look alike but for their places in memory."""
    return one == other or len({re.sub(r" at 0x\w+", "", repr(each)) for each in (one, other)}) == 1


def test_what_is_read_by_another_tag_is_left_to_the_codec() -> None:
    """A NULL where a value is wanted, an empty list where a set is."""
    record = record_of(Order)
    item = record.encode(ORDER)

    for foreign in ({"otherwise": {"NULL": True}}, {"flags": {"L": []}}, {"note": {"NULL": True}}):
        assert reader(record)(item | foreign) == record.decode(item | foreign)


def test_an_instance_of_another_class_is_refused() -> None:
    """One of a subclass has fields of its own."""

    class More(Order):
        """More."""

    with pytest.raises(CodecError, match="expected Order, found More"):
        writer(record_of(Order), {})(More(**dict(ORDER)))


@pytest.mark.parametrize("words", [("a",), [1], [None], ["\ud800"], "a", {}], ids=repr)
def test_a_list_of_other_values_is_refused(words: Any) -> None:
    """As by the record: another collection, an element of another class, a text that is none."""
    record = record_of(Order)
    instance = ORDER.model_copy(update={"words": words})

    for write in (record.encode, writer(record, {})):
        with pytest.raises((CodecError, UnicodeEncodeError)):
            write(instance)


def test_a_text_that_may_be_too_long_is_left_to_the_record() -> None:
    """A field that is always there, and one that is there at times."""
    record = record_of(Order)
    write = writer(record, {"user": 3, "st": 2})

    assert write(ORDER) == record.encode(ORDER)
    assert write(ORDER.model_copy(update={"status": "no"}))["st"] == {"S": "no"}
    for change in ({"user": "adam"}, {"user": ""}, {"status": "open"}, {"status": ""}):
        with pytest.raises(ValueError, match=r"^$"):
            write(ORDER.model_copy(update=change))


def test_a_key_is_written_from_its_values() -> None:
    """Under its tags; a text that may be too long is left to the careful way."""
    write = key_writer(record_of(Order).fields[:2], (3, 9))

    assert write("ada", Decimal("1.50")) == {"user": {"S": "ada"}, "number": {"N": "1.50"}}
    for user in ("adam", ""):
        with pytest.raises(ValueError, match=r"^$"):
            write(user, Decimal(1))


def test_an_instance_and_an_item_of_one_key_have_one_identity() -> None:
    """Numbers are equal however they are written."""
    fields = record_of(Order).fields[:2]
    of_instance, of_stored = identifier_of_instance(fields), identifier_of_stored(fields)
    stored = {"user": {"S": "ada"}, "number": {"N": "1.0"}, "note": {"S": "x"}}

    assert of_instance(ORDER) == of_stored(stored)
    assert of_instance(FULL) != of_stored(stored)


EXECUTED: list[str] = []
HOSTILE = [
    "plain",
    "a b",
    "class",
    "é",
    "ﬁ",  # a ligature, which Python would take for two letters in a name
    "a.b",
    'it\'s "quoted"',
    "two\nlines",
    "{braces}",
    "__dunder__",
    "x; import os",
    "pk if __import__('builtins').EXECUTED.append('ran') else 'x'",
]


@pytest.fixture
def executed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a name that was run as code has left."""
    ran: list[str] = []
    monkeypatch.setattr(builtins, "EXECUTED", ran, raising=False)
    return ran


def model_with_computed(name: str) -> type[BaseModel]:
    """A model whose computed field, a key of an index, has a name of any kind."""

    def get(_self: Any) -> Annotated[str, PartitionKey(index="by_computed")]:
        return "c"

    get.__annotations__["return"] = Annotated[str, PartitionKey(index="by_computed")]
    namespace = {
        "__annotations__": {"pk": Annotated[str, PartitionKey()]},
        "__module__": __name__,
        name: computed_field(property(get)),
    }
    return type(BaseModel)("Hostile", (BaseModel,), namespace)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_computed_field_may_have_any_name(name: str, executed: list[str]) -> None:
    """It is a name to the generated function, and never code."""
    record = record_of(model_with_computed(name))

    item = writer(record, {})(record.kind(pk="k"))

    assert item == {"pk": {"S": "k"}, name: {"S": "c"}}
    assert reader(record)(item) == {"pk": "k"}
    assert not executed


@pytest.mark.parametrize("name", HOSTILE)
def test_an_attribute_may_have_any_name(name: str, executed: list[str]) -> None:
    """As a key, too, and as one that may be absent."""
    model = create_model(
        "Hostile",
        key=(Annotated[str, Attribute(name)], ...),
        perhaps=(Annotated[int | None, Attribute(f"{name}?")], None),
    )
    record = record_of(model)
    instance, item = model(key="k", perhaps=1), {name: {"S": "k"}, f"{name}?": {"N": "1"}}

    assert writer(record, {name: 9, f"{name}?": 9})(instance) == item
    assert reader(record)(item) == {"key": "k", "perhaps": 1}
    assert key_writer(record.fields[:1], (9,))("k") == {name: {"S": "k"}}
    assert identifier_of_stored(record.fields[:1])(item) == ("k",)
    assert not executed


@pytest.mark.parametrize("name", HOSTILE)
def test_a_function_is_compiled_once(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not anew at each write, whatever the names."""
    compiled: list[str] = []

    def counting(source: str, file_name: str, mode: str) -> Any:
        compiled.append(file_name)
        return compile(source, file_name, mode)

    monkeypatch.setattr(source, "compile", counting, raising=False)
    model = model_with_computed(name)
    schema = schema_of(model)
    for _ in range(5):
        schema.decode(schema.encode(model(pk="k")))

    assert len(compiled) == len(set(compiled))
    assert [file_name for file_name in compiled if "write Hostile" in file_name]


def test_a_traceback_shows_the_line() -> None:
    """With the name of the model in that of the file, and the attribute in the line."""
    write = writer(record_of(Line), {})

    with pytest.raises(CodecError) as caught:
        write(Line.model_construct(sku=1))

    text = "".join(traceback.format_exception(caught.value))
    assert 'File "<dynrepo generated write Line' in text
    assert re.search(r"^    'sku': \{'S': .*write_0\(value_0\)\},$", text, re.MULTILINE)


def functions() -> Iterator[Any]:
    """Each kind of generated function."""
    record = record_of(Order)
    yield writer(record, {})
    yield reader(record)
    yield key_writer(record.fields[:2], (9, 9))
    yield identifier_of_stored(record.fields[:2])
    yield identifier_of_instance(record.fields[:2])


def test_a_function_says_what_it_is_and_has_its_source() -> None:
    """A profiler shows its name and its model, a debugger its lines."""
    made = list(functions())

    assert [function.__qualname__ for function in made] == [
        "Order.write",
        "Order.read",
        "Order.write_key",
        "Order.identify_stored",
        "Order.identify_instance",
    ]
    for function in made:
        assert function.__module__ == source.__name__
        assert f"{function.__name__} Order" in function.__code__.co_filename
        assert inspect.getsource(function).startswith(f"def {function.__name__}(")


def registered() -> set[str]:
    """The generated files that `linecache` knows."""
    return {name for name in linecache.cache if name.startswith("<dynrepo generated ")}


def test_no_two_functions_share_a_file() -> None:
    """Though their models have one name."""
    made = [function for _ in range(3) for function in functions()]

    assert len({function.__code__.co_filename for function in made}) == len(made) == 15


def test_the_source_goes_with_its_function() -> None:
    """What is freed leaves nothing behind."""
    gc.collect()
    before = registered()
    made = list(functions())
    assert {function.__code__.co_filename for function in made} <= registered() - before

    del made
    gc.collect()

    assert registered() == before


def test_a_function_that_goes_leaves_the_source_of_others() -> None:
    """Where somebody has emptied the cache, and another function has its place there."""
    record = record_of(Line)
    old = writer(record, {})
    linecache.cache.pop(old.__code__.co_filename)
    new = writer(record, {})
    assert new.__code__.co_filename == old.__code__.co_filename

    del old
    gc.collect()

    assert inspect.getsource(new)
