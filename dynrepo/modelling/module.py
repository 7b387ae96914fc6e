"""The text of a module that is proposed for a table."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Any

from dynrepo.errors import CodecError
from dynrepo.modelling.fields import NULL
from dynrepo.modelling.identifiers import class_name, singular
from dynrepo.modelling.kinds import kinds_of
from dynrepo.modelling.layout import class_lines, commented, import_lines, quoted
from dynrepo.modelling.marks import Marks
from dynrepo.modelling.shapes import Shapes
from dynrepo.operations.streams import wire_item
from dynrepo.public import public

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dynrepo.codec import Item
    from dynrepo.modelling.types import ClassText, Import

_TABLE = re.compile(r"[A-Za-z0-9_.-]+")

_AFTER_NAME = re.compile(r"\W")
"""What stands behind the name that a marker begins with: of a class, or of the encodings."""

_NONE = "No row was given: the model has the keys of the table only."
_NULLS = (
    "Where NULL is stored, a default_factory has None written as NULL: a default of None would have"
    " it written by absence."
)
_KINDS = (
    "The rows are of several kinds, told by {}: name the models after them, and let each refuse"
    " the rows of the others, as by a Literal in a field."
)


@public
def model_of(
    description: Mapping[str, Any],
    items: Iterable[Mapping[str, Any]],
    *,
    time_to_live: Mapping[str, Any] | None = None,
) -> str:
    """Proposes a model and a repository for a table that there is, as the text of a module.

    The model reads each item of the sample, and would write it as it is stored, but for fields that
    are NULL in some items and absent in others. A comment states each doubt; no stored value is in
    the text. All that is given is DynamoDB JSON, as boto3's client or the AWS CLI has it.

    Args:
        description: The answer to DescribeTable.
        items: A sample of the items.
        time_to_live: The answer to DescribeTimeToLive, which tells the attribute of expiry.

    Returns:
        The text, in Python.

    Raises:
        CodecError: An item is none in DynamoDB JSON.
        ValueError: The description is none of a table.
    """
    found: Mapping[str, Any] = description.get("Table", description)
    table, marks = str(found.get("TableName")), Marks(found, time_to_live)
    if not marks.table_key or not _TABLE.fullmatch(table):
        raise ValueError("the description is none of a table: give what DescribeTable answers")
    return _text(table, marks, [_wire(table, item) for item in items])


def _wire(table: str, item: Mapping[str, Any]) -> Item:
    try:
        return wire_item(item)
    except (AttributeError, TypeError, ValueError, RecursionError):
        pass  # raised outside the handler: the error in hand may quote a value
    raise CodecError(f'{table}: not an item in DynamoDB JSON, such as {{"id": {{"S": "a"}}}}')


def _text(table: str, marks: Marks, rows: Sequence[Item]) -> str:
    kinds, shapes = kinds_of(rows, marks.table_key), Shapes()
    repositories = [
        _drawn(shapes, table, group, marks, str(number) if kinds.told_by else "")
        for number, group in enumerate(kinds.rows, 1)
    ]
    notes = [*marks.notes, *[_NONE] * (not rows)]
    if _uses_null(shapes.classes):
        notes.append(_NULLS)
    if kinds.told_by:
        notes.append(_KINDS.format(kinds.told_by))
    lines = [
        f'"""The table {table}, as its description and a sample of its rows show it."""',
        "",
        *import_lines(_imports(shapes.classes)),
        *chain.from_iterable(commented(note, "") for note in notes),
        *[""] * bool(notes),
    ]
    for part in (*map(class_lines, shapes.classes), *repositories):
        lines += ["", *part, ""]
    return "\n".join(lines)


def _drawn(
    shapes: Shapes, table: str, rows: Sequence[Item], marks: Marks, number: str
) -> list[str]:
    """Draws the model of rows of one kind; the lines of its repository."""
    plural = class_name(table)
    model = shapes.reserve(singular(plural) + number)
    repository = shapes.reserve(plural + number if plural + number != model else f"{model}Rows")
    shapes.draw(model, f"A row of {table}.", rows, marks)
    return list(_repository_lines(repository, model, table))


def _repository_lines(name: str, model: str, table: str) -> Iterator[str]:
    yield f"class {name}(Repository[{model}]):"
    yield f'    """The rows of {table}."""'
    yield ""
    yield f"    table = {quoted(table)}"


def _uses_null(classes: Sequence[ClassText]) -> bool:
    return any(field.default == NULL for drawn in classes for field in drawn.fields)


def _imports(classes: Sequence[ClassText]) -> set[Import]:
    """What a module with these models has to import."""
    fields = list(chain.from_iterable(drawn.fields for drawn in classes))
    markers = {_AFTER_NAME.split(marker)[0] for field in fields for marker in field.markers}
    imports = {("pydantic", "BaseModel"), ("dynrepo", "Repository")}
    imports |= {("dynrepo", marker) for marker in markers}
    imports.update(chain.from_iterable(field.type.imports for field in fields))
    if markers:
        imports.add(("typing", "Annotated"))
    if _uses_null(classes):
        imports.add(("pydantic", "Field"))
    return imports
