"""A mock lets happen what is expected, and says clearly what went wrong otherwise."""

from __future__ import annotations

import asyncio
import unittest
from typing import TYPE_CHECKING, Any
from unittest.mock import ANY

import pytest
from dirty_equals import IsPositiveInt

from dynrepo import CodecError, Health, ItemExists, ItemNotFound, Repository, Throttled, path
from dynrepo.testing.mock import MissingCall, UnexpectedCall, in_order, mock_of
from models.order import Order, Orders
from models.user import AsyncUsers, User, Users
from tests.testing.people import ADA, BOB

if TYPE_CHECKING:
    from pytest_mock import MockerFixture

ORDER = Order(user_id=ADA.user_id, number=1, placed=ADA.joined, total=1)


def sign_up(users: Users, user: User) -> User:
    """Domain code, as people write it."""
    known = users.get(user.user_id)
    return known or users.create(user)


def test_what_is_expected_happens() -> None:
    """Each call is answered as said, once, and verified at the end of the block."""
    with mock_of(Users) as users:
        users.expect.get(ADA.user_id).returns(None)
        users.expect.create(ADA)
        assert sign_up(users, ADA) == ADA


def test_a_mock_is_an_instance() -> None:
    """So that code which checks, and Pydantic fields of the type, take it."""
    users = mock_of(Users)
    assert isinstance(users, Users)
    assert repr(users) == "<mock of Users>"


def test_own_methods_run_for_real() -> None:
    """`by_email` is the user's: it queries, and the query is what is expected."""
    users = mock_of(Users)
    users.expect.query(Users.fields.email == "ada@example.org", index="by_email").returns(
        [ADA, BOB]
    )
    assert users.by_email("ada@example.org") == ADA
    users.verify()


def test_a_mock_has_what_is_stored() -> None:
    """A condition that `path` makes is the one that `fields` makes."""
    users = mock_of(Users)
    has_email = path(users.stored.email) == ADA.email
    users.expect.query(has_email, index="by_email").returns([ADA])
    assert users.by_email(ADA.email) == ADA
    users.verify()


def test_a_query_of_a_mock_is_a_query() -> None:
    """It counts, limits and pages over the items that were given."""
    users = mock_of(Users)
    users.expect.scan().returns([ADA, BOB]).any_times()
    assert users.scan().count() == 2
    first = users.scan().page(1)
    assert (first.items, users.scan().page(1, first.cursor).items) == ([ADA], [BOB])


def test_a_scan_in_segments_finds_each_item_once() -> None:
    """As that of a table does."""
    users = mock_of(Users)
    users.expect.scan(segments=3).returns([ADA, BOB])
    assert users.scan(segments=3).all() == [ADA, BOB]


def test_without_an_answer_the_obvious_one_is_given() -> None:
    """Nothing is stored, writes give back what they were given, health is UP."""
    users = mock_of(Users)
    for expectation in (users.expect.get(ANY), users.expect.delete(ANY), users.expect.query(ANY)):
        expectation.any_times()
    users.expect.get_many([ADA, BOB])
    users.expect.set_many([ADA])
    users.expect.set(ADA)
    users.expect.health_check()
    users.expect.connect()
    assert users.get(ADA) is None
    assert users.delete(ADA) is None
    assert users.query(Users.fields.user_id == ADA.user_id).all() == []
    assert users.set(ADA) is ADA
    assert users.health_check().status == "UP"
    assert users.connect() is users


def test_an_error_is_raised_as_said() -> None:
    """Given as an instance, or as a class when its data does not matter."""
    users = mock_of(Users)
    users.expect.create(ADA).raises(ItemExists("taken", item=BOB))
    users.expect.get(ADA).raises(Throttled)
    with pytest.raises(ItemExists) as caught:
        users.create(ADA)
    assert caught.value.item == BOB
    with pytest.raises(Throttled):
        users.get(ADA)


