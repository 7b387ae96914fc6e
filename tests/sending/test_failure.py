"""What every failure is read as, and what its caller is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import botocore.session
import pytest
from botocore.retries import standard
from pydantic import BaseModel

from dynrepo import PartitionKey, schema_of
from dynrepo.errors import (
    AccessDenied,
    ConditionFailed,
    CredentialsMissing,
    DynrepoError,
    ItemExists,
    OutcomeUnknown,
    StoreError,
    TableNotFound,
    Throttled,
    Timeout,
    Unavailable,
)
from dynrepo.operations.mapper import Mapper
from dynrepo.operations.operation import Effect, Location, Operation
from dynrepo.operations.writes import create_item
from dynrepo.sending.failure import Failure
from dynrepo.sending.outcomes import (
    AnswerBroken,
    AnswerLost,
    AnswerTimedOut,
    ConnectTimedOut,
    CredentialsUnusable,
    DeadlineExceeded,
    InDoubt,
    Misconfigured,
    NotConnected,
    NotSent,
    Refused,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

SECRET = "kirsikka-7319"


class Thing(BaseModel):
    """An item of these tests."""

    id: Annotated[str, PartitionKey()]


TABLE = Mapper("things", schema_of(Thing))


def operation(effect: Effect) -> Operation[Any]:
    """An operation of this effect, without a condition."""
    return Operation("UpdateItem", "things", {"Key": SECRET}, lambda answer: answer, effect)


def response(code: str, status: int = 400, **more: Any) -> dict[str, Any]:
    """An error answer as botocore gives it."""
    metadata = {"HTTPStatusCode": status, "RequestId": "R1"}
    return {"Error": {"Code": code, "Message": SECRET}, "ResponseMetadata": metadata, **more}


def modelled_codes() -> list[str]:
    """The error codes in botocore's model of DynamoDB."""
    model = botocore.session.get_session().get_service_model("dynamodb")
    return sorted(shape.name for shape in model.error_shapes)


# What has a class of its own; every other code was looked at and is a plain `StoreError`, which
# trying again does not cure. A code that botocore learns fails the test until somebody decides.
KINDS: Mapping[str, type[StoreError]] = {
    "IndexNotFoundException": TableNotFound,
    "InternalServerError": Unavailable,
    "LimitExceededException": Throttled,
    "ProvisionedThroughputExceededException": Throttled,
    "ReplicatedWriteConflictException": Throttled,
    "RequestLimitExceeded": Throttled,
    "ResourceNotFoundException": TableNotFound,
    "TableNotFoundException": TableNotFound,
    "ThrottlingException": Throttled,
    "TransactionConflictException": Throttled,
    "TransactionInProgressException": Throttled,
}
PLAIN = {
    # of the verbs: the caller's own mistake, or another request of theirs
    "ConditionalCheckFailedException",
    "DuplicateItemException",
    "IdempotentParameterMismatchException",
    "ItemCollectionSizeLimitExceededException",
    "ResourceInUseException",
    "TransactionCanceledException",
    # of services around the table, which this library does not call
    "BackupInUseException",
    "BackupNotFoundException",
    "ContinuousBackupsUnavailableException",
    "ExportConflictException",
    "ExportNotFoundException",
    "GlobalTableAlreadyExistsException",
    "GlobalTableNotFoundException",
    "ImportConflictException",
    "ImportNotFoundException",
    "InvalidExportTimeException",
    "InvalidRestoreTimeException",
    "PointInTimeRecoveryUnavailableException",
    "PolicyNotFoundException",
    "ReplicaAlreadyExistsException",
    "ReplicaNotFoundException",
    "TableAlreadyExistsException",
    "TableInUseException",
}


@pytest.mark.parametrize("code", modelled_codes())
def test_every_modelled_error_is_decided(code: str) -> None:
    """Each code of botocore's model of DynamoDB has a class, or a plain one by decision."""
    failure = Failure.from_response(response(code))
    assert (code in KINDS) != (code in PLAIN), f"decide what {code} is"
    assert failure.kind is KINDS.get(code, StoreError)
    assert failure.code == code
    assert failure.request_id == "R1"


@pytest.mark.parametrize("code", sorted(standard.ThrottledRetryableChecker._THROTTLED_ERROR_CODES))
def test_what_botocore_takes_for_throttling_is_throttled(code: str) -> None:
    """No code that asks to slow down is taken for a refusal."""
    assert Failure.from_response(response(code)).kind is Throttled


@pytest.mark.parametrize(
    "code",
    [
        "AccessDenied",
        "AccessDeniedException",
        "ExpiredTokenException",
        "IncompleteSignatureException",
        "InvalidSignatureException",
        "MissingAuthenticationTokenException",
        "OptInRequired",
        "UnrecognizedClientException",
    ],
)
def test_refused_credentials_are_access_denied(code: str) -> None:
    """Expired, forged and powerless credentials alike; trying again does not help."""
    failure = Failure.from_response(response(code))
    assert failure.kind is AccessDenied
    assert not failure.retryable


