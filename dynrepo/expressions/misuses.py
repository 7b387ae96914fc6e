"""What is done with a field as if it had its value here, and what to write instead."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dynrepo.errors import CodecError
from dynrepo.expressions.conditions import refuse_brackets

if TYPE_CHECKING:
    from typing import NoReturn

    from dynrepo.codec import Codec

_METHODS = {
    **dict.fromkeys(("is_null", "isnull", "is_none", "not_exists"), ".does_not_exist()"),
    **dict.fromkeys(("is_not_null", "is_set", "exist"), ".exists()"),
    **dict.fromkeys(("begins_with", "starts_with", "startsWith", "like"), '.startswith("a")'),
    **dict.fromkeys(("isin", "in_", "one_of", "any_of"), ".is_in(1, 2)"),
    **dict.fromkeys(("includes", "has", "icontains"), '.contains("a")'),
    **dict.fromkeys(("len", "length", "count"), ".size() > 3"),
    **dict.fromkeys(("increment", "incr", "inc"), ".add(1)"),
    **dict.fromkeys(("decrement", "decr", "dec"), ".add(-1)"),
    **dict.fromkeys(("push", "extend", "list_append"), ".append(1)"),
    **dict.fromkeys(("discard", "pop", "difference_update"), '.delete("a")'),
    **dict.fromkeys(("unset", "clear"), ".remove()"),
    **dict.fromkeys(("eq", "equals"), " == 1"),
    **dict.fromkeys(("ne", "not_equals"), " != 1"),
    **dict.fromkeys(("gt", "lt", "gte", "lte", "ge", "le"), " > 1"),
    **dict.fromkeys(("assign", "update", "put"), ".set(1)"),
}
"""Methods that other libraries have, and what is written here."""

_NESTED = re.compile(r"\.(\w+)")


class ValuelessPath:
    """Refuses what only a value could do, by a TypeError or AttributeError that names the cure."""

    codec: Codec
    label: str
    name: str

    if not TYPE_CHECKING:  # checkers know that there is none of these

        def __getattr__(self, name: str) -> NoReturn:
            if name.startswith("_") or "label" not in self.__dict__:
                raise AttributeError(name, name=name, obj=self)
            raise AttributeError(f"{self.label} has no {name}{_cure(self, name)}")

        def __contains__(self, item: object) -> NoReturn:
            raise self._no_value("contains(...)")

        def __len__(self) -> NoReturn:
            raise self._no_value("size() > 3")

        def __bool__(self) -> NoReturn:
            raise self._no_value("exists()")

        def __iter__(self) -> NoReturn:
            raise self._no_value("contains(...)")

        def __and__(self, other: object) -> NoReturn:
            refuse_brackets("&", self)

        def __rand__(self, other: object) -> NoReturn:
            refuse_brackets("&", self)

        def __ror__(self, other: object) -> NoReturn:
            refuse_brackets("|", self)

        def __invert__(self) -> NoReturn:
            refuse_brackets("~", self)

        def _no_value(self, cure: str) -> TypeError:
            return TypeError(f"{self.label} has no value here: write {_text(self)}.{cure}")


def _cure(path: ValuelessPath, name: str) -> str:
    """What to write instead of an attribute of a path; empty where nothing is near."""
    if name in _METHODS:
        return f": write {_text(path)}{_METHODS[name]}"
    for steps, codec in (("", path.codec), ("[0]", _element(path.codec))):
        if codec is not None and _has(codec, name):
            text = f"{path.name}{steps}"
            return f': write {_text(path)}{steps}["{name}"], or path(stored.{text}.{name})'
    return ""


def _text(path: ValuelessPath) -> str:
    """What leads to a path, as it is written: `fields.lines[0]["price"]`."""
    first, dot, rest = path.name.partition(".")
    return f"fields.{first}" + _NESTED.sub(r'["\1"]', f"{dot}{rest}")


def _has(codec: Any, name: str) -> bool:
    try:
        return codec.field(name) is not None
    except CodecError:
        return False


def _element(codec: Codec) -> Codec | None:
    try:
        return codec.child(0)[1]
    except CodecError:
        return None
