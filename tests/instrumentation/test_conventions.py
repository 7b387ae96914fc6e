"""Names and attributes are those of OpenTelemetry's semantic conventions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry.semconv import schemas
from opentelemetry.semconv._incubating.attributes import (
    aws_attributes,
    cloud_attributes,
    db_attributes,
)
from opentelemetry.semconv._incubating.metrics import db_metrics
from opentelemetry.semconv.attributes import error_attributes, server_attributes

from dynrepo import (
    ConditionFailed,
    Location,
    NotUnique,
    OutcomeUnknown,
    StoreError,
    Throttled,
    TransactionCanceled,
)
from dynrepo.instrumentation import conventions
from dynrepo.instrumentation.conventions import (
    answer_attributes,
    common_attributes,
    expression_attributes,
    failure_attributes,
    request_attributes,
    span_name,
)
from dynrepo.operations.operation import Effect

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo import Call

    Ended = Callable[..., Call]


def test_every_name_is_one_of_the_conventions() -> None:
    """Attributes, metrics and their units, compared with the package of conventions."""
    known = {
        value
        for module in (
            aws_attributes,
            cloud_attributes,
            db_attributes,
            error_attributes,
            server_attributes,
        )
        for value in vars(module).values()
        if isinstance(value, str)
    }
    ours = {
        value
        for name, value in vars(conventions).items()
        if name.startswith(("DB_", "AWS_", "ERROR_", "SERVER_", "CLOUD_"))
    }
    assert (ours | set(conventions.FROM_REQUEST.values())) - known == set()
    assert len(ours) == 17
    assert db_attributes.DbSystemNameValues.AWS_DYNAMODB.value == conventions.SYSTEM
    assert db_metrics.DB_CLIENT_OPERATION_DURATION == conventions.DURATION
    assert db_metrics.DB_CLIENT_RESPONSE_RETURNED_ROWS == conventions.RETURNED_ROWS
    pool = {name for name in vars(conventions) if name.startswith("CONNECTION_")}
    metrics = set(filter(_is_text, vars(db_metrics).values()))
    assert {getattr(conventions, name) for name in pool} <= known | metrics
    assert len(pool) == 10
    assert conventions.SCHEMA_URL in {schema.value for schema in schemas.Schemas}


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def test_a_write_in_doubt_is_told_as_one(ended: Ended) -> None:
    """Beside its class, where it is a failure; so both kinds can be counted together."""
    lost = ended("PutItem", error=OutcomeUnknown("x"), effect=Effect.ONCE)
    assert failure_attributes(lost) == {
        "error.type": "OutcomeUnknown",
        "dynrepo.in_doubt": True,
    }
    stopped = ended("PutItem", error=SystemExit(1), effect=Effect.ONCE)
    assert failure_attributes(stopped) == {"dynrepo.outcome": "cancelled", "dynrepo.in_doubt": True}
    read = ended(error=SystemExit(1))
    assert failure_attributes(read) == {"dynrepo.outcome": "cancelled"}


def test_a_parameter_is_shown_under_the_name_of_the_conventions() -> None:
    """The attribute is the parameter's own name in the other spelling."""
    for parameter, attribute in conventions.FROM_REQUEST.items():
        words = "".join(word.capitalize() for word in attribute.split(".")[-1].split("_"))
        assert words in {parameter, parameter.replace("Index", "")}


def test_a_call_is_located(ended: Ended) -> None:
    """By operation, table, server and region; what a store does not know is left out."""
    call = ended()
    assert common_attributes(call) == {
        "db.system.name": "aws.dynamodb",
        "db.operation.name": "GetItem",
        "db.collection.name": "notes",
        "server.address": "127.0.0.1",
        "server.port": 8000,
        "cloud.region": "eu-west-1",
    }
    call.locate = Location
    assert set(common_attributes(call)) == {
        "db.system.name",
        "db.operation.name",
        "db.collection.name",
    }


@pytest.mark.parametrize(("keys", "size"), [([{}], None), ([{}, {}], 2)])
def test_a_batch_is_one_from_two_on(ended: Ended, keys: list[Any], size: int | None) -> None:
    """One read of it has no size."""
    call = ended("BatchGetItem", request={"RequestItems": {"notes": {"Keys": keys}}})
    assert dict(request_attributes(call)).get("db.operation.batch.size") == size


def test_what_an_answer_does_not_say_is_left_out(ended: Ended) -> None:
    """Attempts, when there was one; counts, capacity and the request's id."""
    assert dict(answer_attributes(ended("PutItem"))) == {}
    assert dict(answer_attributes(ended(error=Throttled("x", attempts=2, request_id="R")))) == {
        "error.type": "Throttled",
        "dynrepo.attempts": 2,
        "aws.request_id": "R",
    }
    page = {"Count": 1, "ScannedCount": 2, "ConsumedCapacity": {"TableName": "a"}}
    assert dict(answer_attributes(ended("Query", body=page))) == {
        "db.response.returned_rows": 1,
        "aws.dynamodb.count": 1,
        "aws.dynamodb.scanned_count": 2,
        "aws.dynamodb.consumed_capacity": ['{"TableName": "a"}'],
    }


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (StoreError("x", code="ValidationException"), "ValidationException"),
        (ConditionFailed("x", code="ConditionalCheckFailed"), "ConditionalCheckFailedException"),
        (TransactionCanceled("x", reasons=[NotUnique("y")]), "TransactionCanceledException"),
        (StoreError("x"), None),
    ],
)
def test_a_code_is_the_one_of_aws(ended: Ended, error: Exception, code: str | None) -> None:
    """Where AWS gave one."""
    attributes = failure_attributes(ended(error=error))
    assert attributes["error.type"] == type(error).__name__
    assert attributes.get("db.response.status_code") == code
    assert failure_attributes(ended()) == {}


def test_an_expression_has_names_and_placeholders() -> None:
    """A name that the request does not explain stays as it is; no expression, no attribute."""
    request = {
        "UpdateExpression": "SET #0 = :0, #1 = :1",
        "ProjectionExpression": "#0",
        "ExpressionAttributeNames": {"#0": "text"},
    }
    assert expression_attributes(request) == {
        "db.query.text": "UpdateExpression: SET text = :0, #1 = :1",
        "aws.dynamodb.projection": "text",
    }
    assert expression_attributes({}) == {}


def test_names_of_our_own_are_told_from_those_of_the_conventions() -> None:
    """They begin with the name of the library; a metric of ours has none that ends in its unit."""
    own = {
        *(conventions.ATTEMPT_FAILED, conventions.ATTEMPT, conventions.PAUSE),
        *(conventions.BUDGET_SPENT, conventions.RETRIES, conventions.THROTTLES),
        *(conventions.CONSUMED_CAPACITY, conventions.ATTEMPTS, conventions.OUTCOME),
        *(conventions.BUDGET_REFUSALS, conventions.RETRY_BUDGET, conventions.SENDERS),
        *(conventions.SENDER, conventions.SENDER_REASON, conventions.IN_DOUBT),
    }
    assert {name.partition(".")[0] for name in own} == {"dynrepo"}


def test_a_name_of_several_tables_has_none(ended: Ended) -> None:
    """The conventions want a collection where there is one, and leave it out of the name."""
    several = ended("TransactWriteItems", table="a_docs,b_txts")
    assert "db.collection.name" not in common_attributes(several)
    assert span_name(several) == "TransactWriteItems"
    assert span_name(ended("ListTables", table="")) == "ListTables"
    assert span_name(ended()) == "GetItem notes"
