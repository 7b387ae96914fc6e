"""A depot in one table, as tests see it: a query of boxes reads the rows of their labels."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AwareDatetime, BaseModel

from dynrepo import Index, Key, Repository, SharedTable, UpdatedAt, Version
from dynrepo.operations.operation import Operation, nothing
from dynrepo.operations.reads import get_stored

if TYPE_CHECKING:
    from dynrepo import Store

NOW = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)


class Depot(SharedTable):
    """The table, whose entities are told apart by two attributes."""

    table = "depot"
    key = Key("pk", "sk")
    gsi1 = Index("gsi1pk", "gsi1sk")
    mark = ("_et", "_ev")


class Box(BaseModel):
    """One of several at a site."""

    site: str
    number: int
    state: str | None = None
    note: str | None = None
    count: int = 0


class Label(BaseModel):
    """One of several on a box, of a version and a time."""

    site: str
    number: int
    text: str
    color: str | None = None
    version: Annotated[int, Version()] = 0
    changed: Annotated[AwareDatetime | None, UpdatedAt()] = None


class Boxes(Repository[Box]):
    """Boxes, by state too."""

    place = Depot.place(
        "SITE#{site}",
        "BOX#{number:04d}",
        entity={"_et": "box", "_ev": "1"},
        by_state=Depot.gsi1("STATE#{state}", "{note}"),
    )


class Labels(Repository[Label]):
    """Their labels, which come right after each."""

    place = Depot.place(
        "SITE#{site}", "BOX#{number:04d}#LABEL#{text}", entity={"_et": "label", "_ev": "1"}
    )


BOX = Box(site="a", number=7, state="full", note="n")
LABEL = Label(site="a", number=7, text="x", color="red")


def put_row(repository: Repository[Any], row: dict[str, Any]) -> None:
    """Stores a row as other programs may."""
    table = repository.mapper.table
    request = {"TableName": table, "Item": row}
    repository.store.execute(Operation("PutItem", table, request, nothing))


def row_of(repository: Repository[Any], key: Any) -> dict[str, Any]:
    """What is stored under a key, whoever wrote it."""
    found = get_stored(repository.mapper, key)
    return found.read(repository.store.execute(found)) or {}


def foreign_row(repository: Repository[Any], item: Any, **changed: Any) -> dict[str, Any]:
    """The row of an item, but that its mark says that it is of another entity."""
    row = repository.schema.encode(item) | {"_ev": {"S": "2"}, **changed}
    return {name: value for name, value in row.items() if value is not None}


def opened(store: Store) -> tuple[Boxes, Labels]:
    """Both repositories, over a table that has just been made."""
    boxes, labels = Boxes(store), Labels(store, clock=lambda: NOW)
    boxes.create_table()
    return boxes, labels
