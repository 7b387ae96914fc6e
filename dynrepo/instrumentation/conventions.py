"""A call in the words of OpenTelemetry's semantic conventions for databases and DynamoDB.

The names stand here, since the package of conventions pins the version of the API; a test compares
them with it.
https://opentelemetry.io/docs/specs/semconv/db/dynamodb/
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from dynrepo.errors import TransactionCanceled
from dynrepo.instrumentation.call import CANCELLED, one_table
from dynrepo.sending.interrupted import stopped_from_outside

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opentelemetry.metrics import Histogram, Meter

    from dynrepo.instrumentation.call import Call
    from dynrepo.instrumentation.events import AttemptFailed
    from dynrepo.operations.operation import Location

SCHEMA_URL = "https://opentelemetry.io/schemas/1.44.0"
SYSTEM = "aws.dynamodb"

DB_SYSTEM_NAME = "db.system.name"
DB_OPERATION_NAME = "db.operation.name"
DB_OPERATION_BATCH_SIZE = "db.operation.batch.size"
DB_COLLECTION_NAME = "db.collection.name"
DB_QUERY_TEXT = "db.query.text"
DB_RESPONSE_STATUS_CODE = "db.response.status_code"
DB_RESPONSE_RETURNED_ROWS = "db.response.returned_rows"
ERROR_TYPE = "error.type"
SERVER_ADDRESS = "server.address"
SERVER_PORT = "server.port"
CLOUD_REGION = "cloud.region"
AWS_REQUEST_ID = "aws.request_id"
AWS_DYNAMODB_TABLE_NAMES = "aws.dynamodb.table_names"
AWS_DYNAMODB_CONSUMED_CAPACITY = "aws.dynamodb.consumed_capacity"
AWS_DYNAMODB_COUNT = "aws.dynamodb.count"
AWS_DYNAMODB_SCANNED_COUNT = "aws.dynamodb.scanned_count"
AWS_DYNAMODB_PROJECTION = "aws.dynamodb.projection"

FROM_REQUEST = {
    "IndexName": "aws.dynamodb.index_name",
    "ConsistentRead": "aws.dynamodb.consistent_read",
    "Limit": "aws.dynamodb.limit",
    "ScanIndexForward": "aws.dynamodb.scan_forward",
    "Segment": "aws.dynamodb.segment",
    "TotalSegments": "aws.dynamodb.total_segments",
    "Select": "aws.dynamodb.select",
}
"""Parameters of a request that name or count, by the attribute that they are shown as."""

ATTEMPTS = "dynrepo.attempts"
"""Requests sent, where it was more than one; the conventions have no name for it."""

OUTCOME = "dynrepo.outcome"
"""`cancelled`, where the caller's side stopped the call, and absent otherwise.

