"""What repairs the rows of a shared table: the keys of indexes that their fields make.

Each row is read by a scan, and written under the condition that the fields are stored as they were
read, so that no run undoes what others write meanwhile, and none makes a row. A row that changed is
left for the next run: who changed it by this library has written its keys.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from dynrepo.callbacks import check_called, not_awaited
from dynrepo.errors import CodecError, ConditionFailed, OutcomeUnknown
from dynrepo.expressions.nodes import Update, Value
from dynrepo.expressions.trees import Tree, path_to, render
from dynrepo.operations.operation import Effect, Operation, nothing
from dynrepo.operations.program import Progress
from dynrepo.operations.refused import REFUSED, refusal_of
from dynrepo.operations.reports import Section, counted, report
from dynrepo.operations.rounds import at_once, check_concurrency
from dynrepo.operations.samples import patiently, scan_rows
from dynrepo.operations.tally import Tally
from dynrepo.operations.unchanged import unchanged
from dynrepo.operations.writes import conditional, of_key
from dynrepo.public import public

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from dynrepo.codec import AttributeValue, Field, Item
    from dynrepo.expressions.nodes import Action, Path
    from dynrepo.operations.mapper import Mapper
    from dynrepo.operations.program import Program


@public
@dataclass(frozen=True, slots=True)
class Rekeyed:
    """What `rekey()` did; false when each row that was read has the keys that its fields make.

    Attributes:
        rows: How many were read.
        repaired: How many of them were written.
        left: How many are for the next run, since they were changed meanwhile or the answer was
            lost.
        bad_rows: How many are not the model.
        attributes: How often each attribute was written, or removed, by name.
    """

    rows: int
    repaired: int = 0
    left: int = 0
    bad_rows: int = 0
    attributes: Mapping[str, int] = field(default_factory=dict[str, int], hash=False)

    def __bool__(self) -> bool:
        return bool(self.left or self.bad_rows)

    def __str__(self) -> str:
        sections = [Section("attributes that were written:", self.attributes)]
        return report(self.told, sections=sections)

    @property
    def told(self) -> str:
        """The counts, in a sentence."""
        told = f"{counted(self.rows, 'row')} read, {self.repaired:,} of them repaired"
        left = f", {self.left:,} left for another run" if self.left else ""
        bad = f", {self.bad_rows:,} not the model" if self.bad_rows else ""
        return f"{told}{left}{bad}"


class Repair:
    """Looks at rows, and writes the keys of indexes that they lack, or have otherwise."""

    def __init__(self, mapper: Mapper[Any]) -> None:
        self._mapper = mapper
        self._rows = self._repaired = self._left = self._bad_rows = 0
        self._attributes = Tally()
        self._stale: list[tuple[Item, dict[str, AttributeValue | None]]] = []
        self._errors: list[CodecError] = []

    def look(self, row: Item) -> None:
        """Takes note of a row, and of what is to be written of it."""
        self._rows += 1
        try:
            written = self._mapper.schema.encode(self._mapper.decode(row))
        except CodecError as error:
            self._bad_rows += 1
            self._errors.append(error)
            return
        changes = self._mapper.schema.stale_keys(row, written)
        if changes:
            self._stale.append((row, changes))

    def errors(self) -> list[CodecError]:
        """Those of the rows that were looked at since the last call."""
        errors, self._errors = self._errors, []
        return errors

    def writes(self, concurrency: int) -> Program[None]:
        """Writes what is to be written of the rows since the last call, so many at a time."""
        stale, self._stale = self._stale, []
        for start in range(0, len(stale), concurrency):
            wave = stale[start : start + concurrency]
            yield from at_once([self._write(*each) for each in wave])

    def _write(self, row: Item, changes: Mapping[str, AttributeValue | None]) -> Program[None]:
        try:
            yield from patiently(rekey_item(self._mapper, row, changes))
        except (ConditionFailed, OutcomeUnknown):
            self._left += 1
        else:
            self._repaired += 1
            for name in changes:
                self._attributes.add(name)

    def counts(self) -> Rekeyed:
        """What was done so far."""
        attributes = self._attributes.by_name()
        return Rekeyed(self._rows, self._repaired, self._left, self._bad_rows, attributes)


def rekey_item(
    mapper: Mapper[Any], row: Item, changes: Mapping[str, AttributeValue | None]
) -> Operation[None]:
    """Writes some attributes of a row, and removes those without a value, if it is as it was read.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
    """
    actions = [_action(path_to(name), value) for name, value in changes.items()]
    trees: dict[str, Tree] = {
        "UpdateExpression": Update(*actions),
        "ConditionExpression": unchanged(mapper, row, _observed(mapper, row)),
    }
    key = mapper.schema.key_of(row)
    return Operation(
        "UpdateItem",
        mapper.table,
        {
            "TableName": mapper.table,
            "Key": key,
            "ReturnValues": "ALL_NEW",  # by which an answer is known for one
            **conditional(render(trees)),
        },
        nothing,
        Effect.REPEATABLE,
        expressions=trees,
        refusal=partial(refusal_of, mapper, lambda _: REFUSED),
        accepts=of_key(mapper, key),
        entity=mapper.schema.entity,
    )


def _action(path: Path, value: AttributeValue | None) -> Action:
    return path.remove() if value is None else path.set(Value(value))


def _observed(mapper: Mapper[Any], row: Item) -> Iterable[str]:
    """The attributes that the keys of indexes are made of, or may be by code of the user's."""
    schema: Any = mapper.schema
    templated: Mapping[str, Field] = schema.templated
    is_computed = any(field.computed for field in templated.values())
    if mapper.upcast is None and not schema.runs_own_code and not is_computed:
        return templated
    return dict.fromkeys([*row, *(field.attribute for field in schema.stored_fields)])


def rekeyed(
    mapper: Mapper[Any], bad_rows: Callable[[CodecError], object] | None, concurrency: int
) -> Program[Rekeyed]:
    """Repairs all rows of an entity; ValueError where it has no place in a shared table."""
    if not mapper.schema.added:
        raise ValueError(
            f"{mapper.schema.name} has no place in a shared table, and so no such keys"
        )
    if bad_rows is not None:
        check_called("bad_rows", bad_rows, "called with a CodecError: errors.append, say")
    repair, start, most = Repair(mapper), None, check_concurrency(concurrency)
    while True:
        start = yield from patiently(scan_rows(mapper, None, start, repair))
        for error in repair.errors():
            if bad_rows is None:
                raise error
            not_awaited("bad_rows", bad_rows(error))
        yield from repair.writes(most)
        yield Progress(f"{mapper.table}: {repair.counts().told}")
        if start is None:
            return repair.counts()
