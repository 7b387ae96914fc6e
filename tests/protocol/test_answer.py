"""An answer is what DynamoDB said, whole and unchanged, or it is none."""

from __future__ import annotations

import json
from typing import Any
from zlib import crc32

import pytest

from dynrepo.operations.operation import Answer, Operation
from dynrepo.protocol.answer import MEMBERS, read, require_members, verify
from dynrepo.protocol.http import Message
from dynrepo.sending.outcomes import AnswerBroken, AnswerEmpty, Refused

FOUND = {"Item": {"id": {"S": "1"}}}


def operation(name: str = "GetItem", **more: Any) -> Operation[Any]:
    """An operation whose answer is read."""
    return Operation(name, "users", {}, lambda answer: answer, **more)


def message(body: Any, status: int = 200, **headers: str) -> Message:
    """A message whose checksum is right."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    told = {"x-amz-crc32": str(crc32(content)), "x-amzn-requestid": "R1", **headers}
    return Message(status, told, content, keep_alive=True)


def test_an_answer() -> None:
    """Its JSON, the id of the request, and how many were sent."""
    answer = read(operation(), message(FOUND), 2)
    assert (answer.body, answer.items, answer.request_id, answer.attempts) == (FOUND, None, "R1", 2)


def test_instances_stand_beside_it() -> None:
    """Where the operation makes them of the text."""
    answer = read(operation(parse=lambda _: ({"Count": 1}, ["made"])), message(FOUND), 1)
    assert (answer.body, answer.items) == ({"Count": 1}, ["made"])


def test_what_is_not_made_of_the_text_is_json() -> None:
    """An odd item is left to the codec."""
    assert read(operation(parse=lambda _: None), message(FOUND), 1).body == FOUND


@pytest.mark.parametrize(
    "broken",
    [
        message(FOUND, **{"x-amz-crc32": "1"}),
        message(b""),
        message([]),
        message(b'{"Item":'),
        message(b'{"Item": NaN}'),
        message({}),
        message(FOUND, 204),
        message(FOUND, 302),
    ],
)
def test_what_is_none(broken: Message) -> None:
    """It may have been applied all the same."""
    with pytest.raises(AnswerBroken):
        read(operation(), broken, 1)


def test_an_answer_without_a_checksum() -> None:
    """Not every engine sends one."""
    content = json.dumps(FOUND).encode()
    assert read(operation(), Message(200, {}, content, keep_alive=True), 1).body == FOUND


@pytest.mark.parametrize(
    ("body", "status", "code", "text"),
    [
        (
            {"__type": "a.b#ThrottlingException:http", "message": "slow"},
            400,
            "ThrottlingException",
            "slow",
        ),
        (
            {"__type": "InternalServerError", "Message": "sorry"},
            500,
            "InternalServerError",
            "sorry",
        ),
        (b"<html>", 503, "503", ""),
    ],
)
def test_a_refusal(body: Any, status: int, code: str, text: str) -> None:
    """Its code, its text, and the answer that it came with, in the shape that botocore gives it."""
    with pytest.raises(Refused) as raised:
        read(operation(), message(body, status), 1)
    response = raised.value.response
    assert raised.value.code == code
    assert response["Error"] == {"Code": code, "Message": text}
    assert response["ResponseMetadata"]["HTTPStatusCode"] == status


def test_a_refusal_shows_what_it_was_refused_for() -> None:
    """The stored item, for one."""
    body = {"__type": "x#ConditionalCheckFailedException", **FOUND}
    with pytest.raises(Refused) as raised:
        read(operation("PutItem"), message(body, 400), 1)
    assert raised.value.response["Item"] == FOUND["Item"]


@pytest.mark.parametrize("name", MEMBERS)
def test_an_answer_that_lost_its_members(name: str) -> None:
    """It does not mean that there is nothing."""
    with pytest.raises(AnswerBroken, match=name) as raised:
        require_members(name, Answer({}))
    may_be_empty = "ConsumedCapacity" in MEMBERS[name]
    assert isinstance(raised.value, AnswerEmpty) is may_be_empty
    if may_be_empty:
        require_members(name, Answer({"ConsumedCapacity": {}}))


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("GetItem", {"Item": []}),
        ("DeleteItem", {"Attributes": None}),
        ("Scan", {"ScannedCount": "1", "Count": 1}),
        ("DescribeTable", {"Table": {}}),
    ],
)
def test_a_member_of_another_type(name: str, body: Any) -> None:
    """It is none, whoever sends."""
    with pytest.raises(AnswerBroken, match=f"{name} has a member of another type"):
        read(operation(name), message(body), 1)
    with pytest.raises(AnswerBroken):
        verify(name, 200, {}, json.dumps(body).encode())


def test_what_has_no_members_of_its_own() -> None:
    """Of other operations nothing is known."""
    require_members("UntagResource", Answer({}))


def test_what_botocore_is_about_to_read() -> None:
    """It takes what is no answer for an empty one."""
    whole = message(FOUND)
    verify("GetItem", 200, whole.headers, bytes(whole.body))
    verify("GetItem", 400, {}, b"<html>")
    for status, body in ((204, b"{}"), (200, b"[]")):
        with pytest.raises(AnswerBroken):
            verify("GetItem", status, {}, body)
    with pytest.raises(AnswerBroken):
        verify("GetItem", 400, {"x-amz-crc32": "1"}, b"{}")


def test_a_body_that_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody takes it for an answer, whoever read it."""
    monkeypatch.setattr("dynrepo.protocol.answer.LARGEST_BODY", 10)
    verify("GetItem", 200, {}, b"{}")
    with pytest.raises(AnswerBroken, match="too long"):
        verify("GetItem", 200, {}, b'{"Item": {}}')