def test_a_function_can_answer() -> None:
    """It is given the arguments of the call."""
    users = mock_of(Users)
    users.expect.get(ANY, consistent=True).calls(
        lambda key, *, consistent: ADA if consistent else key
    )
    assert users.get(ADA.user_id, consistent=True) == ADA


def test_a_key_may_be_a_value_or_an_instance() -> None:
    """As for the real verbs."""
    orders = mock_of(Orders)
    order = Order(user_id=ADA.user_id, number=1, placed=ADA.joined, total=1)
    orders.expect.get((ADA.user_id, 1)).returns(order)
    assert orders.get(order) is order


def test_arguments_are_matched_by_equality_or_a_function() -> None:
    """`ANY`, dirty-equals and predicates all do."""
    orders = mock_of(Orders)
    orders.expect.get((ANY, IsPositiveInt)).times(1)
    orders.expect.get(lambda key: key[1] == 0)
    assert orders.get((ADA.user_id, 7)) is None
    assert orders.get((ADA.user_id, 0)) is None
    orders.verify()


def test_actions_and_conditions_are_compared_by_what_they_say() -> None:
    """PynamoDB's own `==` would make a condition of two paths."""
    fields = Users.fields
    users = mock_of(Users)
    users.expect.update(
        ADA, fields.visits.add(1), condition=(fields.visits < 9) & ~fields.tags.contains("x")
    ).returns(ADA)
    with pytest.raises(UnexpectedCall):
        users.update(ADA, fields.visits.add(2), condition=fields.visits < 9)
    condition = (fields.visits < 9) & ~fields.tags.contains("x")
    assert users.update(ADA, fields.visits.add(1), condition=condition) is ADA


def test_the_number_of_calls_is_held() -> None:
    """Exactly, at least, at most, any."""
    users = mock_of(Users)
    users.expect.get(1 and ADA).times(2)
    users.expect.exists(ADA).at_least(1).returns(True)
    users.expect.delete(ADA).at_most(1)
    users.expect.set(ADA).any_times()
    for _ in range(2):
        users.get(ADA)
        users.exists(ADA)
    users.verify()
    with pytest.raises(UnexpectedCall, match="expected twice, called twice"):
        users.get(ADA)


def test_both_bounds_are_held() -> None:
    """In either order: the second does not take the first away."""
    for bounds in ("at_least", "at_most"), ("at_most", "at_least"):
        users = mock_of(Users)
        expectation = users.expect.get(ADA)
        for bound in bounds:
            getattr(expectation, bound)({"at_least": 1, "at_most": 3}[bound])
        with pytest.raises(MissingCall, match="expected once to 3 times, called never"):
            users.verify()
        for _ in range(3):
            users.get(ADA)
        users.verify()
        with pytest.raises(UnexpectedCall, match="expected once to 3 times, called 3 times"):
            users.get(ADA)


def test_calls_keep_copies() -> None:
    """What the code does to an argument afterwards does not change what was called."""
    users = mock_of(Users)
    users.expect.get_many(ANY)
    keys = [ADA.user_id]
    users.get_many(keys)
    keys.clear()
    (call,) = users.calls
    assert (call.verb, call.args) == ("get_many", ([ADA.user_id],))


def test_order_is_held_across_mocks() -> None:
    """The second waits for the first."""
    users, orders = mock_of(Users), mock_of(Orders)
    in_order(users.expect.create(ADA), orders.expect.delete((ADA.user_id, 1)))
    with pytest.raises(UnexpectedCall, match=r"must come after Users\.create\(User\("):
        orders.delete((ADA.user_id, 1))


def test_an_unexpected_call_names_the_nearest_expectation() -> None:
    """And shows in which argument it differs."""
    users = mock_of(Users)
    users.expect.get(ADA.user_id)
    users.expect.create(ADA)
    with pytest.raises(UnexpectedCall) as caught:
        users.get(BOB.user_id)
    first, second, third = str(caught.value).splitlines()
    assert first == f"unexpected call: Users.get({BOB.user_id!r})"
    assert second.endswith(f"key is expected to be {ADA.user_id!r}")
    assert third.startswith("  expected are also: Users.create(User(")


