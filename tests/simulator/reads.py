"""The verbs that read, as callers use them; all reads but one are consistent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.simulator.laws import DONE, Exists, Glance, Read, Require, Said
from tests.simulator.ledger import NUMBERS, SHELF, UNREADABLE, Row, row_of
from tests.simulator.plan import Plan, all_shown, at, at_all, places_beside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dynrepo import CodecError
    from tests.simulator.caller import Caller
    from tests.simulator.ledger import Place


def get(caller: Caller, place: Place) -> Plan:
    """One row, or None."""
    ledger = caller.ledger(place)
    return Plan("get", lambda: ledger.get(place.key, consistent=True), at(place, Read()))


def glance(caller: Caller, place: Place) -> Plan:
    """One row, which may be stale."""
    ledger = caller.ledger(place)
    law = Glance(caller.had(place))
    return Plan("get that may be stale", lambda: ledger.get(place.key), at(place, law))


def require(caller: Caller, place: Place) -> Plan:
    """One row that has to be there."""
    ledger = caller.ledger(place)
    return Plan("require", lambda: ledger.require(place.key, consistent=True), at(place, Require()))


def exists(caller: Caller, place: Place) -> Plan:
    """The key of one row."""
    ledger = caller.ledger(place)
    return Plan(
        "exists",
        lambda: ledger.exists(place.key, consistent=True),
        at(place, Exists()),
        read=lambda found: (Said(DONE, Row(0, "") if found else None),),
    )


def get_many(caller: Caller, place: Place) -> Plan:
    """All rows of a table, by their keys."""
    ledger, places = caller.ledger(place), places_beside(place)
    keys = [beside.key for beside in places]
    return Plan(
        "get_many",
        lambda: ledger.get_many(keys, consistent=True),
        at_all(places, Read()),
        read=all_shown,
        bounded=False,
    )


def get_together(caller: Caller, place: Place) -> Plan:
    """All rows of a table, at one moment."""
    ledger, places = caller.ledger(place), places_beside(place)
    lookups = [ledger.lookup(beside.key) for beside in places]
    return Plan(
        "get_together",
        lambda: ledger.get_together(*lookups),
        at_all(places, Read()),
        read=all_shown,
        atomic=True,
    )


def query(caller: Caller, place: Place) -> Plan:
    """All rows of a table, as a partition."""
    ledger = caller.ledger(place)
    condition = ledger.fields.shelf == SHELF
    return _listing(
        "query",
        place,
        lambda bad_rows: ledger.query(condition, consistent=True, bad_rows=bad_rows).all(),
    )


def scan(caller: Caller, place: Place) -> Plan:
    """All rows of a table, in no order."""
    ledger = caller.ledger(place)
    return _listing(
        "scan", place, lambda bad_rows: ledger.scan(consistent=True, bad_rows=bad_rows).all()
    )


def pages(caller: Caller, place: Place) -> Plan:
    """All rows of a table, one a page."""
    ledger = caller.ledger(place)
    condition = ledger.fields.shelf == SHELF

    def listed(bad_rows: Callable[[CodecError], None]) -> Iterator[Any]:
        asked = ledger.query(condition, consistent=True, bad_rows=bad_rows)
        page = asked.page(size=1)
        yield from page
        while page.cursor is not None:
            page = asked.page(size=1, after=page.cursor)
            yield from page

    return _listing("query in pages", place, listed)


def _listing(
    verb: str, place: Place, listed: Callable[[Callable[[CodecError], None]], Any]
) -> Plan:
    """A list of all rows: what is not in it was not there."""

    def rows() -> dict[int, Row | None]:
        found: dict[int, Row | None] = {}

        def bad_row(error: CodecError) -> None:
            assert error.key is not None
            found[int(error.key["number"]["N"])] = UNREADABLE

        for entry in listed(bad_row):
            found[entry.number] = row_of(entry)
        return found

    return Plan(
        verb,
        rows,
        at_all(places_beside(place), Read()),
        read=lambda found: tuple([Said(DONE, found.get(number)) for number in NUMBERS]),
        bounded=False,
    )


READS = (get, glance, require, exists, get_many, get_together, query, pages, scan)
