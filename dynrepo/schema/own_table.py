"""What a place in a shared table would add to the items of a model that has a table of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    from dynrepo.codec import AttributeValue, Field, Item


class OwnTable:
    """Each attribute is a field, and each row an item of the model.

    A model in a shared table has another answer to each of these.
    """

    folded: AbstractSet[str] = frozenset()
    """The attributes of fields that cannot be read from the key that is made of them."""
    if TYPE_CHECKING:

        @property
        def asked_mark(self) -> tuple[tuple[str, str], ...]:
            """The attributes, and their texts, that a row must have to be written over."""
            ...

    else:
        asked_mark = ()

    def is_of_others(self, _item: Mapping[str, AttributeValue]) -> bool:
        """Whether a stored row is none of the model's."""
        return False

    def key_item(self, _key: Any) -> Item:
        """What is stored of the fields of a key that is stored in other attributes."""
        return {}

    def attributes_of(self, field: Field) -> tuple[str, ...]:
        """The attributes that are made of a field."""
        return (field.attribute,)

    def restamped(self, _item: Item) -> None:
        """Takes into account what a write has stamped on an item."""

    def stale_keys(
        self, _row: Mapping[str, AttributeValue], _written: Mapping[str, AttributeValue]
    ) -> dict[str, AttributeValue | None]:
        """The keys of indexes that a row has otherwise than its fields make, and what they make."""
        return {}
