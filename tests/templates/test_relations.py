"""Whether two keys can be one, and whether a query by one reads what the other makes."""

from __future__ import annotations

from itertools import product
from random import Random
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from dynrepo.errors import CodecError, SchemaError
from dynrepo.templates.key import TemplateKey
from dynrepo.templates.relations import (
    begins_alike,
    check_collision,
    check_reach,
    collision,
    reach,
)
from tests.templates.made import Status, item, template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynrepo.codec import Item
    from dynrepo.templates.template import Template


def key(sort: str, partition: str = "USER#{uid}") -> TemplateKey:
    """A key in the partition of a user, or in another."""
    return TemplateKey(template(partition, sort=False), template(sort))


@pytest.mark.parametrize(
    ("one", "other", "text"),
    [
        ("PROFILE", "PROFILE", "PROFILE"),
        ("PROFILE", "PROFIL", None),
        ("ORDER#{number}", "ORDER#{number:08d}", "ORDER#10000000"),
        ("ORDER#{name}", "ORDER#", "ORDER#"),
        ("ORDER#{number}", "ORDER#", None),
        ("ORDER#{number}", "ORDER#{number}#LINE#{level}", None),
        ("ORDER#{name}", "ORDER#{number}#LINE#{level}", "ORDER#0#LINE#0"),
        ("ORDER#{name}", "LINE#{name}", None),
        ("{name}", "PROFILE", "PROFILE"),
        ("{day}", "PROFILE", None),
        ("{status}", "opened", "opened"),
        ("{status}", "ope", None),
        ("{mail:lower}", "PROFILE", None),
        ("{mail:lower}", "profile", "profile"),
        ("{name:escaped}#x", "a#b#x", None),
        ("{at}", "{at:ms}", None),
        ("{at:.10}", "{day}", "0000-00-00"),
    ],
)
def test_two_keys_that_can_be_one_collide(one: str, other: str, text: str | None) -> None:
    """Whichever is asked; the example is a text of both."""
    found = collision(key(one), key(other))
    assert found == collision(key(other), key(one))
    assert found == (None if text is None else (f"USER#{UUID(int=0)}", text))


@pytest.mark.parametrize(
    ("one", "other", "are_apart"),
    [
        ("T#{name}#USER#{uid}", "T#{name}#ORDER#{uid}", True),
        ("T#{name}#USER#{uid}", "T#{name}#USER#{uid}", False),
        ("T#{name}#{uid}", "T#{name}#{number:03d}", True),
        ("{number}", "{day}", True),
    ],
)
def test_keys_of_other_partitions_are_apart(one: str, other: str, *, are_apart: bool) -> None:
    """Told by all of the templates, as where tenants come first."""
    found = collision(key("A", one), key("A", other))
    assert (found is None) is are_apart
    assert (reach(key("A", one), key("A", other)) is None) is are_apart


@pytest.mark.parametrize(
    ("reader", "other", "is_reached"),
    [
        ("ORDER#{number}", "ORDER#{number}#LINE#{level}", True),
        ("ORDER#{number}#LINE#{level}", "ORDER#{number}", True),
        ("ORDER#{number}", "LINE#{number}", False),
        ("ORDER", "ORDER#{number}", False),
        ("ORDER#{number}", "ORDER#", True),
        ("ORDER#{number}", "ORDER", False),
        ("{day}", "PROFILE", True),
        ("PROFILE", "{day}", False),
        ("PROFILE", "{name}", True),
    ],
)
def test_a_query_reaches_what_begins_as_its_constant(
    reader: str, other: str, *, is_reached: bool
) -> None:
    """Static text is asked for as it is."""
    found = reach(key(reader), key(other))
    assert (found is not None) is is_reached
    if found is not None:
        assert template(other).read({"S": found[1]}) is not None


def test_a_key_without_a_sort_key_is_its_partition() -> None:
    """Of a table or an index."""
    users, orders = (
        TemplateKey(template(text, sort=False)) for text in ("USER#{number}", "ORDER#{number}")
    )
    assert collision(users, orders) is None
    assert reach(users, orders) is None
    assert collision(users, users) == reach(users, users) == ("USER#0",)


