"""Types as they stand in the text of a module."""

from __future__ import annotations

from typing import NamedTuple

Import = tuple[str, str]
"""A module and a name in it."""


class TypeText(NamedTuple):
    """An annotation, what it needs of other modules, and what is not sure about it.

    `encoding` is to stand beside it in an `Annotated`.
    """

    text: str
    imports: frozenset[Import] = frozenset()
    doubts: tuple[str, ...] = ()
    encoding: str = ""

    def within(self, template: str) -> TypeText:
        """The type in a place of another, as in `list[{}]`."""
        if not self.encoding:
            return self._replace(text=template.format(self.text))
        text = f"Annotated[{self.text}, {self.encoding}]"
        imports = self.imports | {("typing", "Annotated"), ("dynrepo", "encodings")}
        return TypeText(template.format(text), imports, self.doubts)

    def nullable(self) -> TypeText:
        """The type or None, with the encoding of its values."""
        return self._replace(text=f"{self.text} | None")

    def doubted(self, *doubts: str) -> TypeText:
        """The type with more that is not sure."""
        return self._replace(doubts=(*self.doubts, *doubts))


class FieldText(NamedTuple):
    """A field of a class: its name, its type, the calls of its markers, its default."""

    name: str
    type: TypeText
    markers: tuple[str, ...] = ()
    default: str = ""


class ClassText(NamedTuple):
    """A model, and why it is one."""

    name: str
    summary: str
    fields: tuple[FieldText, ...]


ANY = TypeText("Any", frozenset({("typing", "Any")}))
