"""dyntastic and dynrepo on one table: each reads what the other has written."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID, uuid4

import pytest
from boto3.dynamodb.types import TypeDeserializer
from pydantic import AwareDatetime, BaseModel, Field

from dynrepo import Attribute, PartitionKey, Repository, SortKey, encodings
from tests.integration.writers import REGION, saved_unchanged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynrepo import DynamoStore

pytestmark = pytest.mark.engine

NOON = datetime(2024, 2, 29, 12, tzinfo=UTC)
TABLE = f"dyntastic-{uuid4().hex[:8]}"


class Colour(Enum):
    """A choice."""

    RED = "red"


class Line(BaseModel):
    """A nested model: the same in both."""

    sku: str
    price: Decimal
    at: Annotated[AwareDatetime | None, encodings.ISO_Z] = None


class Moved(BaseModel):
    """The model of dyntastic's, with the forms in which it stores times."""

    id: Annotated[str, PartitionKey()]
    at: Annotated[AwareDatetime, encodings.ISO_Z, SortKey()]
    seen: Annotated[AwareDatetime, encodings.ISO_Z]
    took: Annotated[timedelta, encodings.ISO_DURATION]
    ref: UUID
    day: date
    colour: Colour
    count: int = 0
    price: Decimal
    named: Annotated[str, Attribute("Named")]
    tags: set[str] = set()
    data: bytes
    lines: list[Line] = []
    more: dict[str, Any] = {}
    nothing: str | None = None


class AllMoved(Repository[Moved]):
    """The rows of dyntastic's table."""

    table = TABLE


@pytest.fixture
def theirs(engine_endpoint: str) -> Iterator[Any]:
    """The model, and its table."""
    with pytest.MonkeyPatch.context() as patch:
        # Its import replaces this for everybody who uses boto3, which other tests are.
        patch.setattr(TypeDeserializer, "_deserialize_b", TypeDeserializer._deserialize_b)
        from dyntastic import Dyntastic  # noqa: PLC0415

        patch.setattr(TypeDeserializer, "_deserialize_b", lambda _, value: value)

        class Theirs(Dyntastic):
            """An item of dyntastic's."""

            __table_name__ = TABLE
            __table_region__ = REGION
            __table_host__ = engine_endpoint
            __hash_key__ = "id"
            __range_key__ = "at"

            id: str
            at: datetime
            seen: datetime
            took: timedelta
            ref: UUID
            day: date
            colour: Colour
            count: int = 0
            price: Decimal
            named: str = Field(alias="Named")
            tags: set[str] = Field(default_factory=set)
            data: bytes
            lines: list[Line] = Field(default_factory=list)
            more: dict[str, Any] = Field(default_factory=dict)
            nothing: str | None = None

        Theirs.create_table()
        yield Theirs
        Theirs._dynamodb_table().delete()


def written(theirs: Any) -> Any:
    """An item that dyntastic has saved."""
    item = theirs(
        id="a",
        at=NOON,
        seen=NOON.replace(microsecond=250_000),
        took=timedelta(days=1, seconds=3.5),
        ref=UUID(int=1),
        day=NOON.date(),
        colour=Colour.RED,
        count=3,
        price=Decimal("12.50"),
        Named="x",
        tags={"b", "a"},
        data=b"\x00\xff",
        lines=[Line(sku="a", price=Decimal(1), at=NOON), Line(sku="b", price=Decimal(2))],
        more={"a": {"b": Decimal("1.5")}, "none": None, "list": [None, "x"]},
    )
    item.save()
    return item


def test_every_field_is_read_and_left_as_it_was(
    client: Any, plain_store: DynamoStore, theirs: Any
) -> None:
    """What dynrepo has saved is what dyntastic goes on with."""
    before = written(theirs)
    (moved,) = saved_unchanged(client, AllMoved(plain_store))

    more = {"a": {"b": Decimal("1.5")}, "list": [None, "x"]}  # dyntastic stores no None in maps
    assert moved == Moved(**before.model_dump(exclude={"more"}), more=more)
    assert theirs.get("a", NOON) == before.model_copy(update={"more": more})


def test_what_dynrepo_writes_is_read_by_dyntastic(plain_store: DynamoStore, theirs: Any) -> None:
    """With the key as it spells it: the row that is there is the row that is meant."""
    before = written(theirs)
    repository = AllMoved(plain_store)
    (moved,) = repository.scan().all()
    repository.set(moved.model_copy(update={"count": 4}))

    assert repository.scan().count() == 1
    assert theirs.get("a", NOON).count == before.count + 1
    assert not repository.verify_table(sample="all")
