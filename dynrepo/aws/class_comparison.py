"""A comparison of what classes have, which is made anew only after one of them was changed.

CPython marks a class when a name is looked up in it, since it may keep what it found. It takes the
mark away when that class, or one that it inherits from, gets an attribute, another one, or loses
one. So an heir that nobody else knows is marked until one of the classes is changed.
https://docs.python.org/3.12/c-api/type.html#c.PyType_Modified
"""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_MARK = 1 << 19
"""`Py_TPFLAGS_VALID_VERSION_TAG` in CPython's headers."""
_UNMARKED = SimpleNamespace(__flags__=0)


class ClassComparison:
    """Whether classes are the same by a comparison that tells, and that takes a while.

    `text` is the look at the marks, an expression of Python over `names`: it stands in the one that
    is evaluated before every request. It takes no lock: the marks of an heir that was ever looked
    at are not set again. They are set before the comparison, so that a change in the middle of it
    is seen by the next look.
    """

    def __init__(self, classes: Iterable[type], are_same: Callable[[], bool]) -> None:
        self._groups = _inheritable(classes)
        self._compare = are_same
        self._heirs: list[Any] = [_UNMARKED for _ in self._groups]
        marked = (f"heirs[{number}].__flags__ & mark" for number in range(len(self._groups)))
        self.text = f"({' and '.join(marked)} or compared())"
        self.names = {"heirs": self._heirs, "mark": _MARK, "compared": self._compared}

    def _compared(self) -> bool:
        heirs = [_marked_heir(group) for group in self._groups]
        if not self._compare():
            return False
        self._heirs[:] = heirs
        return True


@cache
def marks_classes() -> bool:
    """Whether this Python does so. 3.13 does not, and looks names up in classes at once."""
    parent = type("Parent", (), {})
    heir = _marked_heir((parent,))
    was_marked = bool(heir.__flags__ & _MARK)
    type.__setattr__(parent, "name", None)
    return was_marked and not heir.__flags__ & _MARK


def _inheritable(classes: Iterable[type]) -> list[tuple[type, ...]]:
    """The classes in few groups, of each of which one class can inherit.

    Not all can be in one: C lays out the instances of a socket and of a file in its own way.
    """
    groups: list[tuple[type, ...]] = []
    for kind in sorted(set(classes), key=lambda kind: len(kind.__mro__), reverse=True):
        for number, group in enumerate(groups):
            if _can_have_heirs((*group, kind)):
                groups[number] = (*group, kind)
                break
        else:
            groups.append((kind,))
    return groups


def _can_have_heirs(group: tuple[type, ...]) -> bool:
    try:
        type("Heir", group, {})
    except TypeError:
        return False
    return True


def _marked_heir(group: tuple[type, ...]) -> type:
    heir = type("Heir", group, {})
    getattr(heir, "name", None)
    return heir
