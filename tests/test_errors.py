"""The tree of errors is the one that is drawn, and each of them can be used."""

from __future__ import annotations

import pickle
import re

import pytest

import dynrepo
from dynrepo import errors
from dynrepo.errors import DynrepoError

CLASSES = [
    one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, DynrepoError)
]
FIGURES = {"code": "C", "request_id": "R", "attempts": 3}
DATA = {
    "CodecError": {"key": {"id": {"S": "1"}}},
    "ConditionFailed": {"item": 1, "request_id": "R"},
    "ItemExists": {"item": 1, "request_id": "R"},
    "VersionConflict": {"item": 1, "request_id": "R"},
    "TransactionCanceled": {"reasons": (None,), "request_id": "R"},
    "Unprocessed": {"items": (1,), "keys": (2,)},
    "OutcomeUnknown": FIGURES,
    "StoreError": {**FIGURES, "retryable": True},
    "TableNotFound": FIGURES,
    "Throttled": FIGURES,
    "AccessDenied": FIGURES,
    "CredentialsMissing": FIGURES,
    "Timeout": FIGURES,
    "Unavailable": FIGURES,
}


def drawn() -> dict[str, list[str]]:
    """The names in the drawing, each with those it is drawn below or beside in brackets."""
    tree: dict[str, list[str]] = {}
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"^    ([ │├└─]*)([A-Z]\w+)(?: \((\w+)\))?", line)
        if found:
            depth = len(found[1]) // 4
            path[depth:] = [found[2]]
            tree[found[2]] = [*path[depth - 1 : depth], *([found[3]] if found[3] else [])]
    return tree


def test_the_drawing_is_the_tree() -> None:
    """Every class stands in the drawing, below its base; a built-in base is named in brackets."""
    bases = {one.__name__: [base.__name__ for base in one.__bases__] for one in CLASSES}
    assert drawn() == {**bases, "DynrepoError": []}


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_error_is_public(kind: type[DynrepoError]) -> None:
    """A caller can name what it wants to catch."""
    assert getattr(dynrepo, kind.__name__) is kind


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_an_error_crosses_a_process_border(kind: type[DynrepoError]) -> None:
    """A worker's error arrives in the parent with all it carries."""
    data = DATA.get(kind.__name__, {})
    arrived = pickle.loads(pickle.dumps(kind("no table", **data)))  # noqa: S301 - our own
    assert type(arrived) is kind
    assert str(arrived) == "no table"
    assert {name: getattr(arrived, name) for name in data} == data


def test_a_retry_loop_of_the_callers_finds_what_it_asks_for() -> None:
    """Whatever a lost or a failed request raises has a code, a request id and its attempts."""
    for kind in (errors.OutcomeUnknown, errors.StoreError, errors.Timeout):
        error = kind("failed")
        assert (error.code, error.request_id, error.retryable, error.attempts) == (
            "",
            None,
            False,
            1,
        )
