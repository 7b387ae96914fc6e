"""An outcome says whether a request was sent, and under which name its caller hears of it."""

from __future__ import annotations

import pytest

from dynrepo.sending import outcomes
from dynrepo.sending.outcomes import InDoubt, NotConnected, NotSent, Refused, SendingFailed


def test_each_is_sent_or_not_or_refused() -> None:
    """There is no outcome of which that is not known."""
    kinds = [
        kind
        for kind in vars(outcomes).values()
        if isinstance(kind, type) and issubclass(kind, SendingFailed) and kind is not SendingFailed
    ]
    for kind in kinds:
        assert sum(issubclass(kind, known) for known in (NotSent, InDoubt, Refused)) == 1


@pytest.mark.parametrize("kind", [NotSent, NotConnected, InDoubt])
def test_its_code_is_its_class(kind: type[SendingFailed]) -> None:
    """Or that of the error that it stands for."""
    assert kind("text").code == kind.__name__
    assert kind("text", code="SSLError").code == "SSLError"


def test_a_remedy_is_of_one_error() -> None:
    """Those of its class keep theirs."""
    assert NotSent(remedy="turn it round").remedy == "turn it round"
    assert NotSent().remedy == ""
    assert "nothing answers" in NotConnected().remedy


def test_a_refusal_has_the_code_of_its_answer() -> None:
    """And keeps the answer."""
    refused = Refused({"Error": {"Code": "Busy"}})
    assert refused.code == "Busy"
    assert Refused({"Error": {}}).code == "Unknown"
    assert refused.response == {"Error": {"Code": "Busy"}}


def test_a_refusal_tells_its_code_alone() -> None:
    """Of a wrong signature AWS quotes what was signed, and with it the session token."""
    answer = {"Error": {"Code": "SignatureDoesNotMatch", "Message": "x-amz-security-token:karpalo"}}
    refused = Refused(answer)
    assert str(refused) == "SignatureDoesNotMatch"
    assert "karpalo" not in repr((refused, vars(refused)))
    assert refused.response == answer


def test_an_outcome_leads_back_to_what_it_stands_for() -> None:
    """What a library below raised; one that was raised here says more than what it came from."""
    theirs = OSError("no route")
    translated, own = NotConnected(code="OSError"), NotConnected("no connection: OSError")
    translated.__cause__ = own.__cause__ = theirs
    assert translated.origin is theirs
    assert own.origin is own
    assert NotSent(code="KeyError").origin.__class__ is NotSent
