"""What a mock knows of the class that it stands for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from dynrepo.testing.mocked_class import MockedClass
from models.order import Order, Orders
from models.user import Users

ORDER = Order(user_id=UUID(int=1), number=1, placed=datetime(2026, 1, 1, tzinfo=UTC), total=1)
USERS, ORDERS = MockedClass(Users), MockedClass(Orders)


@pytest.mark.parametrize(
    ("verb", "message"),
    [
        ("gte", r"^Users\.gte is no verb; is it get\?$"),
        ("zzz", r"^Users\.zzz is no verb$"),
        ("by_email", "runs for real: expect the verbs that it calls"),
        ("transaction", "test it on a MemoryStore"),
    ],
)
def test_what_is_no_verb_is_explained(verb: str, message: str) -> None:
    """With the way out."""
    USERS.check_verb("get")
    with pytest.raises(AttributeError, match=message):
        USERS.check_verb(verb)


def test_arguments_are_had_by_name() -> None:
    """However they were given; a default that is given is none."""
    assert USERS.arguments("get", (1,), {"consistent": True}) == {"key": 1, "consistent": True}
    assert USERS.arguments("get", (), {"key": 1, "consistent": False}) == {"key": 1}
    with pytest.raises(TypeError, match=r"^Users\.get: missing a required argument: 'key'$"):
        USERS.arguments("get", (), {})


@pytest.mark.parametrize(
    ("parameter", "expected", "actual", "same"),
    [
        ("key", (ORDER.user_id, 1), ORDER, True),
        ("key", ORDER, (ORDER.user_id, 1), True),
        ("key", (ORDER.user_id, 2), ORDER, False),
        ("key", "no key", ORDER, False),
        ("item", (ORDER.user_id, 1), ORDER, False),
        ("item", ORDER, ORDER, True),
    ],
)
def test_a_key_has_several_forms(parameter: str, expected: Any, actual: Any, *, same: bool) -> None:
    """A tuple and an instance are the same key; for other arguments they differ."""
    assert ORDERS.same(parameter, expected, actual) is same


def test_a_result_is_one_that_the_verb_can_have() -> None:
    """Of the model, or of the smaller one that is read."""
    ORDERS.check_result("get", ORDER)
    ORDERS.check_result("query", [1], only=int)
    with pytest.raises(TypeError, match=r"^Orders\.get returns Order \| None, not int$"):
        ORDERS.check_result("get", 1)
