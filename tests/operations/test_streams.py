"""Items that come by another way: stream records, export lines."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from dynrepo import Answer, Change, CodecError, PartitionKey, Repository
from tests.shop import ORDER, Customers, Orders


class Blob(BaseModel):
    """An item with bytes at every depth."""

    name: Annotated[str, PartitionKey()]
    raw: bytes = b""
    parts: list[bytes] = []
    marks: frozenset[bytes] = frozenset()
    by_name: dict[str, bytes] = {}


class Blobs(Repository[Blob]):
    """Blobs."""

    table = "blobs"


class Nowhere:
    """A store that is not asked."""

    table_prefix = ""
    deadline = 10.0
    location: Any = None

    def sleep(self, _seconds: float, /) -> None:
        """Does not wait."""

    def execute(self, _: Any) -> Answer:
        """Fails."""
        raise AssertionError


nowhere: Any = Nowhere()
blobs = Blobs(nowhere)
BLOB = Blob(
    name="a", raw=b"\x00", parts=[b"\x01"], marks=frozenset([b"\x02"]), by_name={"x": b"\x03"}
)
WIRE = blobs.schema.encode(BLOB)
BOTO3 = {
    "name": {"S": "a"},
    "raw": {"B": b"\x00"},
    "parts": {"L": [{"B": b"\x01"}]},
    "marks": {"BS": [b"\x02"]},
    "by_name": {"M": {"x": {"B": b"\x03"}}},
}


@pytest.mark.parametrize(
    "item", [WIRE, {"Item": WIRE}, BOTO3], ids=["wire", "export line", "boto3"]
)
def test_an_item_is_decoded(item: Any) -> None:
    """As it travels, as an export has it, as boto3 gives it."""
    assert blobs.decode(item) == BLOB


def test_an_attribute_may_have_the_name_of_an_export_line() -> None:
    """The key tells which it is."""

    class Boxed(BaseModel):
        name: Annotated[str, PartitionKey()]
        Item: str

    class Boxes(Repository[Boxed]):
        table = "boxes"

    boxes = Boxes(nowhere)
    item = {"name": {"S": "a"}, "Item": {"S": "x"}}
    assert boxes.decode(item) == boxes.decode({"Item": item}) == Boxed(name="a", Item="x")


def record(kind: str, **more: Any) -> dict[str, Any]:
    """A record as Lambda hands it over."""
    event = {"eventName": kind, "dynamodb": {"Keys": {"name": {"S": "a"}}, **more}}
    return json.loads(json.dumps(event))  # type: ignore[no-any-return]


def test_a_stream_record_gives_old_and_new() -> None:
    """As far as the view of the stream has them."""
    new = WIRE | {"raw": {"B": b64encode(b"new").decode()}}
    change = blobs.decode_change(record("MODIFY", OldImage=WIRE, NewImage=new))
    assert change == Change(
        "MODIFY", {"name": {"S": "a"}}, BLOB, BLOB.model_copy(update={"raw": b"new"})
    )
    assert blobs.decode_change(record("INSERT", NewImage=WIRE)).old is None
    assert blobs.decode_change(record("REMOVE")).new is None


def test_a_record_tells_what_expired() -> None:
    """DynamoDB's own removals name their author."""
    author = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    assert blobs.decode_change(record("REMOVE") | {"userIdentity": author}).expired
    assert not blobs.decode_change(record("REMOVE")).expired


def test_what_is_no_record_is_refused() -> None:
    """Or no item of the model."""
    with pytest.raises(CodecError, match="without eventName"):
        blobs.decode_change({"Records": []})
    with pytest.raises(CodecError, match=r"Blob\.raw"):
        blobs.decode_change(record("INSERT", NewImage=WIRE | {"raw": {"S": "x"}}))


NAME = {"name": {"S": "hidden"}}
NO_ITEMS: list[Any] = [
    None,
    [],
    "hidden",
    {"name": "hidden"},
    {"Item": "hidden"},
    NAME | {"raw": {}},
    NAME | {"raw": None},
    NAME | {"raw": {"B": 5}},
    NAME | {"raw": {"B": b"", "S": "hidden"}},
    NAME | {"parts": {"L": 5}},
    NAME | {"parts": {"L": [5]}},
    NAME | {"by_name": {"M": "hidden"}},
    NAME | {"marks": {"BS": 5}},
]


@pytest.mark.parametrize("item", NO_ITEMS, ids=range(len(NO_ITEMS)))
def test_what_is_no_dynamodb_json_is_refused(item: Any) -> None:
    """By itself or as an image of a record; the error quotes nothing of it."""
    for read in (
        lambda: blobs.decode(item),
        lambda: blobs.decode_change(record("INSERT") | {"dynamodb": {"Keys": item}}),
        lambda: blobs.decode_change(
            record("INSERT") | {"dynamodb": {"Keys": NAME, "NewImage": item}}
        ),
    ):
        with pytest.raises(CodecError, match=r"^blobs: .*DynamoDB JSON") as caught:
            read()
        assert "hidden" not in f"{caught.value!r} {caught.value.__context__!r}"


NO_RECORDS: list[Any] = [
    None,
    [],
    record("INSERT") | {"dynamodb": None},
    record("INSERT") | {"userIdentity": "x"},
    record("ZZZ"),
    record("INSERT") | {"eventName": []},
]


@pytest.mark.parametrize("wrong", NO_RECORDS, ids=range(len(NO_RECORDS)))
def test_a_record_of_another_shape_is_refused(wrong: Any) -> None:
    """Whatever part of it is another, the kind of event included."""
    with pytest.raises(CodecError, match=r"^blobs: (expected DynamoDB JSON|the eventName of)"):
        blobs.decode_change(wrong)


def test_a_record_of_another_entity_is_refused() -> None:
    """In a shared table, by its key, for there may be no image."""
    of_order = {"eventName": "REMOVE", "dynamodb": {"Keys": Orders.schema.key(ORDER)}}
    assert Orders(nowhere).decode_change(of_order).key == Orders.schema.key(ORDER)
    with pytest.raises(CodecError, match="Customer: the template") as raised:
        Customers(nowhere).decode_change(of_order)
    assert raised.value.key == Orders.schema.key(ORDER)
