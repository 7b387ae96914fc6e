"""The stored item and its parts, which to type checkers are an instance and its fields."""

from __future__ import annotations

from typing import Any, NoReturn

from dynrepo.errors import CodecError


class StoredPart:
    """A part of a stored item: its attributes and its items are the parts of it.

    It has no value. Whatever is done with it, but to step into it and to ask for its path, is a
    TypeError that names the path. No field has a name that begins with `_`.
    """

    _path: Any

    def __init__(self, path: Any) -> None:
        self.__dict__["_path"] = path

    def __getattr__(self, name: str) -> StoredPart:
        if name.startswith("_"):  # Python and its libraries ask for such names
            raise AttributeError(name)
        part = StoredPart(self._step(name))
        self.__dict__[name] = part  # it is found there the next time
        return part

    def __getitem__(self, step: Any) -> StoredPart:
        return StoredPart(self._path[step])

    def _step(self, name: str) -> Any:
        """The path of a field of a nested model, or of an element of a NamedTuple."""
        path = self._path
        try:
            place, _ = path.codec.child(name)
        except CodecError as error:
            reason = str(error)
        else:
            if isinstance(place, int) or path.codec.field(name) is not None:
                return path[name]
            reason = f"an entry of {path.codec.name} is found by its key in brackets"
        cure = f"write path({self._text}).{name}" if hasattr(path, name) else reason
        message = f"{path.label} has no field {name}: {cure}"
        raise AttributeError(message, name=name, obj=None)  # Python would add a hint to ours

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._path, name, value)  # an AttributeError that names the action

    def __delattr__(self, name: str) -> None:
        delattr(self._path, name)

    def __setitem__(self, step: Any, value: Any) -> None:
        self._path[step] = value  # a TypeError that names the action

    def __delitem__(self, step: Any) -> None:
        del self._path[step]

    def _refuse(self, *_: object) -> NoReturn:
        raise TypeError(self._reason)

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __and__ = __rand__ = __or__ = __ror__ = _refuse
    __bool__ = __invert__ = __contains__ = __iter__ = __len__ = __call__ = _refuse
    # A text with the name of the field in it would be compared, and stored, as any text.
    __str__ = __format__ = _refuse

    @property
    def _text(self) -> str:
        """What leads here, as it is written."""
        return f"stored.{self._path.name}"

    @property
    def _reason(self) -> str:
        """Why nothing else is done with it, and what to write."""
        return (
            f"{self._path.label} has no value here: conditions and actions are made of"
            f" path({self._text})"
        )

    def __repr__(self) -> str:
        return f"<{self._text}>"


class StoredItem(StoredPart):
    """A stored item as a whole: its attributes are the fields of the model."""

    def __getitem__(self, step: Any) -> NoReturn:
        raise TypeError(self._reason)

    def _step(self, name: str) -> Any:
        return getattr(self._path, name)

    @property
    def _text(self) -> str:
        return "stored"

    @property
    def _reason(self) -> str:
        return (
            "stored has fields, and no value: conditions and actions are made of path(stored.field)"
        )


def path_of(part: StoredPart) -> Any:
    """The path behind a part."""
    return part.__dict__["_path"]
