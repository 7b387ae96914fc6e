"""What a sample of a table's rows shows of the table: keys in another spelling than is written.

Such a row can be read by nobody, and by its key it is not found, updated, counted or deleted, for a
key is looked for by its text. A table that is older than its model may hold many.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from dynrepo.codec.value import canonical
from dynrepo.errors import CodecError
from dynrepo.expressions.rules import rules_of
from dynrepo.interruption import pass_strike
from dynrepo.operations.operation import Answer, Operation
from dynrepo.operations.queries import MAX_LIMIT
from dynrepo.public import public
from dynrepo.schema.keys import canonical_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dynrepo.codec import AttributeValue, Codec, Field, Item
    from dynrepo.expressions.rules import Rules
    from dynrepo.operations.mapper import Mapper
    from dynrepo.operations.program import Program


@public
@dataclass(frozen=True, slots=True)
class Sample:
    """What was found in some rows of a table; false when nothing of it is amiss.

    `rows` were read. `respelled` counts, by the name of a field that is a key of the table or of an
    index, those in which it is stored in another form than the one that is written.
    """

    rows: int
    respelled: Mapping[str, int] = field(default_factory=dict[str, int], hash=False)

    def __bool__(self) -> bool:
        return bool(self.respelled)


class RawPage(NamedTuple):
    """Rows as they are stored, and the key to go on from; None at the end."""

    rows: Sequence[Item]
    last_key: Item | None


def scan_rows(mapper: Mapper[Any], limit: int, start: Item | None) -> Operation[RawPage]:
    """Reads up to a number of rows as they are stored, after a key.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html
    """

    def read(answer: Answer) -> RawPage:
        return RawPage(answer.body.get("Items", ()), answer.body.get("LastEvaluatedKey") or None)

    request: dict[str, Any] = {"TableName": mapper.table, "Limit": min(limit, MAX_LIMIT)}
    if start is not None:
        request["ExclusiveStartKey"] = start
    return Operation("Scan", mapper.table, request, read)


def check_sample(count: Any) -> None:
    """ValueError, or TypeError, for what is no number of rows."""
    if type(count) is not int:
        raise TypeError(f"sample counts rows: an int, not {type(count).__name__}")
    if count < 1:
        raise ValueError(f"sample counts rows: at least 1, not {count}")


def sampled(mapper: Mapper[Any], count: int) -> Program[Sample]:
    """Reads rows, as many as there are up to a number, and looks at their keys."""
    schema = mapper.schema
    all_keys = [schema.key_schema, *schema.indexes.values()]
    keys = dict.fromkeys(chain.from_iterable(key.fields for key in all_keys))
    rules = rules_of(schema.model)
    found, rows, start = Counter[str](), 0, None
    while rows < count:
        page: RawPage = yield scan_rows(mapper, count - rows, start)
        for row in page.rows:
            found.update(
                key.name for key in keys if _is_respelled(key, row.get(key.attribute), rules)
            )
        rows, start = rows + len(page.rows), page.last_key
        if start is None:
            break
    return Sample(rows, {each.name: found[each.name] for each in schema.fields if found[each.name]})


def _is_respelled(key: Field, stored: AttributeValue | None, rules: Rules) -> bool:
    """Whether a key is there, and not as it would be written."""
    if stored is None:
        return False
    try:
        value = key.present.decode(stored)
        if not _is_as_written(key.present, value, stored):
            return True
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  # what a foreign writer stored may break any reader
        pass_strike(error)
        return True
    return not _is_kept(key, value, rules.below(key.name))


def _is_as_written(codec: Codec, value: Any, stored: AttributeValue) -> bool:
    if codec.made:  # of what is read Pydantic makes the value that is written
        return bool(canonical_of(codec)(stored[codec.tag]))
    return canonical(codec.encode(value)) == canonical(stored)


def _is_kept(key: Field, value: Any, rules: Rules | None) -> bool:
    """Whether the validators of a key leave a value as it is, or refuse it, which is another fault.

    One that lowers a text makes another key of what others have written in capitals.
    """
    if rules is None or rules.validate is None or key.computed:
        return True
    codec = key.present
    try:
        kept = rules.checked(value, codec, codec.encode) or {}
        return canonical(kept) == canonical(codec.encode(value))
    except CodecError:
        return True
