"""One request as a value: what to send, what sending it twice would do, how to read the answer.

Pure builders make operations (`reads`, `writes`, `batch`, `table`, `query`, `transaction`), the
store sends them, the operation reads the answer; sync, async and in-memory stores share all of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, TypeVar

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dynrepo.codec import Item
    from dynrepo.codec.accelerated import AnswerPart
    from dynrepo.codec.core_schemas import Parse
    from dynrepo.errors import DynrepoError, StoreError
    from dynrepo.expressions.trees import Tree
    from dynrepo.schema.entity import Field, Schema, Upcast

T = TypeVar("T", bound=BaseModel)
R = TypeVar("R")


class Effect(Enum):
    """What an operation does to the table, and so what a lost answer leaves open."""

    NONE = "reads"
    """Changes nothing: may be sent again after any failure."""

    REPEATABLE = "writes, twice as once"
    """Leaves the same table when applied twice: may be sent again, too."""

    ONCE = "writes, once only"
    """Counts, appends, or depends on what is stored: is sent again only if it was not applied."""


class Answer(NamedTuple):
    """What the engine answered: the body in DynamoDB JSON, and how it came.

    `items` holds the instances of the items that the answer has, where the sender made them while
    it read the text; the body is then without these items.
    """

    body: Mapping[str, Any]
    items: Sequence[Any] | None = None
    request_id: str | None = None
    attempts: int = 1


def utc_now() -> datetime:
    """The time, by the clock of this machine."""
    return datetime.now(UTC)


class Table(NamedTuple, Generic[T]):
    """Where the items of a schema live, and how they are looked at there.

    `name` is the full name, prefix included. `upcast` turns the attributes that an older version
    stored into today's. `clock` tells the time for time stamps. Items whose time to live is over
    are hidden from reads if `hide_expired` says so.
    """

    name: str
    schema: Schema[T]
    upcast: Upcast | None = None
    clock: Callable[[], datetime] = utc_now
    hide_expired: bool = False

    def decode(self, item: Item) -> T:
        """The instance that a stored item holds; CodecError when it is not one."""
        return self.schema.decode(item, upcast=self.upcast)

    def restore(self, item: Item | None) -> T | None:
        """The instance that a stored item holds; None when there is none."""
        return None if item is None or item == {} else self.decode(item)

    def instance(self, answer: Answer, part: Literal["Item", "Attributes"]) -> T | None:
        """The instance that an answer holds under `part`; None when there is none."""
        items = answer.items
        return self.restore(answer.body.get(part)) if items is None else items[0]

    def parse(self, part: AnswerPart) -> Parse | None:
        """What makes the instances in a part of an answer; None where items are looked at first."""
        looked_at = self.upcast is not None or self._hidden_by is not None
        return None if looked_at else self.schema.parse(part)

    def shown(self, items: Sequence[Item]) -> Sequence[Item]:
        """Those of some items that are not hidden."""
        return items if self._hidden_by is None else [one for one in items if self.visible(one)]

    def visible(self, item: Item) -> bool:
        """Whether an item is not one of the expired that are hidden."""
        ttl = self._hidden_by
        if ttl is None or "N" not in item.get(ttl.attribute, {}):
            return True
        return float(item[ttl.attribute]["N"]) > self.clock().timestamp()

    @property
    def _hidden_by(self) -> Field | None:
        return self.ttl if self.hide_expired else None

    @property
    def version(self) -> Field | None:
        """The field that counts the writes of an item."""
        return self.schema.version

    @property
    def created(self) -> Field | None:
        """The field that tells when an item was first written."""
        return self.schema.created

    @property
    def updated(self) -> Field | None:
        """The field that tells when an item was last written."""
        return self.schema.updated

    @property
    def ttl(self) -> Field | None:
        """The field that says when an item may be removed."""
        return self.schema.ttl


class Settlement(NamedTuple):
    """How to find out, by looking, whether a write was applied whose answer was lost.

    `look` reads what is stored under the key (its `read` returns the raw item or None), and `ours`
    judges it: True when it is what the write would have left, False when somebody else's item
    stands in its way, None when it does not tell.
    """

    look: Operation[Item | None]
    ours: Callable[[Item | None], bool | None]


class CancellationReason(NamedTuple):
    """What stood against one write of a transaction: AWS's code, the error it means, the item.

    `kind` is None where nothing did. `item` is what is stored, where a condition failed on it.
    """

    code: str
    kind: type[StoreError] | None
    item: Item | None = None


class Refusal(NamedTuple):
    """How the engine refused a write, after so many attempts: its error code and what it showed.

    `item` is what is stored where a condition failed on it. `looked` is True when no answer said
    so: it was lost, and a look found `item`. `reasons` are those of a canceled transaction.
    """

    code: str
    request_id: str | None
    attempts: int
    item: Item | None = None
    reasons: tuple[CancellationReason, ...] = ()
    looked: bool = False


def _no_trees() -> dict[str, Tree]:
    return {}


@dataclass(slots=True)  # not frozen, which would cost each call as much as its signature
class Operation(Generic[R]):
    """A request to DynamoDB and the function that reads its answer.

    `expressions` holds, by parameter name, PynamoDB's trees of the expressions whose text is in the
    request: `Condition` and `Update` objects, and a tuple of paths for a projection. `parts` holds
    the operations that a transaction is made of. `refusal` makes the error for a failed condition,
    or a canceled transaction, from how it was refused. `deadline` is the time in
    seconds for the whole call, where it is not the store's: such a call is a probe, sent once and
    over connections of its own. `settlement` tells the store how to find out about a write whose
    answer was lost. `parse` lets a sender that has the text of the answer make instances of it.
    `text` is the request as JSON, where the builder has it.
    """

    name: str
    table: str
    request: Mapping[str, Any]
    read: Callable[[Answer], R]
    effect: Effect = Effect.NONE
    parse: Parse | None = field(default=None, repr=False)
    text: bytes | None = field(default=None, repr=False)
    deadline: float | None = None
    expressions: Mapping[str, Tree] = field(default_factory=_no_trees, repr=False)
    parts: tuple[Operation[Any], ...] = ()
    refusal: Callable[[Refusal], DynrepoError] | None = field(default=None, repr=False)
    settlement: Settlement | None = field(default=None, repr=False)
