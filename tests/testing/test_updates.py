"""Updates make a new item of one, or are refused."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from pynamodb.expressions.operand import Path, Value
from pynamodb.expressions.update import (
    AddAction,
    DeleteAction,
    RemoveAction,
    SetAction,
    Update,
)

from dynrepo.sending.outcomes import Refused
from dynrepo.testing.updates import created, updated, written

ITEM: dict[str, Any] = {
    "n": {"N": "1"},
    "s": {"S": "x"},
    "numbers": {"NS": ["1", "2"]},
    "texts": {"SS": ["a"]},
    "l": {"L": [{"N": "0"}, {"N": "1"}, {"N": "2"}]},
    "m": {"M": {"a": {"N": "1"}}},
}
n, m, listed, new = Path("n"), Path("m"), Path("l"), Path("new")
ONE = Value({"N": "1"})


@pytest.mark.parametrize(
    ("actions", "changes"),
    [
        ([SetAction(new, ONE)], {"new": {"N": "1"}}),
        ([SetAction(n, n + ONE), SetAction(new, n)], {"n": {"N": "2"}, "new": {"N": "1"}}),
        ([SetAction(m["b"], ONE)], {"m": {"M": {"a": {"N": "1"}, "b": {"N": "1"}}}}),
        (
            [SetAction(listed[9], ONE), SetAction(listed[0], ONE), SetAction(listed[8], n)],
            {"l": {"L": [{"N": "1"}, {"N": "1"}, {"N": "2"}, {"N": "1"}, {"N": "1"}]}},
        ),
        ([AddAction(n, Value({"N": "2"}))], {"n": {"N": "3"}}),
        ([AddAction(new, Value({"N": "2"}))], {"new": {"N": "2"}}),
        (
            [AddAction(Path("numbers"), Value({"NS": ["2.0", "3"]}))],
            {"numbers": {"NS": ["1", "2", "3"]}},
        ),
        ([DeleteAction(Path("numbers"), Value({"NS": ["1.0"]}))], {"numbers": {"NS": ["2"]}}),
        ([DeleteAction(Path("texts"), Value({"SS": ["a"]}))], {"texts": None}),
        ([DeleteAction(new, Value({"SS": ["a"]}))], {}),
        ([RemoveAction(n), RemoveAction(new)], {"n": None}),
        ([RemoveAction(m["a"])], {"m": {"M": {}}}),
        (
            [RemoveAction(listed[0]), RemoveAction(listed[1]), RemoveAction(listed[9])],
            {"l": {"L": [{"N": "2"}]}},
        ),
    ],
    ids=str,
)
def test_an_update_makes_a_new_item(actions: Any, changes: dict[str, Any]) -> None:
    """With values from before the update; the item given stays as it is."""
    before = deepcopy(ITEM)
    update = Update(*actions)
    after = {**ITEM, **changes}
    assert updated(update, ITEM) == {name: after[name] for name in after if after[name]}
    assert before == ITEM
    assert set(changes) <= written(update)


@pytest.mark.parametrize(
    "action",
    [
        SetAction(new["a"], ONE),
        SetAction(n["a"], ONE),
        SetAction(m[0], ONE),
        SetAction(n, Path("missing")),
        RemoveAction(new["a"]),
        DeleteAction(new["a"], Value({"SS": ["a"]})),
        DeleteAction(Path("texts"), Value({"NS": ["1"]})),
        AddAction(Path("s"), ONE),
        AddAction(Path("texts"), Value({"NS": ["2"]})),
    ],
    ids=str,
)
def test_an_update_that_does_not_fit_the_item_is_refused(action: Any) -> None:
    """Into what is not there or of another type."""
    with pytest.raises(Refused):
        updated(Update(action), ITEM)


def test_of_what_is_not_there_nothing_is_removed() -> None:
    """Neither an attribute nor a part of one; what is set is there."""
    update = Update(RemoveAction(m["a"]), RemoveAction(listed[0]), SetAction(new, ONE))
    assert created(update, {"p": {"S": "x"}}) == {"p": {"S": "x"}, "new": {"N": "1"}}
    with pytest.raises(Refused):
        created(Update(SetAction(m["a"], ONE)), {"p": {"S": "x"}})


def test_numbers_are_added_exactly() -> None:
    """With all their digits, and refused where they would have more than DynamoDB holds."""
    digits = {"n": {"N": "9" * 38}}
    less = AddAction(n, Value({"N": "-" + "9" * 38}))
    assert updated(Update(less), digits) == {"n": {"N": "0"}}
    with pytest.raises(Refused):
        updated(Update(AddAction(n, Value({"N": "0.5"}))), digits)