@pytest.mark.parametrize("code", ["InternalServerError", "ServiceUnavailable", "500", "Whatever"])
@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_fault_of_the_server_leaves_a_write_in_doubt(code: str, status: int) -> None:
    """Whatever the body says: a 5xx may come after the write."""
    failure = Failure.from_response(response(code, status))
    assert failure.kind is Unavailable
    assert failure.in_doubt
    assert failure.retryable


@pytest.mark.parametrize("code", ["ValidationException", "SerializationException", "418"])
def test_a_refused_request_was_not_applied(code: str) -> None:
    """A 4xx is certain, and final."""
    failure = Failure.from_response(response(code))
    assert (failure.kind, failure.in_doubt, failure.retryable) == (StoreError, False, False)


LOCAL = [
    (NotSent(), Unavailable, False),
    (NotConnected(), Unavailable, False),
    (ConnectTimedOut(), Timeout, False),
    (DeadlineExceeded(), Timeout, False),
    (CredentialsUnusable(), CredentialsMissing, False),
    (Misconfigured(), StoreError, False),
    (InDoubt(), Unavailable, True),
    (AnswerTimedOut(), Timeout, True),
    (AnswerLost(), Unavailable, True),
    (AnswerBroken(), Unavailable, True),
    (TimeoutError(), Timeout, True),
    (ConnectionResetError(), Unavailable, True),
    (BrokenPipeError(), Unavailable, True),
    (ConnectionRefusedError(), Unavailable, False),
    (RuntimeError(SECRET), StoreError, True),
]


@pytest.mark.parametrize(
    ("error", "kind", "in_doubt"),
    LOCAL,
    ids=[f"{n}-{type(e).__name__}" for n, (e, *_) in enumerate(LOCAL)],
)
def test_a_local_failure_has_a_class(
    error: Exception,
    kind: type[StoreError],
    in_doubt: bool,  # noqa: FBT001
) -> None:
    """What went wrong on this side is told apart by whether the request may have been applied."""
    failure = Failure.from_exception(error)
    assert (failure.kind, failure.in_doubt) == (kind, in_doubt)
    assert failure.code == type(error).__name__


def test_an_outcome_may_stand_for_another_error() -> None:
    """Then its code is that error's class, and its remedy is what the caller reads."""
    failure = Failure.from_exception(NotSent(code="Odd", remedy="turn it round"))
    assert failure.code == "Odd"
    assert str(failure.verdict(operation(Effect.NONE))).endswith("failed: turn it round")


def test_doubt_stays_through_later_attempts() -> None:
    """A write whose first answer was lost may be applied, whatever the second attempt says."""
    lost = Failure.from_exception(AnswerTimedOut())
    throttled = Failure.from_exception(Refused(response("ThrottlingException")), after=lost)
    assert throttled.in_doubt
    assert isinstance(throttled.verdict(operation(Effect.REPEATABLE)), OutcomeUnknown)


@pytest.mark.parametrize("effect", [Effect.ONCE, Effect.REPEATABLE])
def test_a_lost_answer_of_a_write_is_an_unknown_outcome(effect: Effect) -> None:
    """Its error tells what is known: the code, the request and the attempts."""
    error = Failure.from_response(response("InternalServerError", 500)).verdict(
        operation(effect), 3
    )
    assert isinstance(error, OutcomeUnknown)
    assert (error.code, error.request_id, error.attempts) == ("InternalServerError", "R1", 3)


def test_a_lost_answer_of_a_read_is_just_a_failure() -> None:
    """Nothing can have been written."""
    error = Failure.from_response(response("InternalServerError", 500)).verdict(
        operation(Effect.NONE), 4
    )
    assert isinstance(error, Unavailable)
    assert (error.code, error.request_id, error.retryable, error.attempts) == (
        "InternalServerError",
        "R1",
        True,
        4,
    )


def test_a_failed_condition_is_told_by_its_operation() -> None:
    """With the item that stood in the way."""
    answer = response("ConditionalCheckFailedException", Item={"id": {"S": "1"}})
    error = Failure.from_response(answer).verdict(create_item(TABLE, Thing(id="1")))
    assert isinstance(error, ItemExists)
    assert error.item == Thing(id="1")
    assert error.request_id == "R1"


def test_a_failed_condition_that_shows_no_model_has_no_item() -> None:
    """A stored row that is not the model does not hide that the key is taken."""
    answer = response("ConditionalCheckFailedException", Item={"id": {"N": "1"}})
    error = Failure.from_response(answer).verdict(create_item(TABLE, Thing(id="1")))
    assert isinstance(error, ConditionFailed)
    assert error.item is None


