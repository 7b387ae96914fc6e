"""One request as a value: what to send, what sending it twice would do, how to read the answer.

The pure builders beside this module make operations, a store sends them, the operation reads the
answer; every kind of store shares all of it.
"""

from __future__ import annotations

from collections.abc import Generator
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeAlias, TypeVar, cast

from dynrepo.opaque import OpaqueRecord
from dynrepo.public import public

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dynrepo.codec import Item
    from dynrepo.codec.core_schemas import Parse
    from dynrepo.errors import DynrepoError, StoreError
    from dynrepo.expressions.trees import Tree

R = TypeVar("R")


@public
class Effect(Enum):
    """What an operation does to the table, and so what a lost answer leaves open."""

    NONE = "reads"
    """Changes nothing: may be sent again after any failure."""

    REPEATABLE = "writes, twice as once"
    """Leaves the same table when applied twice: may be sent again, too."""

    ONCE = "writes, once only"
    """Counts, appends, or depends on what is stored: is sent again only if it was not applied."""


@public
class Location(NamedTuple):
    """Where a store sends its requests; `Location()` where that is not known.

    Attributes:
        region: The AWS region, such as `eu-west-1`; None where it is not known.
        endpoint: The URL, without credentials and query; None where it is not known.
    """

    region: str | None = None
    endpoint: str | None = None

    @property
    def is_in_process(self) -> bool:
        """Whether the tables are in this process, as those of a `MemoryStore` or a mock."""
        return (self.endpoint or "").startswith(("memory:", "mock:"))


Steps: TypeAlias = Generator[None, None, R]
"""The reading of an answer, which may be left for a moment at each `yield`."""


@public
class Answer(OpaqueRecord, sealed=["body", "items"]):
    """What the engine answered, and how it came. Its repr names members, and counts.

    Attributes:
        body: The answer in DynamoDB JSON, as the API reference of the operation has it.
        request_id: AWS's id of the request; None where the engine gives none.
        attempts: Requests that were sent: 1, and one for each retry.
        items: The instances of the items that the answer has, where the sender made them while it
            read the text: the body is without these items then. None where it made none.
    """

    body: Mapping[str, Any]
    request_id: str | None = None
    attempts: int = 1
    items: Sequence[Any] | None = None

    def __repr__(self) -> str:
        made = [] if self.items is None else [f"{len(self.items)} instances"]
        return f"Answer({', '.join([*self.body, *made])})"


class Settlement(NamedTuple):
    """How to find out, by looking, whether a write was applied whose answer was lost.

    `look` reads what is stored under the key: its `read` returns the raw item or None. `proves` is
    given an item that was found: True when it is there only if the write was applied, False when it
    does not tell.
    """

    look: Operation[Item | None]
    proves: Callable[[Item], bool]


@public
class CancellationReason(OpaqueRecord, sealed=["item"]):
    """What stood against one write of a transaction.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CancellationReason.html

    Attributes:
        code: AWS's code, `None` as a text where nothing stood against it.
        kind: The class of the error that the code means; None where nothing did.
        item: What is stored, in DynamoDB JSON, where a condition failed on it; else None.
        sentence: What may be told of AWS's own sentence; empty where it is not known.
    """

    code: str
    kind: type[StoreError] | None
    item: Item | None = None
    sentence: str = ""


@public
class Refusal(OpaqueRecord, sealed=["item"]):
    """How the engine refused a write.

    Attributes:
        code: AWS's error code.
        request_id: AWS's id of the request; None where the engine gives none.
        attempts: Requests that were sent.
        item: What is stored, in DynamoDB JSON, where a condition failed on it; else None.
        reasons: What stood against each write of a canceled transaction; empty of another write.
    """

    code: str
    request_id: str | None
    attempts: int
    item: Item | None = None
    reasons: tuple[CancellationReason, ...] = ()


# Not a mappingproxy, of which `copy.deepcopy` makes none; its type lets nothing be put in.
_NO_TREES: Mapping[str, Tree] = {}


@public
class Operation(OpaqueRecord, Generic[R], sealed=["request", "text", "expressions"]):
    """A request to DynamoDB and the function that reads its answer.

    Its repr names parameters and attributes.
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB.html

    Attributes:
        name: DynamoDB's name of it, as in `GetItem`.
        table: The full name of the table; of several, all with `,` between them.
        request: The parameters in DynamoDB JSON.
        read: Makes of the answer what the caller gets.
        effect: What it does to the table, and so whether it may be sent again.
        parse: Makes instances of the text of the answer, for a sender that has it.
        text: The request as JSON, where the builder has it.
        deadline: Seconds for the whole call, where they are not the store's: such a call is a
            probe, sent once and over connections of its own.
        expressions: By parameter name, PynamoDB's trees of the expressions whose text is in the
            request: `Condition` and `Update` objects, and a tuple of paths for a projection.
        parts: The operations that a transaction is made of.
        refusal: Makes the error for a failed condition, or a canceled transaction.
        settlement: How a store finds out about a write whose answer was lost.
        accepts: False of what cannot be the answer to this very request: an item of another key,
            rows of another table.
        steps: Reads a large answer bit by bit, and ends with what `read` returns.
        entity: Which of the models of a shared table is meant; empty where it is not shared.
        partition: The attribute of the partition key where the request puts items; what has a key
            names it first.
        seeks: True of one that asks whether a table is there: that there is none is an answer then,
            and no failure.
    """

    name: str
    table: str
    request: Mapping[str, Any]
    read: Callable[[Answer], R]
    effect: Effect = Effect.NONE
    parse: Parse | None = None
    text: bytes | None = None
    deadline: float | None = None
    expressions: Mapping[str, Tree] = _NO_TREES
    parts: tuple[Operation[Any], ...] = ()
    refusal: Callable[[Refusal], DynrepoError] | None = None
    settlement: Settlement | None = None
    accepts: Callable[[Answer], bool] | None = None
    steps: Callable[[Answer], Steps[R]] | None = None
    entity: str = ""
    partition: str = ""
    seeks: bool = False

    def __repr__(self) -> str:
        asked = [_shape(name, value) for name, value in self.request.items()]
        return f"Operation({self.name!r}, {self.table!r}: {', '.join(asked)})"


_OF_ATTRIBUTES = {"Key", "Item", "ExclusiveStartKey"}


def _shape(name: str, value: Any) -> str:
    """The name of a parameter, with those of the attributes in it."""
    return f"{name}({', '.join(value)})" if name in _OF_ATTRIBUTES and value else name


# A class takes a third longer to be called than what makes its instances.
if TYPE_CHECKING:
    new_answer = Answer
    new_operation = Operation
else:
    new_answer = partial(Answer.__new__, Answer)
    new_operation = partial(Operation.__new__, Operation)


def nothing(_: Answer) -> None:
    """Reads an answer of which only matters that it came."""


def exhausted(steps: Steps[R]) -> R:
    """What the reading of an answer ends with, made without a pause."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return cast("R", end.value)
