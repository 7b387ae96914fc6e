"""The segments of a scan, and counts."""

from __future__ import annotations

from typing import Any

import pytest

from dynrepo.operations.segments import check_segments, checked_count


def test_a_scan_has_segments_or_is_one_of_them() -> None:
    """Counted from 0, and not both."""
    for segments, segment in [(1, None), (1_000_000, None), (1, (0, 1)), (1, (3, 4))]:
        check_segments(segments, segment)
    wrong: list[tuple[int, Any]] = [(0, None), (1_000_001, None), (1, (4, 4)), (2, (0, 2))]
    for segments, segment in [*wrong, (1, (-1, 2)), (1, (0, 1_000_001))]:
        with pytest.raises(ValueError, match="segment"):
            check_segments(segments, segment)


def test_a_count_is_an_int() -> None:
    """No bool, no text, no fraction."""
    assert checked_count(3) == 3
    for wrong in (True, "3", 3.0, None):
        with pytest.raises(TypeError, match="a count is an int"):
            checked_count(wrong)
