"""MemoryStore is held to MiniStack: the same programs run on both, and everything is compared."""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
from oracle import compatible, makes
from programs import V, run
from regressions import AGREED
from strategies import number

from dynrepo.testing.memory import MemoryStore

if TYPE_CHECKING:
    from dynrepo import DynamoStore

pytestmark = pytest.mark.engine

wide = st.builds(number, st.integers(-(10**38) + 1, 10**38 - 1), st.integers(-130, 88))
texts = st.sampled_from(["", "a", "ab", "b", "ä€😀"])
numbers = st.integers(-2, 3) | st.sampled_from([Decimal("0.5"), Decimal("-1.25"), Decimal("1E+20")])
scalars = texts | numbers | st.booleans() | st.none() | st.sampled_from([b"", b"\x00", b"\xff\x01"])
sets = st.frozensets(st.integers(0, 3), min_size=1) | st.frozensets(
    st.sampled_from("abc"), min_size=1
)
values = st.recursive(
    scalars | sets,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["m", "n"]), inner, max_size=2)
    ),
    max_leaves=4,
)
keys = st.fixed_dictionaries({"p": st.sampled_from("xy"), "s": st.integers(1, 3)})
names = st.sampled_from(["a", "b", "c"])
paths = st.sampled_from(["a", "b", "c", "a.m", "a.n", "b.m.n", "a[0]", "b[1]", "a[0].m", "c.m[0]"])
items = st.builds(
    lambda key, others: {**key, **others},
    keys,
    st.fixed_dictionaries(
        {},
        optional={
            "a": values,
            "b": values,
            "c": values,
            "d": st.lists(scalars, max_size=3),
            "e": numbers,
            "f": wide,
            "t": texts,
            "g": st.sampled_from(["g1", "g2"]) | st.sampled_from(["", 1]),
            "h": st.integers(1, 2),
            "l": st.sampled_from(["l1", "l2"]),
        },
    ),
)
literals = values.map(V)
ordered = (texts | numbers).map(V)


@st.composite
def betweens(draw: st.DrawFn) -> Any:
    """A condition between two bounds of one type, in their order."""
    one, other = sorted(draw(st.tuples(numbers, numbers) | st.tuples(texts, texts)))
    return ("between", draw(paths), V(one), V(other))


