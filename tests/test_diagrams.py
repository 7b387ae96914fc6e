"""The diagrams of the docs are what the code makes, and what they and their tables say is so."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from xml.etree import ElementTree as ET

import pytest
from pydantic import AwareDatetime, BaseModel

from dynrepo import (
    Call,
    ForwardingStore,
    Instrument,
    PartitionKey,
    Repository,
    UpdatedAt,
    Version,
)
from dynrepo.operations.operation import Answer, Effect, Operation
from dynrepo.testing import MemoryStore, faults, mock_of

if TYPE_CHECKING:
    from collections.abc import Callable

DOCS = Path(__file__).parents[1] / "docs"
HERE = DOCS / "diagrams"
SPEC = importlib.util.spec_from_file_location("generate_diagrams", HERE / "generate.py")
assert SPEC is not None
assert SPEC.loader is not None
generate = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(generate)
sys.path.remove(str(HERE))

DIAGRAMS: dict[str, str] = generate.diagrams()
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("file", DIAGRAMS)
def test_a_file_is_what_the_code_makes(file: str) -> None:
    """After a change of an error or of a step: python docs/diagrams/generate.py."""
    assert (HERE / file).read_text(encoding="utf-8") == DIAGRAMS[file]


@pytest.mark.parametrize("file", DIAGRAMS)
def test_a_diagram_stands_alone(file: str) -> None:
    """It says what it is to who does not see it, has both colours, and fetches nothing."""
    drawn = ET.fromstring(DIAGRAMS[file])  # noqa: S314 - our own
    assert [len(drawn.findtext(SVG + name, "")) > 5 for name in ("title", "desc")] == [True, True]
    assert "prefers-color-scheme:dark" in DIAGRAMS[file]
    assert not re.search(r"url\(|href|@import|<image", DIAGRAMS[file])


@pytest.mark.parametrize("file", DIAGRAMS)
def test_a_page_shows_it(file: str) -> None:
    """And says in words what it shows."""
    pages = "".join(page.read_text(encoding="utf-8") for page in DOCS.rglob("*.md"))
    assert re.search(rf"!\[[^\]]{{30,}}\]\([./]*diagrams/{re.escape(file)}\)", pages)


def test_the_tree_says_of_a_write_what_the_page_on_faults_says() -> None:
    """In the same four words, but for `Unprocessed`, which is neither."""
    page = (DOCS / "how-to" / "faults.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (done|refused|not done|unknown) \| (.*?) \| ", page, re.MULTILINE)
    told = {name: word for word, names in rows for name in re.findall(r"`([A-Z]\w+)`", names)}
    drawn = {
        name: next((generate.VERDICTS[up] for up in mro if up in generate.VERDICTS), None)
        for name in told
        for mro in [[kind.__name__ for kind in getattr(generate.dynrepo, name).__mro__]]
    }
    assert len(told) > 12
    assert drawn == told


def test_the_folders_on_the_way_of_a_call_are_there() -> None:
    """Where its code is, says each step."""
    named = [name for _, folders, *_ in generate.STEPS for name in re.findall(r"\w+(?=/)", folders)]
    assert len(named) == 8
    assert [name for name in named if not (DOCS.parent / "dynrepo" / name).is_dir()] == []


def test_a_double_is_real_as_far_as_is_drawn() -> None:
    """In memory the instruments and the retry loop are; above a mock neither."""
    store, heard = MemoryStore(Plains), []
    repository = Plains(store, instruments=[Hearing(heard)])
    with store.inject(faults.throttling(), times=1):
        repository.get("there")
    assert [(call.operation.name, call.attempts) for call in heard] == [("GetItem", 2)]
    assert generate.STEPS[generate.REAL["MemoryStore"] - 1][0] == "Retry loop"
    with mock_of(Plains) as mocked:
        assert mocked.instruments == ()
    assert generate.STEPS[generate.REAL["mock"] - 1][0] == "Verb"


class Hearing(Instrument):
    """Notes the calls that are finished."""

    def __init__(self, heard: list[Any]) -> None:
        self.heard = heard

    def finished(self, call: Call, _: Any, /) -> None:
        """Notes one."""
        self.heard.append(call)


# The table of writes.


class Plain(BaseModel):
    """No version."""

    name: Annotated[str, PartitionKey()]
    visits: int = 0
    tags: list[str] = []


class Counted(Plain):
    """With a version."""

    version: Annotated[int, Version()] = 0


class Stamped(Counted):
    """With a version and the time of the last write."""

    changed: Annotated[AwareDatetime | None, UpdatedAt()] = None


class Plains(Repository[Plain]):
    """Of `Plain`."""

    table = "plain"


class Counteds(Repository[Counted]):
    """Of `Counted`."""

    table = "counted"


class Stampeds(Repository[Stamped]):
    """Of `Stamped`."""

    table = "stamped"


class Noting(ForwardingStore):
    """Notes what is sent to a store in memory."""

    def __init__(self, *repositories: Any) -> None:
        super().__init__(MemoryStore(*repositories))
        self.sent: list[Operation[Any]] = []

    def execute(self, operation: Operation[Any], /) -> Answer:
        """Notes it, and hands it on."""
        self.sent.append(operation)
        return super().execute(operation)


def visited(item: Any) -> Any:
    """One visit more."""
    return type(item).model_validate(dict(item) | {"visits": item.visits + 1}, extra="forbid")


def transacted(repository: Any, item: Any) -> None:
    """A transaction of one write."""
    with repository.transaction() as tx:
        tx.update(repository, item, repository.fields.visits.add(1))


F = Plains.fields
WRITES: dict[str, tuple[type[Repository[Any]], Callable[[Any, Any], object]]] = {
    "`create`": (Plains, lambda r, _: r.create(Plain(name="new"))),
    "`set`": (Plains, lambda r, item: r.set(item)),
    "`save`": (Plains, lambda r, item: r.save(item)),
    "`save` with a `Version`": (Counteds, lambda r, item: r.save(item)),
    "`save` with a `Version` and an `UpdatedAt`": (Stampeds, lambda r, item: r.save(item)),
    "`update` that sets or removes": (Plains, lambda r, item: r.update(item, F.visits.set(2))),
    "`update` that adds or appends, or has a condition": (
        Plains,
        lambda r, item: r.update(item, F.visits.add(2), condition=F.visits == 0),
    ),
    "`update` with `exactly_once=True`": (
        Plains,
        lambda r, item: r.update(item, F.visits.add(2), exactly_once=True),
    ),
    "`edit`": (Plains, lambda r, item: r.edit(item, visited)),
    "`edit` with a `Version` and an `UpdatedAt`": (Stampeds, lambda r, item: r.edit(item, visited)),
    "`delete` by a key": (Plains, lambda r, item: r.delete(item.name)),
    "`delete` of an instance with a `Version`": (Counteds, lambda r, item: r.delete(item)),
    "[`set_many`, `delete_many`, `batch`](batches.md)": (Plains, lambda r, i: r.set_many([i])),
    "[`transaction`](transactions.md)": (Plains, transacted),
}
"""What each row of the table tells of."""


def test_the_table_of_writes_is_true() -> None:
    """Of each: whether it reads first, has a condition, and what follows a lost answer."""
    page = (DOCS / "reference" / "writes.md").read_text(encoding="utf-8")
    table = page.partition("| Reads first |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| (.*?) \| (yes|no) \| (.*?) \| (.*?) \|$", table, re.MULTILINE)
    assert [name for name, *_ in rows] == list(WRITES)
    for name, reads, condition, lost in rows:
        repository, write = WRITES[name]
        assert seen(repository, write) == (reads == "yes", condition != "none", lost), name


def seen(
    repository: type[Repository[Any]], write: Callable[[Any, Any], object]
) -> tuple[bool, bool, str]:
    """What is sent for a write: whether a read comes first, whether on a condition, and so on."""
    store = Noting(repository)
    asked = repository(store)
    item = asked.create(asked.mapper.schema.model(name="there"))
    store.sent.clear()
    write(asked, item)
    names = [operation.name for operation in store.sent]
    (sent,) = [one for one in store.sent if one.effect is not Effect.NONE]
    lost = {Effect.REPEATABLE: "sent again", Effect.ONCE: "unknown"}[sent.effect]
    lost = "looks" if sent.settlement else lost
    lost += ", by a token" if "ClientRequestToken" in sent.request else ""
    conditional = "ConditionExpression" in str(sent.request)
    return names.index(sent.name) > 0, conditional, lost
