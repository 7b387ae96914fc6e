"""What the rows of a table, some or all, show of it: how far they are what the model says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, TypeVar

from dynrepo.errors import CodecError, StoreError
from dynrepo.expressions.trees import Tree, path_to, render
from dynrepo.operations.accepting import of_count
from dynrepo.operations.guard_rows import OWNER
from dynrepo.operations.operation import Answer, Operation, Steps, exhausted
from dynrepo.operations.program import Pause, Progress
from dynrepo.operations.queries import MAX_LIMIT, STEP
from dynrepo.operations.reports import Section, counted, flat, report
from dynrepo.operations.spellings import Spellings
from dynrepo.operations.tally import Tally
from dynrepo.public import public
from dynrepo.schema.faults import fault_in, faults_of
from dynrepo.schema.forms import UNDECLARED, other_forms
from dynrepo.schema.upcasts import upcasted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dynrepo.codec import Item
    from dynrepo.expressions.nodes import Condition
    from dynrepo.operations.mapper import Mapper
    from dynrepo.operations.program import Program
    from dynrepo.schema.entity import Schema

R = TypeVar("R")

SampleSize: TypeAlias = 'int | Literal["all"]'
"""How many rows are read."""

_ABSENT, _STALE = "absent", "another than the fields make"
"""What may be amiss with an attribute that is a key of an index of a shared table."""

LEAST = 100
"""Rows of a shared table to read at a time, of which few may be the model's."""

PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds to wait before a page of a whole table is asked for again that could not be read."""


@public
@dataclass(frozen=True, slots=True)
class Sample:
    """What was found in the rows of a table; false when each is as the model would write it.

    No value is in it. Of each mapping 100 names are told apart, and the others counted as "...".

    Attributes:
        rows: How many were read.
        respelled: Rows by the name of a field that is a key of the table or of an index, in which
            it is stored in another form than the one that is written.
        bad_rows: How many rows are not the model.
        reasons: What is amiss in those, by the name of a field, "" for the whole, and by the
            reason.
        undeclared: Attributes that no field declares, by name.
        other_forms: Values that are read in another form than the one that is written, by place and
            form: they are exact, and slower to read.
        index_keys: Rows that `rekey()` repairs, by the attribute of an index of a shared table and
            by what is amiss.
    """

    rows: int
    respelled: Mapping[str, int] = field(default_factory=dict[str, int], hash=False)
    bad_rows: int = 0
    reasons: Mapping[str, Mapping[str, int]] = field(
        default_factory=dict[str, "Mapping[str, int]"], hash=False
    )
    undeclared: Mapping[str, int] = field(default_factory=dict[str, int], hash=False)
    other_forms: Mapping[str, Mapping[str, int]] = field(
        default_factory=dict[str, "Mapping[str, int]"], hash=False
    )
    index_keys: Mapping[str, Mapping[str, int]] = field(
        default_factory=dict[str, "Mapping[str, int]"], hash=False
    )

    def __bool__(self) -> bool:
        found = self.respelled or self.bad_rows or self.undeclared or self.other_forms
        return bool(found or self.index_keys)

    def __str__(self) -> str:
        bad = f", {self.bad_rows:,} of them not the model" if self.bad_rows else ""
        sections = (
            Section("not the model:", flat(self.reasons)),
            Section("keys in another spelling, never found by their text:", self.respelled),
            Section("attributes that no field declares:", self.undeclared),
            Section("read in another form than is written:", flat(self.other_forms)),
            Section("keys of indexes that rekey() repairs:", flat(self.index_keys)),
        )
        return report(f"{counted(self.rows, 'row')} read{bad}", sections=sections)


class Examination:
    """Looks at rows, and counts what it finds."""

    def __init__(self, mapper: Mapper[Any]) -> None:
        self._mapper = mapper
        self._schema = mapper.schema
        self._spellings = Spellings(mapper.schema)
        self._respelled, self._reasons = Tally(), Tally()
        self._undeclared, self._forms = Tally(), Tally()
        self._index_keys = Tally()
        self.rows = self.bad_rows = 0

    def look(self, row: Item) -> None:
        """Takes note of a row."""
        self.rows += 1
        for name in self._spellings.respelled(row):
            self._respelled.add(name)
        schema, written = self._schema, row
        try:
            instance = self._mapper.decode(row)
            schema = schema.of_instance(instance)
            written = schema.encode(instance)
        except CodecError as error:
            self._look_at_bad(row, str(error))
        self._look_at_forms(schema, row, written)

    def _look_at_bad(self, row: Item, reason: str) -> None:
        self.bad_rows += 1
        schema, upcast = self._schema, self._mapper.upcast
        try:
            today = row if upcast is None else upcasted(row, upcast, schema.name, schema.added)
            faults = faults_of(schema.of_stored(today), today, reason)
        except CodecError as error:
            faults = [fault_in(schema, str(error))]
        for fault in faults:
            self._reasons.add(*fault)

    def _look_at_forms(self, schema: Schema[Any], row: Item, written: Item) -> None:
        for place, form in other_forms(schema.stored_fields, row, written):
            if form == UNDECLARED:
                if place not in self._schema.added:
                    self._undeclared.add(place)
            else:
                self._forms.add(place, form)
        for name in sorted(schema.stale_keys(row, written)):
            self._index_keys.add(name, _STALE if name in row else _ABSENT)

    def sample(self) -> Sample:
        """What was found so far."""
        return Sample(
            self.rows,
            self._respelled.by_name(),
            self.bad_rows,
            self._reasons.by_reason(),
            self._undeclared.by_name(),
            self._forms.by_reason(),
            self._index_keys.by_reason(),
        )


class Viewer(Protocol):
    """What is shown rows."""

    def look(self, row: Item) -> None:
        """Takes note of a row."""
        ...


def scan_rows(
    mapper: Mapper[Any], limit: int | None, start: Item | None, viewer: Viewer
) -> Operation[Item | None]:
    """Has rows looked at as they are stored, after a key: up to a number, or up to 1 MB.

    The key to go on from; None at the end. Of a shared table rows of others are left out by a
    filter, which DynamoDB applies after it has counted.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html
    """

    def steps(answer: Answer) -> Steps[Item | None]:
        for number, row in enumerate(answer.body.get("Items", ())[:limit]):
            if number and number % STEP == 0:
                yield
            viewer.look(row)
        return answer.body.get("LastEvaluatedKey") or None

    def read(answer: Answer) -> Item | None:
        return exhausted(steps(answer))

    own = _own_rows(mapper)
    trees: dict[str, Tree] = {} if own is None else {"FilterExpression": own}
    request: dict[str, Any] = {"TableName": mapper.table, **render(trees)}
    if limit is not None:
        request["Limit"] = min(max(limit, LEAST) if trees else limit, MAX_LIMIT)
    if start is not None:
        request["ExclusiveStartKey"] = start
    return Operation(
        "Scan",
        mapper.table,
        request,
        read,
        expressions=trees,
        accepts=of_count,
        steps=steps,
        entity=mapper.schema.entity,
    )


def _own_rows(mapper: Mapper[Any]) -> Condition | None:
    """What leaves out rows of other entities, and guards; None where a scan meets neither."""
    if mapper.schema.added:
        return mapper.placed_query(mapper.schema.key_schema, None).filter
    return path_to(OWNER).does_not_exist() if mapper.has_guards else None


def check_sample(size: Any) -> None:
    """ValueError, or TypeError, for what is no number of rows, nor all of them."""
    if size == "all":
        return
    if type(size) is not int:
        raise TypeError(f'sample counts rows: an int, or "all", not {type(size).__name__}')
    if size < 1:
        raise ValueError(f"sample counts rows: at least 1, not {size}")


def sampled(mapper: Mapper[Any], size: SampleSize, about: int = 0) -> Program[Sample]:
    """Examines rows, as many as there are up to a size; `about` so many are in the table."""
    examination, start = Examination(mapper), None
    pauses = PAUSES if size == "all" else ()
    while True:
        limit = None if size == "all" else size - examination.rows
        start = yield from patiently(scan_rows(mapper, limit, start, examination), pauses)
        yield Progress(_told(mapper, about, examination))
        if start is None or examination.rows == size:
            return examination.sample()


def patiently(operation: Operation[R], pauses: Iterable[float] = PAUSES) -> Program[R]:
    """Sends a request; again, after pauses, where it was throttled, or there was no answer."""
    for seconds in pauses:
        try:
            found: R = yield operation
        except StoreError as error:
            if not error.retryable:
                raise
        else:
            return found
        yield Pause(seconds)
    found = yield operation
    return found


def _told(mapper: Mapper[Any], about: int, examined: Examination) -> str:
    rows, table = examined.rows, mapper.table
    if entity := mapper.schema.entity:  # how many rows it has of them is not known
        about, table = 0, f"{table} ({entity})"
    read = f"{rows:,} of about {counted(about, 'row')}" if about > rows else counted(rows, "row")
    return f"{table}: {read} read, {examined.bad_rows:,} of them not the model"
