"""The key that a page begins after, from a stranger: one that DynamoDB takes, or InvalidCursor."""

from __future__ import annotations

import json
from contextlib import nullcontext, suppress
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from dynrepo import InvalidCursor, PartitionKey, Repository, SortKey
from dynrepo.operations.cursor import text_of
from dynrepo.operations.start_keys import checked_start
from dynrepo.testing import MemoryStore
from tests.operations.test_cursor import BROKEN, digest_of
from tests.shop import ADA, NOW, Customer, Customers, Order, Orders


class Reading(BaseModel):
    """One of a sensor: keys of each type."""

    sensor: Annotated[str, PartitionKey()]
    number: Annotated[Decimal, SortKey()]
    digest: Annotated[bytes, PartitionKey(index="by_digest")] = b"d"
    kind: Annotated[str, SortKey(index="by_digest")] = "k"


class Readings(Repository[Reading]):
    """The readings of all sensors."""

    table = "readings"


r = Readings.fields
SCHEMA = Readings.schema
TABLE = (SCHEMA.key_schema,)
BOTH = (SCHEMA.key_schema, SCHEMA.indexes["by_digest"])
KEY = {"sensor": {"S": "a"}, "number": {"N": "7"}}
INDEX_KEY = {**KEY, "digest": {"B": "ZA=="}, "kind": {"S": "k"}}
OF_A = r.sensor == "a"


def test_a_key_of_the_query_is_taken() -> None:
    """Of a table, of an index with both keys, of a scan."""
    assert checked_start(KEY, TABLE, OF_A & (r.number >= 7)) is KEY
    assert checked_start(INDEX_KEY, BOTH, (r.digest == b"d") & (r.kind == "k")) is INDEX_KEY
    assert checked_start(INDEX_KEY, BOTH, None) is INDEX_KEY
    assert checked_start({**KEY, "number": {"N": "7.0E+1"}}, TABLE, OF_A) is not None


@pytest.mark.parametrize(
    "found",
    [
        None, [], "x", 5, True, {}, [KEY], {"sensor": {"S": "a"}}, {**KEY, "more": {"S": "a"}},
        INDEX_KEY, {**KEY, "number": "7"}, {**KEY, "number": None}, {**KEY, "number": {}},
        {**KEY, "number": {"S": "7"}}, {**KEY, "number": {"N": 7}}, {**KEY, "number": {"N": ""}},
        {**KEY, "number": {"N": "x"}}, {**KEY, "number": {"N": "NaN"}},
        {**KEY, "number": {"N": "1-2"}}, {**KEY, "number": {"N": "1E999999999"}},
        {**KEY, "number": {"N": "9" * 6000}}, {**KEY, "number": {"N": "7", "S": "7"}},
        {**KEY, "sensor": {"S": ""}}, {**KEY, "sensor": {"S": "a" * 2049}},
        {**KEY, "sensor": {"S": "\ud800"}}, {**KEY, "sensor": {"S": "b"}},
        {**KEY, "sensor": {"S": ["a"]}}, {**KEY, "sensor": {"SS": ["a"]}},
    ],
    ids=lambda found: json.dumps(found)[:60],
)  # fmt: skip
def test_any_other_is_refused(found: Any) -> None:
    """What has other attributes, types, sizes, or is not in the partition."""
    with pytest.raises(InvalidCursor):
        checked_start(found, TABLE, OF_A)


@pytest.mark.parametrize("text", ["", "!", "Z", "ZA", "ä", "ZA==\n", "Zg=="])
def test_a_binary_value_is_base64_of_the_partition(text: str) -> None:
    """As it travels."""
    with pytest.raises(InvalidCursor):
        checked_start({**INDEX_KEY, "digest": {"B": text}}, BOTH, r.digest == b"d")


@pytest.mark.parametrize("text", ["", "a" * 2049, "é" * 1025], ids=["empty", "long", "bytes"])
def test_a_scan_takes_no_key_that_dynamodb_refuses(text: str) -> None:
    """A partition key has 1 to 2,048 bytes, a sort key 1 to 1,024."""
    with pytest.raises(InvalidCursor):
        checked_start({**KEY, "sensor": {"S": text}}, TABLE, None)
    assert checked_start({**KEY, "sensor": {"S": "a" * 2048}}, TABLE, None)
    for size, taken in ((1024, True), (1025, False)):
        found = {**INDEX_KEY, "kind": {"S": "k" * size}}
        with nullcontext() if taken else pytest.raises(InvalidCursor):
            checked_start(found, BOTH, None)


def test_a_key_beside_the_range_is_refused() -> None:
    """DynamoDB says of it that it is outside of the query's boundaries."""
    for condition in (OF_A & (r.number > 7), OF_A & r.number.between(8, 9), OF_A & (r.number < 7)):
        with pytest.raises(InvalidCursor):
            checked_start(KEY, TABLE, condition)


# Through a repository, as a client would: what it makes has the right digest.


def readings() -> Readings:
    """Five readings of a sensor, and one of another."""
    made = Readings(MemoryStore(Readings))
    made.set_many(Reading(sensor="a", number=Decimal(number)) for number in range(5))
    made.set(Reading(sensor="b", number=Decimal(0)))
    return made


READINGS = readings()
QUERY = READINGS.query(OF_A & (r.number >= 1))


