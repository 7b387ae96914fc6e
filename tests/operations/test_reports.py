"""Texts of what was found."""

from __future__ import annotations

from dynrepo.operations.reports import Section, counted, flat, report


def test_a_report_is_a_title_with_sentences_and_counts() -> None:
    """Sections without counts are left out."""
    sections = [Section("some:", {"a": 1234, "b": 1}), Section("none:", {})]
    assert report("things", ["they differ"], sections) == (
        "things\n  they differ\n  some:\n       1,234  a\n           1  b"
    )


def test_long_lines_are_folded() -> None:
    """At 80 columns, below their beginning."""
    text = report("word " * 30, ["word " * 30], [Section("s", {"word " * 30: 1})])
    assert max(map(len, text.splitlines())) <= 80
    assert text.split() == [*["word"] * 60, "s", "1", *["word"] * 30]


def test_a_finding_is_a_line() -> None:
    """Names of attributes may hold control characters."""
    assert report("a\tb", ["c\nd"]) == "a\\tb\n  c\\nd"


def test_reasons_stand_behind_their_names() -> None:
    """And alone where they are of the whole."""
    assert flat({"a": {"x": 1, "y": 2}, "": {"z": 3}}) == {"a: x": 1, "a: y": 2, "z": 3}


def test_one_is_counted_in_the_singular() -> None:
    """And none, and many, in the plural."""
    assert [counted(count, "row") for count in (0, 1, 2000)] == ["0 rows", "1 row", "2,000 rows"]
