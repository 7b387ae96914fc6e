"""The segments that a scan is made of, and the counts that are given for reads."""

from __future__ import annotations

from typing import Any

MAX_SEGMENTS = 1_000_000
"""Segments that a scan may be made of."""


def check_segments(segments: int, segment: tuple[int, int] | None) -> None:
    """ValueError for segments that no scan has, or of which one is no number of them."""
    number, total = segment or (0, segments)
    if checked_count(segments) < 1:
        raise ValueError(f"a scan has at least 1 segment, not {segments}")
    if max(segments, checked_count(total)) > MAX_SEGMENTS:
        raise ValueError(f"a scan has {MAX_SEGMENTS} segments at most, not {max(segments, total)}")
    if not 0 <= checked_count(number) < total:
        raise ValueError("segment=(number, total), counted from 0")
    if segment is not None and segments > 1:
        raise ValueError("segment= is this machine's share; segments= are those of one machine")


def checked_count(count: Any) -> int:
    """The count; TypeError for anything but an int, a bool included."""
    if type(count) is not int:
        raise TypeError(f"a count is an int, not {type(count).__name__}")
    return count
