"""What values may be that are taken for texts, numbers or bytes."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from dynrepo.modelling.doubts import doubts_of

UUID = "123E4567-E89B-12D3-A456-42661417400A"


@pytest.mark.parametrize(
    ("text", "payloads", "doubt"),
    [
        ("str", ["2024-01-01T00:00:00Z", "2024-01-01 10:00:00"], "texts of times in no one form"),
        ("str", ["2024-01-01T00:00:00Z", "2024-01-01T10:00:00.123456789Z"], "finer than micro"),
        ("str", ["2024-01-01T10:00:00.123456000+01:00"], "another offset"),
        ("str", [UUID.replace("-", "")], "texts of UUIDs"),
        ("str", [UUID, UUID.lower()], "texts of UUIDs"),
        ("str", ["0810", "1.5"], "texts of numbers"),
        ("str", ["Y", "n"], "flags"),
        ("str", ['{"a":\n1}', "[1]"], "JSON"),
        ("str", ["red", "blue"] * 4, "an Enum"),
        ("int", ["1714550400"], "EPOCH_SECONDS"),
        ("int", ["1714550400123"], "EPOCH_MILLISECONDS"),
        ("int", ["1714550400123456"], "EPOCH_MICROSECONDS"),
        ("int", ["1714550400123456789"], "EPOCH_NANOSECONDS"),
        ("int", ["30000000000"], "encodings.NANOSECONDS"),
        ("int", ["0", "1"] * 4, "ZERO_ONE"),
        ("Decimal", ["1714550400.5"], "EPOCH_FRACTION"),
        ("bytes", [b64encode(bytes(16)).decode()], "UUID_BYTES"),
        ("bytes", [b64encode(b64encode(b"abc")).decode()], "LEGACY_BINARY"),
    ],
)
def test_what_else_values_may_be_is_told(text: str, payloads: Any, doubt: str) -> None:
    """In one sentence, that fits on a line, and with the encoding that would have it so."""
    (told,) = doubts_of(text, payloads)
    assert doubt in told
    assert len(told) <= 82


@pytest.mark.parametrize(
    ("text", "payloads"),
    [
        ("str", ["red", "blue"]),
        ("str", [f"{number}a" for number in range(9)]),
        ("str", []),
        ("int", ["1714550400", "3"]),
        ("int", ["9" * 38]),
        ("int", ["0", "1"]),
        ("int", [str(number) for number in range(9)]),
        ("bytes", ["AA=="] * 9),
        ("UUID", [UUID] * 9),
        ("bool", [True] * 9),
    ],
)
def test_what_is_clear_has_no_doubt(text: str, payloads: Any) -> None:
    """Nor what there is too little of to tell."""
    assert list(doubts_of(text, payloads)) == []
