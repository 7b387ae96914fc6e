"""A refusal looks like an error answer of DynamoDB."""

from __future__ import annotations

from dynrepo.testing.refusals import invalid, refused


def test_a_refusal_has_what_an_error_answer_has() -> None:
    """Code, message, status, an id of the request, and whatever goes with it."""
    refusal = refused("SomeException", "so it is", status=418, Item={"a": {"S": "x"}})
    assert (refusal.code, refusal.response["Item"]) == ("SomeException", {"a": {"S": "x"}})
    assert refusal.response["Error"] == {"Code": "SomeException", "Message": "so it is"}
    assert refusal.response["ResponseMetadata"]["HTTPStatusCode"] == 418


def test_a_request_that_is_not_valid_is_the_callers_fault() -> None:
    """By DynamoDB's code for it."""
    refusal = invalid("so it is not")
    assert refusal.code == "ValidationException"
    assert refusal.response["ResponseMetadata"]["HTTPStatusCode"] == 400