def forged(payload: bytes, query: Any = QUERY) -> str:
    """The cursor that whoever has read the source makes for a query that runs."""
    return text_of(b"\x02" + digest_of(payload, query._identity()) + payload)


@pytest.mark.parametrize("payload", BROKEN.values(), ids=BROKEN)
def test_a_page_after_what_is_no_json_is_refused(payload: bytes) -> None:
    """Nothing but InvalidCursor comes of it: no RecursionError, no ValueError of another kind."""
    with pytest.raises(InvalidCursor):
        QUERY.page(2, after=forged(payload))


keys = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["S", "N", "B", "sensor", "number"]), inner, max_size=2)
    ),
    max_leaves=6,
)


@given(
    st.one_of(
        keys,
        st.fixed_dictionaries({"sensor": keys, "number": keys}),
        st.fixed_dictionaries(
            {
                "sensor": st.fixed_dictionaries({"S": st.sampled_from(["a", "b", ""])}),
                "number": st.fixed_dictionaries({"N": st.text("0123456789.eE-+", max_size=6)}),
            }
        ),
    )
)
def test_whatever_json_a_stranger_makes_is_read_or_refused(found: Any) -> None:
    """A page of this query and no other, or InvalidCursor."""
    payload = json.dumps(found).encode()
    try:
        page = QUERY.page(9, after=forged(payload))
    except InvalidCursor:
        return
    assert {item.sensor for item in page} <= {"a"}
    assert all(item.number >= 1 for item in page)


@given(st.data())
def test_a_cursor_that_was_changed_and_sealed_again_is_read_or_refused(data: st.DataObject) -> None:
    """Any bytes in the place of some of its payload, with the digest that fits."""
    payload = bytearray(json.dumps(KEY, separators=(",", ":")).encode())
    start = data.draw(st.integers(0, len(payload)))
    end = data.draw(st.integers(start, min(len(payload), start + 6)))
    payload[start:end] = data.draw(st.binary(max_size=6))
    with suppress(InvalidCursor):
        assert {item.sensor for item in QUERY.page(2, after=forged(bytes(payload)))} <= {"a"}


def test_a_scan_and_an_index_look_at_it_too() -> None:
    """By the keys that they have."""
    for query in (READINGS.scan(), READINGS.scan(index="by_digest"), READINGS.scan(segment=(0, 2))):
        for found in ({**KEY, "more": {"S": "x"}}, {"sensor": {"S": "a"}}, None):
            with pytest.raises(InvalidCursor):
                query.page(2, after=forged(json.dumps(found).encode(), query))
    by_digest = READINGS.query(r.digest == b"d", index="by_digest")
    with pytest.raises(InvalidCursor):
        by_digest.page(2, after=forged(json.dumps(KEY).encode(), by_digest))
    assert by_digest.page(2, after=by_digest.page(2).cursor).items


def test_a_query_that_finds_nothing_has_no_cursors() -> None:
    """One that is none is refused there as well, though no request is sent."""
    nothing = READINGS.query(OF_A & r.number.between(9, 1))
    assert nothing.page(2).items == []
    with pytest.raises(InvalidCursor):
        nothing.page(2, after="x")


def test_a_key_of_a_shared_table_may_be_of_any_entity() -> None:
    """It has what the condition asks of the attributes; nobody's template is asked."""
    customers = Customers(MemoryStore(Customers))
    query = customers.query(Customers.fields.user_id == ADA)
    partition = {"S": f"USER#{ADA}"}
    of_another = {"pk": partition, "sk": {"S": "PROFILE"}}
    assert query.page(2, after=forged(json.dumps(of_another).encode(), query)).items == []
    for found in ({**of_another, "pk": {"S": "USER#b"}}, {"user_id": {"S": str(ADA)}}):
        with pytest.raises(InvalidCursor):
            query.page(2, after=forged(json.dumps(found).encode(), query))
    scan = customers.scan()
    anything = {"pk": {"S": "ORDER#1"}, "sk": {"S": "LINE#1"}}
    assert scan.page(2, after=forged(json.dumps(anything).encode(), scan)).items == []


@pytest.mark.parametrize("secret", ["", "s" * 32], ids=["open", "encrypted"])
def test_pages_of_a_shared_table_and_its_indexes_go_on(secret: str) -> None:
    """Whatever types their attributes have, and whosever row a page ends at."""
    customers = Customers(MemoryStore(Customers, Orders), cursor_secret=secret)
    orders = Orders(customers.store, cursor_secret=secret)
    made = [Customer(user_id=UUID(int=n), email=f"{n}@b", score=n % 2) for n in range(5)]
    customers.set_many(made)
    orders.set_many(
        Order(user_id=ADA, placed=NOW, number=number, status="open") for number in range(5)
    )
    c, o = Customers.fields, Orders.fields
    for query, count in (
        (customers.query(c.score >= -1, index="by_score"), 5),
        (customers.scan(), 5),
        (customers.scan(index="by_mail"), 5),
        (orders.query((o.user_id == ADA) & (o.placed <= NOW), descending=True), 5),
        (orders.query((o.status == "open") & (o.placed == NOW), index="by_status"), 5),
        (customers.query_with(orders, condition=c.user_id == ADA), 5),
    ):
        page = query.page(2)
        read = list(page)
        while page.cursor is not None:
            page = query.page(2, page.cursor)
            read += page
        assert len(read) == count
