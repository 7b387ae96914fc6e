"""Writers of unique values at the same time, request by request, over a network that loses some.

Each schedule is played by its seed: who sends next, what becomes of a request, and when one arrives
that was given up. After every request there is one guard for each value, of the item that has it.
"""

from __future__ import annotations

from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo import Repository
from dynrepo.blocking.driver import run
from dynrepo.errors import (
    ConditionFailed,
    DynrepoError,
    ItemNotFound,
    NotUnique,
    OutcomeUnknown,
    Timeout,
)
from dynrepo.operations.editing import edited
from dynrepo.operations.operation import Effect, Operation
from dynrepo.operations.program import Apply, Pause
from dynrepo.testing import MemoryStore
from tests.members import Member, Members, Rows, claimed, wanted

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.operations.program import Program
    from dynrepo.operations.unique_writes import UniqueWrites

IDS, EMAILS, NICKS = ("a", "b", "c"), ("x@y", "X@y", "z@y", None), ("n", "m", None, None)
_APPLIED_UNSEEN, _LATE, _LOST = 0.1, 0.2, 0.25
"""How many requests are applied without an answer, or arrive after their caller gave up, or do not
arrive; each of them beside the ones before."""

_AGAIN = 0.5
"""How many requests without an answer are sent again, where they may be repeated."""

_FORMS: dict[str, Callable[[str], str]] = {"email": str.lower, "nick": str}
"""What of a value is unique, by field."""


class Network:
    """A table behind a network, in which requests may still be under way.

    `moments` are the guards as they were at first, and after each request that arrived.
    """

    def __init__(self, dice: Random) -> None:
        self.store = MemoryStore(Members)
        self.moments: list[dict[str, str]] = [{}]
        self._dice = dice
        self._under_way: list[tuple[Operation[Any], Call]] = []

    def answer(self, operation: Operation[Any], call: Call) -> Any:
        """What comes of a request; raises what the caller is told.

        One that may be repeated is sent again where its answer is lost; a refusal then says nothing
        of the first.
        """
        if self._dice.random() >= _LOST:
            return operation.read(self._executed(operation, call))
        self._lose(operation, call)
        if operation.effect is Effect.NONE:
            raise Timeout
        if operation.effect is Effect.REPEATABLE and self._dice.random() < _AGAIN:
            try:
                return operation.read(self._executed(operation, call))
            except DynrepoError as error:
                raise OutcomeUnknown(code=getattr(error, "code", "")) from error
        raise OutcomeUnknown

    def deliver(self) -> None:
        """Has a request arrive that nobody waits for any more, if there is one."""
        if self._under_way:
            late = self._under_way.pop(self._dice.randrange(len(self._under_way)))
            self._arrive(*late)

    def _lose(self, operation: Operation[Any], call: Call) -> None:
        fate = self._dice.random() * _LOST
        if fate < _APPLIED_UNSEEN:
            self._arrive(operation, call)
        elif fate < _LATE:
            self._under_way.append((operation, call))

    def _arrive(self, operation: Operation[Any], call: Call) -> None:
        with suppress(DynrepoError):  # nobody is told
            self._executed(operation, call)

    def _executed(self, operation: Operation[Any], call: Call) -> Any:
        answer = self.store.execute(operation)
        if operation.effect is not Effect.NONE:
            call.written = True
            call.check_written()
            self.moments.append(claimed(self.store))
        return answer


class Call:
    """A call of a verb, and what it was told: whether that is true.

    `values` are the texts of the guards that it is to leave the member with, by field, and None for
    those that it is to leave without; it `leaves_alone` the fields that are not there.
    """

    def __init__(self, program: Program[Any], key: str, **values: str | None) -> None:
        self.program = program
        self.written = False
        self._key = key
        self._texts = {
            name: None if value is None else f"UNIQUE#{name}#{_FORMS[name](value)}"
            for name, value in values.items()
        }
        self.told: Any = None

    def check(self, moments: list[dict[str, str]]) -> None:
        """AssertionError where what was told is so at no moment of the call."""
        told = self.told
        if isinstance(told, NotUnique):
            text = self._texts[told.field]
            assert any(moment.get(str(text), self._key) != self._key for moment in moments), text
        elif not isinstance(told, BaseException):
            assert any(map(self._is_done, moments)), self._texts
        self.check_written()

    def check_written(self) -> None:
        """AssertionError where a call was told that nothing was written, and something was."""
        is_refused = isinstance(self.told, (ConditionFailed, ItemNotFound, Timeout))
        assert not (self.written and is_refused), self.told

    def _is_done(self, moment: dict[str, str]) -> bool:
        own = {text for text, key in moment.items() if key == self._key}
        return all(
            text in own if text else not any(it.startswith(f"UNIQUE#{name}#") for it in own)
            for name, text in self._texts.items()
        )


