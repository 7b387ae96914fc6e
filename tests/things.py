"""One table as several models see it, for tests of the life of tables."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, BaseModel

from dynrepo import PartitionKey, Repository, SortKey, TimeToLive


class Bare(BaseModel):
    """A key and nothing else."""

    name: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()]


class Grown(Bare):
    """The same a year later."""

    kind: Annotated[str | None, PartitionKey(index="by_kind")] = None
    weight: Annotated[int | None, SortKey(index="by_kind")] = None
    ends: Annotated[AwareDatetime | None, TimeToLive()] = None


class Sorted(Bare):
    """With a local index."""

    weight: Annotated[int, SortKey(index="by_weight")] = 0


class OtherKey(BaseModel):
    """With another key."""

    name: Annotated[bytes, PartitionKey()]


class Bares(Repository[Bare]):
    """The table as it was."""

    table = "things"


class Growns(Repository[Grown]):
    """The table as it should be."""

    table = "things"


class Sorteds(Repository[Sorted]):
    """The table as it could have been."""

    table = "things"


class OtherKeys(Repository[OtherKey]):
    """Another table of the same name."""

    table = "things"
