"""The table devices, as its description and a sample of its rows show it."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from dynrepo import PartitionKey, Repository, SortKey, TimeToLive, Version, encodings
from pydantic import AwareDatetime, BaseModel

# The rows are of several kinds, told by the attribute cls: name the models after them,
# and let each refuse the rows of the others, as by a Literal in a field.


class Place(BaseModel, frozen=True):
    """A part of a row: place."""

    floor: int
    room: str


class Device1(BaseModel, frozen=True):
    """A row of devices."""

    device_id: Annotated[UUID, PartitionKey()]
    owner: Annotated[str, PartitionKey(index="owner-index")]
    last_seen: Annotated[
        AwareDatetime, encodings.ISO_BASIC_OFFSET, SortKey(index="owner-index")
    ]
    cls: str
    # perhaps texts of JSON: encodings.JSON_TEXT has them as a type of your own
    settings: str
    place: Place
    celsius: Decimal
    # taken for the counter of writes, by its name: save() will count on, and check it
    version: Annotated[int, Version()] = 0
    expires: Annotated[AwareDatetime, TimeToLive()]
    labels: frozenset[str] = frozenset()


class Device2(BaseModel, frozen=True):
    """A row of devices."""

    device_id: Annotated[UUID, PartitionKey()]
    owner: Annotated[str, PartitionKey(index="owner-index")]
    last_seen: Annotated[
        AwareDatetime, encodings.ISO_BASIC_OFFSET, SortKey(index="owner-index")
    ]
    cls: str
    resolution: list[int]
    # taken for the counter of writes, by its name: save() will count on, and check it
    version: Annotated[int, Version()] = 0
    expires: Annotated[AwareDatetime | None, TimeToLive()] = None


class Devices1(Repository[Device1]):
    """The rows of devices."""

    table = "devices"


class Devices2(Repository[Device2]):
    """The rows of devices."""

    table = "devices"
