"""The items in an answer, where their instances are those that were asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence
    from collections.abc import Set as AbstractSet

    from dynrepo.codec import Item
    from dynrepo.codec.core_schemas import Parse, PartParser


class AskedParser:
    """Takes the one item out of an answer by a `parser`; None where it is of another key.

    `has_key` tells whether an instance has a key that is given by its attributes.
    """

    __slots__ = ("_has_key", "_key", "parser")

    def __init__(self, parser: PartParser, has_key: Callable[[Any, Item], bool], key: Item) -> None:
        self.parser, self._has_key, self._key = parser, has_key, key

    def __call__(
        self, body: bytes | bytearray
    ) -> tuple[dict[str, Any], Sequence[Any] | None] | None:
        """As `Parse` says."""
        return self._asked(self.parser(body))

    def taken(self, found: dict[str, Any]) -> tuple[dict[str, Any], Sequence[Any] | None] | None:
        """The same of an answer among several."""
        return self._asked(self.parser.taken(found))

    def _asked(
        self, answer: tuple[dict[str, Any], Sequence[Any] | None] | None
    ) -> tuple[dict[str, Any], Sequence[Any] | None] | None:
        if answer is None or (made := answer[1]) is None or self._has_key(made[0], self._key):
            return answer
        return None


class IdentifiedItems(list[Any]):
    """Instances with their identities, which are made once."""

    def __init__(self, items: Sequence[Any], identities: Sequence[Hashable]) -> None:
        super().__init__(items)
        self.identities = identities


def batch_parsed(
    parse: Parse,
    identify: Callable[[Sequence[Any]], Sequence[Hashable]],
    asked: AbstractSet[Hashable],
    body: bytes | bytearray,
) -> tuple[dict[str, Any], Sequence[Any] | None] | None:
    """The answer to a batch, where all instances in it are of identities that were asked for."""
    answer = parse(body)
    if answer is None or not answer[1]:
        return answer
    items = IdentifiedItems(answer[1], identify(answer[1]))
    return (answer[0], items) if asked >= set(items.identities) else None
