"""What is asked of the fields of a template, as what is asked of its text.

The texts that a template makes are in the order of their characters, and none holds the greatest
one. Ranges are BETWEEN, whose ends belong to them; an end is as long as DynamoDB takes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dynrepo.templates.alphabets import LAST
from dynrepo.templates.asked import NEVER, Asked, as_stored
from dynrepo.templates.cuts import CutForm

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dynrepo.templates.template import Slot, Template

_SURROGATES = (0xD7FF, 0xE000)
"""The characters below and above those that are none."""


def asked_of(template: Template, asked: Mapping[str, Asked]) -> Asked | None:
    """What is asked of an attribute by what is asked of its fields; None where that is nothing.

    `=` where all fields are known, else a beginning or a range of the first that is not. CodecError
    for a value that the template cannot hold, ValueError for a range that it cannot tell.
    """
    if template.lone is not None:
        alone = asked.get(template.lone.name)
        return None if alone is None else as_stored(alone, template.label, template.limit)
    text = ""
    for number, piece in enumerate(template.pieces):
        if isinstance(piece, str):
            text += piece
            continue
        of_field = asked.get(piece.field.name)
        known = None if of_field is None else one_text(template, piece, of_field)
        if known is None:
            return _open_end(template, number, text, piece, of_field)
        text += known
    return Asked("=", (template.checked(text),))


def one_text(template: Template, slot: Slot, asked: Asked) -> str | None:
    """The text of a field, where all that is asked for has one; None where it has several."""
    if asked.operator == "=":
        return template.text_of(slot, asked.values[0])
    form = slot.form
    return template.named(slot, form.one_text, asked) if isinstance(form, CutForm) else None


def _open_end(
    template: Template, number: int, text: str, slot: Slot, asked: Asked | None
) -> Asked | None:
    """What is asked of the text after the fields that are known."""
    if asked is None:
        return _beginning(template, text)
    if asked.operator == "begins_with":
        fragment = _fragment(template, slot, asked)
        return NEVER if fragment is None else _beginning(template, text + fragment)
    _check_order(template, slot, asked, is_last=number + 1 == len(template.pieces))
    return range_after(template, number, text, slot, asked)


def range_after(
    template: Template, number: int, text: str, slot: Slot, asked: Asked
) -> Asked | None:
    """The range of a field that has the order of its texts, after the text of those before it."""
    following = template.pieces[number + 1 :]
    texts = [template.text_of(slot, value) for value in asked.values]
    if len(template.pieces) == 1:
        values = tuple({template.tag: it} for it in texts)
        return as_stored(Asked(asked.operator, values), template.label, template.limit)
    for it in texts:
        template.checked(text + it or LAST)
    return _FieldRange(template, text, slot, following).range(asked.operator, texts)


def _beginning(template: Template, text: str) -> Asked | None:
    """All that begins so: nothing is to be asked where that is all."""
    return Asked("begins_with", (template.checked(text),)) if text else None


def _fragment(template: Template, slot: Slot, asked: Asked) -> str | None:
    """The beginning of a field as it stands in the text; None where nothing begins so."""
    if not slot.form.prefixes:
        raise ValueError(
            f"{template.label} has no beginnings of {slot.field.name}: ask for all of it"
        )
    return slot.form.beginning(template.named(slot, slot.part, asked.payloads[0]))


def _check_order(template: Template, slot: Slot, asked: Asked, *, is_last: bool) -> None:
    """ValueError where the texts are not in the order of the values."""
    name, form = slot.field.name, slot.form
    if not form.ordered or (form.shape is None and not is_last and slot.stop != "\0"):
        raise ValueError(
            f"{template.label} has no ranges of {name}, for its texts have another order than the"
            f" values: {_cure(slot)}ask for single ones"
        )
    if isinstance(form, CutForm) and not form.says_all(asked):
        raise ValueError(
            f"{template.label} holds the first {form.width} characters of {name} only: ask from the"
            " first time that begins so, by >= and <, or to the last one, by <= and >"
        )


def _cure(slot: Slot) -> str:
    """What gives the texts of a field the order of its values, where something does."""
    if slot.field.present.tag == "N":
        return f"write it as {{{slot.field.name}:08d}}, or "
    return "let it stand last, or let '\\0' follow it, or " if slot.form.ordered else ""


@dataclass(frozen=True, slots=True)
class _FieldRange:
    """Ranges of a field in the text of a template, after fields that are known.

    `start` is the text before it.
    """

    template: Template
    start: str
    slot: Slot
    following: Sequence[str | Slot]

    def range(self, operator: str, texts: Sequence[str]) -> Asked:
        """The range of a comparison with texts of the field."""
        low: str | None
        high: str | None
        match operator:
            case ">=":
                low, high = self.start + texts[0], self._highest()
            case ">":
                low, high = self._after(texts[0]), self._highest()
            case "<=":
                low, high = self._lowest(), self._up_to(texts[0])
            case "<":
                low, high = self._lowest(), self._before(texts[0])
            case _:
                low, high = self.start + texts[0], self._up_to(texts[1])
        if low is None or not high or low > high:
            return NEVER
        return Asked("BETWEEN", ({"S": low or "\0"}, {"S": high}))

    def _lowest(self) -> str:
        """What is not after any text here; a text of a fixed width is more than its start."""
        return self.start if self.slot.form.shape is None else f"{self.start}\0"

    def _highest(self) -> str:
        """What is not before any text here."""
        return self._filled(self.start, LAST + LAST)

    def _after(self, text: str) -> str | None:
        """The first text after all those of a value."""
        whole = self.start + text
        if self.following:
            return self._next(whole + self._constant)
        return f"{whole}\0" if self._fits(f"{whole}\0") else self._next(whole)

    def _up_to(self, text: str) -> str:
        """The last text of a value."""
        whole = self.start + text
        goes_on = whole + self._constant
        if not self._fits(goes_on):  # so there is none of this value
            return whole
        return goes_on if len(self.following) == bool(self._constant) else self._filled(goes_on)

    def _before(self, text: str) -> str | None:
        """The last text before all those of a value."""
        if not text:
            return None
        start, last = self.start + text[:-1], text[-1]
        return start if last == "\0" else self._filled(start + _previous(last))

    @property
    def _constant(self) -> str:
        """The constant after the field."""
        first = self.following[0] if self.following else ""
        return first if isinstance(first, str) else ""

    def _fits(self, text: str) -> bool:
        return len(text.encode()) <= self.template.limit

    def _filled(self, text: str, ends: str = LAST) -> str:
        """The greatest text that begins so, of those that there may be."""
        # Of so many bytes as are left, no text is greater than the greatest character.
        fillers = (ends, LAST, "\uffff", "\u07ff", "\x7f", "")
        return next(text + filler for filler in fillers if self._fits(text + filler))

    def _next(self, text: str) -> str | None:
        """The first text after all that begin so; None where there is none."""
        while text:
            text, last = text[:-1], text[-1]
            if self._fits(text + _next(last)):
                return text + _next(last)
        return None


def _next(character: str) -> str:
    code = ord(character)
    return chr(_SURROGATES[1] if code == _SURROGATES[0] else code + 1)


def _previous(character: str) -> str:
    code = ord(character)
    return chr(_SURROGATES[0] if code == _SURROGATES[1] else code - 1)
