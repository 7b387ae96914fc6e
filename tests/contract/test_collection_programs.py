"""Random reads of several models together, held against lists of what is stored."""

from __future__ import annotations

import json
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from pydantic import BaseModel

from dynrepo import Key, Repository, SharedTable, many
from dynrepo.operations.operation import Answer, Operation, nothing

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo import Store

ROUNDS = {"memory": 40, "moto": 5, "ministack": 10}
OWNERS = ["a", "b"]
NUMBERS = [0, 7, 8, 9999]
TEXTS = ["", "x", "x!", "y", "öl"]


class Marked(SharedTable):
    """A table with a mark."""

    table = "marked-programs"
    key = Key("pk", "sk")
    mark = "_et"


class Bare(SharedTable):
    """A table without one."""

    table = "bare-programs"
    key = Key("pk", "sk")


class Parent(BaseModel):
    """With a number."""

    owner: str
    number: int


class Child(BaseModel):
    """Of a parent, under other names."""

    user: str
    of: int
    text: str


class Grandchild(BaseModel):
    """Of a child's number, by another way to go on."""

    whose: str
    no: int
    text: str
    rank: int


class Head(BaseModel):
    """The only one of its partition."""

    owner: str


class Family(NamedTuple):
    """Repositories of one table, and what tells a row of them."""

    parents: type[Repository[Parent]]
    children: type[Repository[Child]]
    grandchildren: type[Repository[Grandchild]]
    heads: type[Repository[Head]]


class Parents(Repository[Parent]):
    """Parents."""

    place = Marked.place("P#{owner}", "N#{number:04d}", entity="PARENT")


class Children(Repository[Child]):
    """Children."""

    place = Marked.place("P#{user}", "N#{of:04d}#C#{text}", entity="CHILD")


class Grandchildren(Repository[Grandchild]):
    """Grandchildren."""

    place = Marked.place("P#{whose}", "N#{no:04d}#G#{rank:02d}#{text}", entity="GRANDCHILD")


class Heads(Repository[Head]):
    """Heads."""

    place = Marked.place("P#{owner}", "A", entity="HEAD")


class BareParents(Repository[Parent]):
    """Parents without a mark, whose queries read none of the others."""

    place = Bare.place("P#{owner}", "N#{number:04d}")


class BareChildren(Repository[Child]):
    """Children without a mark."""

    place = Bare.place("P#{user}", "M#{of:04d}#C#{text}")


class BareGrandchildren(Repository[Grandchild]):
    """Grandchildren without a mark."""

    place = Bare.place("P#{whose}", "O#{no:04d}#G#{rank:02d}#{text}")


class BareHeads(Repository[Head]):
    """Heads without a mark."""

    place = Bare.place("P#{owner}", "A")


FAMILIES = [
    Family(Parents, Children, Grandchildren, Heads),
    Family(BareParents, BareChildren, BareGrandchildren, BareHeads),
]
STRANGE = [
    {"sk": {"S": text}, "_et": {"S": kind}, "number": {"N": "1"}}
    for text in ("N#0007", "N#0007#", "N#0007#X", "N#00070", "B", "Z")
    for kind in ("STRANGE", "")
]
OPERATORS = ["=", "<", "<=", ">", ">=", "between"]


