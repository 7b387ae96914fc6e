"""Modules that are proposed: written for tests/typing, and run for the other tests.

`python -m tests.modelling.propose` writes tests/typing/proposed/ anew; there ruff, mypy and pyright
check what is proposed as they check everything.
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from dynrepo import Repository, model_of
from dynrepo.codec.value import canonical_item
from dynrepo.errors import CodecError
from tests.modelling.recorded import TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.modelling.recorded import Recorded

PROPOSED = Path(__file__).parents[1] / "typing" / "proposed"


def proposed(table: Recorded) -> str:
    """The module for a table."""
    return model_of(table.description, table.rows, time_to_live=table.time_to_live)


def repositories_in(text: str) -> list[type[Repository[Any]]]:
    """The repositories of a module."""
    module = ModuleType("proposed")
    exec(compile(text, "proposed", "exec", dont_inherit=True), module.__dict__)  # noqa: S102 - our own
    found = [value for value in vars(module).values() if isinstance(value, type)]
    return [kind for kind in found if issubclass(kind, Repository) and kind is not Repository]


def keeps(repository: type[Repository[Any]], row: Mapping[str, Any]) -> bool:
    """Whether a repository reads a row, and would save it as it is."""
    schema = repository.schema
    try:
        written = schema.encode(schema.decode(row))
    except CodecError:
        return False
    return canonical_item(written) == canonical_item(row)


if __name__ == "__main__":
    PROPOSED.mkdir(exist_ok=True)
    for name, table in TABLES.items():
        (PROPOSED / f"{name}.py").write_text(proposed(table), encoding="utf-8")
