"""A model with a field of each kind that a template may name, and templates over it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, NaiveDatetime

from dynrepo import encodings
from dynrepo.markers import TimeToLive, Version
from dynrepo.schema.entity import Fields
from dynrepo.templates.template import Template

if TYPE_CHECKING:
    from random import Random

    from dynrepo.codec import Item


class Status(Enum):
    """Texts, of which one begins another."""

    OPEN = "open"
    OPENED = "opened"
    HALF_DONE = "half-done"


class Level(IntEnum):
    """Numbers."""

    LOW = 1
    HIGH = 20


class Made(BaseModel):
    """A field of each kind."""

    uid: UUID = UUID(int=7)
    name: str = "Ann"
    mail: str = "Ada@Example.org"
    number: int = 7
    at: AwareDatetime = datetime(2026, 11, 29, 12, 30, 5, 250_000, tzinfo=UTC)
    local: NaiveDatetime = datetime(2026, 11, 29, 12, 30, 5, 250_001)  # noqa: DTZ001 - it is one
    day: date = date(2026, 11, 29)
    status: Status = Status.OPEN
    level: Level = Level.HIGH
    address: IPv4Address = IPv4Address("10.0.0.1")
    price: Decimal = Decimal("5.00")
    ratio: float = 0.5
    took: timedelta = timedelta(seconds=1)
    clock: time = time(12)
    is_open: bool = True
    data: bytes = b"data"
    parts: list[int] = []
    maybe: str | None = None
    iso: Annotated[AwareDatetime, encodings.ISO_MILLISECONDS] = datetime(2026, 11, 29, tzinfo=UTC)
    short: Annotated[UUID, encodings.UUID_HEX] = UUID(int=10)
    upper: Annotated[UUID, encodings.UUID_UPPER] = UUID(int=10)
    version: Annotated[int, Version()] = 0
    expires: Annotated[AwareDatetime, TimeToLive()] = datetime(2030, 1, 1, tzinfo=UTC)


FIELDS = {field.name: field for field in Fields(Made).fields}


def template(text: str, *, sort: bool = True, tag: str = "S") -> Template:
    """A template over the model, of a sort key where nothing else is said."""
    return Template(text, FIELDS, owner="Made", sort=sort, tag=tag)


def item(**values: Any) -> Item:
    """The stored form of an instance with these values."""
    return Fields(Made).encode(Made(**values))


BASE = item()


def row_of(values: dict[str, Any]) -> Item:
    """The stored form of an instance with these values, without the instance."""
    return BASE | {name: FIELDS[name].encode(value) or {} for name, value in values.items()}


CHARACTERS = [
    "a",
    "b",
    "B",
    "#",
    "\0",
    "\x01",
    "%",
    "2",
    "~",
    "\ud7ff",
    "\ue000",
    "\uffff",
    "\U0001f600",
    "\U0010fffe",
]
"""What texts are made of: separators, what lies below and above them, and what is escaped."""


def text_of(random: Random, most: int = 3, *, less: str = "") -> str:
    """A short text of these characters, but some."""
    characters = [it for it in CHARACTERS if it not in less]
    return "".join(random.choices(characters, k=random.randint(0, most)))


def values_of(random: Random, *, less: str = "") -> dict[str, Any]:
    """Values of the fields, few of each so that they meet; texts are without some characters."""
    seconds = random.choice([0, 1, 59, 3600, 86_400, 86_400 * 40])
    at = datetime(2026, 11, 29, tzinfo=UTC) + timedelta(seconds=seconds, milliseconds=seconds % 7)
    return {
        "uid": UUID(int=random.randrange(3)),
        "name": text_of(random, less=less),
        "mail": text_of(random, less=less),
        "number": random.choice([0, 1, 7, 9, 10, 11, 100, 99_999_999]),
        "at": at,
        "local": at.replace(tzinfo=None),
        "iso": at,
        "short": UUID(int=random.randrange(9, 12)),
        "day": at.date(),
        "status": random.choice(list(Status)),
        "level": random.choice(list(Level)),
    }
