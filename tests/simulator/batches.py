"""The verbs that write several rows, as callers use them: each by itself, or all at one moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.simulator.history import Effect, Part
from tests.simulator.laws import Check, Create, Delete, Put, Save, Update
from tests.simulator.ledger import PLACES
from tests.simulator.plan import Plan, at_all, none_shown, places_beside

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulator.caller import Caller
    from tests.simulator.laws import Law
    from tests.simulator.ledger import Place


def set_many(caller: Caller, place: Place) -> Plan:
    """Rows in place of all that is there."""
    ledger, places = caller.ledger(place), places_beside(place)
    entries = [caller.changed(beside) for beside in places]
    parts = [
        Part(beside, Put(caller.written(entry)))
        for beside, entry in zip(places, entries, strict=True)
    ]
    return _unseen("set_many", lambda: ledger.set_many(entries), tuple(parts))


def delete_many(caller: Caller, place: Place) -> Plan:
    """All rows of a table go."""
    ledger, places = caller.ledger(place), places_beside(place)
    keys = [beside.key for beside in places]
    return _unseen("delete_many", lambda: ledger.delete_many(keys), at_all(places, Delete()))


def batch(caller: Caller, place: Place) -> Plan:
    """One row is set, the others of the table go."""
    ledger, entry = caller.ledger(place), caller.changed(place)
    others = [beside for beside in places_beside(place) if beside != place]

    def write() -> None:
        with ledger.batch() as writes:
            writes.set(entry)
            for other in others:
                writes.delete(other.key)

    put = Part(place, Put(caller.written(entry)))
    return _unseen("batch", write, (put, *at_all(others, Delete())))


def _unseen(verb: str, write: Callable[[], object], parts: tuple[Part, ...]) -> Plan:
    return Plan(verb, write, parts, Effect.REPEATABLE, read=none_shown, bounded=False)


def transaction(caller: Caller, place: Place) -> Plan:
    """Two or three writes in any tables, one of them at the place."""
    others = [other for other in PLACES if other != place]
    places = [place, *caller.dice.sample(others, caller.dice.randint(1, 2))]
    members = [caller.dice.choice(_MEMBERS)(caller, member) for member in places]

    def write() -> None:
        with caller.ledger(place).transaction() as writes:
            for _, add in members:
                add(writes)

    parts = tuple([Part(at, law) for at, (law, _) in zip(places, members, strict=True)])
    return Plan("transaction", write, parts, Effect.GUARDED, read=none_shown, atomic=True)


def _created(caller: Caller, place: Place) -> tuple[Law, Callable[[Any], None]]:
    ledger, entry = caller.ledger(place), caller.entry(place)
    return Create(caller.written(entry)), lambda writes: writes.create(ledger, entry)


def _put(caller: Caller, place: Place) -> tuple[Law, Callable[[Any], None]]:
    ledger, entry = caller.ledger(place), caller.changed(place)
    return Put(caller.written(entry)), lambda writes: writes.set(ledger, entry)


def _saved(caller: Caller, place: Place) -> tuple[Law, Callable[[Any], None]]:
    ledger, entry = caller.ledger(place), caller.changed(place)
    new, version = caller.written(entry), getattr(entry, "version", None)
    law = Put(new) if version is None else Save(new, version)
    return law, lambda writes: writes.save(ledger, entry)


def _updated(caller: Caller, place: Place) -> tuple[Law, Callable[[Any], None]]:
    ledger, law = caller.ledger(place), Update(add=1, versioned=caller.is_versioned(place))
    return law, lambda writes: writes.update(ledger, place.key, ledger.fields.amount.add(1))


def _deleted(caller: Caller, place: Place) -> tuple[Law, Callable[[Any], None]]:
    ledger, entry = caller.ledger(place), caller.known(place)
    law = Delete(version=getattr(entry, "version", None))
    return law, lambda writes: writes.delete(ledger, entry)


def _checked(caller: Caller, place: Place) -> tuple[Law, Callable[[Any], None]]:
    ledger, amount = caller.ledger(place), caller.amount(place)
    condition = ledger.fields.amount == amount
    return Check(amount), lambda writes: writes.check(ledger, place.key, condition)


_MEMBERS = (_created, _put, _saved, _updated, _updated, _deleted, _checked)

BATCHES = (set_many, delete_many, batch, transaction, transaction, transaction)
"""A verb that stands here twice is called twice as often."""
