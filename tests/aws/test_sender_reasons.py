"""Why botocore sends is a sentence, told once."""

from __future__ import annotations

import logging
from typing import NoReturn

import pytest

from dynrepo import SenderUsed
from dynrepo.aws.sender_reasons import ASKED, ReasonsTold, unforeseen

HOOKED = SenderUsed("botocore", "shop.hooks listens to botocore's events")


def test_a_reason_is_told_once_in_a_row(caplog: pytest.LogCaptureFixture) -> None:
    """Another one between makes it news again."""
    told = ReasonsTold()
    for used in (HOOKED, HOOKED, SenderUsed("direct", "nothing stands in its way"), HOOKED):
        told.tell(used)
    assert [record.getMessage() for record in caplog.records] == [
        "botocore sends the requests: shop.hooks listens to botocore's events"
    ] * 2
    assert {record.levelname for record in caplog.records} == {"WARNING"}
    assert vars(caplog.records[0])["sender"] == "botocore"


def test_what_was_asked_for_is_not_told(caplog: pytest.LogCaptureFixture) -> None:
    """Whoever asked for it knows."""
    ReasonsTold().tell(SenderUsed("botocore", ASKED))
    assert caplog.records == []


def test_a_handler_that_raises_costs_nothing() -> None:
    """The sender is chosen all the same."""

    class Raising(logging.Handler):
        def emit(self, _: logging.LogRecord) -> NoReturn:
            raise RuntimeError

    handler = Raising()
    logging.getLogger("dynrepo").addHandler(handler)
    try:
        ReasonsTold().tell(HOOKED)
    finally:
        logging.getLogger("dynrepo").removeHandler(handler)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (AttributeError("x", name="_emitter"), "this botocore has no _emitter"),
        (KeyError("before-send"), "this botocore has no before-send"),
        (ValueError("secret"), "ValueError while the sender was chosen"),
    ],
)
def test_an_error_is_told_by_what_is_missing(error: Exception, sentence: str) -> None:
    """Or by its class; never by its text."""
    assert unforeseen(error) == sentence
