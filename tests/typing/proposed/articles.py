"""The table Articles, as its description and a sample of its rows show it."""

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from dynrepo import PartitionKey, Repository, encodings
from pydantic import AwareDatetime, BaseModel, Field

# Where NULL is stored, a default_factory has None written as NULL: a default of None
# would have it written by absence.


class Article(BaseModel, frozen=True):
    """A row of Articles."""

    slug: Annotated[str, PartitionKey()]
    author_id: UUID
    published: Annotated[AwareDatetime, encodings.ISO_OFFSET]
    subtitle: str | None = Field(default_factory=type(None))
    score: Decimal
    views_by_country: dict[str, int]
    # empty in all rows of the sample: of what is not known
    related: list[Any]
    draft: bool


class Articles(Repository[Article]):
    """The rows of Articles."""

    table = "Articles"
