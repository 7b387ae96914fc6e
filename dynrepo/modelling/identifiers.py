"""Names in Python for the names of tables and attributes, which may be anything."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from typing import TYPE_CHECKING

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Iterable

_WORDS = re.compile(r"[A-Z]+(?![a-z])\d*|[A-Z]?[a-z]+\d*|\d+[a-z]*")
_LONGEST = 40
"""Letters of a name, at most."""
_TYPES = {"date", "encodings", "time", "timedelta"}
"""Names of the annotations in a module: a field of such a name would hide them."""

IMPORTED = frozenset(
    {
        "Annotated",
        "Any",
        "Attribute",
        "AwareDatetime",
        "BaseModel",
        "Decimal",
        "Encoding",
        "Field",
        "NaiveDatetime",
        "PartitionKey",
        "Repository",
        "SortKey",
        "TimeToLive",
        "UUID",
        "Version",
    }
)
"""Classes that a module may import."""


def field_names(attributes: Iterable[str]) -> dict[str, str]:
    """A name for the field of each attribute: its own, where it can be one."""
    names = {attribute: field_name(attribute) for attribute in attributes}
    taken = {attribute for attribute, name in names.items() if name == attribute}
    return {
        attribute: name if name == attribute else distinct(name, taken)
        for attribute, name in names.items()
    }


def field_name(attribute: str) -> str:
    """A name for the field of an attribute: `created_at` for `createdAt`."""
    name = "_".join(words_of(attribute)).lower()[:_LONGEST].rstrip("_")
    if not name:
        return "field"
    if name[0].isdigit() or name.startswith(("model_dump", "model_validate")):
        return f"field_{name}"
    hides = hasattr(BaseModel, name) or name in _TYPES or name in _BUILTIN_TYPES
    return f"{name}_" if hides or keyword.iskeyword(name) else name


_BUILTIN_TYPES = {"bool", "bytes", "dict", "frozenset", "int", "list", "str", "type"}


def class_name(name: str) -> str:
    """A name for a class: `OrderLine` for `order-line`."""
    made = "".join(word.capitalize() for word in words_of(name))[:_LONGEST] or "Row"
    if made[0].isdigit():
        made = f"Row{made}"
    return f"{made}Row" if made in IMPORTED or hasattr(builtins, made) else made


def words_of(name: str) -> list[str]:
    """The words in a name, in ASCII: of `userID` user and ID, of `größe` grosse."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss"))
    return _WORDS.findall(plain.encode("ascii", "ignore").decode())


def singular(name: str) -> str:
    """One of what a plural names: `Line` of `Lines`; the name itself where it is none."""
    if re.search(r"(ss|us|is)$", name):
        return name
    for plural, one in ((r"ies$", "y"), (r"(ss|x|ch|sh)es$", r"\1"), (r"s$", "")):
        shorter = re.sub(plural, one, name)
        if shorter not in (name, ""):
            return shorter
    return name


def distinct(name: str, taken: set[str]) -> str:
    """A name that is not taken yet, and is then."""
    free, number = name, 1
    while free in taken:
        number += 1
        free = f"{name.rstrip('_')}_{number}" if name.islower() else f"{name}{number}"
    taken.add(free)
    return free