class Reads:
    """A table with random rows, and what is in it by key."""

    def __init__(self, store: Store, family: Family, random: Random) -> None:
        self.random = random
        self.store = store
        self.repositories: list[Repository[Any]] = [kind(store) for kind in family]
        self.repositories[0].ensure_table()
        self.rows: dict[tuple[str, str], Any] = {}
        """The instance under each key, or the row where it is of none."""
        for owner in OWNERS:
            self._put(self.repositories[3], Head(owner=owner))
            for number in NUMBERS:
                self._put(self.repositories[0], Parent(owner=owner, number=number))
                for text in TEXTS:
                    self._put(self.repositories[1], Child(user=owner, of=number, text=text))
                    made = Grandchild(whose=owner, no=number, text=text, rank=len(text))
                    self._put(self.repositories[2], made)
            for row in random.sample(STRANGE, 3):
                self._put_strange({"pk": {"S": f"P#{owner}"}, **row})

    def _put(self, repository: Repository[Any], instance: BaseModel) -> None:
        if self.random.random() < 0.6:
            repository.set(instance)
            item = repository.schema.encode(instance)
            self.rows[item["pk"]["S"], item["sk"]["S"]] = instance

    def _put_strange(self, row: dict[str, Any]) -> None:
        key = row["pk"]["S"], row["sk"]["S"]
        if not self.is_marked and key[1].startswith("N#0007"):
            row["sk"] = {"S": f"X{key[1]}"}  # else it is a parent by its key
            key = key[0], row["sk"]["S"]
        if key not in self.rows:
            table = self.repositories[0].mapper.table
            request = {"TableName": table, "Item": row}
            self.store.execute(Operation("PutItem", table, request, nothing))
            self.rows[key] = row

    @cached_property
    def is_marked(self) -> bool:
        """Whether the table has a mark."""
        return self.repositories[0].place.table is Marked  # type: ignore[attr-defined]

    def read(self) -> None:
        """One query, with what brute force says of it."""
        choose = self.random
        count = choose.randint(2, 4)
        repositories = choose.sample(self.repositories, count)
        owner = choose.choice(OWNERS)
        first = repositories[0]
        names = [field.name for field in first.schema.key_fields]
        condition = getattr(first.fields, names[0]) == owner
        wanted = self._any
        if self._have_numbers(repositories) and choose.random() < 0.7:
            condition, wanted = self._ranged(condition, getattr(first.fields, names[1]))
        self._compare(repositories, condition, self._expected(repositories, owner, wanted))

    def _have_numbers(self, repositories: list[Repository[Any]]) -> bool:
        """Whether their sort keys begin alike."""
        return self.is_marked and self.repositories[3] not in repositories

    @staticmethod
    def _any(_: int) -> bool:
        return True

    def _ranged(self, condition: Any, field: Any) -> tuple[Any, Callable[[int], bool]]:
        low, high = (self.random.choice([*NUMBERS, 1, 5000]) for _ in range(2))
        match self.random.choice(OPERATORS):
            case "=":
                return condition & (field == low), lambda number: number == low
            case "<":
                return condition & (field < low), lambda number: number < low
            case "<=":
                return condition & (field <= low), lambda number: number <= low
            case ">":
                return condition & (field > low), lambda number: number > low
            case ">=":
                return condition & (field >= low), lambda number: number >= low
            case _:
                between = field.between(low, high)
                return condition & between, lambda number: low <= number <= high

    def _expected(
        self, repositories: list[Repository[Any]], owner: str, wanted: Callable[[int], bool]
    ) -> list[Any]:
        models = tuple(repository.schema.model for repository in repositories)
        found = []
        for (partition, text), row in sorted(self.rows.items()):
            number = next((int(it) for it in [text[2:6]] if it.isdigit()), 0)
            if partition == f"P#{owner}" and isinstance(row, models) and wanted(number):
                found.append(row)
        return found

    def _compare(
        self, repositories: list[Repository[Any]], condition: Any, expected: list[Any]
    ) -> None:
        choose = self.random
        first, *others = repositories
        unknown: Any = choose.choice(["skip", lambda _: None])
        descending, limit = choose.random() < 0.5, choose.choice([None, 1, 3, 100])
        verb: Any = first.query_with
        query = verb(*others, condition=condition, descending=descending, unknown=unknown)
        found = expected[::-1] if descending else expected
        assert query.all() == found
        assert query.count() == len(found)
        limited = verb(
            *others, condition=condition, descending=descending, unknown=unknown, limit=limit
        )
        assert limited.all() == found[:limit]
        assert limited.count() == len(found[:limit])
        assert limited.first() == next(iter(found), None)
        pages = [page.items for page in query.pages(choose.choice([1, 4, 50]))]
        assert [item for page in pages for item in page] == found
        assert self._in_one_pass(query) == found
        latest = choose.choice([None, 1, 4])
        groups = [many(each, latest=latest) for each in repositories]
        grouped: Any = first.grouped
        assert grouped(*groups, condition=condition, unknown=unknown) == tuple(
            [item for item in expected if type(item) is each.schema.model][-(latest or 0) :]
            for each in repositories
        )

    def _in_one_pass(self, query: Any) -> list[Any]:
        """The items of a query as a sender makes them of the text of an answer."""
        if query.is_empty:  # so that none is sent
            return []
        operation = query.operation(None, None)
        answer = self.store.execute(operation._replace(parse=None))
        made = operation.parse and operation.parse(json.dumps(dict(answer.body)).encode())
        assert made is not None or not self.is_marked
        if made is not None:
            answer = Answer(made[0], items=made[1])
        return [*query.items_of(operation.read(answer))]


@pytest.mark.parametrize("family", FAMILIES, ids=["marked", "bare"])
def test_reads_together_find_what_is_there(
    stores: Store, family: Family, request: pytest.FixtureRequest
) -> None:
    """Whatever is asked for, in either order, by pages, with a limit, and counted."""
    random = Random(request.node.name)  # noqa: S311
    rounds = next(rounds for name, rounds in ROUNDS.items() if name in request.node.name)
    reads = Reads(stores, family, random)
    for _ in range(rounds):
        reads.read()
