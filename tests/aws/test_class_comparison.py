"""What classes have is compared again after each change of one of them, and only then."""

from __future__ import annotations

import io
import socket
import sys
from typing import Any

import pytest

from dynrepo.aws.class_comparison import ClassComparison, marks_classes


class Parent:
    """What the classes of these tests inherit from."""

    name: Any = None


class Kind(Parent):
    """One whose attributes are compared."""


class Another:
    """Another one."""


class File(io.RawIOBase):
    """One whose instances C lays out."""


class Socket(socket.socket):
    """One whose instances C lays out otherwise."""


class Stranger:
    """One that is not compared."""


CLASSES = (Kind, Another, File, Socket, Parent)


class Counted:
    """A comparison that counts how often it was made, and what it says."""

    def __init__(self) -> None:
        self.made = 0
        self.says = True

    def compare(self) -> bool:
        """Whether all is the same."""
        self.made += 1
        return self.says


def are_same(comparison: ClassComparison) -> bool:
    """What its expression says."""
    return bool(eval(comparison.text, dict(comparison.names)))  # noqa: S307 - of the library's


@pytest.fixture
def counted() -> Counted:
    """A comparison of nothing."""
    return Counted()


@pytest.fixture
def comparison(counted: Counted) -> ClassComparison:
    """One that was made, and found nothing."""
    made = ClassComparison(CLASSES, counted.compare)
    assert are_same(made)
    counted.made = 0
    return made


def test_which_pythons_tell() -> None:
    """3.11 and 3.12 say whether a class was changed."""
    assert marks_classes() is (sys.version_info < (3, 13))


def test_without_a_change(comparison: ClassComparison, counted: Counted) -> None:
    """It is not made again; whoever changes other classes, or looks names up in these."""
    Stranger.name = 1  # type: ignore[attr-defined]
    assert Kind.name is None
    assert are_same(comparison)
    assert counted.made == (0 if marks_classes() else 1)


@pytest.mark.parametrize("kind", CLASSES)
def test_each_class(
    comparison: ClassComparison,
    counted: Counted,
    kind: type,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What one gets, exchanges or loses is a change, also when the name was looked up since."""
    for change in (
        lambda: monkeypatch.setattr(kind, "extra", 1, raising=False),
        lambda: monkeypatch.setattr(kind, "extra", 2),
        lambda: monkeypatch.delattr(kind, "extra"),
    ):
        counted.made = 0
        change()
        getattr(kind, "extra", None)
        assert are_same(comparison)
        assert counted.made == 1


def test_another_parent(comparison: ClassComparison, counted: Counted) -> None:
    """Other bases are a change as well."""
    Kind.__bases__ = (type("Other", (Parent,), {}),)
    try:
        assert are_same(comparison)
        assert counted.made == 1
    finally:
        Kind.__bases__ = (Parent,)


def test_what_is_not_the_same(
    comparison: ClassComparison, counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is made until it finds that all is as it was; nothing is kept of one that does not."""
    monkeypatch.setattr(Parent, "name", 1)
    counted.says = False
    assert [are_same(comparison) for _ in range(3)] == [False] * 3
    assert counted.made == 3
    counted.says = True
    assert are_same(comparison)
    assert counted.made == 4


def test_one_that_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it raises is raised, each time."""
    comparison = ClassComparison(CLASSES, lambda: Kind.name is None)
    assert are_same(comparison)
    monkeypatch.delattr(Parent, "name")
    for _ in range(2):
        with pytest.raises(AttributeError):
            are_same(comparison)


def test_a_change_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that comes while it is made is seen by the next."""

    def compare() -> bool:
        made.append(Kind.name)
        if len(made) == 1:
            monkeypatch.setattr(Parent, "name", "changed")
        return True

    made: list[Any] = []
    comparison = ClassComparison(CLASSES, compare)
    assert are_same(comparison)
    assert are_same(comparison)
    assert made == [None, "changed"]
