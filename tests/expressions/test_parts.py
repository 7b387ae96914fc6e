"""The stored item and its parts: they lead to paths, and to nothing else."""

from __future__ import annotations

import operator
from copy import deepcopy
from traceback import format_exception_only
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo import CodecError, schema_of
from dynrepo.expressions.fields import FieldPaths
from dynrepo.expressions.parts import StoredItem, StoredPart, path_of
from tests.expressions.thing import f
from tests.typing.paths import Thing

if TYPE_CHECKING:
    from collections.abc import Callable

fields = FieldPaths(schema_of(Thing))
stored: Any = StoredItem(fields)


@pytest.mark.parametrize(
    ("part", "name"),
    [
        (lambda: stored.count, "count"),
        (lambda: stored.lines[0].price, "lines[0].price"),
        (lambda: stored.lines[0].name, "lines[0].name"),
        (lambda: stored.lines[0].set, "lines[0].set"),
        (lambda: stored.address.city.zip, "address.city.zip"),
        (lambda: stored.prices["postage"], "prices[...]"),
        (lambda: stored.point.y, "point[1]"),
        (lambda: stored.span.days, "span.days"),
    ],
    ids=range(8),
)
def test_a_part_leads_to_its_path(part: Callable[[], StoredPart], name: str) -> None:
    """Nested models by attributes, lists and maps by brackets, whatever the fields are called."""
    assert path_of(part()).name == name


def test_a_part_is_made_once() -> None:
    """What asks for a field again is given the same."""
    assert stored.count is stored.count
    assert path_of(stored.count) is fields.count


USES: list[Callable[[Any], Any]] = [
    *(
        lambda part, use=use: use(part, 1)
        for use in (
            operator.eq,
            operator.ne,
            operator.lt,
            operator.le,
            operator.gt,
            operator.ge,
            operator.add,
            operator.sub,
            operator.and_,
            operator.or_,
        )
    ),
    lambda part: 1 + part,
    lambda part: 1 - part,
    lambda part: ~part,
    lambda part: not part,
    lambda part: part and part,
    lambda part: 1 if part else 2,
    lambda part: 1 in part,
    lambda part: part in [1, 2],
    list,
    len,
    lambda part: part("a"),
    str,
    lambda part: f"{part}!",
    lambda part: f"{part:>9}",
    "{}".format,
    lambda part: "%s" % part,  # noqa: UP031 - it asks in another way
]


@pytest.mark.parametrize("use", USES, ids=range(len(USES)))
def test_whatever_else_is_done_with_a_part_names_the_path(use: Callable[[Any], Any]) -> None:
    """So no condition is lost in a truth, an `and`, a `not` or an `in`."""
    with pytest.raises(TypeError, match=r"Thing\.tags has no value here: .* path\(stored\.tags\)$"):
        use(stored.tags)
    with pytest.raises(
        TypeError, match=r"stored has fields, and no value: .*path\(stored\.field\)"
    ):
        use(stored)


def test_an_item_is_not_stepped_into_by_brackets() -> None:
    """As an instance is not."""
    with pytest.raises(TypeError, match=r"path\(stored\.field\)"):
        stored["count"]


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (lambda: stored.nam, r"Thing has no field nam: did you mean name"),
        (lambda: stored.model_dump, r"Thing has no field model_dump"),
        (lambda: stored.lines[0].nam, r"Line has no such field: it has name, price"),
        (lambda: stored.words.append, r"write path\(stored\.words\)\.append"),
        (lambda: stored.name.startswith, r"write path\(stored\.name\)\.startswith"),
        (lambda: stored.name.upper, r"str has no parts to step into"),
        (lambda: stored.prices.postage, r"found by its key in brackets"),
        (lambda: stored.prices.items, r"Thing\.prices has no field items"),
        (lambda: stored._nothing, "_nothing"),
    ],
)
def test_what_is_no_field_is_an_attribute_error(step: Callable[[], Any], message: str) -> None:
    """It names what is there, or the method of the path that was meant."""
    with pytest.raises(AttributeError, match=message):
        step()


@pytest.mark.parametrize("owner", [stored, f], ids=["stored", "fields"])
def test_what_is_shown_of_it_has_one_hint(owner: Any) -> None:
    """Where Python adds one of its own to what `__getattr__` raises, as a prompt of 3.13 does."""
    with pytest.raises(AttributeError) as missing:
        owner.coun  # noqa: B018 - it raises
    shown = "".join(format_exception_only(missing.value)).strip()
    assert shown == f"AttributeError: {missing.value}"


def test_an_element_is_found_by_its_index() -> None:
    """From 0, as in paths."""
    with pytest.raises(CodecError, match=r"Thing\.lines: an element of a list is found by its"):
        stored.lines[-1]


def assign() -> None:
    """What would store nothing."""
    stored.count = 1


def delete() -> None:
    """What would remove nothing."""
    del stored.lines[0].price


@pytest.mark.parametrize("change", [assign, delete])
def test_nothing_is_stored_by_an_assignment(change: Callable[[], None]) -> None:
    """The error names the action."""
    with pytest.raises(AttributeError, match=r"nothing is stored by an assignment: write update"):
        change()
    with pytest.raises(TypeError, match=r"nothing is stored by an assignment"):
        stored.lines[0] = 1
    with pytest.raises(TypeError, match=r"nothing is stored by an assignment"):
        del stored.lines[0]


def test_a_part_shows_what_is_written() -> None:
    """And may be copied, as what holds it may be."""
    assert [repr(stored), repr(stored.lines[0].price)] == ["<stored>", "<stored.lines[0].price>"]
    assert repr(deepcopy(stored.count)) == "<stored.count>"


@pytest.mark.parametrize(
    "use",
    [
        lambda: fields.count == stored.rank,
        lambda: fields.count.set(stored.rank),
        lambda: fields.count.add(stored.rank),
        lambda: fields.tags.contains(stored.name),
        lambda: fields.words.append(stored.name),
        lambda: f.count + stored.count,
    ],
    ids=range(6),
)
def test_a_part_is_no_value(use: Callable[[], Any]) -> None:
    """Given as one, it is a CodecError that says what to write."""
    with pytest.raises(CodecError, match=r"<stored\.\w+> has no value here: write path\(...\)"):
        use()
