"""A template makes the text of a key of an item's fields, and reads them from it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import Any
from uuid import UUID

import pytest

from dynrepo.errors import CodecError, SchemaError
from tests.templates.made import Level, Status, item, template, text_of, values_of

UID = "00000000-0000-0000-0000-000000000007"


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("PROFILE", "PROFILE"),
        ("USER#{uid}", f"USER#{UID}"),
        ("{name}", "Ann"),
        ("{number}", "7"),
        ("ORDER#{at}#{number:08d}", "ORDER#2026-11-29T12:30:05.250000Z#00000007"),
        ("{at:.7}/{at:.10}/{at:ms}", "2026-11/2026-11-29/2026-11-29T12:30:05.250Z"),
        ("{mail:lower}#{mail}", "ada@example.org#Ada@Example.org"),
        ("{status}#{level}#{day}", "open#20#2026-11-29"),
        ("{{{name}}}", "{Ann}"),
        ("{iso}{short}{iso:.10}{name}", f"2026-11-29T00:00:00.000Z{10:032x}2026-11-29Ann"),
        ("{upper}", str(UUID(int=10)).upper()),
        ("{uid}{day}{name}", f"{UID}2026-11-29Ann"),
    ],
)
def test_a_text_is_made_of_stored_fields(text: str, stored: str) -> None:
    """And of the constants between them, in their order."""
    assert template(text).stored(item()) == {"S": stored}


def test_a_field_that_is_absent_leaves_the_attribute_out() -> None:
    """Or one that is stored as NULL: a sparse index."""
    made = template("{name}#{maybe}")
    assert made.stored(item()) is None
    assert made.stored({**item(), "maybe": {"NULL": True}}) is None
    assert made.stored(item(maybe="")) == {"S": "Ann#"}
    assert [field.name for field in made.nullable] == ["maybe"]


def test_fields_count_once() -> None:
    """In the order in which they first stand there."""
    made = template("{day}#{at:.10}#{number:03d}#{at}")
    assert [field.name for field in made.fields] == ["day", "at", "number"]
    assert template("PROFILE").fields == ()


TEMPLATES = [
    "USER#{uid}",
    "A{name}",
    "A{name}#{number:08d}",
    "{number}#{name}\0{mail}",
    "{at}{day}#{local}",
    "{status}#{level}#{name:escaped}#{mail}",
    "{at:ms}~{name:lower}~{name}",
    "{at:.10}#{at}#{status}~",
    "{name}#{name}",
    "{iso}{short}{name}",
]


@pytest.mark.parametrize("text", TEMPLATES)
def test_what_is_read_is_what_was_written(text: str) -> None:
    """Of every field that stands whole in it, whatever the values."""
    made, random = template(text), Random(text)  # noqa: S311 - a test
    for _ in range(200):
        row = item(**values_of(random, less="#\0~"))
        key = made.stored(row)
        assert key is not None
        assert made.read(key) == {field.attribute: row[field.attribute] for field in made.fields}
    assert made.lossy == ()


@pytest.mark.parametrize("text", TEMPLATES)
def test_different_values_make_different_texts(text: str) -> None:
    """As many as there are."""
    made, random = template(text), Random(text)  # noqa: S311 - a test
    rows = [item(**values_of(random, less="#\0~")) for _ in range(300)]
    told = {tuple(str(row[field.attribute]) for field in made.fields) for row in rows}
    assert len({str(made.stored(row)) for row in rows}) == len(told)


def test_a_lossy_field_is_not_read() -> None:
    """Others are, and the text has to be one of the form."""
    made = template("{at:.10}#{mail:lower}#{number:03d}")
    assert [field.name for field in made.lossy] == ["at", "mail"]
    assert made.read({"S": "2026-11-29#ada#007"}) == {"number": {"N": "7"}}
    for wrong in ("2026-11-29#Ada#007", "2026-1-29#ada#007"):
        with pytest.raises(CodecError, match="does not make the text"):
            made.read({"S": wrong})


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("USER#{name}", "ORDER#Ann"),
        ("USER#{name}", "USER"),
        ("PROFILE", "PROFILE#"),
        ("{number}", "007"),
        ("{number}", "1.5"),
        ("{number}", "~"),
        ("{number}", "-"),
        ("{number:03d}", "0007"),
        ("{number:03d}", "\u0660\u0660\u0667"),
        ("{name}#{name}", "a#b"),
        ("{name:escaped}#", "%2#"),
        ("{name:escaped}#", "%61#"),
        ("{at:.10}#{at}", "2026-11-28#2026-11-29T12:30:05.250000Z"),
        ("{name}#{number}", "a#1#2"),
        ("{name}", "\U0010ffff"),
    ],
)
def test_a_text_that_the_template_does_not_make_is_refused(text: str, stored: str) -> None:
    """The message names the template, and nothing of the text."""
    with pytest.raises(CodecError, match=r"Made: the template|Made\.n") as refused:
        template(text).read({"S": stored})
    assert stored not in str(refused.value).replace(text, "")


def test_an_attribute_of_another_type_is_refused() -> None:
    """Whoever wrote it."""
    with pytest.raises(CodecError, match="makes S, and another type"):
        template("{name}").read({"N": "7"})


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("{name}#{number:08d}", {"name": "C#"}),
        ("{name}\0{mail}", {"name": "a\0b"}),
        ("{name:lower}#{number:08d}", {"name": "C#"}),
        ("{number:08d}", {"number": -1}),
        ("{number:08d}", {"number": 100_000_000}),
        ("{price:08d}", {"price": "1.5"}),
        ("{at:ms}", {"at": datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC)}),
        ("{name}", {"name": "a\U0010ffff"}),
    ],
)
def test_a_value_that_has_no_text_is_refused(text: str, values: dict[str, Any]) -> None:
    """By the name of the field and the template, without the value."""
    (name,) = values
    with pytest.raises(CodecError, match=rf"Made\.{name} in the template") as refused:
        template(text).stored(item(**values))
    assert str(values[name]) not in str(refused.value).replace(text, "")
    assert refused.value.__context__ is None


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("{name:escaped}#{number:08d}", {"name": "C#"}),
        ("{number:08d}#{name}", {"name": "C#"}),
        ("{name}#<{mail}", {"name": "<", "mail": "#<"}),
        ("{name}", {"name": "#"}),
    ],
)
def test_only_what_follows_a_field_is_refused_in_it(text: str, values: dict[str, Any]) -> None:
    """Its first character, and nothing in the last field."""
    made, row = template(text), item(**values)
    key = made.stored(row)
    assert key is not None
    assert made.read(key).items() <= row.items()


def test_the_one_field_without_a_width_of_a_partition_takes_all() -> None:
    """It has what the others leave over, and no prefix of a partition key is ever asked for."""
    for text in ("{name}#{number:08d}", "A{number:08d}{name}{day}#B"):
        made, row = template(text, sort=False), item(name="C#\0")
        key = made.stored(row)
        assert key is not None
        assert made.read(key)["name"] == {"S": "C#\0"}
    with pytest.raises(CodecError, match="cannot hold '#'"):
        template("{name}#{mail}", sort=False).stored(item(name="C#"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{nam}", "has no field nam: did you mean name"),
        ("{name}{mail}", "read in two ways: after name"),
        ("{name}{number:08d}", "read in two ways: after name"),
        ("{number}{day}", "read in two ways: after number"),
        ("{number}-{day}", "values of number hold the '-'"),
        ("{number}0{day}", "values of number hold the '0'"),
        ("{status}-{day}", "values of status hold the '-'"),
        ("{status}d{day}", "values of status hold the 'd'"),
        ("{version}", "names version"),
        ("{expires}#{name}", "a time to live needs a width"),
        ("{name.x}", "between braces"),
    ],
)
def test_a_template_that_cannot_work_is_refused(text: str, reason: str) -> None:
    """When it is defined, with the cause."""
    with pytest.raises(SchemaError, match=reason):
        template(text)


def test_an_empty_key_is_refused() -> None:
    """A constant before an empty value is none."""
    with pytest.raises(CodecError, match="a key cannot be empty"):
        template("{name}").stored(item(name=""))
    assert template("USER#{name}").stored(item(name="")) == {"S": "USER#"}


@pytest.mark.parametrize(("sort", "most"), [(True, 1024), (False, 2048)])
def test_a_key_has_as_many_bytes_as_dynamodb_takes(*, sort: bool, most: int) -> None:
    """Of its whole text, constants included."""
    made = template("A#{name}", sort=sort)
    name = "\u00e9" * ((most - 2) // 2)
    assert made.stored(item(name=name)) == {"S": "A#" + name}
    with pytest.raises(CodecError, match=f"{most} bytes at most"):
        made.stored(item(name=name + "a"))


@pytest.mark.parametrize(
    ("text", "tag", "stored"),
    [
        ("{number}", "N", {"N": "7"}),
        ("{price}", "N", {"N": "5.00"}),
        ("{expires}", "N", {"N": "1893456000"}),
        ("{data}", "B", {"B": "ZGF0YQ=="}),
    ],
)
def test_one_field_alone_is_stored_as_it_is(text: str, tag: str, stored: dict[str, str]) -> None:
    """In an attribute of its type, and so in its own order."""
    made = template(text, tag=tag)
    assert made.stored(item()) == stored
    assert made.read(stored) == {made.fields[0].attribute: stored}
    assert made.lone is made.fields[0]


@pytest.mark.parametrize("text", ["A", "{name}", "{number:08d}", "{number}#{number}", "#{number}"])
def test_an_attribute_of_numbers_takes_no_text(text: str) -> None:
    """Nor more than the one field."""
    with pytest.raises(SchemaError, match="of the type N"):
        template(text, tag="N")


def test_an_item_with_a_field_of_another_type_is_refused() -> None:
    """As a row that somebody else has written may be."""
    with pytest.raises(CodecError, match=r"Made\.number in .*expected N, found S"):
        template("A{number}").stored({**item(), "number": {"S": "7"}})


def test_an_instant_has_one_day() -> None:
    """In whatever zone it is given."""
    made = template("{at:.10}")
    east = datetime(2026, 11, 30, 1, tzinfo=timezone(timedelta(hours=2)))
    assert made.stored(item(at=east)) == {"S": "2026-11-29"}


def test_the_text_before_the_first_field_is_known() -> None:
    """By it the rows of a partition are told apart."""
    assert template("ORDER#{at}").prefix == "ORDER#"
    assert template("PROFILE").prefix == "PROFILE"
    assert template("{at}").prefix == ""
    assert template("{number}", tag="N").prefix == ""
    assert repr(template("{at}")) == "Template('{at}')"


def test_values_of_enums_stand_as_they_are_stored() -> None:
    """By value, not by name."""
    assert template("{status}").stored(item(status=Status.HALF_DONE)) == {"S": "half-done"}
    assert template("{level}").stored(item(level=Level.LOW)) == {"S": "1"}
    assert template("{uid}").stored(item(uid=UUID(int=255))) == {"S": str(UUID(int=255))}


def test_random_texts_are_read_or_refused() -> None:
    """What is read makes the same text again."""
    random = Random(18)  # noqa: S311 - a test
    for made in (template("{name}#{mail}"), template("{name:escaped}#{number:02d}~{mail:lower}")):
        for _ in range(2_000):
            text = text_of(random, 8)
            try:
                found = made.read({"S": text})
            except CodecError:
                continue
            if not made.lossy:
                assert made.stored(found) == {"S": text}


@pytest.mark.parametrize(
    ("text", "tag", "name"),
    [
        ("{name}", "S", "name"),
        ("{at}", "S", "at"),
        ("{number}", "N", "number"),
        ("{number}", "S", None),
        ("{mail:lower}", "S", None),
        ("#{name}", "S", None),
        ("{name}#{mail}", "S", None),
        ("PROFILE", "S", None),
    ],
)
def test_one_field_alone_may_be_all_of_it(text: str, tag: str, name: str | None) -> None:
    """In the form in which the field is stored."""
    alone = template(text, tag=tag).alone
    assert (alone.name if alone else None) == name
