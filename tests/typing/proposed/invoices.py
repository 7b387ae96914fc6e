"""The table billing-invoices, as its description and a sample of its rows show it."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from dynrepo import PartitionKey, Repository, SortKey
from pydantic import BaseModel

# The index by_state holds keys only: no instance is read from it.


class Line(BaseModel, frozen=True):
    """A part of a row: line."""

    sku: str
    quantity: int
    price: Decimal
    discount: Decimal | None = None


class BillingInvoice(BaseModel, frozen=True):
    """A row of billing-invoices."""

    customer: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()]
    # a few texts only: perhaps an Enum, or a Literal
    state: Annotated[str, PartitionKey(index="by_state")]
    due: Annotated[date, SortKey(index="by_due")]
    total: Decimal
    rates: frozenset[Decimal]
    tags: frozenset[str]
    paid: bool
    # sixteen bytes each: perhaps UUIDs, encodings.UUID_BYTES
    digest: bytes
    lines: list[Line]
    notes: list[str] | None = None


class BillingInvoices(Repository[BillingInvoice]):
    """The rows of billing-invoices."""

    table = "billing-invoices"
