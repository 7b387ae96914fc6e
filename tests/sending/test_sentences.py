"""Sentences as DynamoDB and its engines say them, each with a value that nobody may be told."""

from __future__ import annotations

import asyncio
import logging
import pickle
import traceback
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import BaseModel

from dynrepo import AsyncRepository, DynrepoError, PartitionKey, Repository
from dynrepo.instrumentation.logs import LogInstrument
from dynrepo.instrumentation.otel import SpanInstrument
from dynrepo.sending.sentences import KEPT, SENTENCES, TOLD
from dynrepo.sending.told import told_sentence
from dynrepo.testing import MemoryStore
from dynrepo.testing.faults import refusal

if TYPE_CHECKING:
    from collections.abc import Callable

_RECORDED = r"""
1 validation error detected: Value 'kirsikka' at 'tableName' failed to satisfy constraint: Member must have length less than or equal to 255
    Value ... at 'tableName' failed
1 validation error detected: Value '[kirsikka]' at 'requestItems.kirsikka.member.keys' failed to satisfy constraint: Member must have length less than or equal to 100
    to 100
1 validation error detected: Value '[AttributeValue(kirsikka)]' at 'transactItems' failed to satisfy constraint: Member must have length less than or equal to 100
    'transactItems'
1 validation error detected: Value 'kirsikka' at 'clientRequestToken' failed to satisfy constraint: Member must have length less than or equal to 36
    or equal to 36
1 validation error detected: Value 'kirsikka!' at 'tableName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+
    pattern: [a-zA-Z0-9_.-]+
1 validation error detected: Value 'kirsikka' at 'returnConsumedCapacity' failed to satisfy constraint: Member must satisfy enum value set: [INDEXES, TOTAL, NONE]
    enum value set: [INDEXES, TOTAL, NONE]
1 validation error detected: Value '-731973197319' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1
    'limit' failed to satisfy constraint: Member must have value greater than or equal to 1
1 validation error detected: Value '[kirsikka]' at 'requestItems.notes.member' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to 25, Member must have length greater than or equal to 1]
    at 'requestItems...' failed
1 validation error detected: Value 'x' at 'kirsikka' at 'indexName' failed to satisfy constraint: Member must have length greater than or equal to 3
    Value ... at 'indexName' failed
2 validation errors detected: Value 'kirsikka' at 'tableName' failed to satisfy constraint: Member must have length less than or equal to 255; Value null at 'key' failed to satisfy constraint: Member must not be null
    2 validation errors detected: ...
1 validation error detected: Value 'kirsikka' at 'x' failed to satisfy constraint: Member must be kirsikka
    -
One or more parameter values were invalid: Input collection [kirsikka, kirsikka] contains duplicates.
    ... contains duplicates.
One or more parameter values were invalid: Input collection [a2lyc2lra2E=, kirsikka]of type BS contains duplicates.
    of type BS contains duplicates.
ExpressionAttributeValues contains invalid value: One or more parameter values were invalid: Input collection [kirsikka] contains duplicates.
    Input collection ... contains duplicates.
The parameter cannot be converted to a numeric value: kirsikka
    numeric value: ...
ExpressionAttributeValues contains invalid value: The parameter cannot be converted to a numeric value: kirsikka for key :v
    numeric value: ...
Nesting Levels have exceeded supported limits: kirsikka
    supported limits: ...
One or more parameter values were invalid: Type mismatch for key id expected: S actual: kirsikka 731973197319
    -
One or more parameter values were invalid: Missing the key id in the item kirsikka
    -
One or more parameter values were invalid: Missing the key kirsikka = 731973197319 in the item
    -
One or more parameter values were invalid: . Invalid type for parameter Item, value: kirsikka, type: <class 'str'>
    -
Invalid KeyConditionExpression: The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {S:kirsikka}, upper bound operand: AttributeValue: {S:a}
    lower bound; ...
Invalid ConditionExpression: The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {S:kirsikka}, upper bound operand: AttributeValue: {S:a}
    lower bound; ...
Invalid FilterExpression: The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: AttributeValue: {S:kirsikka}, upper bound operand: AttributeValue: {S:a}
    upper bounds; ...
Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [prefs, kirsikka], path two: [prefs]
    overlap with each other; ...
Invalid UpdateExpression: Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [prefs, kirsikka], path two: [prefs]
    conflict with
Invalid ProjectionExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [prefs, kirsikka], path two: [prefs]
    overlap with
1 validation error detected: Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [prefs, kirsikka], path two: [prefs]
    overlap with
Invalid UpdateExpression: Syntax error; token: "kirsikka", near: "= kirsikka ,"
    Syntax error; ...
Invalid ConditionExpression: Syntax error; token: "731973197319", near: "= 731973197319 AND"
    Syntax error; ...
Invalid FilterExpression: Syntax error; token: "\n", near: "kirsikka"
    Syntax error; ...
Invalid KeyConditionExpression: Syntax error; token: "kirsikka", near: ""
    Syntax error; ...
Invalid ProjectionExpression: Syntax error; token: "kirsikka", near: ""
    Syntax error; ...
Invalid FilterExpression: Invalid function name; function: kirsikka
    function: ...
Invalid FilterExpression: The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [kirsikka]
    operator: =, first operand: ...
Invalid ConditionExpression: Expression size has exceeded the maximum allowed size; kirsikka
    size;...
Value provided in ExpressionAttributeNames unused in expressions: keys: {#kirsikka}
    keys: ...
Value provided in ExpressionAttributeValues unused in expressions: keys: {:kirsikka}
    keys: ...
ExpressionAttributeNames contains invalid key: Syntax error; key: "kirsikka"
    error; ...
ExpressionAttributeValues contains invalid key: Syntax error; key: "kirsikka"
    error; ...
Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {kirsikka} Expression parameters: {UpdateExpression}
    in the same request: ...
Invalid UpdateExpression: kirsikka
    -
The provided starting key is invalid: kirsikka
    -
Requested resource not found: ResourcArn: arn:aws:dynamodb:eu-west-1:731973197319:x not found
    ResourcArn: ... not
Attempt to change a resource which is still in use: kirsikka is being 731973197319
    in use: ...
One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions. Keys: [kirsikka]
    Keys: ...
Subscriber limit exceeded: kirsikka has 731973197319
    exceeded: ...
Throughput exceeds the current throughput limit for your account. 731973197319
    account. ...
User: arn:aws:iam::731973197319:user/kirsikka is not authorized to perform: dynamodb:GetItem on resource: arn:aws:dynamodb:eu-west-1:731973197319:table/notes
    User: ... is not authorized to perform: dynamodb:GetItem on resource: ...:table/notes
User: arn:aws:iam::731973197319:user/kirsikka is not authorized to perform: dynamodb:Query on resource: arn:aws:dynamodb:eu-west-1:731973197319:table/notes/index/by_text
    :table/notes/index/by_text
User: arn:aws:sts::731973197319:assumed-role/kirsikka/i-0 is not authorized to perform: dynamodb:GetItem on resource: arn:aws:dynamodb:eu-west-1:731973197319:table/notes because no identity-based policy allows the dynamodb:GetItem action
    because no identity-based policy allows the dynamodb:GetItem action
User: arn:aws:sts::731973197319:assumed-role/kirsikka/i-0 is not authorized to perform: dynamodb:GetItem on resource: arn:aws:dynamodb:eu-west-1:731973197319:table/notes with an explicit deny in a service control policy
    with an explicit deny in a service control policy
User: arn:aws:sts::731973197319:assumed-role/kirsikka/i-0 is not authorized to perform: dynamodb:GetItem on resource: arn:aws:dynamodb:eu-west-1:731973197319:table/notes with an explicit deny in an identity-based policy: arn:aws:iam::731973197319:policy/kirsikka
    identity-based policy: ...
User: arn:aws:iam::731973197319:user/kirsikka is not authorized to perform: dynamodb:ListTables on resource: *
    dynamodb:ListTables on resource: ...
User: arn:aws:iam::731973197319:user/kirsikka is not authorized to perform: dynamodb:GetItem on resource: arn:aws:dynamodb:eu-west-1:731973197319:table/notes because kirsikka
    -
The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.\n\nThe Canonical String for this request should have been\n'POST\nkirsikka'
    you provided. ...
Signature expired: 20260101T000000Z is now earlier than kirsikka
    Signature expired: ...
Signature not yet current: 20260101T000000Z is still later than kirsikka
    current: ...
The AWS KMS key arn:aws:kms:eu-west-1:731973197319:key/kirsikka is disabled
    -
Invalid TableArn: Invalid ResourceArn provided as input arn:aws:dynamodb:::kirsikka
    -
Statement wasn't well formed, can't be processed: Unexpected token 'kirsikka'
    -
Bad Filter Expression: kirsikka = 731973197319
    -
Backup not found: arn:aws:dynamodb:eu-west-1:731973197319:table/kirsikka/backup/1
    -
Malformed value object for key column id: {"S": 731973197319, "x": "kirsikka"}
    -
begins_with() supports only string or binary type, got: {"N": "731973197319"} kirsikka
    -
IN operator encountered malformed AttributeValue: {"kirsikka": 731973197319}
    -
BETWEEN operator requires lower_bound <= upper_bound, but kirsikka > a
    -
An item can contain only one attribute definition: {"kirsikka": {}}
    -
Invalid comparison operator definition "kirsikka"
    -
kirsikka
    -
"""  # noqa: E501 - a sentence is not broken

