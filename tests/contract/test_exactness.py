"""What is stored can be read, on every engine: floats that were added to, and values of updates."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import pytest
from pydantic import BaseModel

from dynrepo import CodecError, PartitionKey, Repository, SortKey

if TYPE_CHECKING:
    from dynrepo import Store

THIRDS = Decimal("1.4333333333333332")
"""0.1 and four times the float of a third, added decimally: no float has these digits."""
FINE = Decimal("0.10000000000000000000000000000000000001")
"""A number of 38 digits whose nearest float is 0.1."""


class Measure(BaseModel):
    """An item with floats at every depth."""

    place: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()] = 0
    ratio: float = 0.0
    ratios: list[float] = []
    by_name: dict[str, float] = {}
    distinct: frozenset[float] = frozenset()
    perhaps: float | None = None
    note: str = ""


class Measures(Repository[Measure]):
    """Items read as floats."""

    table = "measures"


class Exact(BaseModel):
    """The same items, with numbers of any digits."""

    place: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()] = 0
    ratio: Decimal = Decimal(0)
    ratios: list[Decimal] = []
    by_name: dict[str, Decimal] = {}
    distinct: frozenset[Decimal] = frozenset()
    perhaps: Decimal | None = None
    note: str = ""


class Exacts(Repository[Exact]):
    """Items read as they are stored."""

    table = "measures"


class Weighted(BaseModel):
    """An item whose key is a float."""

    weight: Annotated[float, PartitionKey()]


class Weights(Repository[Weighted]):
    """Items by their weight."""

    table = "weights"


class Exactly(BaseModel):
    """The same items, by a key of any digits."""

    weight: Annotated[Decimal, PartitionKey()]


class Exactlies(Repository[Exactly]):
    """Items by their exact weight."""

    table = "weights"


@pytest.fixture
def measures(stores: Store) -> Measures:
    """An empty table."""
    repository = Measures(stores)
    repository.create_table()
    return repository


def test_a_float_that_was_added_to_is_read(measures: Measures) -> None:
    """However many digits the sum has, as the float that is nearest; and so is its partition."""
    f = measures.fields
    measures.create(Measure(place="a", ratio=0.1))
    for _ in range(4):
        changed = measures.update(("a", 0), f.ratio.add(1 / 3))
    assert Exacts(measures.store).require(("a", 0)).ratio == THIRDS
    nearest = Measure(place="a", ratio=float(THIRDS))
    assert changed == measures.require(("a", 0)) == nearest
    assert measures.query(f.place == "a").all() == measures.scan().all() == [nearest]
    assert measures.get_many([("a", 0)]) == [nearest]


def test_a_float_of_many_digits_is_kept_until_it_is_saved(measures: Measures) -> None:
    """An update of something else leaves it; a save writes what was read."""
    exacts = Exacts(measures.store)
    fine = exacts.create(
        Exact(
            place="a",
            ratio=FINE,
            ratios=[FINE],
            by_name={"x": FINE},
            distinct=frozenset({FINE, Decimal("0.1"), Decimal(2)}),
            perhaps=-FINE,
        )
    )
    read = measures.update(("a", 0), measures.fields.note.set("x"))
    assert exacts.require(("a", 0)) == fine.model_copy(update={"note": "x"})
    assert read == measures.require(("a", 0))
    assert (read.ratio, read.ratios, read.by_name, read.perhaps) == (0.1, [0.1], {"x": 0.1}, -0.1)
    assert read.distinct == {0.1, 2.0}
    assert measures.save(read) == read
    tenth = Decimal("0.1")
    assert exacts.require(("a", 0)) == Exact(
        place="a",
        ratio=tenth,
        ratios=[tenth],
        by_name={"x": tenth},
        distinct=frozenset({tenth, Decimal(2)}),
        perhaps=-tenth,
        note="x",
    )


def test_a_key_that_is_no_float_is_not_taken_for_one(stores: Store) -> None:
    """By the float that is nearest the item would not be found, or another would."""
    weights, exactlies = Weights(stores), Exactlies(stores)
    weights.create_table()
    weights.create(Weighted(weight=0.1))
    assert weights.get(0.1) == Weighted(weight=0.1)
    assert weights.scan().all() == [Weighted(weight=0.1)]
    weights.delete(0.1)
    exactlies.create(Exactly(weight=FINE))
    assert weights.get(0.1) is None
    with pytest.raises(CodecError, match=r"Weighted\.weight: .*never found again by its key"):
        weights.scan().all()
