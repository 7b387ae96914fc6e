"""What an answer says may be told on: in one line, and no longer than it has to be."""

from __future__ import annotations

import pytest

from dynrepo.plain_text import LONGEST_NAME, LONGEST_TEXT
from dynrepo.sending.failure import Failure
from dynrepo.sending.outcomes import Refused
from dynrepo.sending.told import LONGEST_SENTENCE, told_sentence

EVIL = "Evil\r\nERROR forged " + "x" * 2**21


def test_an_answer_tells_no_line_of_its_own() -> None:
    """Its code, the codes of its reasons, its id and its sentence."""
    response = {
        "Error": {"Code": EVIL, "Message": EVIL},
        "ResponseMetadata": {"RequestId": EVIL, "HTTPStatusCode": 400},
    }
    failure = Failure.from_response(response)
    canceled = {**response, "Error": {"Code": "TransactionCanceledException"}}
    canceled["CancellationReasons"] = [{"Code": EVIL}]
    refusal = Failure.from_response(canceled)._refusal(1)
    told = [failure.code, failure.request_id, refusal.reasons[0].code, str(Refused(response))]
    for each in told:
        assert each is not None
        assert len(each) <= LONGEST_NAME + LONGEST_TEXT + 2
        assert each.isprintable()


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("Requested resource not found", "Requested resource not found"),
        ("Signature expired: hush", "Signature expired: ..."),
        ("1 validation error detected: Signature expired: hush", None),
        ("Invalid UpdateExpression: Syntax error; hush", None),
        ("Invalid UpdateExpression: hush", ""),
        ("Requested resource not found hush", ""),
        ("Signature expired: " + "x" * LONGEST_SENTENCE, ""),
        ("", ""),
        (None, ""),
    ],
)
def test_of_a_known_sentence_is_told_what_may_be(sentence: object, told: str | None) -> None:
    """In the place of the rest stand three dots; of an unknown or endless one nothing is told."""
    expected = str(sentence).replace("hush", "...") if told is None else told
    assert told_sentence(sentence) == expected
