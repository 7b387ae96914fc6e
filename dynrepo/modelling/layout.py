"""Code as a formatter leaves it, in lines of 88 columns."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from textwrap import wrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dynrepo.modelling.types import ClassText, FieldText, Import

WIDTH = 88
_INDENT = "    "
_STANDARD = {"datetime", "decimal", "typing", "uuid"}
"""The modules of the standard library that are imported from."""


def quoted(text: str) -> str:
    """A literal of a text, in the quotes that need fewer escapes."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    return quote + "".join(map(_escaped, text)).replace(quote, f"\\{quote}") + quote


def _escaped(character: str) -> str:
    return character if character in "'\"" else repr(character)[1:-1]


def printable(text: str) -> str:
    """A text for a comment, in one line."""
    return text if text.isprintable() else ascii(text)[1:-1]


def commented(text: str, indent: str = _INDENT) -> list[str]:
    """A comment."""
    width = WIDTH - len(indent) - 2
    lines = wrap(printable(text), width, break_long_words=False, break_on_hyphens=False)
    return [f"{indent}# {line}" for line in lines]


def field_lines(field: FieldText) -> Iterator[str]:
    """A field, after the comments on it."""
    for doubt in field.type.doubts:
        yield from commented(doubt)
    default = f" = {field.default}" if field.default else ""
    line = f"{_INDENT}{field.name}: {field.type.text}{default}"
    if not field.markers and len(line) <= WIDTH:
        yield line
        return
    # Between the brackets of an Annotated[] there is room for several lines.
    markers = field.markers or (f"Attribute({quoted(field.name)})",)
    yield from _annotated(field.name, (field.type.text, *markers), default)


def _annotated(name: str, parts: tuple[str, ...], default: str) -> Iterator[str]:
    """A field, split as a formatter does it: in its last brackets, if that is enough."""
    head, inside = f"{_INDENT}{name}: Annotated[", ", ".join(parts)
    call, _, arguments = default.partition("(")
    if len(f"{head}{inside}]{default}") <= WIDTH:
        yield f"{head}{inside}]{default}"
    elif arguments not in ("", ")") and len(f"{head}{inside}]{call}(") <= WIDTH:
        yield from (f"{head}{inside}]{call}(", f"{_INDENT * 2}{arguments[:-1]}", f"{_INDENT})")
    elif len(f"{head}{inside}] = (") <= WIDTH and default:
        yield from (f"{head}{inside}] = (", f"{_INDENT * 2}{default[3:]}", f"{_INDENT})")
    else:
        yield head
        yield from _inside(parts)
        yield f"{_INDENT}]{default}"


def _inside(parts: tuple[str, ...]) -> Iterator[str]:
    """Parts between brackets: on a line of their own, or on one each."""
    indent, line = _INDENT * 2, ", ".join(parts)
    if len(indent + line) <= WIDTH:
        yield indent + line
        return
    for part in parts:
        if len(f"{indent}{part},") <= WIDTH:
            yield f"{indent}{part},"
            continue
        call, _, argument = part.partition("(")
        yield from (f"{indent}{call}(", f"{indent}{_INDENT}{argument[:-1]}", f"{indent}),")


def class_lines(drawn: ClassText) -> Iterator[str]:
    """A model."""
    yield f"class {drawn.name}(BaseModel, frozen=True):"
    yield f'{_INDENT}"""{drawn.summary}"""'
    if drawn.fields:
        yield ""
    for field in drawn.fields:
        yield from field_lines(field)


def import_lines(imports: Iterable[Import]) -> Iterator[str]:
    """The imports of a module: of the standard library, of other libraries."""
    by_module = groupby(sorted(imports), itemgetter(0))
    lines = {
        module: list(_import(module, [name for _, name in each])) for module, each in by_module
    }
    for standard in (True, False):
        block = [
            line for module in lines if (module in _STANDARD) is standard for line in lines[module]
        ]
        if block:
            yield from (*block, "")


def _import(module: str, names: list[str]) -> Iterator[str]:
    names.sort(key=lambda name: (name.islower(), not name.isupper(), name))
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= WIDTH:
        yield line
        return
    yield f"from {module} import ("
    yield from (f"{_INDENT}{name}," for name in names)
    yield ")"