def test_an_unexpected_call_that_was_swallowed_is_reported() -> None:
    """`except Exception` around a call hides nothing from `verify`."""
    users = mock_of(Users)
    with pytest.raises(UnexpectedCall, match="nothing is expected"):
        users.get(ADA)
    with pytest.raises(UnexpectedCall):
        users.verify()


def test_a_missing_call_is_reported() -> None:
    """By what was expected, and how often it came."""
    users = mock_of(Users)
    users.expect.get("x" and ADA).times(3)
    users.get(ADA)
    with pytest.raises(
        MissingCall, match=r"Users\.get\(User\(.*\)\): expected 3 times, called once"
    ):
        users.verify()


def test_a_block_that_raises_is_not_verified() -> None:
    """Its own error is the one to read."""
    users = mock_of(Users)
    users.expect.get(ADA)
    with pytest.raises(ZeroDivisionError), users:
        _ = 1 / 0


def test_a_query_that_is_never_read_is_missing() -> None:
    """Nothing was asked of the table: what is expected is that the items are read."""
    users = mock_of(Users)
    users.expect.query(Users.fields.email == ADA.email, index="by_email").returns([ADA])
    query = users.query(Users.fields.email == ADA.email, index="by_email")
    with pytest.raises(MissingCall, match="called once, read never"):
        users.verify()
    assert query.first() == ADA
    users.verify()


def test_an_error_of_a_query_comes_where_it_is_read() -> None:
    """As from the table itself."""
    users = mock_of(Users)
    users.expect.scan().raises(Throttled)
    scan = users.scan()
    with pytest.raises(Throttled):
        scan.all()
    users.verify()


def test_what_comes_before_a_query_comes_before_it_is_read() -> None:
    """And what comes after it, after."""
    users = mock_of(Users)
    in_order(users.expect.scan(), users.expect.create(ADA))
    scan = users.scan()
    with pytest.raises(UnexpectedCall, match="must come after"):
        users.create(ADA)
    users = mock_of(Users)
    in_order(users.expect.scan(), users.expect.create(ADA))
    scan = users.scan()
    assert scan.all() == []
    users.create(ADA)
    users.verify()


def test_reads_together_match_by_what_they_read() -> None:
    """A lookup of a mock is made anew wherever it is needed."""
    users, orders = mock_of(Users), mock_of(Orders)
    expected = users.lookup(ADA.user_id), orders.lookup((ADA.user_id, 1))
    users.expect.get_together(*expected).returns((ADA, None))
    assert users.get_together(users.lookup(ADA), orders.lookup((ADA.user_id, 1))) == (ADA, None)
    with pytest.raises(UnexpectedCall):
        users.get_together(users.lookup(BOB), orders.lookup((ADA.user_id, 1)))


def test_a_repository_may_have_attributes_of_its_own() -> None:
    """Which it sets itself, or a test does."""

    class Counted(Users):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self.get = self.get  # type: ignore[method-assign]
            self.seen = 0

    users = mock_of(Counted)
    users.seen += 1
    assert users.seen == 1


def settings_of(name: str) -> Any:
    """Sets an attribute of a mock, as on one of the standard library."""
    return lambda mock: setattr(mock, name, lambda *_: ADA)


