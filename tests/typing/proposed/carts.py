"""The table prod-shop-carts, as its description and a sample of its rows show it."""

from decimal import Decimal
from typing import Annotated, Any

from dynrepo import Attribute, PartitionKey, Repository, SortKey, TimeToLive
from pydantic import AwareDatetime, BaseModel, Field

# Where NULL is stored, a default_factory has None written as NULL: a default of None
# would have it written by absence.


class Dimensions(BaseModel, frozen=True):
    """A part of a row: dimensions."""

    w: int
    h: Decimal


class Item(BaseModel, frozen=True):
    """A part of a row: item."""

    product_id: Annotated[str, Attribute("productId")]
    qty: int
    unit_price: Annotated[Decimal, Attribute("unitPrice")]
    gift_message: Annotated[str | None, Attribute("giftMessage")] = Field(
        default_factory=type(None)
    )
    dimensions: Dimensions


class Flags(BaseModel, frozen=True):
    """A part of a row: flags."""

    is_guest: Annotated[bool, Attribute("isGuest")]


class ProdShopCart(BaseModel, frozen=True):
    """A row of prod-shop-carts."""

    cart_id: Annotated[str, PartitionKey(), Attribute("cartId")]
    user_id: Annotated[
        str, PartitionKey(index="userId-updatedAt-index"), Attribute("userId")
    ]
    # perhaps times, encodings.EPOCH_MILLISECONDS: nothing in a number says so
    updated_at: Annotated[
        int, SortKey(index="userId-updatedAt-index"), Attribute("updatedAt")
    ]
    currency: str | None = Field(default_factory=type(None))
    # NULL in all rows of the sample
    coupon: None = Field(default_factory=type(None))
    expires_at: Annotated[AwareDatetime, TimeToLive(), Attribute("expiresAt")]
    items: list[Item]
    # empty in all rows of the sample: of what is not known
    meta: dict[str, Any]
    flags: Flags
    # of several types in the rows of the sample
    discount: int | str


class ProdShopCarts(Repository[ProdShopCart]):
    """The rows of prod-shop-carts."""

    table = "prod-shop-carts"
