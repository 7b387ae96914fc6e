"""What is stored stays as it is when it is read and written again, or it is not written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import pydantic.dataclasses
import pytest
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    Json,
    PrivateAttr,
    WrapValidator,
    computed_field,
    create_model,
    field_validator,
    model_validator,
)
from typing_extensions import TypedDict

from dynrepo import CodecError, CreatedAt, Encoding, PartitionKey, Repository, UpdatedAt, Version
from dynrepo.schema.entity import schema_of
from dynrepo.schema.settled import check_settled
from dynrepo.testing import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable

Id = Annotated[str, PartitionKey()]


class Account(BaseModel):
    """A model that hashes a password each time that it is validated."""

    pk: Id
    password: str

    @field_validator("password")
    @classmethod
    def hashed(cls, password: str) -> str:
        """A stand-in for a hash."""
        return f"hash({password})"


class Accounts(Repository[Account]):
    """Accounts."""

    table = "accounts"


def items_of(model: Any, store: MemoryStore) -> Any:
    """A repository of a model that is made here, with its table."""

    class Items(Repository[model]):
        """Items."""

        table = "items"

    items = Items(store)
    items.create_table()
    return items


def in_batch(accounts: Accounts, account: Account) -> None:
    """Writes an instance by a batch."""
    with accounts.batch() as batch:
        batch.set(account)


def in_transaction(verb: str) -> Callable[[Accounts, Account], None]:
    """Writes an instance by a verb of a transaction."""

    def write(accounts: Accounts, account: Account) -> None:
        with accounts.transaction() as transaction:
            getattr(transaction, verb)(accounts, account)

    return write


WRITES: dict[str, Callable[[Accounts, Account], Any]] = {
    "create": Accounts.create,
    "set": Accounts.set,
    "save": Accounts.save,
    "set_many": lambda accounts, account: accounts.set_many([account]),
    "batch": in_batch,
    **{f"transaction.{verb}": in_transaction(verb) for verb in ("create", "set", "save")},
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_no_write_stores_what_is_read_as_something_else(write: Any) -> None:
    """The error names the field, never a value, and nothing is sent."""
    store = MemoryStore(Accounts)
    account = Account(pk="k", password="x")
    with pytest.raises(CodecError, match=r"^Account\.password: .* read as another") as caught:
        write(Accounts(store), account)
    assert "hash(" not in str(caught.value)
    assert store.items("accounts") == []


class Hashing(BaseModel):
    """A part that is another at each reading."""

    text: Annotated[str, AfterValidator(lambda text: text + "!")]


class HashingDict(TypedDict):
    """A TypedDict that is another at each reading."""

    text: Annotated[str, AfterValidator(lambda text: text + "!")]


@dataclass
class Counting:
    """A dataclass that counts up."""

    x: int

    def __post_init__(self) -> None:
        self.x += 1


@pydantic.dataclasses.dataclass
class Doubling:
    """A dataclass of Pydantic with a validator."""

    x: int

    @field_validator("x")
    @classmethod
    def doubled(cls, x: int) -> int:
        """Twice the number."""
        return 2 * x


PARTS: dict[str, tuple[Any, Any]] = {
    "a field": (Annotated[int, AfterValidator(lambda x: x + 1)], 1),
    "before": (Annotated[str, BeforeValidator(lambda text: text + "!")], "a"),
    "around": (Annotated[str, WrapValidator(lambda text, handler: handler(text + "!"))], "a"),
    "an element": (list[Annotated[int, AfterValidator(lambda x: x + 1)]], [1]),
    "the order": (Annotated[list[int], AfterValidator(lambda x: x[::-1])], [1, 2]),
    "a type": (Annotated[Any, AfterValidator(lambda x: bool(x))], 1),  # noqa: PLW0108
    "absence": (Annotated[str, AfterValidator(lambda _: None)] | None, "a"),
    "presence": (Annotated[str | None, AfterValidator(lambda text: text or "a")], None),
    "a model": (Hashing, Hashing(text="a")),
    "a list of models": (list[Hashing], [Hashing(text="a")]),
    "a TypedDict": (HashingDict, {"text": "a"}),
    "a dataclass": (Counting, Counting(1)),
    "a dataclass in a dict": (dict[str, Counting], {"a": Counting(1)}),
    "a dataclass of Pydantic": (Doubling, Doubling(1)),
}


@pytest.mark.parametrize(("annotation", "value"), PARTS.values(), ids=PARTS)
def test_the_field_is_named_that_does_not_stay(annotation: Any, value: Any) -> None:
    """Wherever the validator is, and whatever it changes."""
    model = create_model("Item", pk=(Id, ...), field=(annotation, ...))
    items = items_of(model, MemoryStore())
    with pytest.raises(CodecError, match=r"^Item\.field: what is stored would be read as another"):
        items.set(model.model_construct(pk="k", field=value))
    assert items.scan().all() == []


class Appending(BaseModel):
    """A model that appends when it is made."""

    pk: Id
    log: list[str] = []

    def model_post_init(self, _: Any, /) -> None:
        """Appends."""
        self.log.append("made")


class Initiated(BaseModel):
    """A model with an `__init__` of its own."""

    pk: Id
    count: int = 0

    def __init__(self, **values: Any) -> None:
        super().__init__(**{**values, "count": values.get("count", 0) + 1})


class Whole(BaseModel):
    """A model with a validator of the whole."""

    pk: Id
    count: int = 0

    @model_validator(mode="after")
    def counted(self) -> Whole:
        """Counts up."""
        self.count += 1
        return self


@pytest.mark.parametrize(
    ("model", "field"), [(Appending, "log"), (Initiated, "count"), (Whole, "count")]
)
def test_a_model_that_changes_itself_is_refused(model: Any, field: str) -> None:
    """By the name of the field that it changes."""
    instance, schema = model(pk="k"), schema_of(model)
    stored = schema.encode(instance)
    with pytest.raises(CodecError, match=rf"^{model.__name__}\.{field}: "):
        check_settled(schema, instance, stored, schema.decode(stored))


class Settled(BaseModel):
    """Validators that keep what they have made, and all that may differ in its text alone."""

    pk: Id
    name: Annotated[str, AfterValidator(str.strip)]
    amounts: set[float] = set()
    pairs: frozenset[tuple[int, str]] = frozenset()
    words: set[str] = set()
    text: Json[set[str]] = set()  # type: ignore[assignment]
    version: Annotated[int, Version()] = 0
    made: Annotated[AwareDatetime | None, CreatedAt()] = None
    changed: Annotated[AwareDatetime | None, UpdatedAt()] = None
    _own: list[str] = PrivateAttr(default_factory=list)

    def model_post_init(self, _: Any, /) -> None:
        """Changes what is not stored."""
        self._own.append("made")

    @computed_field  # type: ignore[prop-decorator]
    @property
    def low(self) -> Annotated[str, PartitionKey(index="by_low")]:
        """The name in small letters."""
        return self.name.lower()


class SettledOnes(Repository[Settled]):
    """Settled items."""

    table = "settled"


def test_what_stays_is_written() -> None:
    """Stamps, computed keys, sets in any order, in a list or a text."""
    items = SettledOnes(MemoryStore(SettledOnes))
    words = {f"word {number}" for number in range(100)}
    item = Settled(
        pk="k",
        name="Ada",
        amounts={0.1, 2.0},
        pairs=frozenset(enumerate(words)),
        words=words,
        text='["a", "b", "c", "d", "e", "f", "g", "h", "i"]',
    )
    first = items.set(item)
    assert items.get("k") == first
    assert items.save(first).version == 2
    items.set_many([first])


def test_a_value_that_no_validator_has_seen_is_refused() -> None:
    """It would be stored as it is, and returned as another."""
    item = Settled(pk="k", name="Ada").model_copy(update={"name": " Ada "})
    with pytest.raises(CodecError, match=r"Settled\.name: "):
        SettledOnes(MemoryStore(SettledOnes)).set(item)


def test_an_undeclared_attribute_stays_too() -> None:
    """It has no name in the error, for its name is data."""

    class Open(BaseModel, extra="allow"):
        """A model of any attributes."""

        __pydantic_extra__: dict[str, Annotated[int, AfterValidator(lambda x: x + 1)]]
        pk: Id

    schema, instance = schema_of(Open), Open.model_validate({"pk": "k", "secret": 1})
    stored = schema.encode(instance)
    with pytest.raises(CodecError, match=r"^Open, an undeclared attribute: ") as caught:
        check_settled(schema, instance, stored, schema.decode(stored))
    assert "secret" not in str(caught.value)


class Odd:
    """A class that cannot be compared."""

    def __eq__(self, other: object) -> bool:
        raise RuntimeError

    __hash__ = None  # type: ignore[assignment]


def test_values_that_cannot_be_compared_count_as_others() -> None:
    """What their class raises is not passed on."""
    texts = iter("abc")
    marker = Encoding("S", encode=lambda _: next(texts), decode=lambda _: Odd())
    model = create_model(
        "Item", pk=(Id, ...), field=(Annotated[Any, marker, AfterValidator(lambda x: x)], ...)
    )
    schema, instance = schema_of(model), model.model_construct(pk="k", field=Odd())
    stored = schema.encode(instance)
    with pytest.raises(CodecError, match=r"^Item\.field: "):
        check_settled(schema, instance, stored, schema.decode(stored))


@pytest.mark.parametrize(("kind", "times"), [(str, 1), (Annotated[str, AfterValidator(str)], 2)])
def test_a_model_without_code_of_its_own_is_encoded_once(kind: Any, times: int) -> None:
    """For a write; one with a validator twice."""
    items = items_of(create_model("Item", pk=(Id, ...), name=(kind, "a")), MemoryStore())
    encoded: list[Any] = []
    encode = items.schema.encode
    items.schema.encode = lambda item: encoded.append(item) or encode(item)
    items.set(items.schema.model(pk="k"))
    assert len(encoded) == times