WRONG: list[tuple[Any, type[Exception], str]] = [
    (lambda m: m.expect.gte(ADA), AttributeError, r"Users\.gte is no verb; is it get\?"),
    (
        lambda m: m.expect.by_email("x"),
        AttributeError,
        "runs for real: expect the verbs that it calls",
    ),
    (lambda m: m.expect.transaction(), AttributeError, "test it on a MemoryStore"),
    (lambda m: m.expect.get(), TypeError, r"Users\.get: missing a required argument: 'key'"),
    (lambda m: m.expect.get(ADA, True), TypeError, "too many positional arguments"),
    (
        lambda m: m.expect.get(ADA).returns({}),
        TypeError,
        r"Users\.get returns User \| None, not dict",
    ),
    (lambda m: m.expect.exists(ADA).returns(1), TypeError, "returns bool, not int"),
    (lambda m: m.expect.query(ANY).returns([1]), TypeError, "returns items of User, not list"),
    (
        lambda m: m.expect.get(ADA).raises(KeyError),
        TypeError,
        "errors of dynrepo only, never KeyError",
    ),
    (
        lambda m: m.expect.get(ADA).returns(ADA).raises(Throttled),
        TypeError,
        "has its answer already",
    ),
    (lambda m: m.expect.get(ADA).times(-1), ValueError, "0 or more"),
    (lambda m: m.expect.get(ADA).times("2"), TypeError, "a whole number, not str"),
    (lambda m: m.expect.get(ADA).at_least(1.5), TypeError, "a whole number, not float"),
    (
        lambda m: m.expect.get(ADA).at_least(3).at_most(2),
        ValueError,
        "at least 3 and at most 2 cannot be",
    ),
    (lambda m: m.expect.get(ADA).calls(ADA), TypeError, "calls takes a function, not User"),
    (lambda m: in_order(m.expect.get), TypeError, "in_order takes expectations"),
    (lambda m: mock_of(m.schema.model), TypeError, "a class such as Users, not of <class"),
    (mock_of, TypeError, "a class such as Users, not of <mock of Users>"),
    (lambda m: m.expect.update(ADA), TypeError, r"no call can be .*at least one action"),
    (
        lambda m: (m.expect.require(ADA), m.require(ADA)),
        UnexpectedCall,
        r"say what Users\.require\(",
    ),
    (lambda m: (m.expect.get(ANY).calls(lambda _: 1), m.get(ADA)), TypeError, "not int"),
    (lambda m: m.transaction(), UnexpectedCall, "use a MemoryStore"),
    (lambda m: m.grouped(m, m, condition=ANY), UnexpectedCall, "grouped is not mocked: use"),
    (lambda m: m.expect.query_with(m), AttributeError, "query_with is not mocked: test it on a"),
    (settings_of("get"), AttributeError, r"Users\.get is mocked already: say \.expect\.get"),
    (settings_of("by_email"), AttributeError, "expect the verbs that it calls"),
    (settings_of("batch"), AttributeError, "batch is not mocked: test it on a MemoryStore"),
    (lambda m: settings_of("get")(m.expect), AttributeError, r"say \.expect\.get\(\.\.\.\)"),
    (
        lambda m: settings_of("return_value")(m.expect.get),
        AttributeError,
        r"say \.expect\.get\(\.\.\.\) and then \.returns\(value\)",
    ),
    (
        lambda m: settings_of("return_value")(m.expect.get(ADA)),
        AttributeError,
        r"say \.returns\(value\)",
    ),
    (
        lambda m: settings_of("side_effect")(m.expect.get(ADA)),
        AttributeError,
        r"side_effect is not to be set: .* \.raises\(error\), \.calls",
    ),
    (lambda m: m.expect.get("not a uuid"), TypeError, "no call can be .*: expected UUID"),
    (lambda m: m.expect.get((ADA.user_id, ANY)), TypeError, "no call can be"),
    (lambda m: m.expect.get_many(["not a uuid"]), TypeError, "expected UUID, found str"),
    (lambda m: m.expect.create(ORDER), TypeError, "expected User, found Order"),
    (lambda m: m.expect.get(ORDER), TypeError, "expected UUID, found Order"),
    (lambda m: m.expect.get(ADA, only=Order), TypeError, "is no field of User"),
    (
        lambda m: m.expect.query(Users.fields.email == "x", index="by_mail"),
        TypeError,
        "has no index 'by_mail'; there are: by_email",
    ),
    (lambda m: m.expect.query(ANY, index="by_mail"), TypeError, "has no index 'by_mail'"),
    (lambda m: m.expect.scan(limit=0), TypeError, "at least 1, not 0"),
    (lambda m: m.expect.get_together(), TypeError, "1 to 100 reads"),
    (
        lambda m: m.expect.get(ADA).raises(ItemNotFound),
        TypeError,
        r"Users\.get never raises ItemNotFound: it raises StoreError, CodecError",
    ),
    (lambda m: m.expect.set(ADA).raises(ItemExists("taken")), TypeError, "set never raises"),
    (lambda m: m.expect.health_check().raises(Throttled), TypeError, r"say \.returns"),
]


