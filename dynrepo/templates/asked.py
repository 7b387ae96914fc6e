"""What is asked of a field, or of an attribute of a key: equality, a range, a beginning."""

from __future__ import annotations

from base64 import b64decode
from decimal import Decimal
from operator import eq, ge, gt, le, lt
from typing import TYPE_CHECKING, Any, NamedTuple

from dynrepo.codec.limits import check_key
from dynrepo.codec.value import KEY_TAGS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dynrepo.codec import AttributeValue


class Asked(NamedTuple):
    """A comparison with stored values: by `=`, `<`, `<=`, `>`, `>=`, `BETWEEN`, `begins_with`."""

    operator: str
    values: tuple[AttributeValue, ...]

    @property
    def is_reversed(self) -> bool:
        """Whether it is a range from more to less."""
        if self.operator != "BETWEEN":
            return False
        if "S" in self.values[0] and "S" in self.values[1]:  # as it mostly is
            return bool(self.values[0]["S"] > self.values[1]["S"])
        tags = self.tags
        if len(tags) > 1 or not tags <= KEY_TAGS:
            return False
        low, high = map(_ORDERS[min(tags)], self.payloads)
        return bool(low > high)

    def holds(self, stored: AttributeValue) -> bool:
        """Whether a value that is stored, as what it is compared with is, is as asked."""
        ((tag, payload),) = stored.items()
        if self.tags != {tag}:
            return False
        order = _ORDERS[tag]
        return bool(_HOLDS[self.operator](order(payload), *map(order, self.payloads)))

    @property
    def tags(self) -> set[str]:
        """The tags of the values."""
        return {tag for value in self.values for tag in value}

    @property
    def payloads(self) -> tuple[Any, ...]:
        """What stands below the tags of the values."""
        return tuple(payload for value in self.values for payload in value.values())


NEVER = Asked("never", ())
"""What no key is."""


def as_stored(asked: Asked, label: str, limit: int) -> Asked | None:
    """What is asked of an attribute that holds values as they are; None where every key matches.

    DynamoDB refuses an empty value, and a range from more to less, though they have an answer.
    CodecError for a value that is too long for a key, and for equality with an empty one.
    """
    if len(asked.tags) > 1 or not asked.tags <= KEY_TAGS:
        return asked  # PynamoDB's own paths take other types too
    if asked.operator != "=":
        if asked.operator == "BETWEEN" and not asked.payloads[0]:
            asked = Asked("<=", asked.values[1:])
        if not asked.payloads[-1]:  # no key is empty, so all are greater, and begin so
            return NEVER if asked.operator in ("<", "<=", "BETWEEN") else None
    for value in asked.values:
        check_key(label, value, limit)
    return NEVER if asked.is_reversed else asked


def _is_between(value: Any, low: Any, high: Any) -> Any:
    return low <= value <= high


def _begins_with(value: Any, beginning: Any) -> Any:
    return value.startswith(beginning)


_HOLDS: Mapping[str, Callable[..., Any]] = {
    "=": eq,
    "<": lt,
    "<=": le,
    ">": gt,
    ">=": ge,
    "BETWEEN": _is_between,
    "begins_with": _begins_with,
}

_ORDERS: Mapping[str, Callable[[str], Any]] = {"S": str, "N": Decimal, "B": b64decode}
