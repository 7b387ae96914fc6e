"""Indexes of a shared table whose keys are attributes of items, over memory, moto and MiniStack.

A complaint and its comments, as in a design that AWS has published:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/data-modeling-complaint-management.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel

from dynrepo import Attribute, Index, Key, Repository, SharedTable, Version
from dynrepo.operations.operation import Operation, nothing
from dynrepo.testing.contract import RepositoryContract

if TYPE_CHECKING:
    from dynrepo import Store


class Table(SharedTable):
    """No mark: sort keys tell complaints and comments apart."""

    table = "complaints"
    key = Key("PK", "SK")
    by_customer = Index("customer_id", "complaint_id")
    by_escalation = Index("escalated_to", "escalation_time")
    by_weight = Index("severity", "weight", types=("S", "N"))


class Complaint(BaseModel):
    """Escalated to an agent, or to nobody."""

    complaint_id: str
    customer_id: str
    agent: Annotated[str | None, Attribute("escalated_to")] = None
    escalation_time: str | None = None
    severity: str = "P2"
    weight: int = 0
    version: Annotated[int, Version()] = 0


class Comment(BaseModel):
    """In the partition of the complaint."""

    complaint_id: str
    comm_date: str
    text: str = ""


class Complaints(Repository[Complaint]):
    """What is found by an index is an attribute of the item already."""

    place = Table.place(
        "{complaint_id}",
        "metadata",
        by_customer=Table.by_customer("{customer_id}", "{complaint_id}"),
        escalations=Table.by_escalation("{agent}", "{escalation_time}"),
        by_weight=Table.by_weight("{severity}", "{weight}"),
    )


class Comments(Repository[Comment]):
    """In no index."""

    place = Table.place("{complaint_id}", "comm#{comm_date}")


QUIET = Complaint(complaint_id="Complaint123", customer_id="custABC")
LOUD = Complaint(
    complaint_id="Complaint1444",
    customer_id="custABC",
    agent="AgentB",
    escalation_time="2023-01-03T04:00:07",
    severity="P1",
    weight=-3,
)


class TestComplaints(RepositoryContract):
    """The contract of every repository."""

    repository = Complaints

    @pytest.fixture
    def store(self, stores: Store) -> Store:
        """Each of them in turn."""
        return stores

    def make_item(self, number: int) -> Complaint:
        """A complaint that is in every index."""
        return LOUD.model_copy(update={"complaint_id": f"Complaint{number}"})


@pytest.fixture
def complaints(stores: Store) -> Complaints:
    """Both complaints, with a comment of each."""
    repository = Complaints(stores)
    repository.create_table()
    for complaint in (QUIET, LOUD):
        repository.create(complaint)
        Comments(stores).create(Comment(complaint_id=complaint.complaint_id, comm_date="2023"))
    return repository


def test_an_item_has_one_attribute_for_a_field_and_an_index() -> None:
    """So that rows are those of the design, and None is absent."""
    item = Complaints.schema.encode(LOUD)
    assert item == {
        "PK": {"S": "Complaint1444"},
        "SK": {"S": "metadata"},
        "complaint_id": {"S": "Complaint1444"},
        "customer_id": {"S": "custABC"},
        "escalated_to": {"S": "AgentB"},
        "escalation_time": {"S": "2023-01-03T04:00:07"},
        "severity": {"S": "P1"},
        "weight": {"N": "-3"},
        "version": {"N": "0"},
    }
    assert "escalated_to" not in Complaints.schema.encode(QUIET)


def test_the_index_is_queried_by_the_field(complaints: Complaints) -> None:
    """Which is found in it while it has a value."""
    c = complaints.fields
    of_customer = complaints.query(c.customer_id == "custABC", index="by_customer")
    assert [it.complaint_id for it in of_customer] == ["Complaint123", "Complaint1444"]
    escalated = complaints.query(
        (c.agent == "AgentB") & (c.escalation_time >= "2023"), index="escalations"
    )
    assert [it.complaint_id for it in escalated] == ["Complaint1444"]
    low = complaints.query((c.severity == "P1") & (c.weight < 0), index="by_weight")
    assert low.count() == 1
    assert complaints.scan().count() == 2


def test_an_update_changes_the_field_by_any_action(complaints: Complaints) -> None:
    """A counter that is the key of an index among them; no other field is asked for."""
    c = complaints.fields
    complaints.update("Complaint123", c.agent.set("AgentC"), c.escalation_time.set("2024"))
    complaints.update("Complaint123", c.weight.add(2))
    found = complaints.query(c.agent == "AgentC", index="escalations").all()
    assert [it.weight for it in found] == [2]
    heavy = complaints.query((c.severity == "P2") & (c.weight > 1), index="by_weight")
    assert heavy.count() == 1
    complaints.update("Complaint123", c.agent.remove())
    assert complaints.query(c.agent == "AgentC", index="escalations").all() == []

    changed = complaints.edit(
        "Complaint123", lambda it: it.model_copy(update={"agent": "AgentD", "weight": 9})
    )
    assert complaints.query(c.agent == "AgentD", index="escalations").all() == [changed]
    complaints.save(changed.model_copy(update={"agent": None}))
    assert complaints.query(c.agent == "AgentD", index="escalations").all() == []


def test_a_row_of_others_is_read_by_the_index(complaints: Complaints, stores: Store) -> None:
    """Without a word about it: there is nothing that it could lack."""
    row: dict[str, Any] = Complaints.schema.encode(LOUD) | {"PK": {"S": "C9"}}
    row["complaint_id"] = {"S": "C9"}
    table = complaints.mapper.table
    stores.execute(Operation("PutItem", table, {"TableName": table, "Item": row}, nothing))
    c = complaints.fields
    found = complaints.query(c.agent == "AgentB", index="escalations").all()
    assert {it.complaint_id for it in found} == {"Complaint1444", "C9"}
    assert not complaints.verify_table(sample="all")
    assert complaints.rekey().repaired == 0


def test_the_key_of_an_index_is_no_filter_of_it(complaints: Complaints) -> None:
    """DynamoDB takes none; in a query of the table it is one."""
    c = complaints.fields
    with pytest.raises(ValueError, match=r"where= cannot ask for the key's escalation_time"):
        complaints.query(c.agent == "A", where=c.escalation_time == "x", index="escalations")
    found = complaints.query(c.complaint_id == "Complaint1444", where=c.agent == "AgentB")
    assert found.count() == 1


class Reply(BaseModel):
    """With the attributes of an index that it has no place in."""

    complaint_id: str
    customer_id: str


class Replies(Repository[Reply]):
    """Rows of it are in the index all the same."""

    place = Table.place("{complaint_id}", "reply#{customer_id}")


def test_a_query_leaves_out_what_is_in_the_index_by_its_fields(
    complaints: Complaints, stores: Store
) -> None:
    """As it does what is there by a template."""
    Replies(stores).create(Reply(complaint_id="Complaint123", customer_id="custABC"))
    c = complaints.fields
    of_customer = complaints.query(c.customer_id == "custABC", index="by_customer")
    assert [it.complaint_id for it in of_customer] == ["Complaint123", "Complaint1444"]
    assert of_customer.count() == 2
