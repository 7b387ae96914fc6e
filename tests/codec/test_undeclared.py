"""Names in an instance that are no fields of its model: no write takes them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel, PrivateAttr, RootModel, computed_field

from dynrepo import CodecError, PartitionKey, Repository, Version
from dynrepo.codec import codec_for
from dynrepo.codec.undeclared import check_declared, hint_for, hint_in
from dynrepo.schema.entity import Fields, schema_of
from dynrepo.testing import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable


class Street(BaseModel, frozen=True):
    """A part of an item."""

    name: str
    number: int = 1


class Lines(RootModel[list[str]]):
    """A part that is its root."""


class User(BaseModel):
    """An item."""

    user_id: Annotated[str, PartitionKey()]
    email: str = ""
    street: Street = Street(name="a")
    streets: list[Street] = []
    by_name: dict[str, Street] = {}
    lines: Lines = Lines([])
    version: Annotated[int, Version()] = 0


class Users(Repository[User]):
    """Users."""

    table = "users"


class Keeping(BaseModel):
    """A model that keeps values of its own in its instances, or beside them."""

    user_id: Annotated[str, PartitionKey()]
    _secret: str = PrivateAttr("x")

    @cached_property
    def initial(self) -> str:
        """The first letter."""
        return self.user_id[:1]

    @computed_field  # type: ignore[prop-decorator]
    @cached_property
    def last(self) -> str:
        """The last letter."""
        return self.user_id[-1:]

    @property
    def shown(self) -> str:
        """The name in capitals."""
        return self.user_id.upper()

    def greet(self) -> str:
        """A greeting."""
        return f"Hello {self.user_id}"


class Open(BaseModel, extra="allow"):
    """A model of any attributes."""

    user_id: Annotated[str, PartitionKey()]


class Closed(BaseModel, extra="forbid"):
    """A model of its fields alone."""

    user_id: Annotated[str, PartitionKey()]


ADA = User(user_id="ada", email="old@x")
TYPO = ADA.model_copy(update={"emial": "new@x"})


def in_batch(users: Users, user: User) -> None:
    """Writes an instance by a batch."""
    with users.batch() as batch:
        batch.set(user)


def in_transaction(verb: str) -> Callable[[Users, User], None]:
    """Writes an instance by a verb of a transaction."""

    def write(users: Users, user: User) -> None:
        with users.transaction() as transaction:
            getattr(transaction, verb)(users, user)

    return write


WRITES: dict[str, Callable[[Users, User], Any]] = {
    "create": Users.create,
    "set": Users.set,
    "save": Users.save,
    "delete": Users.delete,
    "set_many": lambda users, user: users.set_many([user]),
    "delete_many": lambda users, user: users.delete_many([user]),
    "batch": in_batch,
    **{f"transaction.{verb}": in_transaction(verb) for verb in ("create", "set", "save", "delete")},
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_no_write_takes_a_misspelt_name(write: Callable[[Users, User], Any]) -> None:
    """What is stored stays as it is, its version with it, and the error has the right name."""
    store = MemoryStore(Users)
    users = Users(store)
    known = users.create(ADA)
    stored = store.items("users")
    with pytest.raises(CodecError, match=r"^User\.emial: no field .* did you mean email\?$"):
        write(users, known.model_copy(update={"emial": "new@x"}))
    assert store.items("users") == stored


@pytest.mark.parametrize(
    "change",
    [
        {"street": ADA.street.model_copy(update={"nubmer": 2})},
        {"streets": [ADA.street.model_copy(update={"nubmer": 2})]},
        {"by_name": {"a": ADA.street.model_copy(update={"nubmer": 2})}},
        {"lines": Lines(["a"]).model_copy(update={"rot": 2})},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_misspelt_name_inside_is_refused(change: dict[str, Any]) -> None:
    """Wherever a model stands; the error names the field of the item, and the name."""
    (field,) = change
    name = r"Lines\.rot" if field == "lines" else r"Street\.nubmer"
    with pytest.raises(CodecError, match=rf"^User\.{field}: .*{name}: no field"):
        Fields(User).encode(ADA.model_copy(update=change))


def test_a_name_like_none_is_answered_with_all_names() -> None:
    """The hint names the fields."""
    with pytest.raises(CodecError, match=r"User\.xyz: .*: it has user_id, email, street, "):
        Fields(User).encode(ADA.model_copy(update={"xyz": 1}))


def test_no_value_is_in_the_error() -> None:
    """Of what was found the name is told alone."""
    with pytest.raises(CodecError) as caught:
        Fields(User).encode(TYPO)
    assert "new@x" not in str(caught.value)


def test_what_a_class_keeps_in_its_instances_is_no_misspelt_name() -> None:
    """Cached properties, computed or not, and private attributes."""
    keeping = Keeping(user_id="ada")
    assert (keeping.initial, keeping.last, keeping._secret) == ("a", "a", "x")
    assert keeping.__dict__.keys() == {"user_id", "initial", "last"}
    assert schema_of(Keeping).encode(keeping) == {"user_id": {"S": "ada"}}
    assert schema_of(Keeping).key(keeping) == {"user_id": {"S": "ada"}}


@pytest.mark.parametrize("name", ["shown", "greet", "_secret"])
def test_a_name_that_the_class_has_otherwise_is_refused(name: str) -> None:
    """A property, a method and a private attribute keep nothing under their names."""
    keeping = Keeping(user_id="ada").model_copy(update={name: "x"})
    with pytest.raises(CodecError, match=f"Keeping.{name}: no field"):
        check_declared(keeping)


def test_extra_attributes_are_stored_where_the_model_allows_them() -> None:
    """And refused, whatever made them, where it forbids them."""
    anything = Open(user_id="ada").model_copy(update={"emial": "new@x"})
    assert schema_of(Open).encode(anything)["emial"] == {"S": "new@x"}
    with pytest.raises(CodecError, match=r"Closed\.emial"):
        schema_of(Closed).encode(Closed(user_id="ada").model_copy(update={"emial": "new@x"}))


def test_a_value_that_is_lacking_is_another_error() -> None:
    """An instance made without validation may lack a field, which has no name to be misspelt."""
    check_declared(User.model_construct(user_id="ada"))
    codec = codec_for(Street)
    with pytest.raises(CodecError, match=r"Street\.name: has no value"):
        codec.encode(Street.model_construct(number=1))


def test_a_hint_is_the_nearest_names_or_all() -> None:
    """Near ones are those that a typo makes."""
    assert hint_for("emial", ["email", "name"]) == "did you mean email?"
    assert hint_for("xyz", ["email", "name"]) == "it has email, name"


def test_a_computed_field_is_none_of_the_stored_ones() -> None:
    """Type checkers know it, and let it pass in an expression: the error says what stores it."""
    with pytest.raises(AttributeError, match=r"no field last: it is computed, .* Attribute"):
        schema_of(Keeping).field("last")
    assert hint_in([Street, Keeping], "lats", ["last"]) == "did you mean last?"