_lines = [line.strip().replace(r"\n", "\n") for line in _RECORDED.strip().splitlines()]
RECORDED = list(zip(_lines[::2], _lines[1::2], strict=True))
"""Sentences of the service's model, of values, expressions, tables, load and rights, of engines.

Below each stands what is told of it, or - where that is the code alone.
"""

HIDDEN = ("kirsikka", "731973197319", "a2lyc2lra2E")
"""Values, and parts of those that are told otherwise: an account, a binary value."""


class Note(BaseModel):
    """What is asked for in vain."""

    id: Annotated[str, PartitionKey()]


class Notes(Repository[Note]):
    """The blocking face."""

    table = "notes"


class AsyncNotes(AsyncRepository[Note]):
    """The other face."""

    table = "notes"


class Lines(logging.Handler):
    """Keeps all that a record holds."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.records: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps it."""
        self.records.append({**vars(record), "line": self.format(record)})


def all_told(face: Any, called: Callable[[Any], Any]) -> tuple[list[DynrepoError], str]:
    """The errors of calls, each refused with a recorded sentence, and all else that is told."""
    store, exporter, provider = MemoryStore(face), InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    logger = logging.Logger("dynrepo", logging.DEBUG)  # noqa: LOG001 - of this test alone
    logger.addHandler(lines := Lines())
    notes = face(store, instruments=[SpanInstrument(provider), LogInstrument(logger)])
    errors: list[DynrepoError] = []
    for sentence, _ in RECORDED:
        code = "AccessDeniedException" if sentence.startswith("User: ") else "ValidationException"
        store.inject(refusal(code, sentence))
        with pytest.raises(DynrepoError) as raised:
            called(notes)
        errors.append(raised.value)
    spans = [span.to_json() for span in exporter.get_finished_spans()]
    assert (len(lines.records), len(spans)) == (len(RECORDED), len(RECORDED))
    return errors, str([lines.records, spans])