class Writer:
    """Calls verb after verb; between two requests of one, others have their turns."""

    def __init__(self, network: Network, dice: Random) -> None:
        self._network = network
        self._dice = dice
        self._members = Members(network.store)
        self._writes = self._members._unique_writes
        self._call: Call | None = None
        self._begun = 0
        self._answer: Any = None
        self._error: BaseException | None = None
        self.told: list[Any] = []

    def step(self) -> None:
        """Sends one request, of a new call where there is none under way."""
        if self._call is None:
            self._call, self._answer, self._error = self._begin(), None, None
            self._begun = len(self._network.moments) - 1
        try:
            command = self._next(self._call.program)
        except StopIteration as end:
            self._end(self._call, end.value)
        except (DynrepoError, ValueError) as error:
            self._end(self._call, error)
        else:
            self._carry_out(command, self._call)

    def _end(self, call: Call, told: Any) -> None:
        call.told, self._call = told, None
        call.check(self._network.moments[self._begun :])
        self.told.append(type(told) if isinstance(told, BaseException) else told)

    def _next(self, program: Program[Any]) -> Any:
        if self._error is not None:
            return program.throw(self._error)
        return program.send(self._answer)

    def _carry_out(self, command: Any, call: Call) -> None:
        self._answer = self._error = None
        if isinstance(command, Apply):
            self._answer = command.function(command.value)
        elif not isinstance(command, Pause):
            try:
                self._answer = self._network.answer(command, call)
            except DynrepoError as error:
                self._error = error

    def _begin(self) -> Call:
        member, writes, fields = self._member(), self._writes, Members.fields
        key, email = member.member_id, member.email
        whole = {"email": email, "nick": member.nick}
        nothing = {"email": None, "nick": None}
        n, visited = fields.nick.set("n"), fields.visits.add(1)
        address = fields.email.set(email or "w@y")
        calls: list[Callable[[], Call]] = [
            lambda: Call(writes.created(member), key, **whole),
            lambda: Call(writes.put(member), key, **whole),
            lambda: Call(writes.saved(member), key, **whole),
            lambda: Call(writes.updated(key, [address]), key, email=email or "w@y"),
            lambda: Call(
                writes.updated(key, [fields.nick.remove()], exactly_once=True), key, nick=None
            ),
            lambda: Call(writes.updated(key, [n, visited], upsert=True), key, nick="n"),
            lambda: Call(writes.updated(key, [visited]), key),
            lambda: Call(writes.deleted(key), key, **nothing),
            lambda: Call(writes.deleted(member, condition=fields.visits < 2), key, **nothing),
            lambda: Call(
                edited(
                    self._members.mapper, key, lambda it: it.model_copy(update={"email": email})
                ),
                key,
                email=email,
            ),
        ]
        return self._dice.choice(calls)()

    def _member(self) -> Member:
        return Member(
            member_id=self._dice.choice(IDS),
            email=self._dice.choice(EMAILS),
            nick=self._dice.choice(NICKS),
            visits=self._dice.randint(0, 3),
        )


def played(seed: int, steps: int = 60) -> list[Any]:
    """What the writers of a schedule were told; fails where that is not so, or a guard is not."""
    dice = Random(seed)  # noqa: S311 - of a test
    network = Network(dice)
    writers = [Writer(network, dice) for _ in range(3)]
    for step in range(steps):
        if dice.random() < 0.1:
            network.deliver()
        else:
            dice.choice(writers).step()
        assert claimed(network.store) == wanted(network.store), (seed, step)
    return [told for writer in writers for told in writer.told]


