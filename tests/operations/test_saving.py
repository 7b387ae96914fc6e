"""What a save sends is what its trees say, whoever saved before it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import AwareDatetime, BaseModel

from dynrepo import (
    AccessDenied,
    ConditionFailed,
    CreatedAt,
    ForwardingStore,
    OutcomeUnknown,
    PartitionKey,
    Repository,
    Throttled,
    UpdatedAt,
    Version,
)
from dynrepo.clock import ends_at
from dynrepo.expressions.trees import render
from dynrepo.operations.mapper import Mapper
from dynrepo.operations.saving import TRIES, saving
from dynrepo.operations.writes import encoded_item
from dynrepo.schema.entity import schema_of
from dynrepo.testing import MemoryStore, faults

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo import Answer, Operation

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


class Note(BaseModel, extra="allow"):
    """An item whose attributes are seldom the same."""

    name: Annotated[str, PartitionKey()]
    text: str | None = None
    tags: frozenset[str] = frozenset()
    created: Annotated[AwareDatetime | None, CreatedAt()] = None
    version: Annotated[int, Version()] = 0


class Key(BaseModel):
    """Nothing but a key."""

    name: Annotated[str, PartitionKey()]


class Label(BaseModel):
    """A key, and what there may be beside it."""

    name: Annotated[str, PartitionKey()]
    text: str | None = None
    tags: frozenset[str] = frozenset()


class Labels(Repository[Label]):
    """The labels."""

    table = "labels"


class Dated(Label):
    """A label that says when it was written."""

    updated: Annotated[AwareDatetime | None, UpdatedAt()] = None


class DatedLabels(Repository[Dated]):
    """The labels with their times."""

    table = "labels"


class Meddling(ForwardingStore):
    """A store in whose table somebody else writes before each request, as long as they like."""

    def __init__(self, *writes: Callable[[Labels], object]) -> None:
        super().__init__(MemoryStore(Labels))
        self._others = Labels(self.below, instruments=())
        self._writes = list(writes)
        self.sent: list[Operation[Any]] = []
        self.ends: set[float] = set()

    def execute(self, operation: Operation[Any], /) -> Answer:
        """Lets somebody else write first."""
        self.sent.append(operation)
        self.ends.add(ends_at(self.deadline))
        if self._writes:
            self._writes.pop(0)(self._others)
        return super().execute(operation)


def nobody(_: Labels) -> None:
    """Leaves the table alone."""


def theirs(others: Labels) -> None:
    """Makes the item of another."""
    others.set(Label(name="a", text="theirs"))


def gone(others: Labels) -> None:
    """Deletes it."""
    others.delete("a")


def saved(item: BaseModel) -> tuple[dict[str, Any], Any]:
    """The parameters and the trees of a save."""
    table: Mapper[Any] = Mapper("notes", schema_of(type(item)), clock=lambda: NOON)
    return saving(table, item, encoded_item(table, item)[0], table.schema.key(item))


@pytest.mark.parametrize(
    "item",
    [
        Note(name="a"),
        Note(name="a", text="x", tags=frozenset({"b"})),
        Note(name="b", text="y", version=3),
        Note(name="b", text="z", version=4, created=NOON),
        Note(name="b", version=1, others=7),  # type: ignore[call-arg]
        Key(name="c"),
        Label(name="c"),
        Label(name="c", text="x"),
    ],
)
def test_the_text_is_that_of_the_trees(item: BaseModel) -> None:
    """First, and again with the values of the second item in it."""
    for one in (item, item.model_copy()):
        parameters, trees = saved(one)
        assert parameters == render(trees)
        assert list(trees) == [one for one in parameters if one.endswith("Expression")]


def test_values_are_those_of_the_item() -> None:
    """Not those of the item for which the text was made."""
    first, second = (saved(Note(name="a", text=text, version=2))[0] for text in ("x", "y"))
    assert first["UpdateExpression"] == second["UpdateExpression"]
    values = second["ExpressionAttributeValues"]
    assert {"S": "y"} in values.values()
    assert {"S": "x"} not in values.values()
    assert {"N": "2"} in values.values()


def test_an_attribute_of_any_name_is_saved() -> None:
    """Brackets in it are no index."""
    parameters, _ = saved(Note.model_validate({"name": "a", "x[0]": 1}))
    assert "x[0]" in parameters["ExpressionAttributeNames"].values()


def test_a_save_of_a_value_is_one_request_without_a_condition() -> None:
    """And so is one that only removes, where the item is there."""
    labels = Labels(store := Meddling())
    labels.save(Label(name="a", text="x"))
    (first,) = store.sent
    assert "ConditionExpression" not in first.request
    assert labels.save(Label(name="a")) == labels.require("a") == Label(name="a")
    assert [operation.name for operation in store.sent] == ["UpdateItem", "UpdateItem", "GetItem"]


def test_a_save_of_a_time_makes_an_item_by_one_request() -> None:
    """For a time is always written."""
    labels = DatedLabels(store := Meddling())
    assert labels.save(Dated(name="a")).updated is not None
    assert [operation.name for operation in store.sent] == ["UpdateItem"]
    assert labels.update("b", DatedLabels.fields.text.remove(), upsert=True).updated is not None


def test_what_others_make_meanwhile_is_removed_from() -> None:
    """What is saved is what is stored: their text does not stay."""
    labels = Labels(Meddling(nobody, theirs))
    assert labels.save(Label(name="a")) == labels.require("a") == Label(name="a")


def test_its_requests_have_the_time_of_one_call() -> None:
    """They end together, however many there are."""
    Labels(store := Meddling(nobody, theirs)).save(Label(name="a"))
    assert len(store.sent) == 3
    assert len(store.ends) == 1


def test_an_item_that_is_always_made_and_deleted_is_given_up() -> None:
    """After three rounds, as what it is: nothing of it was written."""
    labels = Labels(store := Meddling(*[gone, theirs] * TRIES))
    with pytest.raises(ConditionFailed, match="no item is stored"):
        labels.save(Label(name="a"))
    assert len(store.sent) == 2 * TRIES
    assert labels.require("a").text == "theirs"


def removes(operation: Operation[Any]) -> bool:
    """Whether it is the first request of such a save."""
    return "UpdateExpression" in operation.request


def makes(operation: Operation[Any]) -> bool:
    """Whether it is the second."""
    return operation.name == "UpdateItem" and not removes(operation)


@pytest.mark.parametrize("which", [removes, makes])
@pytest.mark.parametrize("fault", [faults.lost_reply, faults.server_error])
def test_a_request_in_doubt_is_sent_again(which: Any, fault: Any) -> None:
    """A repeat that finds no item says that there is one to be made."""
    labels = Labels(store := MemoryStore(Labels))
    store.inject(fault(), when=which)
    assert labels.save(Label(name="a")) == labels.require("a") == Label(name="a")


def test_a_removal_in_doubt_is_told_where_no_item_can_be_made() -> None:
    """For it may be on its way still; without a doubt the second request says what is."""
    labels = Labels(store := MemoryStore(Labels))
    store.inject(faults.refusal("AccessDeniedException"), when=makes, times=None)
    with pytest.raises(AccessDenied):
        labels.save(Label(name="a"))
    store.inject(faults.server_error(), when=removes)
    with pytest.raises(OutcomeUnknown, match="ConditionalCheckFailed") as caught:
        labels.save(Label(name="a"))
    assert isinstance(caught.value.__cause__, AccessDenied)
    assert not labels.exists("a")


@pytest.mark.parametrize("which", [removes, makes])
def test_an_item_that_is_surely_not_made_is_told_so(which: Any) -> None:
    """And one that may have been made, too."""
    labels = Labels(store := MemoryStore(Labels))
    for fault, kind in ((faults.throttling, Throttled), (faults.server_error, OutcomeUnknown)):
        with store.inject(fault(), when=which, times=None), pytest.raises(kind):
            labels.save(Label(name="a"))
    assert not labels.exists("a")


def test_its_requests_are_two_spans_below_one() -> None:
    """As those of every verb that sends more than one."""
    labels = Labels(MemoryStore(Labels))
    spans = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    labels.use_tracer(provider)
    labels.save(Label(name="a"))
    *below, above = spans.get_finished_spans()
    assert [span.name for span in below] == ["UpdateItem labels"] * 2
    assert above.name == "Labels.save"
    assert above.context is not None
    assert {span.parent and span.parent.span_id for span in below} == {above.context.span_id}
