"""Queries of random keys under random templates, held against all that is stored."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import pytest
from pydantic import AwareDatetime, BaseModel, NaiveDatetime

from dynrepo import CodecError, Index, Key, Repository, SharedTable, encodings
from dynrepo.operations.operation import Operation, nothing
from dynrepo.templates.asked import Asked
from dynrepo.testing import MemoryStore
from tests.templates.brute import a_range, holds
from tests.templates.made import Level, Status, values_of

if TYPE_CHECKING:
    from dynrepo import Store
    from dynrepo.codec import Item


class Row(BaseModel):
    """A field of each kind, and a number of its own."""

    row: int
    uid: UUID
    name: str
    mail: str
    number: int
    at: AwareDatetime
    local: NaiveDatetime
    iso: Annotated[AwareDatetime, encodings.ISO_MILLISECONDS]
    short: Annotated[UUID, encodings.UUID_HEX]
    day: date
    status: Status
    level: Level


PARTITIONS = ["ALL", "{uid}", "T#{level}#{status}", "{mail:lower}", "{at:.10}", "M#{at:.7}#{uid}"]
SORTS = [
    "X",
    "{name}",
    "O#{name}",
    "{number:08d}",
    "O#{number:08d}#{name}",
    "{name}\0{mail}",
    "O#{name}\0#{mail}\0\0{number:08d}",
    "{name}#{number:08d}",
    "{status}#{at}",
    "{day}{at}{name}",
    "{number}#{name}",
    "{at:ms}~{uid}~{number:08d}",
    "A{local}{name:escaped}#{mail}",
    "{at:.10}#{at}#{name}",
    "{at:.7}#{name}",
    "{mail:lower}#{number:08d}",
    "{iso}#{short}#{number:08d}",
]
THEIRS = ["!", "O", "O#", "O#\0", "O$", "X#", "A", "2026-11-29", "00000007", "\uffff"]
"""Texts that others have in the index."""


class Program:
    """Some rows under two templates, and what is asked of them."""

    def __init__(self, store: Store, random: Random, partition: str, sort: str) -> None:
        self.random = random
        self.rows = repository_of(partition, sort)(store)
        self.stored: list[tuple[Row, Item]] = []
        self.asked = 0

    def fill(self, count: int) -> None:
        """Writes rows, of few values so that they meet, and some of others among them."""
        sort = self.rows.schema.template_keys["gsi"].sort
        free = [slot for slot in sort.slots if slot.form.shape is None]
        less = "" if len(sort.slots) == len(free) == 1 else "#\0"
        for number in range(count):
            row = Row(row=number, **values_of(self.random, less=less))
            try:
                item = self.rows.schema.encode(row)
            except CodecError:  # of a text that is empty
                continue
            self.rows.set(row)
            self.stored.append((row, item))
            self._write_theirs(f"{number}", item["gpk"])

    def _write_theirs(self, name: str, partition: Any) -> None:
        """Writes a row that no text of ours begins like."""
        sort, table = self.rows.schema.template_keys["gsi"].sort, self.rows.mapper.table
        start = sort.prefix if sort.fields else sort.text
        texts = [text for text in THEIRS if not text.startswith(start)]
        if not texts:
            return
        text = self.random.choice(texts)
        item = {"pk": {"S": "theirs"}, "sk": {"S": name}, "gpk": partition, "gsk": {"S": text}}
        request = {"TableName": table, "Item": item}
        self.rows.store.execute(Operation("PutItem", table, request, nothing))

    def ask(self) -> None:
        """Asks once, unless the key cannot be asked so, and compares with all rows."""
        asked = self._asked()
        condition: Any = None
        for name, each in asked.items():
            part = self._condition(name, each)
            condition = part if condition is None else condition & part
        if condition is None:
            return
        descending = self.random.random() < 0.5
        try:
            query = self.rows.query(condition, index="by", descending=descending)
        except ValueError as error:
            told = str(error)
        else:
            told = ""
        if told:
            assert "the template" in told or "a query takes" in told
            return
        self.asked += 1
        wanted = [row.row for row, item in self.stored if self._holds(asked, item)]
        texts = {row.row: item["gsk"]["S"].encode() for row, item in self.stored}
        found = [row.row for row in query]
        assert sorted(found) == sorted(wanted), asked
        assert [texts[row] for row in found] == sorted(
            (texts[row] for row in found), reverse=descending
        )
        assert query.count() == len(found)
        assert [row.row for page in query.pages(3) for row in page] == found
        assert query.keys().all() == found
        self._read_from_text(query, found)

    def _read_from_text(self, query: Any, found: list[int]) -> None:
        """The text of the answer makes the same instances in one pass."""
        parse = query.operation(None, None).parse
        stored = {row.row: (row, item) for row, item in self.stored}
        rows, items = [stored[row][0] for row in found], [stored[row][1] for row in found]
        if parse is not None:
            assert parse(json.dumps({"Items": items}).encode()) == ({}, rows)

    def _asked(self) -> dict[str, Asked]:
        partition, sort = self.rows.schema.template_keys["gsi"]
        row, items = self.random.choice(self.stored)[1], [item for _, item in self.stored]
        asked = {field.name: equal(row[field.name]) for field in partition.fields}
        names = [field.name for field in sort.fields if field.name not in asked]
        known = self.random.randint(0, len(names))
        for name in names[:known]:
            asked[name] = equal(self.random.choice([row, *items[:2]])[name])
        if known < len(names) and self.random.random() < 0.7:
            asked[names[known]] = a_range(self.random, names[known], items)
        return asked

    def _condition(self, name: str, asked: Asked) -> Any:
        field, path = self.rows.schema.field(name), getattr(self.rows.fields, name)
        if asked.operator == "begins_with":
            return path.startswith(asked.payloads[0])
        values = [field.decode(value) for value in asked.values]
        return OPERATORS[asked.operator](path, *values)

    def _holds(self, asked: dict[str, Asked], item: Item) -> bool:
        lossy = {field.name for field in self.rows.schema.template_keys["gsi"].lossy}
        return all(
            self._has_forms(name, each, item)
            if name in lossy and each.operator == "="
            else holds(each, item[name])
            for name, each in asked.items()
        )

    def _has_forms(self, name: str, asked: Asked, item: Item) -> bool:
        templates = self.rows.schema.template_keys["gsi"].templates
        slots = [slot for it in templates for slot in it.slots if slot.field.name == name]
        return all(slot.text(item[name]) == slot.text(asked.values[0]) for slot in slots)


OPERATORS: dict[str, Any] = {
    "=": lambda path, value: path == value,
    "<": lambda path, value: path < value,
    "<=": lambda path, value: path <= value,
    ">": lambda path, value: path > value,
    ">=": lambda path, value: path >= value,
    "BETWEEN": lambda path, low, high: path.between(low, high),
}


def equal(stored: Any) -> Asked:
    """Equality with what is stored."""
    return Asked("=", (stored,))


@cache
def repository_of(partition: str, sort: str) -> Any:
    """A repository of rows that an index holds under two templates."""

    class Table(SharedTable):
        table = "rows"
        key = Key("pk", "sk")
        gsi = Index("gpk", "gsk")

    class Rows(Repository[Row]):
        place = Table.place("ROW#{row:04d}", "X", by=Table.gsi(partition, sort))

    return Rows


@pytest.mark.parametrize("sort", SORTS)
def test_a_query_finds_what_its_fields_ask(sort: str) -> None:
    """Under every kind of template, whatever is asked; in the order of the key, page by page."""
    random = Random(sort)  # noqa: S311 - a test
    asked = 0
    for partition in PARTITIONS:
        store = MemoryStore(repository_of(partition, sort))
        program = Program(store, random, partition, sort)
        program.fill(12)
        for _ in range(15 if program.stored else 0):
            program.ask()
        asked += program.asked
    assert asked > 20


@pytest.fixture(params=["moto", pytest.param("ministack", marks=pytest.mark.engine)])
def engine(request: pytest.FixtureRequest) -> Store:
    """A store over each engine in turn."""
    store: Store = request.getfixturevalue(request.param)
    return store


def test_an_engine_finds_the_same(engine: Store) -> None:
    """In one table after another, of each kind of template."""
    random = Random(7)  # noqa: S311 - a test
    asked = 0
    for number, sort in enumerate(SORTS):
        program = Program(engine, random, PARTITIONS[number % len(PARTITIONS)], sort)
        program.rows.create_table()
        program.fill(6)
        for _ in range(6):
            program.ask()
        asked += program.asked
        program.rows.drop_table(confirm=program.rows.mapper.table)
    assert asked > 40
