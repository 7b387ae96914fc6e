"""Reads, updates and queries in memory, with one private name of PynamoDB's called otherwise.

    python tests/expressions/renamed.py _IfNotExists

renames it in PynamoDB's own source as it is imported, so that PynamoDB itself goes on working.
"""

from __future__ import annotations

import importlib
import re
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import CodeType, ModuleType

sys.path.insert(0, str(Path(__file__).parents[2]))


class Renaming(SourceFileLoader, MetaPathFinder):
    """Finds the modules of PynamoDB, and gives a name in their source another one."""

    def __init__(self, name: str, module: str = "", path: str = "") -> None:
        super().__init__(module, path)
        self.private = name

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The module as it is found, but loaded by this loader."""
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.origin is None or not fullname.startswith("pynamodb"):
            return None
        spec.loader = Renaming(self.private, fullname, spec.origin)
        return spec

    def get_code(self, fullname: str) -> CodeType:
        """The code of a module, compiled anew."""
        source = self.get_source(fullname) or ""
        renamed = re.sub(rf"(?<!\w){self.private}\b", f"{self.private}_renamed", source)
        return compile(renamed, self.path, "exec")


def main(name: str) -> None:
    """Fails when a verb does."""
    sys.meta_path.insert(0, Renaming(name))
    operand = importlib.import_module("pynamodb.expressions.operand")
    assert not hasattr(operand, name)
    assert hasattr(operand, f"{name}_renamed")

    use_every_operand()


def use_every_operand() -> None:
    """Writes, reads, changes by each kind of action, and asks by each kind of condition."""
    from pydantic import BaseModel  # noqa: PLC0415

    from dynrepo import ConditionFailed, PartitionKey, Repository, SortKey  # noqa: PLC0415
    from dynrepo.testing import MemoryStore, mock_of  # noqa: PLC0415

    class Note(BaseModel):
        owner: Annotated[str, PartitionKey()]
        number: Annotated[int, SortKey()]
        text: str = ""
        reads: int = 0
        left: int = 9
        tags: frozenset[str] = frozenset()
        lines: list[str] = []
        by: str | None = None

    class Notes(Repository[Note]):
        table = "notes"

    notes, fields = Notes(MemoryStore(Notes)), Notes.fields
    note = notes.set(Note(owner="ada", number=1, text="hello", lines=["b"]))
    assert notes.get(note) == note
    changes = (
        fields.text.set("bye"),
        fields.reads.set(fields.reads.if_not_exists(0) + 3),
        fields.left.set(fields.left - 1),
        fields.tags.add("x"),
        fields.lines.append("c"),
        fields.by.set(fields.by | "ada"),
    )
    updated = notes.update(note, *changes, condition=fields.text.size() == 5)
    wanted = Note(
        owner="ada", number=1, text="bye", reads=3, left=8, tags={"x"}, lines=["b", "c"], by="ada"
    )
    assert updated == wanted
    try:
        notes.update(note, fields.reads.add(1), condition=fields.text.size() == 5)
    except ConditionFailed as failed:
        assert failed.item == wanted  # noqa: PT017 - runs without pytest
    else:
        raise AssertionError("the size was not compared")
    query = notes.query(fields.owner == "ada", where=fields.lines.size() > 1)
    assert query.all() == [wanted]
    mock = mock_of(Notes)
    mock.expect.update(note, *changes).returns(wanted)
    assert mock.update(note, *changes) == wanted
    mock.verify()


if __name__ == "__main__":
    main(sys.argv[1])
