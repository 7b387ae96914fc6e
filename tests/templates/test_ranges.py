"""What is asked of fields is asked of the text that a template makes of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo.errors import CodecError
from dynrepo.templates.asked import NEVER, Asked
from dynrepo.templates.grammar import KeyGrammar, TemplateAttribute
from dynrepo.templates.ranges import asked_of
from tests.templates.brute import a_range, holds, is_asked_for
from tests.templates.made import FIELDS, Made, Status, row_of, template, values_of

if TYPE_CHECKING:
    from dynrepo.codec import AttributeValue, Item
    from dynrepo.templates.template import Template

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
DAY = NOON.replace(hour=0)
END = DAY + timedelta(days=1) - timedelta(microseconds=1)
TOP = "\U0010ffff"


def of(name: str, operator: str, *values: Any) -> dict[str, Asked]:
    """What is asked of a field, by values of Python."""
    return {name: Asked(operator, tuple(FIELDS[name].encode(value) or {} for value in values))}


def between(low: str, high: str) -> Asked:
    """All texts from one to another."""
    return Asked("BETWEEN", ({"S": low}, {"S": high}))


def begins(start: str) -> Asked:
    """All texts that begin so."""
    return Asked("begins_with", ({"S": start},))


ORDER = "O#{number:03d}#{name}"


@pytest.mark.parametrize(
    ("text", "asked", "found"),
    [
        # 1: equality, of all or of some.
        ("PROFILE", {}, Asked("=", ({"S": "PROFILE"},))),
        (ORDER, of("number", "=", 7) | of("name", "=", "a"), Asked("=", ({"S": "O#007#a"},))),
        (ORDER, of("number", "=", 7), begins("O#007#")),
        (ORDER, {}, begins("O#")),
        ("{name}", {}, None),
        # 2: what is not below, or not above.
        (ORDER, of("number", ">=", 7), between("O#007", f"O#{TOP}{TOP}")),
        (ORDER, of("number", "<=", 7), between("O#\0", f"O#007#{TOP}")),
        (ORDER, of("number", "BETWEEN", 7, 9), between("O#007", f"O#009#{TOP}")),
        ("O#{number:03d}", of("number", "<=", 7), between("O#\0", "O#007")),
        ("O#{number:03d}#X", of("number", "<=", 7), between("O#\0", "O#007#X")),
        # 3: what is above.
        (ORDER, of("number", ">", 7), between("O#007$", f"O#{TOP}{TOP}")),
        ("O#{name}", of("name", ">", "a"), between("O#a\0", f"O#{TOP}{TOP}")),
        ("{day}{number:03d}", of("day", ">", NOON.date()), between("2026-11-2:", TOP + TOP)),
        # 4: what is below.
        (ORDER, of("number", "<", 7), between("O#\0", f"O#006{TOP}")),
        ("O#{name}", of("name", "<", "b"), between("O#", f"O#a{TOP}")),
        ("O#{name}", of("name", "<", "b\0"), between("O#", "O#b")),
        ("O#{name}", of("name", "<", "\ue000"), between("O#", f"O#\ud7ff{TOP}")),
        # 6: what cannot be.
        ("O#{name}", of("name", "<", ""), NEVER),
        (ORDER, of("number", "BETWEEN", 9, 7), NEVER),
        ("{name}", of("name", "<", ""), NEVER),
        ("{name}", of("name", ">=", ""), None),
        # One text alone has all operators.
        ("{name}", of("name", "<", "b"), Asked("<", ({"S": "b"},))),
        # 11: beginnings.
        (ORDER, of("number", "=", 7) | of("name", "begins_with", "a"), begins("O#007#a")),
        ("{name}#{number:03d}", of("name", "begins_with", "a"), begins("a")),
        ("{name}", of("name", "begins_with", ""), None),
    ],
)
def test_what_is_asked_of_a_text(text: str, asked: dict[str, Asked], found: Asked | None) -> None:
    """By the rules of the grammar, one by one."""
    assert asked_of(template(text), asked) == found


TEMPLATES = [
    "PROFILE",
    "{name}",
    "O#{name}",
    "{number:08d}",
    "O#{number:08d}#",
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

FOREIGN = ["", "O", "O#", "O#\0", "O$", "PROFILE#", "A", "2026-11-29", "00000007", "\uffff", TOP]


def a_condition(random: Random, made: Template, rows: list[Item]) -> dict[str, Asked]:
    """Equality of some fields from the left, and perhaps a range of the next."""
    names = [field.name for field in made.fields]
    known = random.randint(0, len(names))
    asked = {name: Asked("=", (random.choice(rows[:3])[name],)) for name in names[:known]}
    if known < len(names) and random.random() < 0.7:
        asked[names[known]] = a_range(random, names[known], rows)
    return asked


@pytest.mark.parametrize(("limit", "most"), [(1024, 3), (32, 30)])
def test_a_text_is_asked_for_where_its_fields_are(limit: int, most: int) -> None:
    """By thousands of conditions, each on all rows; also where texts are as long as they may be.

    What others have written elsewhere in the partition is not asked for.
    """
    random = Random(limit)  # noqa: S311 - a test
    rounds = 0
    for text in TEMPLATES:
        made = template(text)
        made.limit = limit
        for _ in range(10):
            rounds += rounds_of(random, made, rows_of(random, made, most))
    assert rounds > 1000


def rows_of(random: Random, made: Template, most: int) -> list[Item]:
    """Items that a template has a text for, with texts of up to so many characters."""
    rows: list[Item] = []
    for _ in range(30):
        less = "" if len(made.slots) == 1 else "#\0"
        texts = {name: "a" * random.randint(0, most - 3) for name in ("name", "mail")}
        values = values_of(random, less=less)
        row = row_of(values | {name: text + values[name] for name, text in texts.items()})
        try:
            made.stored(row)
        except CodecError:
            continue
        rows.append(row)
    return rows[:15]


def rounds_of(random: Random, made: Template, rows: list[Item]) -> int:
    """How many conditions of some were answered, each rightly for all rows."""
    texts = [made.stored(row) or {} for row in rows]
    grammar = KeyGrammar("Made", (), (TemplateAttribute("sk", made),))
    rounds = 0
    for _ in range(12 if rows else 0):
        asked = a_condition(random, made, rows)
        try:
            found = grammar.compiled(asked)
        except ValueError:
            continue
        rounds += 1
        for row, text in zip(rows, texts, strict=True):
            assert is_found(found, text) is is_asked_for(made, asked, row), (made, asked, found)
        start = made.prefix if made.fields else made.text
        assert all(it.startswith(start) for it in FOREIGN if is_found(found, {"S": it}))
    return rounds


def is_found(found: dict[str, Asked] | None, text: AttributeValue) -> bool:
    """Whether a text is what is asked for."""
    return found is not None and ("sk" not in found or holds(found["sk"], text))


WIDTHS = ["\0", "a", "\x7f", "\x80", "\u07ff", "\ud7ff", "\ue000", "\uffff", "\U00010000"]
"""Characters of one byte to four, those at the ends among them."""


def texts_of(size: int, less: str = "") -> list[str]:
    """All texts of these characters, of up to so many bytes."""
    found = [""]
    for text in found:
        longer = (text + it for it in WIDTHS if it not in less)
        found += (it for it in longer if len(it.encode()) <= size)
    return found


@pytest.mark.parametrize(
    ("text", "size", "less"), [("O#{name}", 4, ""), ("O#{name}\0#", 3, "\0"), ("{name}", 3, "")]
)
def test_no_end_of_a_range_is_too_long_or_leaves_a_text_out(
    text: str, size: int, less: str
) -> None:
    """With as much room as one character needs, for all texts and all ranges of them."""
    made = template(text)
    made.limit = size + len(text) - len("{name}")
    names = texts_of(size, less)
    rows = [{"name": {"S": name}} for name in names if name or made.prefix]
    texts = [made.stored(row) or {} for row in rows]
    for name in names:
        for operator in ("<", "<=", ">", ">="):
            asked = of("name", operator, name)
            found = asked_of(made, asked)
            ends = () if found is None else found.payloads
            assert all(len(end.encode()) <= made.limit for end in ends)
            wanted = [
                text
                for text, row in zip(texts, rows, strict=True)
                if holds(asked["name"], row["name"])
            ]
            assert wanted == [
                text for text in texts if found is None or (found != NEVER and holds(found, text))
            ]


def test_a_text_of_fixed_width_leaves_room_for_what_follows() -> None:
    """Of a few bytes or none."""
    made = template("O#{number:03d}#{name}")
    for room in range(5):
        made.limit = len("O#001#") + room
        rows = [
            row_of({"number": number, "name": name}) for number in (1, 2) for name in texts_of(room)
        ]
        for operator, count in (("<=", 1), (">", 1), ("<", 0), (">=", 2)):
            found = asked_of(made, of("number", operator, 1)) or NEVER
            assert all(len(end.encode()) <= made.limit for end in found.payloads)
            held = [row for row in rows if holds(found, made.stored(row) or {})]
            assert len(held) == len(rows) // 2 * count


@pytest.mark.parametrize(
    ("text", "asked", "reason"),
    [
        ("{name}#{number:03d}", of("name", ">", "a"), "no ranges of name.* let it stand last"),
        ("{status}#{at}", of("status", "<", Status.OPEN), "no ranges of status.* let '.0' follow"),
        ("{number}", of("number", ">", 1), "no ranges of number.* as {number:08d}"),
        ("{mail:lower}", of("mail", "<=", "a"), "no ranges of mail.* values"),
        ("{name:escaped}", of("name", ">=", "a"), "no ranges of name"),
        ("{address}", of("address", ">=", Made().address), "no ranges of address"),
        ("{number:03d}", of("number", "begins_with", 1), "no beginnings of number"),
        ("{uid}", of("uid", "begins_with", Made().uid), "no beginnings of uid"),
        ("{mail:lower}", of("mail", "begins_with", "a"), "no beginnings of mail"),
        ("{at:.10}", of("at", ">=", NOON), "holds the first 10 characters of at"),
        ("{at:.7}#{at}", of("at", "<", NOON), "holds the first 7 characters of at"),
    ],
)
def test_a_range_in_another_order_than_the_texts_is_refused(
    text: str, asked: dict[str, Asked], reason: str
) -> None:
    """The message names template and field, and says what can be asked."""
    with pytest.raises(ValueError, match=f"Made: the template .*{reason}.*[:r] ask"):
        asked_of(template(text), asked)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("{name}#{number:03d}", of("name", "=", "C#")),
        ("{name}#{number:03d}", of("name", "begins_with", "C#")),
        ("{name}\0{number:03d}", of("name", "<", "C\0")),
        ("{name}", of("name", ">", TOP)),
        ("{name}", {"name": Asked("begins_with", ({"S": "\ud800"},))}),
        ("{number:03d}", of("number", ">", 1000)),
        ("{at:ms}", of("at", "<", NOON.replace(microsecond=1))),
        ("{at:.10}", {"at": Asked("=", ({"S": "2026"},))}),
        ("{at:.10}", {"at": Asked("BETWEEN", ({"S": "2026"}, {"S": "2026"}))}),
        ("{number}", {"number": Asked("=", ({"S": "7"},))}),
        ("O#{name}", of("name", "<", "a" * 1023)),
        ("O#{name}", of("name", "begins_with", "a" * 1023)),
    ],
)
def test_a_value_that_no_text_holds_is_refused(text: str, asked: dict[str, Asked]) -> None:
    """Also as the end of a range, and as a beginning."""
    with pytest.raises(CodecError, match="the template"):
        asked_of(template(text), asked)


@pytest.mark.parametrize(
    ("text", "fragment", "found"),
    [
        ("{at}", "2026-11", begins("2026-11")),
        ("{at}#{name}", "2026-11-29T", begins("2026-11-29T")),
        ("{at}#{name}", "2026-11-29T12:00:00.000000Z#", NEVER),
        ("{at}", "2026-1x", NEVER),
        ("{at:ms}", "2026-11-29T12:00:00.0", begins("2026-11-29T12:00:00.0")),
        ("{at:ms}", "2026-11-29T12:00:00.0000", begins("2026-11-29T12:00:00.000")),
        ("{at:ms}", "2026-11-29T12:00:00.000000Z", begins("2026-11-29T12:00:00.000Z")),
        ("{at:ms}", "2026-11-29T12:00:00.0001", NEVER),
        ("{at:ms}", "x", NEVER),
        ("{iso}#{name}", "2026-11-29T12:00:00.000Z#", NEVER),
        ("{at:.10}", "2026-1", begins("2026-1")),
        ("{at:.10}", "2026-11-29", Asked("=", ({"S": "2026-11-29"},))),
        ("{at:.10}#{at}", "2026-11-29T1", begins("2026-11-29#2026-11-29T1")),
        ("{at:.10}", "2026/11/29", NEVER),
        ("{status}#", "op", begins("op")),
    ],
)
def test_times_and_texts_have_beginnings(text: str, fragment: str, found: Asked) -> None:
    """Of their stored text; what none begins with is no request."""
    name = next(name for name in ("status", "iso", "at") if name in text)
    assert asked_of(template(text), {name: Asked("begins_with", ({"S": fragment},))}) == found


@pytest.mark.parametrize(
    ("operator", "values", "found"),
    [
        (">=", [DAY], between("2026-11-29", TOP + TOP)),
        ("<", [DAY], between("\0", f"2026-11-28{TOP}")),
        ("<=", [END], between("\0", f"2026-11-29#{TOP}")),
        (">", [END], between("2026-11-29$", TOP + TOP)),
        ("BETWEEN", [DAY, END + timedelta(days=2)], between("2026-11-29", f"2026-12-01#{TOP}")),
        ("BETWEEN", [DAY, END], begins("2026-11-29#")),
        ("=", [NOON], begins("2026-11-29#")),
    ],
)
def test_a_range_of_whole_days_is_one_of_days(
    operator: str, values: list[datetime], found: Asked
) -> None:
    """From the first time of one to the last time of one."""
    made = template("{at:.10}#{name}")
    assert asked_of(made, of("at", operator, *values)) == found


def test_a_number_alone_is_asked_for_as_it_is() -> None:
    """In an attribute of numbers, in their order."""
    made = template("{number}", tag="N")
    assert asked_of(made, {}) is None
    assert asked_of(made, of("number", ">", -7)) == Asked(">", ({"N": "-7"},))
    assert asked_of(made, of("number", "BETWEEN", 9, 10)) == Asked(
        "BETWEEN", ({"N": "9"}, {"N": "10"})
    )
    assert asked_of(made, of("number", "BETWEEN", 10, 9)) == NEVER


@pytest.mark.parametrize("text", ["O#{name}\0#", "O#{name}\0#{number:03d}"])
def test_an_end_after_which_there_is_no_room_is_the_end(text: str) -> None:
    """No text holds the value, and those of lesser ones are all below it."""
    made = template(text)
    made.limit = 7
    assert asked_of(made, of("name", "<=", "abcd")) == between("O#", "O#abcd")
    assert asked_of(made, of("name", ">", "abcd")) == between("O#abcd\x01", f"O#{TOP}")