def test_numbers_alone_collide() -> None:
    """As every number may be either's."""
    scores = TemplateKey(template("{number}", sort=False, tag="N"))
    assert collision(scores, TemplateKey(template("{level}", sort=False, tag="N"))) == ("0",)


def test_the_error_names_both_keys_and_an_example() -> None:
    """And the cure."""
    orders, lines = key("ORDER#{name}"), key("ORDER#{number}#LINE#{level}")
    with pytest.raises(SchemaError) as refused:
        check_collision(orders, lines)
    for part in ("Made (USER#{uid}, ORDER#{name})", "#LINE#{level})", "'ORDER#0#LINE#0'"):
        assert part in str(refused.value)
    with pytest.raises(SchemaError, match="would read what"):
        check_reach(orders, lines)
    check_collision(orders, key("LINE#{name}"))
    check_reach(orders, key("LINE#{name}"))


PIECES = ["A", "AB", "#", "A#", "2", "-"]
SLOTS = ["name", "number", "number:02d", "status", "day", "at:.7", "mail:lower", "name:escaped"]


def any_template(random: Random) -> Template:
    """A template that can work, of up to four pieces, with no field twice."""
    while True:
        pieces = [
            random.choice(PIECES) if random.random() < 0.5 else f"{{{random.choice(SLOTS)}}}"
            for _ in range(random.randint(1, 4))
        ]
        try:
            made = template("".join(pieces), sort=random.random() < 0.8)
        except SchemaError:
            continue
        if len(made.fields) == len(made.slots):
            return made


def rows() -> Iterator[Item]:
    """Items of all combinations of a few values."""
    texts = ["", "A", "#", "a", "-2", "A2", "2#A"]
    for name, number, status in product(texts, [0, 2, 22, -2], Status):
        yield item(name=name, mail=name, number=number, status=status)


def made_by(made: Template, items: list[Item]) -> set[str]:
    """The texts that a template makes of items that it can hold."""
    found = set[str]()
    for row in items:
        try:
            found.add((made.stored(row) or {}).get("S", ""))
        except CodecError:
            continue
    return found


def test_what_is_said_to_be_apart_never_makes_one_key() -> None:
    """By all texts of two templates for some values; and an example is a text of both."""
    random, items = Random(18), list(rows())  # noqa: S311 - a test
    every = [any_template(random) for _ in range(60)]
    texts = {made.text: made_by(made, items) for made in every}
    apart = 0
    for one, other in product(every, every):
        found = collision(TemplateKey(one), TemplateKey(other))
        if found is None:
            apart += 1
            assert not texts[one.text] & texts[other.text]
        else:
            for made in (one, other):
                made.read({"S": found[0]})
    assert 500 < apart < 3500


def test_what_is_said_to_be_out_of_reach_is_never_read() -> None:
    """By all texts of two templates; and an example is one that is read."""
    random, items = Random(19), list(rows())  # noqa: S311 - a test
    partition = template("P", sort=False)
    every = [any_template(random) for _ in range(40)]
    texts = {made.text: made_by(made, items) for made in every}
    for one, other in product(every, every):
        found = reach(TemplateKey(partition, one), TemplateKey(partition, other))
        begin = one.prefix if one.fields else one.text
        read = {text for text in texts[other.text] if text.startswith(begin)}
        if not one.fields:
            read &= {one.text}
        assert found is not None or not read
        if found is not None:
            assert found[1].startswith(begin)
            other.read({"S": found[1]})


def test_keys_begin_alike_where_constants_do_not_tell_them() -> None:
    """In both attributes: what one of them tells apart is told."""
    order = key("ORDER#{number:03d}")
    assert begins_alike(order, key("ORDER#{number:03d}#LINE#{level}"))
    assert begins_alike(order, key("{status}", "USER#{name}")) is False
    assert begins_alike(order, key("{name}", "USER#{name}"))
    assert begins_alike(order, key("ORDER#{number:03d}", "TEAM#{uid}")) is False
    assert begins_alike(key("PROFILE"), key("PROFILE#{name}")) is False
    assert begins_alike(key("{name}"), order)
