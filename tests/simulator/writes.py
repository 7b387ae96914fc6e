"""The verbs that write one row, as callers use them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynrepo.operations.editing import TRIES
from tests.simulator.history import Effect
from tests.simulator.laws import Create, Delete, Edit, Put, Save, Update
from tests.simulator.plan import Plan, at

if TYPE_CHECKING:
    from tests.simulator.caller import Caller
    from tests.simulator.ledger import Place, Plain


_CONDITIONAL = 0.3
"""How many updates exactly once have a condition, too."""


def create(caller: Caller, place: Place) -> Plan:
    """A new row."""
    ledger, entry = caller.ledger(place), caller.entry(place)
    law = Create(caller.written(entry))
    return Plan(
        "create", lambda: ledger.create(entry), at(place, law), Effect.GUARDED, settles=True
    )


def set_(caller: Caller, place: Place) -> Plan:
    """A row in place of whatever is there."""
    ledger, entry = caller.ledger(place), caller.changed(place)
    law = Put(caller.written(entry))
    return Plan("set", lambda: ledger.set(entry), at(place, law), Effect.REPEATABLE)


def save(caller: Caller, place: Place) -> Plan:
    """A row over the one that was read."""
    ledger, entry = caller.ledger(place), caller.changed(place)
    new, version = caller.written(entry), getattr(entry, "version", None)
    if version is None:
        return Plan("save", lambda: ledger.save(entry), at(place, Put(new)), Effect.REPEATABLE)
    return Plan(
        "save of a version",
        lambda: ledger.save(entry),
        at(place, Save(new, version)),
        Effect.GUARDED,
        settles=hasattr(entry, "updated"),
    )


def update_set(caller: Caller, place: Place) -> Plan:
    """A tag is set; where there is a version, that counts."""
    law = Update(tag=caller.tag(), versioned=caller.is_versioned(place))
    effect = Effect.ONCE if law.versioned else Effect.REPEATABLE
    return _update(caller, "update that sets", place, law, effect)


def update_add(caller: Caller, place: Place) -> Plan:
    """An amount is added."""
    law = Update(add=1, versioned=caller.is_versioned(place))
    return _update(caller, "update that adds", place, law, Effect.ONCE)


def update_upsert(caller: Caller, place: Place) -> Plan:
    """An amount is added, to nothing as well."""
    law = Update(add=1, upsert=True, versioned=caller.is_versioned(place))
    return _update(caller, "update that makes", place, law, Effect.ONCE, upsert=True)


def update_if(caller: Caller, place: Place) -> Plan:
    """An amount is added to the one that was read."""
    amount = caller.amount(place)
    law = Update(add=1, required=amount, versioned=caller.is_versioned(place))
    condition = caller.ledger(place).fields.amount == amount
    return _update(caller, "update on a condition", place, law, Effect.GUARDED, condition=condition)


def update_once(caller: Caller, place: Place) -> Plan:
    """An amount is added exactly once, at times to the one that was read."""
    amount = caller.amount(place) if caller.dice.random() < _CONDITIONAL else None
    law = Update(add=1, required=amount, versioned=caller.is_versioned(place))
    options: dict[str, Any] = {"exactly_once": True}
    if amount is not None:
        options["condition"] = caller.ledger(place).fields.amount == amount
    return _update(caller, "update exactly once", place, law, Effect.GUARDED, **options)


def edit(caller: Caller, place: Place) -> Plan:
    """An amount is added by a function to the row that it is given."""
    ledger, law = caller.ledger(place), Edit(versioned=caller.is_versioned(place))

    def change(entry: Plain) -> Plain:
        return entry.model_copy(update={"amount": entry.amount + law.add})

    return Plan(
        "edit",
        lambda: ledger.edit(place.key, change),
        at(place, law),
        Effect.GUARDED,
        reads_first=TRIES,
    )


def delete(caller: Caller, place: Place) -> Plan:
    """Whatever is there goes."""
    ledger = caller.ledger(place)
    return Plan("delete", lambda: ledger.delete(place.key), at(place, Delete()), Effect.REPEATABLE)


def delete_version(caller: Caller, place: Place) -> Plan:
    """The version that was read goes."""
    ledger, entry = caller.ledger(place), caller.known(place)
    law = Delete(version=getattr(entry, "version", None))
    if law.version is None:
        return Plan("delete", lambda: ledger.delete(entry), at(place, law), Effect.REPEATABLE)
    return Plan("delete of a version", lambda: ledger.delete(entry), at(place, law), Effect.GUARDED)


def delete_if(caller: Caller, place: Place) -> Plan:
    """A row of the amount that was read goes."""
    ledger, amount = caller.ledger(place), caller.amount(place)
    condition = ledger.fields.amount == amount
    return Plan(
        "delete on a condition",
        lambda: ledger.delete(place.key, condition=condition),
        at(place, Delete(required=amount)),
        Effect.GUARDED,
    )


def _update(
    caller: Caller, verb: str, place: Place, law: Update, effect: Effect, **options: Any
) -> Plan:
    ledger = caller.ledger(place)
    fields = ledger.fields
    actions = [fields.tag.set(law.tag)] if law.tag is not None else [fields.amount.add(law.add)]
    return Plan(
        verb,
        lambda: ledger.update(place.key, *actions, **options),
        at(place, law),
        effect,
        reads_after="exactly_once" in options,
    )


WRITES = (
    create,
    set_,
    save,
    save,
    update_set,
    update_add,
    update_upsert,
    update_if,
    update_once,
    update_once,
    edit,
    edit,
    delete,
    delete_version,
    delete_version,
    delete_if,
)
"""A verb that stands here twice is called twice as often."""
