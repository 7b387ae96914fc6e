"""The types of texts, numbers and binaries, and what else they may be."""

from __future__ import annotations

from typing import Any

import pytest

from dynrepo.codec import codec_for
from dynrepo.modelling.scalars import keeps, scalar_of

LOW = "123e4567-e89b-12d3-a456-42661417400a"


@pytest.mark.parametrize(
    ("tag", "payloads", "text"),
    [
        ("S", [LOW], "UUID"),
        ("S", [LOW, "a"], "str"),
        ("S", [LOW.upper()], "str"),
        ("S", ["2024-01-01T00:00:00.000000Z"], "AwareDatetime"),
        ("S", ["2024-01-01T00:00:00.000000"], "NaiveDatetime"),
        ("S", ["2024-01-01T00:00:00+00:00"], "str"),
        ("S", ["2024-01-01"], "date"),
        ("S", ["12:30:00.000000"], "time"),
        ("S", [], "str"),
        ("N", ["1", "1E+2"], "int"),
        ("N", ["1", "0.5"], "Decimal"),
        ("N", [], "Decimal"),
        ("B", ["AA=="], "bytes"),
        ("BOOL", [True], "bool"),
    ],
)
def test_the_narrowest_type_that_keeps_all_is_taken(tag: str, payloads: Any, text: str) -> None:
    """One that would write another form than the one that is stored is none."""
    assert scalar_of(tag, payloads).text == text


def test_a_key_is_of_a_type_that_can_be_one() -> None:
    """A `time` cannot: its order in DynamoDB is not its own."""
    assert scalar_of("S", ["12:30:00.000000"], key="partition").text == "str"
    assert scalar_of("S", [LOW], key="sort").text == "UUID"


def test_what_a_type_needs_is_imported() -> None:
    """But for what is built in."""
    assert scalar_of("N", ["0.5"]).imports == {("decimal", "Decimal")}
    assert scalar_of("N", ["1"]).imports == frozenset()


def test_a_codec_that_cannot_read_keeps_nothing() -> None:
    """Nor one that reads and would write otherwise."""
    assert keeps(codec_for(int), "N", ["1", "2.0"])
    assert not keeps(codec_for(int), "N", ["1", "2.5"])
    assert not keeps(codec_for(float), "N", ["0.1000000000000000055511151231257827"])


@pytest.mark.parametrize(
    ("tag", "payloads", "doubt"),
    [
        ("S", ["2024-01-01T00:00:00Z", "2024-01-01 10:00:00"], "texts of times"),
        ("S", [LOW.upper()], "texts of UUIDs"),
        ("S", [LOW.replace("-", "")], "texts of UUIDs"),
        ("S", ["PT1H30M", "P3D"], "ISO durations"),
        ("S", ["0810", "1.5"], "texts of numbers"),
        ("S", ["Y", "n"], "flags"),
        ("S", ['{"a": 1}', "[1]"], "JSON"),
        ("S", ["red", "blue"] * 4, "an Enum"),
        ("N", ["1714550400"], "in seconds since 1970"),
        ("N", ["1714550400.5"], "in seconds since 1970"),
        ("N", ["1714550400123"], "in milliseconds since 1970"),
        ("N", ["1714550400123456"], "in microseconds since 1970"),
        ("N", ["1714550400123456789"], "in nanoseconds since 1970"),
        ("N", ["30000000000"], "durations, in nanoseconds"),
        ("N", ["0", "1"] * 4, "flags"),
    ],
)
def test_what_else_values_may_be_is_a_doubt(tag: str, payloads: Any, doubt: str) -> None:
    """Told, and never guessed: the type is that of a text or a number."""
    found = scalar_of(tag, payloads)
    assert found.text in ("str", "int", "Decimal")
    (told,) = found.doubts
    assert doubt in told


@pytest.mark.parametrize(
    ("tag", "payloads"),
    [
        ("S", ["red", "blue"]),
        ("S", [str(number) + "a" for number in range(9)]),
        ("N", ["1714550400", "3"]),
        ("N", ["0", "1"]),
        ("N", [str(number) for number in range(9)]),
        ("B", ["AA=="] * 9),
        ("S", []),
    ],
)
def test_what_is_clear_has_no_doubt(tag: str, payloads: Any) -> None:
    """Nor what there is too little of to tell."""
    assert scalar_of(tag, payloads).doubts == ()