simple = st.one_of(
    st.tuples(st.sampled_from(["=", "<>"]), paths, literals),
    st.tuples(st.sampled_from(["<", "<=", ">", ">="]), paths, ordered),
    st.tuples(
        st.sampled_from(["=", "<>", "<", ">="]),
        st.tuples(st.just("size"), paths),
        st.integers(0, 3).map(V),
    ),
    st.tuples(st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), st.just("f"), wide.map(V)),
    st.tuples(st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), wide.map(V), st.just("f")),
    # Two that are missing are equal to MiniStack.
    st.tuples(st.sampled_from(["<", "<=", ">", ">="]), st.just("e"), st.just("f")),
    betweens(),
    st.tuples(st.just("in"), paths, literals, literals),
    st.tuples(st.sampled_from(["exists", "not_exists"]), paths),
    # Of texts only: MiniStack refuses the request for an item with another type there.
    st.tuples(st.just("begins_with"), st.sampled_from(["t", "l"]), texts.filter(bool).map(V)),
    st.tuples(st.just("contains"), paths, (texts.filter(bool) | numbers).map(V)),
    st.tuples(
        st.just("is_type"), paths, st.sampled_from(["S", "N", "L", "M", "SS", "NULL"]).map(V)
    ),
).filter(lambda one: len(one) < 3 or one[1] != one[2])
where = st.recursive(
    simple,
    lambda inner: (
        st.tuples(st.sampled_from(["and", "or"]), inner, inner) | st.tuples(st.just("not"), inner)
    ),
    max_leaves=3,
)
conditions = st.none() | where
actions = st.lists(
    st.one_of(
        st.tuples(st.just("set"), names, literals),
        st.tuples(st.just("set"), names, st.tuples(st.just("if_not_exists"), paths, literals)),
        st.tuples(st.just("set"), names, paths),
        st.tuples(st.just("set"), st.sampled_from(["a.m", "b[0]", "c.m.n"]), literals),
        st.tuples(st.just("remove"), names),
        st.tuples(st.just("add"), names, (sets | st.integers(-1, 2)).map(V)),
        st.tuples(st.just("delete"), names, sets.map(V)),
        st.just(("set", "d", ("list_append", ("if_not_exists", "d", V([])), V([1])))),
        st.just(("set", "d", ("list_append", V([0]), "d"))),
        st.just(("set", "e", ("+", ("if_not_exists", "e", V(0)), V(1)))),
        st.just(("set", "e", ("-", "e", V(2)))),
        st.just(("remove", "g")),
        st.tuples(st.just("set"), st.just("h"), st.integers(1, 2).map(V)),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda action: action[1][0],
)


def both(first: Any, second: Any) -> Any:
    """A condition with or without a second part."""
    return first if second is None else ("and", first, second)


def of_what_is_there(update: Any) -> Any:
    """An update that requires the item if it only removes: MiniStack makes one by that."""
    name, key, changed, condition = update
    return update if makes(changed) else (name, key, changed, both(("exists", "p"), condition))


writes = st.one_of(
    st.tuples(st.just("put"), items, conditions),
    st.tuples(st.just("update"), keys, actions, conditions).map(of_what_is_there),
    st.tuples(st.just("delete"), keys, conditions),
)
sort_conditions = st.one_of(
    st.tuples(st.sampled_from(["=", "<", "<=", ">", ">="]), st.just("s"), st.integers(1, 3).map(V)),
    st.just(("between", "s", V(1), V(2))),
)
options = st.fixed_dictionaries(
    {}, optional={"ScanIndexForward": st.booleans(), "Limit": st.integers(1, 3)}
)


reads = st.one_of(
    # MiniStack reads paths that conflict.
    st.tuples(st.just("get"), keys, st.lists(paths, max_size=2, unique=True).filter(compatible)),
    st.tuples(
        st.just("query"),
        st.none(),
        st.builds(
            both,
            st.sampled_from("xy").map(lambda p: ("=", "p", V(p))),
            st.none() | sort_conditions,
        ),
        conditions,
        options,
    ),
    st.tuples(
        st.just("query"),
        st.just("by_g"),
        st.just(("and", ("=", "g", V("g1")), (">=", "h", V(1)))),
        conditions,
        st.just({}),
    ),
    st.tuples(
        st.just("query"),
        st.just("by_l"),
        st.just(("and", ("=", "p", V("x")), ("begins_with", "l", V("l")))),
        st.none(),
        st.just({}),
    ),
    st.tuples(st.just("scan"), st.sampled_from([None, "by_g"]), conditions),
)


def has_index_keys(write: Any) -> bool:
    """Whether the keys of indexes are what they should be: in a transaction engines differ."""
    return write[0] != "put" or write[1].get("g") not in ("", 1)


transactions = st.tuples(
    st.just("transact"),
    st.lists(
        writes.filter(has_index_keys) | st.tuples(st.just("check"), keys, where),
        min_size=1,
        max_size=3,
    ),
)
programs = st.lists(st.one_of(writes, writes, reads, transactions), min_size=1, max_size=8)


@given(programs)
@settings(
    max_examples=60 if settings.get_current_profile_name() == "gate" else settings().max_examples,
    # Every run makes a table of its own; on an engine, shrinking would take minutes.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
def test_any_program_does_the_same_in_memory(ministack: DynamoStore, program: list[Any]) -> None:
    """Every answer, every refusal and the final tables are those of MiniStack."""
    assert run(MemoryStore(), program) == run(ministack, program)


@pytest.mark.parametrize("name", AGREED)
def test_a_program_once_found_does_the_same(ministack: DynamoStore, name: str) -> None:
    """What was once different, or could be, stays the same."""
    assert run(MemoryStore(), AGREED[name]) == run(ministack, AGREED[name])