@pytest.mark.parametrize("first", range(0, 300, 50))
def test_there_is_one_guard_for_each_value_after_every_request(first: int) -> None:
    """Whoever was faster, whatever was lost, and wherever a writer was stopped.

    A call that returned is done, one that was refused has written nothing, and another item had the
    value at some moment of a call that was told so.
    """
    told = [each for seed in range(first, first + 50) for each in played(seed)]
    kinds = {each if isinstance(each, type) else type(each) for each in told}
    assert kinds >= {Member, NotUnique, OutcomeUnknown, Timeout, ItemNotFound, type(None)}


def calls(members: Members) -> dict[str, Callable[[UniqueWrites], Program[Any]]]:
    """Verbs that change unique values, of a table with two members."""
    ada, fields = Member(member_id="a", email="new@y", nick="n"), Members.fields
    return {
        "create": lambda writes: writes.created(Member(member_id="c", email="c@y", nick="c")),
        "create, refused": lambda writes: writes.created(Member(member_id="c", email="b@y")),
        "set": lambda writes: writes.put(ada),
        "save": lambda writes: writes.saved(ada),
        "save, refused": lambda writes: writes.saved(Member(member_id="a", email="b@y")),
        "update": lambda writes: writes.updated("a", [fields.nick.set("m")]),
        "update once": lambda writes: writes.updated(
            "a", [fields.nick.set("m")], exactly_once=True
        ),
        "edit": lambda _: edited(
            members.mapper, "a", lambda it: it.model_copy(update={"nick": "m"})
        ),
        "delete": lambda writes: writes.deleted("a"),
        "claim": lambda writes: writes.claiming(None).made(),
    }


def broken_off(verb: str, after: int, *, applied: bool) -> tuple[MemoryStore, bool]:
    """What a verb leaves that is broken off at a request of it, and whether it came so far."""
    store = MemoryStore(Members)
    members = Members(store)
    members.create(Member(member_id="a", email="a@y", nick="a"))
    members.create(Member(member_id="b", email="b@y"))
    if verb == "claim":
        Rows(store).delete("b")
        Rows(store).set(Member(member_id="c", nick="c"))
    left = after

    def execute(operation: Operation[Any]) -> Any:
        nonlocal left
        left -= 1
        if left == 0 and not applied:
            raise Killed
        answer = operation.read(store.execute(operation))
        if left == 0:
            raise Killed
        return answer

    with suppress(DynrepoError, Killed):
        run(calls(members)[verb](members._unique_writes), execute, lambda _: None)
    return store, left <= 0


class Killed(BaseException):
    """The end of a process."""


@pytest.mark.parametrize("applied", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("verb", list(calls(Members(MemoryStore()))))
def test_wherever_a_verb_is_broken_off_nothing_is_to_be_mended(verb: str, *, applied: bool) -> None:
    """A process is killed before a request of it, or after it, and nobody goes on."""
    came_so_far, after = True, 1
    while came_so_far:
        store, came_so_far = broken_off(verb, after, applied=applied)
        if verb != "claim":
            assert claimed(store) == wanted(store), after
        mended = Members(store).claim_unique()
        assert verb == "claim" or (mended.written, mended.removed) == (0, 0)
        assert claimed(store) == wanted(store)
        after += 1
    assert after > 2


def test_a_writer_that_asks_nothing_of_what_is_stored_is_found() -> None:
    """A guard is left behind where a write is made without the condition that it needs."""

    class Blind(Repository[Member]):
        table = "members"

    store = MemoryStore(Members)
    Members(store).create(Member(member_id="a", email="x@y"))
    Blind(store).delete("a")
    assert claimed(store) != wanted(store)


def test_writers_in_turn_are_told_what_is_so() -> None:
    """Without faults, of two that write one value one is told that it is not unique."""
    store = MemoryStore(Members)
    members = Members(store)
    members.create(Member(member_id="a", email="x@y"))
    for refused in (
        lambda: members.create(Member(member_id="b", email="X@Y")),
        lambda: members.set(Member(member_id="b", email="X@y")),
        lambda: members.save(Member(member_id="b", email="x@Y")),
        lambda: members.update("b", Members.fields.email.set("x@y"), upsert=True),
    ):
        with pytest.raises(NotUnique) as caught:
            refused()
        assert (caught.value.field, caught.value.item) == ("email", None)
        assert isinstance(caught.value, ConditionFailed)
    assert claimed(store) == wanted(store) == {"UNIQUE#email#x@y": "a"}
