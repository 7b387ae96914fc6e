"""The types of texts, numbers and binaries: those that keep what is stored."""

from __future__ import annotations

from typing import Any

import pytest

from dynrepo.codec import codec_for
from dynrepo.modelling.scalars import keeps, scalar_of

LOW = "123e4567-e89b-12d3-a456-42661417400a"


@pytest.mark.parametrize(
    ("tag", "payloads", "text", "encoding"),
    [
        ("S", [LOW], "UUID", ""),
        ("S", [LOW, "a"], "str", ""),
        ("S", [LOW.upper()], "UUID", "UUID_UPPER"),
        ("S", [LOW.replace("-", "")], "str", ""),
        ("S", ["2024-01-01T00:00:00.000000Z"], "AwareDatetime", ""),
        ("S", ["2024-01-01T00:00:00+00:00"], "AwareDatetime", "ISO_OFFSET"),
        ("S", ["2024-01-01T00:00:00.000000+0000"], "AwareDatetime", "ISO_BASIC_OFFSET"),
        ("S", ["2024-01-01T00:00:00.120Z"], "AwareDatetime", "ISO_MILLISECONDS"),
        ("S", ["2024-01-01T00:00:00Z"], "AwareDatetime", "ISO_Z"),
        ("S", ["2024-01-01T00:00:00Z", "2024-01-01T00:00:00.120Z"], "AwareDatetime", "ISO_INSTANT"),
        ("S", ["2024-01-01T00:00:00.12Z"], "AwareDatetime", "RFC3339_NANO"),
        ("S", ["2024-01-01 00:00:00+00:00"], "AwareDatetime", "ISO_SPACED"),
        ("S", ["2024-01-01T00:00:00.123456789Z"], "str", ""),
        ("S", ["2024-01-01T00:00:00+02:00"], "str", ""),
        ("S", ["2024-01-01T00:00:00.000000"], "NaiveDatetime", ""),
        ("S", ["2024-01-01T00:00:00"], "NaiveDatetime", "NAIVE_ISO"),
        ("S", ["2024-01-01 00:00:00"], "NaiveDatetime", "NAIVE_SPACED"),
        ("S", ["2024-01-01T00:00"], "NaiveDatetime", "LOCAL_DATE_TIME"),
        ("S", ["2024-01-01"], "date", ""),
        ("S", ["12:30:00.000000"], "time", ""),
        ("S", ["12:30", "12:30:05"], "time", "LOCAL_TIME"),
        ("S", ["P1DT2H"], "timedelta", "ISO_DURATION"),
        ("S", ["PT26H"], "timedelta", "ISO_DURATION_HOURS"),
        ("S", [], "str", ""),
        ("N", ["1", "1E+2"], "int", ""),
        ("N", ["1", "0.5"], "Decimal", ""),
        ("N", ["1714550400123"], "int", ""),
        ("N", [], "Decimal", ""),
        ("B", ["AA=="], "bytes", ""),
        ("BOOL", [True], "bool", ""),
    ],
)
def test_the_narrowest_type_that_keeps_all_is_taken(
    tag: str, payloads: Any, text: str, encoding: str
) -> None:
    """In the form of its writer; a number is never taken for a time."""
    found = scalar_of(tag, payloads)
    assert (found.text, found.encoding.removeprefix("encodings.")) == (text, encoding)


def test_a_key_is_of_a_type_that_can_be_one() -> None:
    """A `time` cannot: its order in DynamoDB is not its own."""
    assert scalar_of("S", ["12:30:00.000000+02:00"], key="partition").text == "str"
    assert scalar_of("S", [LOW], key="sort").text == "UUID"


def test_a_sort_key_in_no_order_is_told() -> None:
    """It is read, and has no ranges."""
    payloads = ["2024-01-01T00:00:00Z", "2024-01-01T00:00:00.120Z"]
    assert any("no ranges" in doubt for doubt in scalar_of("S", payloads, key="sort").doubts)
    assert not any("no ranges" in doubt for doubt in scalar_of("S", payloads).doubts)


def test_other_forms_that_fit_are_told() -> None:
    """The sample does not say which of them the writer has."""
    assert scalar_of("S", ["2024-01-01T00:00:00Z"]).doubts == (
        "of the form encodings.ISO_INSTANT, encodings.RFC3339_NANO as well",
    )


def test_a_plain_type_has_no_encoding() -> None:
    """As one among others in a union."""
    assert scalar_of("S", ["2024-01-01T00:00:00Z"], is_plain=True).text == "str"


def test_what_a_type_needs_is_imported() -> None:
    """But for what is built in."""
    assert scalar_of("N", ["0.5"]).imports == {("decimal", "Decimal")}
    assert scalar_of("N", ["1"]).imports == frozenset()


def test_a_codec_that_cannot_read_keeps_nothing() -> None:
    """Nor one that reads and would write otherwise."""
    assert keeps(codec_for(int), "N", ["1", "2.0"])
    assert not keeps(codec_for(int), "N", ["1", "2.5"])
    assert not keeps(codec_for(float), "N", ["0.1000000000000000055511151231257827"])
