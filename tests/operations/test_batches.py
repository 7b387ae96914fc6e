"""Many items in one request: what is sent, and what is refused before."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import partial
from types import new_class
from typing import Annotated, Any, Self

import pytest
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    Field,
    StringConstraints,
    model_validator,
)

from dynrepo import (
    CodecError,
    DynamoStore,
    PartitionKey,
    Repository,
    TimeToLive,
    Unavailable,
)
from dynrepo.operations import batches as batch
from dynrepo.operations.operation import Answer
from tests.loopback import Loopback, answer, say
from tests.rows import Row, Rows, ScriptedStore, sent, some


@pytest.fixture
def rows(moto: DynamoStore) -> Rows:
    """An empty table."""
    repository = Rows(moto)
    repository.create_table()
    return repository


def _lower_only(text: str) -> str:
    """Text without capitals."""
    if text != text.lower():
        raise ValueError
    return text


def test_the_json_of_a_batch_is_its_request() -> None:
    """What a sender that has the text sends, and what one that has not."""
    target = Rows(DynamoStore()).mapper
    puts = [batch.put(target, row) for row in some(3)]
    operation = batch.batch_write(target, [*puts, batch.delete(target, ("☃", 1))])
    assert operation.text is not None
    assert json.loads(operation.text) == operation.request
    ((*_, last),) = operation.request["RequestItems"].values()
    assert last == {"DeleteRequest": {"Key": {"group": {"S": "☃"}, "number": {"N": "1"}}}}


class Page(BaseModel):
    """Nothing is added to it when it is written."""

    id: Annotated[str, PartitionKey()]
    text: str


class Pages(Repository[Page]):
    """Pages."""

    table = "rows"


def test_an_item_is_judged_by_what_dynamodb_counts() -> None:
    """Its escapes and braces count for nothing, and 400 KB are the limit."""
    pages = Pages(ScriptedStore({"UnprocessedItems": {}}))
    pages.set_many([Page(id="a", text="\n" * 300_000), Page(id="b", text="")])
    with pytest.raises(CodecError, match="Page: an item has 409600 bytes at most"):
        pages.set_many([Page(id="a", text=""), Page(id="b", text="s" * 409_600)])
    assert [len(request) for request in sent(pages)] == [2]


def test_an_item_that_is_too_large_is_refused_where_it_is_set() -> None:
    """And the rest of the block is as it would be without it."""
    pages = Pages(ScriptedStore({"UnprocessedItems": {}}))
    with pages.batch() as block:
        block.set(Page(id="a", text=""))
        with pytest.raises(CodecError, match="an item has 409600 bytes at most"):
            block.set(Page(id="b", text="s" * 409_600))
    assert [len(request) for request in sent(pages)] == [1]


def test_numbers_are_one_key_however_they_are_written() -> None:
    """An engine writes `1.0` as `1`."""
    item = Rows.schema.encode(Row(group="g", number=100)) | {"number": {"N": "1E+2"}}
    rows = Rows(ScriptedStore({"Responses": {"rows": [item]}}))
    assert rows.get_many([("g", 100)])[0] is not None


class Part(BaseModel):
    """A part of an item, with a constraint."""

    left: Annotated[int, Field(ge=0)] = 0


class Kept(BaseModel):
    """What could be changed into something that no read takes."""

    id: Annotated[str, PartitionKey()]
    left: Annotated[int, Field(ge=0)] = 0
    slug: Annotated[str, AfterValidator(_lower_only)] = ""
    parts: list[Part] = []

    @model_validator(mode="after")
    def agree(self) -> Self:
        """No slug of an item with 7."""
        if self.left == 7 and self.slug:
            raise ValueError
        return self


class Keeps(Repository[Kept]):
    """Items with rules."""

    table = "rows"


def _in_batch(keeps: Keeps, item: Kept) -> None:
    with keeps.batch() as block:
        block.set(item)


def _in_transaction(verb: str, keeps: Keeps, item: Kept) -> None:
    with keeps.transaction() as block:
        getattr(block, verb)(keeps, item)


WRITES: dict[str, Any] = {
    "create": lambda keeps, item: keeps.create(item),
    "save": lambda keeps, item: keeps.save(item),
    "set_many": lambda keeps, item: keeps.set_many([item]),
    "batch": _in_batch,
    **{
        f"{verb} in a transaction": partial(_in_transaction, verb)
        for verb in ("create", "set", "save")
    },
}

BROKEN: list[dict[str, Any]] = [
    {"left": -5},
    {"slug": "BIG"},
    {"left": 7, "slug": "x"},
    {"parts": [Part.model_construct(left=-1)]},
    {"left": "1"},
]


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("wrong", BROKEN, ids=range(len(BROKEN)))
def test_what_set_refuses_no_write_sends(write: str, wrong: dict[str, Any]) -> None:
    """With the same error: what is stored can be read again."""
    keeps, item = (
        Keeps(ScriptedStore({"UnprocessedItems": {}})),
        Kept(id="a").model_copy(update=wrong),
    )
    with pytest.raises(CodecError) as expected:
        keeps.set(item)
    with pytest.raises(CodecError) as found:
        WRITES[write](keeps, item)
    assert str(found.value) == str(expected.value)
    assert keeps.store.script.sent == []  # type: ignore[attr-defined]


class Lower(BaseModel, str_to_lower=True):
    """A model that changes its texts."""

    group: Annotated[str, PartitionKey()]


class Trimmed(BaseModel):
    """A key that changes what it is made from."""

    group: Annotated[str, PartitionKey(), StringConstraints(to_lower=True)]


class Validated(BaseModel):
    """A key with a validator that changes it."""

    group: Annotated[str, PartitionKey(), AfterValidator(str.lower)]


class Settled(BaseModel):
    """A model that changes its key when all else is there."""

    group: Annotated[str, PartitionKey()]

    @model_validator(mode="after")
    def lower(self) -> Self:
        """Makes it small."""
        self.group = self.group.lower()
        return self


class Begun(BaseModel):
    """The same, by Pydantic's other hook."""

    group: Annotated[str, PartitionKey()]

    def model_post_init(self, _context: Any, /) -> None:
        """Makes it small."""
        self.group = self.group.lower()