@pytest.mark.parametrize(("misuse", "error", "message"), WRONG)
def test_a_wrong_use_is_explained(misuse: Any, error: type[Exception], message: str) -> None:
    """At once, and in words that a newcomer understands."""
    with pytest.raises(error, match=message):
        misuse(mock_of(Users))


def test_a_call_that_the_real_verb_refuses_is_refused() -> None:
    """A wrong key type, a stranger's item, an unknown option: an autospec lets them pass."""
    users = mock_of(Users)
    users.expect.get(ANY).any_times()
    users.expect.create(ANY).any_times()
    with pytest.raises(CodecError):
        users.get(5)
    with pytest.raises((CodecError, TypeError)):
        users.create("Ada")
    with pytest.raises(TypeError):
        users.get(ADA, eventually=True)


def test_an_async_verb_is_awaited() -> None:
    """A repository whose verbs are coroutines has a mock whose verbs are."""

    class Later(Repository[User]):
        table = "users"

        async def get(self, key: Any) -> User | None:  # type: ignore[override]
            return await self.get(key)

    users = mock_of(Later)
    users.expect.get(ADA).returns(ADA)
    coroutine = users.get(ADA)
    with pytest.raises(StopIteration) as done:
        coroutine.send(None)
    assert done.value.value is ADA


def test_a_mock_of_an_asynchronous_repository_is_awaited() -> None:
    """Its calls are built as real ones, its queries are queries, and what is forgotten is told."""

    async def used() -> None:
        users = mock_of(AsyncUsers)
        users.expect.get(ADA).returns(ADA)
        users.expect.scan().returns([ADA, BOB])
        assert await users.get(ADA.user_id) is ADA
        assert [user async for user in users.scan()] == [ADA, BOB]
        with pytest.raises(TypeError, match="expected UUID, found str"):
            users.expect.get_many(["not a uuid"])
        with pytest.raises(UnexpectedCall, match="use a MemoryStore"):
            users.transaction()
        assert asyncio.iscoroutinefunction(users.get)

    asyncio.run(used())


def test_it_works_with_mocker(mocker: MockerFixture) -> None:
    """pytest-mock puts it where the code looks."""
    users = mock_of(Users)
    users.expect.get(ADA).returns(ADA)
    mocker.patch("models.user.Users", return_value=users)
    from models import user  # noqa: PLC0415

    assert user.Users().get(ADA) is ADA


def test_it_works_with_unittest() -> None:
    """`addCleanup(users.verify)` is all there is to it."""

    class Case(unittest.TestCase):
        def runTest(self) -> None:  # noqa: N802
            users = mock_of(Users)
            self.addCleanup(users.verify)
            users.expect.get(ADA)

    result = Case().run()
    assert result is not None
    assert "calls are missing" in result.failures[0][1]


def test_the_contract_is_kept_by_a_mock() -> None:
    """`ItemNotFound` from `require` is said as any other error."""
    users = mock_of(Users)
    users.expect.require(ADA).raises(ItemNotFound)
    with pytest.raises(ItemNotFound):
        users.require(ADA)
    users.expect.health_check().returns(Health("DOWN"))  # type: ignore[arg-type]
    assert users.health_check().status == "DOWN"
