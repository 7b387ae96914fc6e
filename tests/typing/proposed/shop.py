"""The table shop, as its description and a sample of its rows show it."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from dynrepo import Attribute, PartitionKey, Repository, SortKey
from pydantic import AwareDatetime, BaseModel

# The rows are of several kinds, told by how their keys begin: name the models after
# them, and let each refuse the rows of the others, as by a Literal in a field.


class Shop1(BaseModel, frozen=True):
    """A row of shop."""

    pk: Annotated[str, PartitionKey(), Attribute("PK")]
    sk: Annotated[str, SortKey(), Attribute("SK")]
    gsi1_pk: Annotated[str, PartitionKey(index="GSI1"), Attribute("GSI1PK")]
    gsi1_sk: Annotated[str, SortKey(index="GSI1"), Attribute("GSI1SK")]
    name: str
    joined: AwareDatetime


class Line(BaseModel, frozen=True):
    """A part of a row: line."""

    sku: str
    n: int


class Shop2(BaseModel, frozen=True):
    """A row of shop."""

    pk: Annotated[str, PartitionKey(), Attribute("PK")]
    sk: Annotated[str, SortKey(), Attribute("SK")]
    gsi1_pk: Annotated[str | None, PartitionKey(index="GSI1"), Attribute("GSI1PK")] = (
        None
    )
    gsi1_sk: Annotated[date | None, SortKey(index="GSI1"), Attribute("GSI1SK")] = None
    amount: Decimal
    lines: list[Line]


class Shop1Rows(Repository[Shop1]):
    """The rows of shop."""

    table = "shop"


class Shop2Rows(Repository[Shop2]):
    """The rows of shop."""

    table = "shop"
