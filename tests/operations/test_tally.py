"""Counts of what was found: bounded, and sorted."""

from __future__ import annotations

from dynrepo.operations.tally import MOST, OTHERS, Tally


def test_counts_are_by_name_and_reason() -> None:
    """The greatest first, then by name."""
    tally = Tally()
    for name, reason in [("b", "x"), ("c", "x"), ("a", "y"), ("c", "z"), ("c", "z")]:
        tally.add(name, reason)
    assert list(tally.by_name().items()) == [("c", 3), ("a", 1), ("b", 1)]
    assert tally.by_reason() == {"c": {"z": 2, "x": 1}, "a": {"y": 1}, "b": {"x": 1}}


def test_what_is_kept_does_not_grow_with_what_is_counted() -> None:
    """A table whose attribute names are data has a name for each row."""
    tally = Tally()
    for number in range(MOST + 50):
        tally.add(f"{number:03d}", "x")
        tally.add("000", str(number))
    names, reasons = tally.by_name(), tally.by_reason()["000"]
    assert len(names) == len(reasons) == MOST + 1
    assert names[OTHERS] == 50
    assert reasons[OTHERS] == 51