@pytest.mark.parametrize(
    ("face", "called"),
    [
        (Notes, lambda notes: notes.get("1")),
        (AsyncNotes, lambda notes: asyncio.run(notes.get("1"))),
    ],
)
def test_no_value_of_a_sentence_leaves(face: Any, called: Callable[[Any], Any]) -> None:
    """Neither in the error and its causes nor in a log line, a span or a pickle."""
    assert len(RECORDED) >= 60
    assert [sentence for sentence, _ in RECORDED if not any(map(sentence.count, HIDDEN))] == []
    errors, rest = all_told(face, called)
    for (sentence, told), error in zip(RECORDED, errors, strict=True):
        text = str(error)
        alone = f"GetItem on notes failed: {error.code} (request memory)"
        assert (text == alone) if told == "-" else (told in text), sentence
        shown = [repr(error), vars(error), pickle.dumps(error), traceback.format_exception(error)]
        everything = text + str(shown) + rest
        assert [part for part in HIDDEN if part in everything] == [], sentence


_SAID = """
One or more parameter values were invalid: Missing the key id in the item
One or more parameter values were invalid: Type mismatch for key id expected: S actual: N
One or more parameter values were invalid: Type mismatch for Index Key mail Expected: S Actual: NULL IndexName: by_mail
One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes
One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty string value. IndexName: by_mail, IndexKey: mail
Attempting to store more than 38 significant digits in a Number
The provided starting key is invalid: The provided key element does not match the schema
Query condition missed key schema element: id
One or more parameter values were invalid: Secondary index by_mail does not project one or more filter attributes: [age, name]
Invalid FilterExpression: The IN operator is provided with too many operands; number of operands: 101
Invalid UpdateExpression: List index is not within the allowable range; index: [4294967296]
Invalid UpdateExpression: Incorrect operand type for operator or function; operator: ADD, operand type: STRING, typeSet: ALLOWED_FOR_ADD_OPERAND
Invalid FilterExpression: An expression attribute value used in expression is not defined; attribute value: :v0
One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary index by_mail because its projection type is not ALL
The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: 1 is not less than TotalSegments: 1
Requested resource not found: Table: notes not found
The security token included in the request is expired
"""  # noqa: E501 - a sentence is not broken


@pytest.mark.parametrize("sentence", _SAID.strip().splitlines())
def test_a_sentence_that_names_and_limits_is_told_as_it_is(sentence: str) -> None:
    """Attributes, indexes, tables, parameters, types and limits."""
    assert told_sentence(sentence) == sentence


def test_a_sentence_has_one_place_at_most_whose_ends_are_open() -> None:
    """So it is told apart in one pass, however long a text is; and each place is a known one."""
    assert [sentence for sentence in SENTENCES if sentence.count("{...}") > 1] == []
    assert len(set(SENTENCES)) == len(SENTENCES)
    places = {part.partition("}")[0] for text in SENTENCES for part in text.split("{")[1:]}
    assert places == TOLD.keys() | KEPT.keys()
