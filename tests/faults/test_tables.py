"""Every fault times the verbs of tables, and times the health check: what is said is true."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import boto3
import pytest

from dynrepo import DynamoStore, Status, deadline, errors
from dynrepo.testing.engine import Engine
from tests.faults.ledger import Entries
from tests.faults.proxy import FAULTS, Fault
from tests.stopwatch import Stopwatch
from tests.told import health_told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.faults.proxy import FaultProxy

pytestmark = pytest.mark.engine

each_fault = pytest.mark.parametrize("fault", FAULTS.values(), ids=lambda fault: fault.name)


@pytest.fixture(scope="module")
def tables(engine: Engine) -> Iterator[Callable[[str], bool]]:
    """Whether there is a table, as boto3 sees it at the engine itself."""
    client = boto3.client("dynamodb", endpoint_url=engine.endpoint, region_name=engine.region)

    def is_there(name: str) -> bool:
        try:
            client.describe_table(TableName=name)
        except client.exceptions.ResourceNotFoundException:
            return False
        return True

    yield is_there
    client.close()


@pytest.fixture
def made(engine: Engine, ledger: Entries) -> None:
    """The table, made without a proxy in between."""
    prefix = ledger.store.table_prefix
    store = DynamoStore(endpoint=engine.endpoint, region=engine.region, table_prefix=prefix)
    Entries(store).create_table()
    store.close()


@pytest.fixture
def ledger(proxy: FaultProxy, transport: Any) -> Iterator[Entries]:
    """A repository whose table is its own, and is not there."""
    store = DynamoStore(
        endpoint=proxy.endpoint,
        region=Engine.region,
        table_prefix=f"l{uuid4().hex[:8]}_",
        transport=transport,
    )
    yield Entries(store)
    store.close()


@dataclass(frozen=True)
class TableVerb:
    """A call of a verb, on a table that is there `before` it or not, and then `after` it."""

    name: str
    call: Callable[[Entries], object]
    before: bool
    after: bool


VERBS = (
    TableVerb("create_table", lambda ledger: ledger.create_table(), before=False, after=True),
    TableVerb("ensure_table", lambda ledger: ledger.ensure_table(), before=False, after=True),
    TableVerb("verify_table", lambda ledger: ledger.verify_table(), before=True, after=True),
    TableVerb("connect", lambda ledger: ledger.connect(), before=True, after=True),
    TableVerb(
        "drop_table",
        lambda ledger: ledger.drop_table(confirm=ledger.mapper.table),
        before=True,
        after=False,
    ),
)


@pytest.mark.parametrize("transport", ["auto"])  # both senders meet every fault in the matrix
@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
@each_fault
def test_what_is_said_of_a_table_is_true(
    ledger: Entries,
    proxy: FaultProxy,
    tables: Callable[[str], bool],
    *,
    fault: Fault,
    verb: TableVerb,
    request: pytest.FixtureRequest,
) -> None:
    """Done, not done or unknown: the engine has the table or it has not."""
    if verb.before:
        request.getfixturevalue("made")
    takes_time = fault.slow or "hole" in fault.name
    proxy.spoil(fault, 1)

    said = "done"
    try:
        with deadline(1.5 if takes_time else 10.0):
            verb.call(ledger)
    except errors.OutcomeUnknown:
        said = "unknown"
    except errors.StoreError:
        said = "not done"

    there = tables(ledger.mapper.table)
    true = {"done": {verb.after}, "not done": {verb.before}, "unknown": {verb.before, verb.after}}
    assert there in true[said], said
    if verb.before is verb.after and not takes_time:
        assert said == "done"
    if fault.harmless:
        assert said == "done" or fault.races


@pytest.mark.usefixtures("made")
@each_fault
def test_health_is_true_and_in_time(ledger: Entries, proxy: FaultProxy, fault: Fault) -> None:
    """UP only by a true answer, DOWN by any other, and UP again when the fault is over."""
    unaffected = fault.harmless or "unprocessed" in fault.name
    proxy.spoil(fault)

    watch = Stopwatch()
    spoiled = ledger.health_check()
    took = watch.seconds
    if unaffected and spoiled.status is Status.DOWN:
        spoiled = health_told(ledger.health_check)
    proxy.heal()

    assert spoiled.status is (Status.UP if unaffected else Status.DOWN), spoiled.details
    assert took < 2.5
    # A probe is sent once: its connection may end just then.
    assert Status.UP in (health_told(ledger.health_check).status for _ in range(3))
