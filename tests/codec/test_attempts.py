"""What an attempt made of a part is known to the attempts after it."""

from __future__ import annotations

import pytest

from dynrepo.codec.attempts import FailedAttempt, attempt, remembered


def test_a_failed_attempt_says_why() -> None:
    """And holds no frame, which might hold the value."""
    failed = attempt(int, "a")

    assert isinstance(failed, FailedAttempt)
    assert isinstance(failed.reason, ValueError)
    assert failed.reason.__traceback__ is None
    assert attempt(int, "1") == 1


def test_an_attempt_does_not_hide_that_memory_is_short() -> None:
    """That is no fault of the value."""

    def exhaust(_: object) -> None:
        raise MemoryError

    with pytest.raises(MemoryError):
        attempt(exhaust, 1)


def test_a_part_is_made_once_within_an_attempt() -> None:
    """Whether that failed or not; the next outermost attempt makes it anew."""
    made: list[str] = []

    def make(text: str) -> int:
        made.append(text)
        return int(text)

    def outermost(_: object) -> list[object]:
        return [attempt(lambda text: remembered(text, make, text), each) for each in "1a1a"]

    one, failed, *_ = remembered("", outermost, "")  # type: ignore[misc]
    assert one == 1
    assert isinstance(failed, FailedAttempt)
    assert made == ["1", "a"]
    remembered("", outermost, "")
    assert made == ["1", "a", "1", "a"]
