"""What a mock knows of the class that it stands for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from unittest.mock import ANY
from uuid import UUID

import pytest

from dynrepo import CodecError, ItemNotFound, Repository, StoreError
from dynrepo.aio.repository import AsyncRepository
from dynrepo.testing.memory import MemoryStore
from dynrepo.testing.mocked_class import MockedClass
from models.order import Order, Orders
from models.user import AsyncUsers, User, Users
from tests import shop

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


def test_a_mock_is_of_a_repository_of_either_face() -> None:
    """Which says what its verbs are, and which of them are awaited; nothing else has a mock."""
    later = MockedClass.of(AsyncUsers)
    assert (later.face, later.is_asynchronous) == (AsyncRepository, True)
    assert (later.is_awaited("get"), later.is_awaited("query")) == (True, False)
    users = MockedClass.of(Users)
    assert (users.face, users.is_asynchronous) == (Repository, False)
    assert not users.is_awaited("get")
    for wrong in (User, "Users", Users(MemoryStore())):
        with pytest.raises(TypeError, match="a mock is made of a class such as Users, not of"):
            MockedClass.of(wrong)


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


def test_an_error_is_one_that_the_verb_can_raise() -> None:
    """The message names those that it can."""
    ORDERS.check_error("require", ItemNotFound)
    reason = r"^Orders\.get never raises ItemNotFound: it raises StoreError, CodecError$"
    with pytest.raises(TypeError, match=reason):
        ORDERS.check_error("get", ItemNotFound)
    with pytest.raises(TypeError, match=r"health_check never raises .* say \.returns"):
        ORDERS.check_error("health_check", StoreError)


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("get", r"^Users\.get is mocked already: say \.expect\.get\(\.\.\.\)\.returns"),
        ("by_email", "runs for real, .* expect the verbs that it calls"),
        ("transaction", "test it on a MemoryStore"),
    ],
)
def test_what_is_not_to_be_set_is_explained(name: str, advice: str) -> None:
    """With the way out; an attribute of one's own is one's own."""
    with pytest.raises(AttributeError, match=advice):
        USERS.check_setting(name)
    USERS.check_setting("region")
    USERS.check_setting("table")


@pytest.mark.parametrize(
    "arguments",
    [
        {"key": ("not a uuid", ANY)},
        {"key": (ANY, "one")},
        {"condition": ANY, "index": "by_nothing"},
        {"item": 1, "other": ANY},
    ],
)
def test_a_part_that_no_call_can_have_is_refused(arguments: dict[str, Any]) -> None:
    """Beside one that stands for many."""
    with pytest.raises(ValueError, match="Order"):
        ORDERS.check_parts(arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        {"key": (ORDER.user_id, ANY)},
        {"key": ANY},
        {"key": (ANY, 1)},
        {"condition": ANY, "index": "by_status"},
        {"condition": ANY, "index": ANY},
        {"item": ORDER},
        {"item": ANY},
    ],
)
def test_a_part_that_a_call_can_have_is_taken(arguments: dict[str, Any]) -> None:
    """Or one that nobody knows."""
    ORDERS.check_parts(arguments)


def test_the_parts_of_a_key_are_the_fields_that_it_is_made_of() -> None:
    """In a shared table too, where attributes are others than fields."""
    mocked = MockedClass(shop.Orders)
    mocked.check_parts({"key": (shop.ADA, shop.NOW, 7)})
    with pytest.raises(ValueError, match="the key of Order has 3 parts"):
        mocked.check_parts({"key": (shop.ADA, shop.NOW)})
    with pytest.raises(CodecError, match=r"Order.number: expected int"):
        mocked.check_parts({"key": (shop.ADA, shop.NOW, "7")})
    assert mocked.same("key", (shop.ADA, shop.NOW, 7), shop.ORDER)
    assert not mocked.same("key", (shop.ADA, shop.NOW, 8), shop.ORDER)
