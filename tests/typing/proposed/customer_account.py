"""The table CustomerAccount, as its description and a sample of its rows show it."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from dynrepo import Attribute, PartitionKey, Repository, Version, encodings
from pydantic import AwareDatetime, BaseModel, Field

# The index byEmail holds some attributes only: no instance is read from it.
# Where NULL is stored, a default_factory has None written as NULL: a default of None
# would have it written by absence.


class Geo(BaseModel, frozen=True):
    """A part of a row: geo."""

    lat: Decimal
    lon: Decimal


class Address(BaseModel, frozen=True):
    """A part of a row: address."""

    street: str
    # texts of numbers: encodings.DECIMAL_TEXT has them as a Decimal
    postal_code: Annotated[str, Attribute("postalCode")]
    geo: Geo


class CustomerAccount(BaseModel, frozen=True):
    """A row of CustomerAccount."""

    account_id: Annotated[UUID, PartitionKey(), Attribute("accountId")]
    email_address: Annotated[
        str, PartitionKey(index="byEmail"), Attribute("emailAddress")
    ]
    opened_on: Annotated[date, Attribute("openedOn")]
    last_login: Annotated[AwareDatetime, encodings.ISO_INSTANT, Attribute("lastLogin")]
    session_length: Annotated[int, Attribute("sessionLength")]
    tier: str
    balance: int
    locked: bool
    roles: frozenset[str]
    address: Address | None = Field(default_factory=type(None))
    # taken for the counter of writes, by its name: save() will count on, and check it
    version: Annotated[int, Version()] = 0


class CustomerAccountRows(Repository[CustomerAccount]):
    """The rows of CustomerAccount."""

    table = "CustomerAccount"