The conventions have no attribute for it; those for HTTP say that it is no error of the call.
https://opentelemetry.io/docs/specs/semconv/http/http-spans/#status
"""

IN_DOUBT = "dynrepo.in_doubt"
"""True where a write may or may not have been applied, and absent otherwise."""

ATTEMPT_FAILED = "dynrepo.attempt.failed"
"""The event on a span for each request that came to nothing."""

ATTEMPT = "dynrepo.attempt"
"""The number of an attempt, from 1 on."""

PAUSE = "dynrepo.pause"
"""Seconds until a request is sent again, on an event; absent where it is not."""

BUDGET_SPENT = "dynrepo.retry_budget.spent"
"""The event on a span for a request that was not sent again, since no retry was left."""

RETRIES = "dynrepo.client.retries"
THROTTLES = "dynrepo.client.throttles"
CONSUMED_CAPACITY = "dynrepo.client.consumed_capacity"
BUDGET_REFUSALS = "dynrepo.client.retry_budget.refusals"
RETRY_BUDGET = "dynrepo.client.retry_budget"
SENDERS = "dynrepo.client.senders"

SENDER = "dynrepo.sender"
"""Who sends: `direct` or `botocore`."""

SENDER_REASON = "dynrepo.sender.reason"
"""Why: a sentence, of which there are only so many."""

CONNECTION_COUNT = "db.client.connection.count"
CONNECTION_IDLE_MAX = "db.client.connection.idle.max"
CONNECTION_MAX = "db.client.connection.max"
CONNECTION_PENDING = "db.client.connection.pending_requests"
CONNECTION_TIMEOUTS = "db.client.connection.timeouts"
CONNECTION_CREATE_TIME = "db.client.connection.create_time"
CONNECTION_WAIT_TIME = "db.client.connection.wait_time"
CONNECTION_USE_TIME = "db.client.connection.use_time"
CONNECTION_POOL_NAME = "db.client.connection.pool.name"
CONNECTION_STATE = "db.client.connection.state"
DURATION = "db.client.operation.duration"
RETURNED_ROWS = "db.client.response.returned_rows"
DURATION_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]
ROWS_BUCKETS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000]


def common_attributes(call: Call) -> Mapping[str, Any]:
    """What every span and measurement says: what is done, to which table, and where."""
    return _located(call.operation.name, call.operation.table, call.locate())


@lru_cache(maxsize=1024)
def _located(operation: str, table: str, location: Location) -> Mapping[str, Any]:
    named = {
        DB_SYSTEM_NAME: SYSTEM,
        DB_OPERATION_NAME: operation,
        DB_COLLECTION_NAME: one_table(table),  # of several there is none
    }
    return {name: value for name, value in named.items() if value} | place_attributes(location)


def place_attributes(location: Location) -> dict[str, Any]:
    """Where requests go, as far as it is known."""
    url = urlsplit(location.endpoint or "")
    place = {SERVER_ADDRESS: url.hostname, SERVER_PORT: url.port, CLOUD_REGION: location.region}
    return {name: value for name, value in place.items() if value}


def request_attributes(call: Call) -> dict[str, Any]:
    """What the request says besides: tables, index, and how much is asked for."""
    attributes: dict[str, Any] = {AWS_DYNAMODB_TABLE_NAMES: call.tables}
    for parameter, value in call.operation.request.items():
        if (attribute := FROM_REQUEST.get(parameter)) is not None:
            attributes[attribute] = value
    size = call.batch_size
    if size is not None and size > 1:
        attributes[DB_OPERATION_BATCH_SIZE] = size
    return attributes


def answer_attributes(call: Call) -> dict[str, Any]:
    """What the answer, or the error, says: failure, attempts, counts and capacity."""
    attributes: dict[str, Any] = dict(failure_attributes(call))
    answer = call.answer
    if call.attempts > 1:
        attributes[ATTEMPTS] = call.attempts
    if call.request_id:
        attributes[AWS_REQUEST_ID] = call.request_id
    if answer is not None:
        _count(call, answer.body, attributes)
    return attributes


def _count(call: Call, body: Mapping[str, Any], attributes: dict[str, Any]) -> None:
    rows = call.rows
    if rows is not None:
        attributes[DB_RESPONSE_RETURNED_ROWS] = rows
    if "Count" in body:
        attributes[AWS_DYNAMODB_COUNT] = body["Count"]
    if "ScannedCount" in body:
        attributes[AWS_DYNAMODB_SCANNED_COUNT] = body["ScannedCount"]
    if consumed := call.consumed:
        attributes[AWS_DYNAMODB_CONSUMED_CAPACITY] = consumed


def span_name(call: Call) -> str:
    """Operation and table; the operation alone where there are several tables, or none.

    https://opentelemetry.io/docs/specs/semconv/db/database-spans/#name
    """
    return f"{call.operation.name} {one_table(call.operation.table) or ''}".rstrip()


def attempt_attributes(failed: AttemptFailed) -> dict[str, Any]:
    """What is told of an attempt that came to nothing, on its event."""
    attributes: dict[str, Any] = {ATTEMPT: failed.number, **cause_attributes(failed)}
    if failed.request_id is not None:
        attributes[AWS_REQUEST_ID] = failed.request_id
    if failed.pause is not None:
        attributes[PAUSE] = failed.pause
    return attributes


def cause_attributes(failed: AttemptFailed) -> dict[str, str]:
    """Why an attempt came to nothing: the code of AWS, or the class of a local failure."""
    by_aws = {DB_RESPONSE_STATUS_CODE: failed.code} if failed.is_answer else {}
    return {ERROR_TYPE: failed.code, **by_aws}


def failure_attributes(call: Call) -> Mapping[str, str | bool]:
    """The class of an error, and its code where AWS gave one; whether a write is in doubt."""
    if call.error is None:
        return {}
    failure: dict[str, str | bool] = dict(error_attributes(call.error))
    if call.outcome != CANCELLED and (code := _status_code(call)) is not None:
        failure[DB_RESPONSE_STATUS_CODE] = code
    if call.in_doubt:
        failure[IN_DOUBT] = True
    return failure


def error_attributes(error: BaseException) -> Mapping[str, str]:
    """The class of an error; that the call was cancelled, where it was none of the call's own."""
    if stopped_from_outside(error):
        return {OUTCOME: CANCELLED}
    return {ERROR_TYPE: type(error).__name__}


def _status_code(call: Call) -> str | None:
    """The code of AWS; None where it gave none."""
    if isinstance(call.error, TransactionCanceled):
        return "TransactionCanceledException"
    if call.refused:
        return "ConditionalCheckFailedException"
    return None if call.code == type(call.error).__name__ else call.code


def expression_attributes(request: Mapping[str, Any]) -> dict[str, Any]:
    """The request's expressions with attribute names put in; values stay placeholders."""
    names = request.get("ExpressionAttributeNames", {})
    texts = {
        parameter: re.sub(r"#\w+", lambda found: names.get(found[0], found[0]), request[parameter])
        for parameter in (
            "KeyConditionExpression",
            "FilterExpression",
            "ConditionExpression",
            "UpdateExpression",
            "ProjectionExpression",
        )
        if parameter in request
    }
    projection = texts.pop("ProjectionExpression", None)
    recorded = {} if projection is None else {AWS_DYNAMODB_PROJECTION: projection}
    if texts:
        recorded[DB_QUERY_TEXT] = "; ".join(f"{name}: {text}" for name, text in texts.items())
    return recorded


def seconds_measured(meter: Meter, name: str, description: str) -> Histogram:
    """A histogram of seconds, with the buckets of the conventions."""
    return meter.create_histogram(
        name,
        unit="s",
        description=description,
        explicit_bucket_boundaries_advisory=DURATION_BUCKETS,
    )
