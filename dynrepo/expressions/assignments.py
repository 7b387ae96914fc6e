"""Assignments to fields, which are no way to write, and what to write instead.

`fields.visits += 1` would store nothing, and put a sum in the place of the field for all who use
the repository.
"""

# The type of `operator.or_` is known in part only.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from operator import add, or_, sub
from typing import TYPE_CHECKING, Any

from dynrepo.errors import CodecError

if TYPE_CHECKING:
    from collections.abc import Callable


class Unassignable:
    """Refuses assignments to its attributes and items, by an error that names the action."""

    def __getitem__(self, part: Any) -> Any:
        """The path of a field, or of a part."""
        raise NotImplementedError

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(_not_assigned(self[name]))

    def __delattr__(self, name: str) -> None:
        raise AttributeError(_not_deleted(self[name]))

    def __setitem__(self, part: Any, value: Any) -> None:
        raise TypeError(_not_assigned(self[part]))

    def __delitem__(self, part: Any) -> None:
        raise TypeError(_not_deleted(self[part]))


class UnassignablePath(Unassignable):
    """Refuses assignments once it has a label, and in place what the field cannot hold."""

    def __setattr__(self, name: str, value: Any) -> None:
        if "label" in self.__dict__:
            super().__setattr__(name, value)
        self.__dict__[name] = value

    # What fits is for a variable; assigned to the field it is refused there.

    def __iadd__(self, other: Any) -> Any:
        return self._in_place(add, other)

    def __isub__(self, other: Any) -> Any:
        return self._in_place(sub, other)

    def __ior__(self, other: Any) -> Any:
        return self._in_place(or_, other)

    def _in_place(self, operator: Callable[[Any, Any], Any], other: Any) -> Any:
        try:
            return operator(self, other)
        except CodecError:
            reason = _not_assigned(self)
        raise TypeError(reason)


def _not_assigned(path: Any) -> str:
    """That nothing is assigned to a path, and what to write instead."""
    actions = ["add(1)", "set(...)"] if "N" in path.codec.tags else ["set(...)"]
    return _refusal(path, *actions)


def _not_deleted(path: Any) -> str:
    return _refusal(path, "remove()")


def _refusal(path: Any, *actions: str) -> str:
    cures = " or ".join(f"update(key, fields{_steps(path)}.{action})" for action in actions)
    return f"{path.label}: nothing is stored by an assignment: write {cures}"


def _steps(path: Any) -> str:
    """What leads to a path from `fields`, without the keys of maps, which are data."""
    name, nested, _ = path.name.replace("[", ".").partition(".")
    return f".{name}[...]" if name and nested else f".{name}" if name else "[...]"
