"""The instance of a stored item has the key that the item is stored under, or there is none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import (
    AfterValidator,
    BaseModel,
    PrivateAttr,
    StringConstraints,
    computed_field,
    model_validator,
)
from pydantic_core import core_schema

from dynrepo import Attribute, CodecError, PartitionKey, Repository, SortKey
from dynrepo.codec.stored_keys import StoredKeys, core_schema_of, keeps_keys
from dynrepo.schema.entity import Schema, schema_of
from tests.accelerator import if_accelerated

if TYPE_CHECKING:
    from dynrepo.reading.parsers import AnswerPart
    from dynrepo.testing import MemoryStore


class Tenant(BaseModel, frozen=True):
    """One row of a partition that is shared."""

    tenant_id: str
    name: str = ""
    _seen: list[str] = PrivateAttr(default_factory=list)

    @computed_field
    @property
    def pk(self) -> Annotated[str, PartitionKey()]:
        """The partition."""
        return f"TENANT#{self.tenant_id}"

    @computed_field
    @property
    def sk(self) -> Annotated[str, SortKey()]:
        """The row."""
        return "META"

    @computed_field
    @property
    def by(self) -> Annotated[str, PartitionKey(index="by_name")]:
        """An index."""
        return self.name or "-"

    def model_post_init(self, _context: Any, /) -> None:
        """Sees what is there."""
        self._seen.extend(self.__dict__)


class Project(BaseModel):
    """Other rows of the partition."""

    tenant_id: str
    number: int
    name: str = ""

    @computed_field
    @property
    def pk(self) -> Annotated[str, PartitionKey()]:
        """The partition."""
        return f"TENANT#{self.tenant_id}"

    @computed_field
    @property
    def sk(self) -> Annotated[str, SortKey()]:
        """The row."""
        return f"PROJECT#{self.number}"


class Tenants(Repository[Tenant]):
    """Tenants."""

    table = "app"


class Projects(Repository[Project]):
    """Projects."""

    table = "app"


@pytest.fixture
def tenants(memory: MemoryStore) -> Tenants:
    """A tenant, and a project of it."""
    repository = Tenants(memory)
    repository.create_table()
    repository.create(Tenant(tenant_id="1", name="ACME"))
    Projects(memory).create(Project(tenant_id="1", number=7, name="Moon"))
    return repository


def test_a_row_of_another_type_is_no_item(tenants: Tenants) -> None:
    """Though it has all fields: saved, it would be written over a third row."""
    with pytest.raises(CodecError, match="Tenant: its fields make another key") as caught:
        tenants.get(("TENANT#1", "PROJECT#7"))
    assert caught.value.key == {"pk": {"S": "TENANT#1"}, "sk": {"S": "PROJECT#7"}}
    with pytest.raises(CodecError):
        tenants.query(tenants.fields.pk == "TENANT#1").all()
    bad: list[CodecError] = []
    found = tenants.query(tenants.fields.pk == "TENANT#1", bad_rows=bad.append).all()
    assert [tenant.name for tenant in found] == ["ACME"]
    assert len(bad) == 1


def test_its_own_rows_are_read_and_written(tenants: Tenants) -> None:
    """By whatever verb."""
    acme = tenants.require(("TENANT#1", "META"))
    assert tenants.save(acme.model_copy(update={"name": "A"})).name == "A"
    assert tenants.get_many([acme, ("TENANT#2", "META")]) == [tenants.get(acme), None]
    deleted = tenants.delete(acme)
    assert deleted is not None
    assert deleted.pk == "TENANT#1"


def test_the_attributes_of_an_index_may_be_missing(tenants: Tenants) -> None:
    """Written before there was the index."""
    item = Tenants.schema.encode(Tenant(tenant_id="1", name="ACME"))
    del item["by"]
    assert Tenants.schema.decode(item).by == "ACME"
    assert tenants.get(("TENANT#1", "META")) is not None


def by_parser(schema: Schema[Any], item: Any, part: AnswerPart = "Item") -> Any:
    """What the accelerator makes of an item; None where it leaves it to the codec."""
    parse = schema.parse(part)
    assert parse is not None, schema.unaccelerated
    body: Any = {"Item": item, "Items": [item], "Responses": {"app": [item]}}[part]
    found = parse(json.dumps({part: body}).encode())
    return None if found is None else (found[1] or (None,))[0]


ITEM = Tenants.schema.encode(Tenant(tenant_id="1", name="ACME"))


@if_accelerated
@pytest.mark.parametrize("part", ["Item", "Items", "Responses"])
def test_what_is_read_fast_is_compared_too(part: AnswerPart) -> None:
    """And the model sees nothing of it."""
    found = by_parser(Tenants.schema, ITEM, part)
    assert found == Tenants.schema.decode(ITEM)
    assert found.model_fields_set == {"tenant_id", "name"}
    assert set(found.__dict__) == set(found._seen) == {"tenant_id", "name"}
    other = {**ITEM, "sk": {"S": "PROJECT#7"}}
    for item in (other, {"tenant_id": {"S": "1"}}):
        found = by_parser(Tenants.schema, item, part)
        assert isinstance(found, CodecError) if part == "Items" else found is None


class Numbered(BaseModel):
    """A computed number."""

    half: int

    @computed_field
    @property
    def whole(self) -> Annotated[int, PartitionKey(), Attribute("w")]:
        """Twice as much."""
        return self.half * 2


@pytest.mark.parametrize("stored", ["4", "4.0", "4E0"])
def test_a_number_is_compared_as_a_number(stored: str) -> None:
    """However it is written."""
    schema = schema_of(Numbered)
    assert schema.decode({"half": {"N": "2"}, "w": {"N": stored}}).half == 2
    with pytest.raises(CodecError, match="another key"):
        schema.decode({"half": {"N": "3"}, "w": {"N": stored}})


class Plain(BaseModel):
    """Two fields, as they are."""

    id: Annotated[str, PartitionKey()]
    name: str = ""


class Lower(BaseModel):
    """A validator of the key."""

    id: Annotated[str, PartitionKey(), AfterValidator(str.lower)]


class Trimmed(BaseModel):
    """A constraint that changes it."""

    id: Annotated[str, PartitionKey(), StringConstraints(strip_whitespace=True)]


class Configured(BaseModel, str_to_upper=True):
    """A setting of the model that does."""

    id: Annotated[str, PartitionKey()]


class Settled(BaseModel):
    """A validator of the model."""

    id: Annotated[str, PartitionKey()]

    @model_validator(mode="after")
    def settle(self) -> Settled:
        """Makes another key."""
        self.id = self.id.strip().lower()
        return self


@if_accelerated
@pytest.mark.parametrize("model", [Lower, Trimmed, Configured, Settled])
@pytest.mark.parametrize("text", [" A b"])
def test_a_key_that_the_model_changes_is_no_key_of_it(model: type[Any], text: str) -> None:
    """Read fast or not; one that it leaves as it is, is."""
    schema = schema_of(model)
    with pytest.raises(CodecError, match="another key than the stored one"):
        schema.decode({"id": {"S": text}})
    assert by_parser(schema, {"id": {"S": text}}) is None
    kept = "AB" if model is Configured else "ab"
    assert schema.decode({"id": {"S": kept}}).id == kept
    assert by_parser(schema, {"id": {"S": kept}}).id == kept


def test_a_key_of_plain_fields_is_not_compared() -> None:
    """Nothing can differ there, so nothing is spent on it."""
    keys = schema_of(Plain).key_schema.fields
    assert keeps_keys(Plain, keys)
    assert schema_of(Plain)._has_key is None
    assert not keeps_keys(Tenant, schema_of(Tenant).key_schema.fields)


def test_a_schema_that_is_not_known_may_do_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the keys are compared."""
    keys = schema_of(Plain).key_schema.fields
    monkeypatch.setattr(Plain, "__pydantic_core_schema__", {"kind": "model"})
    assert not keeps_keys(Plain, keys)
    assert core_schema_of(Plain) == {"kind": "model"}


def test_the_stored_key_stands_beside_the_fields() -> None:
    """Under names that no field has."""
    keys = schema_of(Tenant).key_schema.fields
    fields = StoredKeys(keys).beside({"name": core_schema.model_field(core_schema.str_schema())})
    assert [name for name in fields if not name.isidentifier()] == [
        "the stored pk",
        "the stored sk",
    ]