def get_as(model: type[BaseModel], key: Any) -> Any:
    """The item "ABC", read by `get_many` as a model."""
    asked: dict[str, Any] = {"group": {"S": "ABC"}, "number": {"N": "1"}}
    body = answer({"Responses": {"rows": [asked]}, "UnprocessedKeys": {}})
    repository: Any = new_class(
        "Anything",
        (Repository[model],),  # type: ignore[valid-type]
        exec_body=lambda body: body.update(table="rows"),
    )
    with Loopback(say(body)) as server:
        store = DynamoStore(endpoint=server.url, region="eu-west-1")
        try:
            return repository(store).get_many([key])[0]
        finally:
            store.close()


def test_an_item_is_found_by_the_key_that_was_asked_for() -> None:
    """Whatever its order in the answer."""
    assert get_as(Row, ("ABC", 1)).group == "ABC"


@pytest.mark.parametrize("model", [Lower, Trimmed, Validated, Settled, Begun])
def test_an_item_whose_model_makes_another_key_of_it_is_none(model: type[BaseModel]) -> None:
    """It would be saved as, and deleted for, another item."""
    with pytest.raises(CodecError, match="another key than the stored one"):
        get_as(model, "ABC")


def test_an_item_without_its_key_is_told() -> None:
    """An engine that leaves it out has answered another question."""
    body = answer({"Responses": {"rows": [{"text": {"S": "x"}}]}, "UnprocessedKeys": {}})
    with Loopback(say(body)) as server:
        store = DynamoStore(endpoint=server.url, region="eu-west-1")
        with pytest.raises(Unavailable, match="AnswerBroken"):
            Rows(store).get_many([("g", 1)])
        store.close()


class Pass(BaseModel):
    """Something that ends."""

    code: Annotated[str, PartitionKey()]
    ends: Annotated[AwareDatetime | None, TimeToLive()] = None


class Passes(Repository[Pass]):
    """Those whose end is not over."""

    table = "passes"
    hide_expired = True


def test_instances_whose_end_is_over_are_not_found() -> None:
    """As items that the codec reads are not."""
    noon = datetime(2026, 5, 1, 12, tzinfo=UTC)
    mapper = Passes(ScriptedStore({}), clock=lambda: noon).mapper
    over, there = (
        Pass(code=code, ends=noon + timedelta(hours=n)) for code, n in (("a", 0), ("b", 1))
    )
    keys = {mapper.schema.identity(item): mapper.schema.key(item.code) for item in (over, there)}
    reading = batch.batch_get(mapper, keys, consistent=False)
    stored = [mapper.schema.encode(item) for item in (over, there)]
    body = {"Responses": {"passes": []}, "UnprocessedKeys": {}}
    made = reading.read(Answer(body, items=[over, there]))
    assert made == reading.read(Answer({**body, "Responses": {"passes": stored}}))
    assert [*made[0].values()] == [there]
