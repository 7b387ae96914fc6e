"""The life of a table: created, completed and dropped, whoever else does the same at the time."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from dynrepo.errors import OutcomeUnknown, StoreError, TableNotFound, Timeout
from dynrepo.operations.descriptions import index_keys, key_of, states_in, stored_key
from dynrepo.operations.program import Pause, Program, Progress
from dynrepo.operations.tables import (
    Difference,
    create_index,
    create_table,
    delete_table,
    describe_table,
    describe_time_to_live,
    update_time_to_live,
    verified,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dynrepo.operations.descriptions import Description
    from dynrepo.operations.mapper import Mapper
    from dynrepo.operations.operation import Operation
    from dynrepo.operations.table_plan import TablePlan
    from dynrepo.schema.keys import KeySchema

POLL = 0.1
"""Seconds between two looks at a table that is not there yet."""

WAIT_LIMIT = 600.0
"""Seconds to wait for a table or an index before `Timeout` is raised."""

TRIES = 4
"""How often a change is asked for at most whose answers are lost."""

SETTLING = 5.0
"""Seconds for which a table is looked at whose deletion was not answered."""

UNSEEN_LIMIT = 5.0
"""Seconds for which a new table may not be seen: descriptions are eventually consistent."""

_CHANGING = {"CREATING", "UPDATING", "DELETING"}
_IN_USE = {"ResourceInUseException", "TableInUseException", "TableAlreadyExistsException"}
_BUSY = {*_IN_USE, "LimitExceededException"}


def created(mapper: Mapper[Any], plan: TablePlan) -> Program[None]:
    """Creates the table, waits until it and its indexes are active, switches time to live on."""
    change = create_table(mapper, plan)
    yield from _made(change, describe_table(mapper, seeks=True), partial(_is_as_asked, mapper))
    if (yield from _active(mapper)) is None:
        raise TableNotFound(f"{mapper.table} was dropped before it was active")
    yield from _expiring(mapper)


def ensured(mapper: Mapper[Any], plan: TablePlan) -> Program[Difference]:
    """Creates what is missing and can be added, deletes nothing; returns what still differs."""
    yield from _ready(mapper, plan)
    difference = yield from verified(mapper)
    for name in difference.missing_indexes:
        index = mapper.schema.table_indexes[name]
        if not index.local:  # local ones are made with the table or never
            yield from _index_added(mapper, index, plan)
    if difference.time_to_live:
        yield from _expiring(mapper)
    return (yield from verified(mapper)) if difference else difference


def dropped(mapper: Mapper[Any], confirm: str) -> Program[None]:
    """Deletes the table and waits until it is gone; ValueError when `confirm` is not its name."""
    if confirm != mapper.table:
        raise ValueError(f"to drop the table {mapper.table}, pass confirm={mapper.table!r}")
    yield from _deleted(mapper)
    for _ in _looks(WAIT_LIMIT):
        if (yield from _described(mapper)) is None:
            return
        yield Pause(POLL)
    raise _late(mapper, "gone")


def _made(
    change: Operation[None], look: Operation[Any], is_made: Callable[[Any], bool]
) -> Program[None]:
    """Makes a change that does nothing when it is asked for again.

    Where its answer is lost, a look tells whether it is made; if not, it is asked for again.
    """
    lost: OutcomeUnknown | None = None
    for _ in range(TRIES):
        try:
            yield change
        except OutcomeUnknown as error:
            lost = error
        except StoreError:
            if lost is None:
                raise
        else:
            return
        if (yield from _looked(look, is_made)):
            return
        yield Pause(POLL)
    assert lost is not None  # noqa: S101 - else it returned, or raised
    raise lost


def _looked(look: Operation[Any], is_made: Callable[[Any], bool]) -> Program[bool]:
    """Whether a look shows that a change is made; False where it cannot be looked at."""
    try:
        found = yield look
    except TableNotFound:
        found = None
    except StoreError:
        return False
    return is_made(found)


def _is_as_asked(mapper: Mapper[Any], found: Description | None) -> bool:
    """Whether a table is there; StoreError for one with other keys, which was there before."""
    if found is None:
        return False
    wanted = {index.name: key_of(index) for index in mapper.schema.table_indexes.values()}
    is_ours = stored_key(found, found) == key_of(mapper.schema.key_schema)
    if not is_ours or dict(index_keys(found)) != wanted:
        code = "ResourceInUseException"
        raise StoreError(f"CreateTable on {mapper.table} failed: {code}", code=code)
    return True


def _ready(mapper: Mapper[Any], plan: TablePlan) -> Program[None]:
    """Waits until the table is active, and makes it where it is missing.

    Of several that make it at a time one does, and all wait for it.
    """
    found = yield from _described(mapper)
    for _ in range(TRIES):
        if found is not None and _is_steady(found):
            return
        if found is None:
            try:
                yield from _made(
                    create_table(mapper, plan), describe_table(mapper, seeks=True), bool
                )
            except StoreError as error:
                if error.code not in _IN_USE:
                    raise
        found = yield from _active(mapper)  # none where it was being deleted
    raise _late(mapper, "active")


def _index_added(mapper: Mapper[Any], index: KeySchema, plan: TablePlan) -> Program[None]:
    """Adds an index, after whatever else is done to the table at the time."""

    def is_there(found: Description | None) -> bool:
        return found is not None and index.name in dict(index_keys(found))

    look = describe_table(mapper, seeks=True)
    for _ in _looks(WAIT_LIMIT):
        found = yield from _active(mapper)
        if found is None or is_there(found):
            return
        try:
            yield from _made(create_index(mapper, index, plan, found), look, is_there)
        except StoreError as error:
            if error.code not in _BUSY and not (yield from _looked(look, is_there)):
                raise
            yield Pause(POLL)
    raise _late(mapper, "active")


def _expiring(mapper: Mapper[Any]) -> Program[None]:
    """Switches time to live on, where a field is marked, unless somebody else has."""
    expiry = mapper.expiry
    if expiry is None:
        return
    attribute = expiry.attribute

    def is_on(found: str | None) -> bool:
        return found == attribute

    look = describe_time_to_live(mapper)
    try:
        yield from _made(update_time_to_live(mapper, attribute), look, is_on)
    except StoreError:
        if not (yield from _looked(look, is_on)):
            raise


def _deleted(mapper: Mapper[Any]) -> Program[None]:
    """Deletes the table once: asked for again, another table of this name could be meant."""
    look = describe_table(mapper, seeks=True)
    for _ in _looks(WAIT_LIMIT):
        try:
            yield delete_table(mapper)
        except OutcomeUnknown:
            for _ in _looks(SETTLING):
                if (yield from _looked(look, _is_deleted)):
                    return
                yield Pause(POLL)
            raise
        except StoreError as error:
            if error.code not in _IN_USE:
                raise
            if (yield from _looked(look, _is_deleted)):
                return  # by somebody else
        else:
            return
        yield Pause(POLL)  # it is being created, or changed
    raise _late(mapper, "gone")


def _is_deleted(found: Description | None) -> bool:
    return found is None or found["TableStatus"] == "DELETING"


def _described(mapper: Mapper[Any]) -> Program[Description | None]:
    """The description of the table; None where it is missing."""
    try:
        found: Description = yield describe_table(mapper, seeks=True)
    except TableNotFound:
        return None
    return found


def _active(mapper: Mapper[Any]) -> Program[Description | None]:
    """Waits until the table and its indexes are active, with a sentence for each change.

    None where it is gone, or is not seen for some seconds.
    """
    last, unseen = "", 0
    for _ in _looks(WAIT_LIMIT):
        found = yield from _described(mapper)
        if found is None:
            unseen += 1
            if last or unseen > UNSEEN_LIMIT / POLL:
                return None
        else:
            text = ", ".join(f"{name} is {state}" for name, state in states_in(found).items())
            if text != last:
                last = text
                yield Progress(text)
            if _is_steady(found):
                return found
        yield Pause(POLL)
    raise _late(mapper, "active")


def _is_steady(found: Description) -> bool:
    """Whether nothing is being done to a table or to an index of it."""
    return _CHANGING.isdisjoint(states_in(found).values())


def _looks(seconds: float) -> Iterator[int]:
    """As many looks as there are in so many seconds."""
    return iter(range(round(seconds / POLL)))


def _late(mapper: Mapper[Any], state: str) -> Timeout:
    return Timeout(f"{mapper.table} is not {state} after {WAIT_LIMIT:.0f} s", code="Timeout")
