"""What the templates of several models begin with alike, and what one query asks of all of them."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from dynrepo.templates.asked import Asked
from dynrepo.templates.grammar import KeyGrammar, Station, TemplateAttribute
from dynrepo.templates.ranges import asked_of
from dynrepo.templates.template import Slot

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dynrepo.templates.grammar import KeyAttribute
    from dynrepo.templates.template import Template


def are_alike(one: Template, other: Template) -> bool:
    """Whether two templates make the same text of the same values, whatever their fields' names."""
    if one.lone is not None or other.lone is not None:
        return one.tag == other.tag and one.lone is not None and other.lone is not None
    return len(one.pieces) == len(other.pieces) == len(_shared(one, [other]))


class SharedGrammar(KeyGrammar):
    """What a query may ask of one key for several models, in the fields of the first.

    The partition is that of all; of the sort key it takes what all templates begin with.
    """

    def __init__(
        self, owner: str, partition: TemplateAttribute, sort: SharedBeginning | None
    ) -> None:
        attributes: list[KeyAttribute] = [partition] if sort is None else [partition, sort]
        super().__init__(owner, attributes[:1], attributes[1:])
        self.parts = [attribute.stations for attribute in attributes]
        """The fields of each attribute."""

    def refused(self, reason: str) -> ValueError:
        """The error of a condition that the key cannot be asked for all."""
        return ValueError(
            f"{self.owner}: a query of several models takes {self.takes}, in the fields of the"
            f" first, and of the sort key what all templates begin with: {reason}"
        )


class SharedBeginning:
    """An attribute of a key that templates of several models make, as far as they are alike.

    `template` is that of the first model, whose fields are asked.
    """

    def __init__(self, name: str, template: Template, others: Sequence[Template]) -> None:
        self.name = name
        self._template = template
        pieces = _shared(template, others)
        self._is_whole = all(are_alike(template, other) for other in others)
        if not self._is_whole:
            self._template = copy(template)
            self._constant = _constant(len(pieces), [template, *others])
            # The last one stands for what follows in each.
            self._template.pieces = (*pieces, self._constant, "")
        self._slots = [piece for piece in pieces if isinstance(piece, Slot)]

    @property
    def stations(self) -> Sequence[Station]:
        """The fields that all have alike, from the left."""
        if self._template.lone is not None:
            return TemplateAttribute(self.name, self._template).stations
        return [Station(slot.field.name, slot.form) for slot in self._slots]

    def asked(self, asked: Mapping[str, Asked]) -> Asked | None:
        """What is asked of the text; None, which is the whole partition, where no field is."""
        if not any(station.name in asked for station in self.stations):
            return None
        found = asked_of(self._template, asked)
        if self._is_whole or found is None or found.operator != "=":
            return found
        self._check_end()
        return Asked("begins_with", found.values)

    def _check_end(self) -> None:
        """ValueError where values of the last field may begin others."""
        last = self._slots[-1]
        if last.form.shape is None and not self._constant:
            raise ValueError(
                f"{self._template.label} and those of the other models go on differently after"
                f" {last.field.name}, which has no fixed width: ask for less"
            )


def _shared(template: Template, others: Sequence[Template]) -> list[str | Slot]:
    """The first pieces of a template that others have too."""
    shared: list[str | Slot] = []
    for number, piece in enumerate(template.pieces):
        rest = [other.pieces[number : number + 1] for other in others]
        if not all(found and _is_alike(piece, found[0]) for found in rest):
            break
        shared.append(piece)
    return shared


def _is_alike(piece: str | Slot, other: str | Slot) -> bool:
    if isinstance(piece, Slot) and isinstance(other, Slot):
        return piece.form.is_same(other.form)
    return piece == other


def _constant(number: int, templates: Sequence[Template]) -> str:
    """What constants in one place begin with alike."""
    pieces = [[*template.pieces, ""][number] for template in templates]
    texts = [piece if isinstance(piece, str) else "" for piece in pieces]
    begin = min(texts, key=len)
    while not all(text.startswith(begin) for text in texts):
        begin = begin[:-1]
    return begin