@pytest.mark.parametrize("code", [*modelled_codes(), "ValidationException", "Whatever"])
@pytest.mark.parametrize("effect", Effect)
@pytest.mark.parametrize("status", [400, 500])
def test_no_message_shows_what_the_engine_quoted(code: str, effect: Effect, status: int) -> None:
    """DynamoDB quotes keys and values in its messages; the caller's error names the code."""
    error = Failure.from_response(response(code, status)).verdict(operation(effect))
    assert isinstance(error, DynrepoError)
    assert SECRET not in str(error)
    assert SECRET not in repr(error)
    assert "things" in str(error)


@pytest.mark.parametrize(
    ("codes", "retryable"),
    [
        (["None", "TransactionConflict"], True),
        (["ThrottlingError", "ProvisionedThroughputExceeded"], True),
        (["TransactionConflict", "ConditionalCheckFailed"], False),
        (["ValidationError"], False),
        (["None"], False),
        ([], False),
    ],
)
def test_a_transaction_that_only_met_load_may_be_tried_again(
    codes: list[str],
    retryable: bool,  # noqa: FBT001
) -> None:
    """A conflict with another one passes; a condition that failed does not."""
    reasons = [{"Code": code} for code in codes]
    failure = Failure.from_response(
        response("TransactionCanceledException", CancellationReasons=reasons)
    )
    assert (failure.retryable, failure.in_doubt) == (retryable, False)


HERE = Location("eu-west-1", "http://127.0.0.1:8000")
NO_INDEX = "The table does not have the specified index: by_mail"


@pytest.mark.parametrize(
    ("code", "sentence", "index", "said"),
    [
        ("ResourceNotFoundException", "Requested resource not found", None, "no such table"),
        ("ResourceNotFoundException", "", "by_mail", "no such table, or no index by_mail"),
        ("ValidationException", NO_INDEX, "by_mail", "no index by_mail"),
        ("ValidationException", NO_INDEX.partition(":")[0], "by_mail", "no index by_mail"),
        (
            "ValidationException",
            "Invalid index: by_mail for table: things. Available indexes are: by_name",
            "by_mail",
            "no index by_mail",
        ),
    ],
)
def test_what_is_missing_is_named_with_its_place_and_its_cure(
    code: str, sentence: str, index: str | None, said: str
) -> None:
    """A table and an index alike, whatever code the engine has for it."""
    request = {} if index is None else {"IndexName": index}
    asked = Operation[Any]("Query", "things", request, lambda answer: answer)
    failure = Failure.from_response({"Error": {"Code": code, "Message": sentence}})
    error = failure.verdict(asked, 1, HERE)
    assert type(error) is TableNotFound
    assert not error.retryable
    assert str(error) == (
        f"Query on things failed: {said} in eu-west-1 at http://127.0.0.1:8000;"
        " ensure_table() makes it"
    )
    assert str(failure.verdict(asked)).endswith(f"failed: {said}; ensure_table() makes it")


def test_tables_in_this_process_have_no_address() -> None:
    """What is said of them is the same in each run."""
    asked = Operation[Any]("Query", "things", {}, lambda answer: answer)
    failure = Failure.from_response({"Error": {"Code": "ResourceNotFoundException"}})
    error = failure.verdict(asked, 1, Location("memory", "memory://dynrepo/7f33def97c90"))
    assert str(error).endswith("no such table in memory; ensure_table() makes it")


def test_the_sentence_of_the_service_is_told_where_it_is_known() -> None:
    """Beside the code; an unknown one, or none, leaves the code alone."""

    def told(**error: Any) -> str:
        shown = {"Error": {"Code": "ValidationException", **error}}
        return str(Failure.from_response(shown).verdict(operation(Effect.NONE)))

    missing = "One or more parameter values were invalid: Missing the key id in the item"
    assert told(Message=missing) == f"UpdateItem on things failed: ValidationException: {missing}"
    for unknown in ({"Message": SECRET}, {"Message": ""}, {"Message": None}, {}):
        assert told(**unknown) == "UpdateItem on things failed: ValidationException"


def test_the_sentence_of_a_reason_is_told_where_it_is_known() -> None:
    """Of each write of a transaction that was canceled."""
    reasons = [
        {"Code": "ValidationError", "Message": "Item size to update has exceeded the maximum"},
        {"Code": "ValidationError", "Message": "Item size has exceeded the maximum allowed size"},
    ]
    canceled = response("TransactionCanceledException", CancellationReasons=reasons)
    refusal = Failure.from_response(canceled)._refusal(1)
    assert [reason.sentence for reason in refusal.reasons] == ["", reasons[1]["Message"]]
