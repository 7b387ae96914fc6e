"""What a query may ask of a key: of a field, a template, or several of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo.errors import CodecError
from dynrepo.templates.asked import Asked
from dynrepo.templates.grammar import FieldAttribute, KeyGrammar, TemplateAttribute
from tests.templates.brute import a_range, holds
from tests.templates.made import FIELDS, Status, row_of, template, values_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dynrepo.codec import Item
    from dynrepo.templates.grammar import KeyAttribute

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


def of(name: str, operator: str, *values: Any) -> dict[str, Asked]:
    """What is asked of a field, by values of Python."""
    return {name: Asked(operator, tuple(FIELDS[name].encode(value) or {} for value in values))}


def texts(operator: str, *values: str) -> Asked:
    """What is asked of an attribute."""
    return Asked(operator, tuple({"S": value} for value in values))


def attributes(part: str, *texts: str) -> list[KeyAttribute]:
    """Attributes of a key: a template where there is a brace or a capital, else a field."""
    return [
        TemplateAttribute(f"{part}{number}", template(text, sort=part == "sk"))
        if "{" in text or text.isupper()
        else FieldAttribute(FIELDS[text], 1024)
        for number, text in enumerate(texts)
    ]


def key(partition: Sequence[str], sort: Sequence[str] = ()) -> KeyGrammar:
    """The grammar of a key."""
    return KeyGrammar("Made", attributes("pk", *partition), attributes("sk", *sort))


PLAIN = key(["name"], ["number"])
ORDERS = key(["USER#{name}"], ["ORDER#{day}#{number:08d}"])
BY_STATUS = key(["STATUS#{status}#{at:.10}"], ["{at}#{name}"])
INDEX = key(["name", "status"], ["day", "number", "mail"])


@pytest.mark.parametrize(
    ("grammar", "asked", "found"),
    [
        (PLAIN, of("name", "=", "a"), {"name": texts("=", "a")}),
        (
            PLAIN,
            of("name", "=", "a") | of("number", ">", 7),
            {"name": texts("=", "a"), "number": Asked(">", ({"N": "7"},))},
        ),
        (
            ORDERS,
            of("name", "=", "a"),
            {"pk0": texts("=", "USER#a"), "sk0": texts("begins_with", "ORDER#")},
        ),
        (
            ORDERS,
            of("number", "<=", 7) | of("name", "=", "a") | of("day", "=", NOON.date()),
            {
                "pk0": texts("=", "USER#a"),
                "sk0": texts("BETWEEN", "ORDER#2026-11-29#\0", "ORDER#2026-11-29#00000007"),
            },
        ),
        (
            key(["USER#{name}"], ["PROFILE"]),
            of("name", "=", "a"),
            {"pk0": texts("=", "USER#a"), "sk0": texts("=", "PROFILE")},
        ),
        (key(["USERS"], ["{name}"]), {}, {"pk0": texts("=", "USERS")}),
        (
            key(["USER#{name}"], ["{name}#{day}"]),
            of("name", "=", "a"),
            {"pk0": texts("=", "USER#a"), "sk0": texts("begins_with", "a#")},
        ),
        (
            INDEX,
            of("name", "=", "a")
            | of("status", "=", Status.OPEN)
            | of("day", "=", NOON.date())
            | of("number", "<", 3),
            {
                "name": texts("=", "a"),
                "status": texts("=", "open"),
                "day": texts("=", "2026-11-29"),
                "number": Asked("<", ({"N": "3"},)),
            },
        ),
        (
            key(["name"], ["A#{day}", "{number:02d}"]),
            of("name", "=", "a") | of("day", ">", NOON.date()),
            {
                "name": texts("=", "a"),
                "sk0": texts("BETWEEN", "A#2026-11-29\0", "A#\U0010ffff\U0010ffff"),
            },
        ),
        # What cannot be.
        (PLAIN, of("name", "=", "a") | of("number", "BETWEEN", 9, 1), None),
        (
            ORDERS,
            of("name", "=", "a") | of("day", "BETWEEN", NOON.date(), NOON.date() - timedelta(1)),
            None,
        ),
        (key(["name"], ["mail"]), of("name", "=", "a") | of("mail", "<", ""), None),
        (
            key(["name"], ["mail"]),
            of("name", "=", "a") | of("mail", ">=", ""),
            {"name": texts("=", "a")},
        ),
    ],
    ids=range(13),
)
def test_a_query_asks_for_a_partition_and_from_the_left(
    grammar: KeyGrammar, asked: dict[str, Asked], found: dict[str, Asked] | None
) -> None:
    """In whatever order it is written; for what cannot be there is nothing to be asked."""
    assert grammar.compiled(asked) == found


SAME = of("name", "=", "a")


@pytest.mark.parametrize(
    ("grammar", "asked", "reason"),
    [
        (PLAIN, {}, "`name == ...` and one comparison of `number`; .*: `name == ...` is missing"),
        (PLAIN, of("number", "=", 1), "`name == ...` is missing"),
        (PLAIN, of("name", ">", "a"), "takes `name == ...` and no range of it"),
        (PLAIN, of("name", "begins_with", "a"), "takes `name == ...` and no range of it"),
        (PLAIN, SAME | of("mail", "=", "a"), "`mail` is no part of the key"),
        (key(["name"]), SAME | of("number", "=", 1), "`name == ...`; .*`number` is no part"),
        (
            ORDERS,
            of("day", "=", NOON.date()),
            "`name == ...` and equality of `day`, `number` from the left",
        ),
        (
            ORDERS,
            SAME | of("number", "=", 1),
            "`day == ...` is missing, which stands before `number`",
        ),
        (
            ORDERS,
            SAME | of("day", ">", NOON.date()) | of("number", "=", 1),
            "after a range of `day` nothing can be asked of `number`",
        ),
        (key(["USERS"], ["PROFILE"]), SAME, "nothing; .*`name` is no part"),
        (INDEX, SAME, "`status == ...` is missing"),
        (
            INDEX,
            SAME | of("status", "=", Status.OPEN) | of("mail", "=", "a"),
            "`day == ...` is missing, which stands before `mail`",
        ),
        (
            INDEX,
            SAME
            | of("status", "=", Status.OPEN)
            | of("day", "<", NOON.date())
            | of("number", "<", 1),
            "after a range of `day` nothing can be asked of `number`",
        ),
        (
            BY_STATUS,
            of("status", "=", Status.OPEN) | of("at", ">=", NOON),
            "`at` is asked for in any number of partitions, .* first 10 characters",
        ),
        (
            BY_STATUS,
            of("status", "=", Status.OPEN) | of("at", "BETWEEN", NOON, NOON + timedelta(2)),
            "`at` is asked for in 3 partitions",
        ),
        (
            BY_STATUS,
            of("status", "=", Status.OPEN),
            r"`at == ...` \(or a range in one day\) is missing",
        ),
        (
            key(["{at:.10}"], ["{name}"]),
            of("at", "BETWEEN", NOON, NOON),
            "the key holds the beginning of `at` only",
        ),
        (
            key(["{at:.10}"], ["{name}#{at}"]),
            of("at", "BETWEEN", NOON, NOON),
            "`name == ...` is missing, which stands before `at`",
        ),
        (
            key(["{at:.10}"], ["{name}#{at}"]),
            of("at", "=", NOON),
            "`name == ...` is missing, which stands before `at`",
        ),
        (key(["{mail:lower}"]), of("mail", ">", "a"), "takes `mail == ...` and no range of it"),
    ],
    ids=range(20),
)
def test_what_one_query_cannot_ask_is_refused(
    grammar: KeyGrammar, asked: dict[str, Asked], reason: str
) -> None:
    """The message names the model, what a query takes, and what is missing."""
    with pytest.raises(ValueError, match=f"^Made: a query takes .*{reason}"):
        grammar.compiled(asked)


def test_a_range_in_one_partition_is_read_in_it() -> None:
    """Where both ends begin alike, and the whole time stands in the sort key."""
    asked = of("status", "=", Status.OPEN) | of("at", "BETWEEN", NOON, NOON + timedelta(hours=1))
    assert BY_STATUS.compiled(asked) == {
        "pk0": texts("=", "STATUS#open#2026-11-29"),
        "sk0": texts(
            "BETWEEN", "2026-11-29T12:00:00.000000Z", "2026-11-29T13:00:00.000000Z#\U0010ffff"
        ),
    }
    asked["at"] = texts("begins_with", "2026-11-29T1")
    assert BY_STATUS.compiled(asked) == {
        "pk0": texts("=", "STATUS#open#2026-11-29"),
        "sk0": texts("begins_with", "2026-11-29T1"),
    }
    asked |= of("at", "BETWEEN", NOON, NOON - timedelta(days=1))
    assert BY_STATUS.compiled(asked) is None


def test_equality_of_a_lossy_field_is_that_of_its_form() -> None:
    """Unless the key holds the field whole, too."""
    mails = key(["MAIL#{mail:lower}"], ["USER"])
    assert mails.compiled(of("mail", "=", "Ada")) == mails.compiled(of("mail", "=", "ADA"))
    day = key(["{at:.10}"], ["{name}"])
    assert day.compiled(of("at", "=", NOON)) == {"pk0": texts("=", "2026-11-29")}
    assert day.compiled({"at": texts("begins_with", "2026-11-29")}) == {
        "pk0": texts("=", "2026-11-29")
    }
    whole = key(["{at:.10}"], ["{at}"]).compiled(of("at", "=", NOON))
    assert whole is not None
    assert whole["sk0"] == texts("=", "2026-11-29T12:00:00.000000Z")


def test_a_number_alone_is_a_part_of_a_key() -> None:
    """As a board of scores has."""
    board = KeyGrammar(
        "Made",
        [TemplateAttribute("pk", template("BOARD#{name}", sort=False))],
        [TemplateAttribute("sk", template("{number}", tag="N"))],
    )
    assert board.compiled(SAME | of("number", ">=", -5)) == {
        "pk": texts("=", "BOARD#a"),
        "sk": Asked(">=", ({"N": "-5"},)),
    }


def test_a_value_that_no_key_holds_is_refused() -> None:
    """By the field, as when it is written."""
    with pytest.raises(CodecError, match=r"Made\.name: a key cannot be empty"):
        PLAIN.compiled(of("name", "=", ""))
    with pytest.raises(CodecError, match=r"Made\.number in the template"):
        ORDERS.compiled(SAME | of("day", "=", NOON.date()) | of("number", "=", -1))


KEYS = [
    (["name"], ["number"]),
    (["name", "status"], ["day", "number", "mail"]),
    (["USER#{name}"], ["ORDER#{day}#{number:08d}"]),
    (["{status}#{day}"], ["{at}#{name}", "number"]),
    (["{at:.10}"], ["{at}"]),
    (["{status}#{at:.7}"], ["A#{at}#", "mail"]),
    (["{name}"], ["{name}#{mail}"]),
]


@pytest.mark.parametrize(("partition", "sort"), KEYS)
def test_rows_are_asked_for_by_their_attributes_as_by_their_fields(
    partition: list[str], sort: list[str]
) -> None:
    """Of every key, for conditions on any of its fields that one query can ask."""
    random = Random(str(partition))  # noqa: S311 - a test
    every = [*attributes("pk", *partition), *attributes("sk", *sort)]
    rows = [row_of(values_of(random, less="#\0")) for _ in range(25)]
    rows = [row for row in rows if row["name"]["S"] and row["mail"]["S"]]
    stored = [{each.name: made_of(each, row) for each in every} for row in rows]
    names = list(dict.fromkeys(it.name for each in every for it in each.stations))
    grammar, answered = key(partition, sort), 0
    for known in range(400):
        asked = {name: Asked("=", (random.choice(rows)[name],)) for name in names[: known % 4 + 1]}
        for name in random.sample(names, random.randint(0, 1)):
            asked[name] = a_range(random, name, rows)
        try:
            found = grammar.compiled(asked)
        except ValueError:
            continue
        answered += 1
        for row, item in zip(rows, stored, strict=True):
            is_found = found is not None and all(
                holds(it, item[name]) for name, it in found.items()
            )
            assert is_found is all(holds(it, row[name]) for name, it in asked.items())
    assert answered > 60


def made_of(attribute: KeyAttribute, row: Item) -> dict[str, Any]:
    """What a row has in an attribute of a key."""
    if isinstance(attribute, TemplateAttribute):
        return attribute.template.stored(row) or {}
    return row[attribute.name]


def test_a_grammar_names_a_field_to_begin_with() -> None:
    """For a message; one without fields has none."""
    assert PLAIN.first == "name"
    assert key(["USERS"], ["{day}"]).first == "day"
    assert key(["USERS"], ["PROFILE"]).first == "x"
