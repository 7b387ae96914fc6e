"""A template: how the fields of an item make the text of one key attribute, and are read from it.

A text can be read in one way only. A field of no fixed width ends at the first character of what
follows, so its values are without that character.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from dynrepo.codec.limits import MAX_BYTES, check_key
from dynrepo.codec.undeclared import hint_for
from dynrepo.codec.value import tag_of
from dynrepo.errors import CodecError, SchemaError
from dynrepo.markers import TimeToLive, Version
from dynrepo.templates.catalogue import form_of
from dynrepo.templates.forms import WholeForm, checked
from dynrepo.templates.syntax import Placeholder, parsed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dynrepo.codec import AttributeValue, Field, Item
    from dynrepo.templates.forms import KeyForm

_MOST_BYTES = 4
"""Bytes that a character may have."""

R = TypeVar("R")
V = TypeVar("V")

SlotReader: TypeAlias = "tuple[str, str, Callable[[str], str] | None, Callable[[str], bool] | None]"
"""Attribute and tag; what reads a text, and what tells that it is written so.

None for what cannot be read, and for what is surely written so.
"""


@dataclass(frozen=True, slots=True)
class Slot:
    """A field in a template, in its form.

    `stop` is the character that its values are without; "" where they may hold any.
    """

    field: Field
    form: KeyForm
    stop: str = ""

    @property
    def pattern(self) -> str:
        """The regular expression of its texts."""
        if self.form.shape is not None:
            return self.form.shape.pattern
        return f"[^{re.escape(self.stop)}]*" if self.stop else ".*"

    @property
    def reader(self) -> SlotReader:
        """What reads a text of its pattern."""
        form, field = self.form, self.field
        read = None if form.lossy else form.read
        return field.attribute, field.present.tag, read, None if form.shape else form.fits

    def text(self, stored: AttributeValue) -> str:
        """The text of a stored value; CodecError for one that has none."""
        tag = self.field.present.tag
        if tag not in stored:
            raise CodecError(f"expected {tag}, found {tag_of(stored)}")
        text = self.form.write(stored[tag])
        self.check(text)
        return text

    def part(self, text: str) -> str:
        """A part of a text; CodecError for one that no text has."""
        self.check(checked(text))
        return text

    def check(self, text: str) -> None:
        """CodecError for a text, or a part of one, that holds what follows the field."""
        if self.stop and self.form.shape is None and self.stop in text:
            raise CodecError(
                f"a value cannot hold {self.stop!r}, where the template goes on: give the field the"
                " form `escaped`, or the template another character"
            )


class Template:
    """The text of a key attribute, made of constants and of fields in their stored form.

    `fields` are those of the model by name, `owner` is the model in messages. `sort` says that the
    attribute is a sort key. `tag` is the type of the attribute: one that is no text takes one field
    as it is stored, and nothing else.
    """

    def __init__(
        self,
        text: str,
        fields: Mapping[str, Field],
        *,
        owner: str,
        sort: bool = False,
        tag: str = "S",
    ) -> None:
        pieces = parsed(text)
        self.text = text
        self.owner = owner
        self.tag = tag
        self.is_sort = sort
        self.label = f"{owner}: the template {text!r}"
        self.fields = self._fields(pieces, fields)
        """Its fields, each once, in the order in which they first stand in it."""
        self.lone = self._lone(pieces)
        """The one field that is stored in the attribute as it is; None where it has a text."""
        self.pieces: tuple[str | Slot, ...] = () if self.lone else self._bound(pieces, fields)
        """Its constants and fields, in their order; none where one field is stored as it is."""
        self.slots = tuple(piece for piece in self.pieces if isinstance(piece, Slot))
        whole = {slot.field.name for slot in self.slots if not slot.form.lossy}
        self.lossy = tuple(
            field for field in self.fields if field is not self.lone and field.name not in whole
        )
        """The fields that cannot be read back, since two values may have one text."""
        self.limit = MAX_BYTES[sort]
        """The bytes that the attribute may have."""
        patterns = (
            re.escape(it) if isinstance(it, str) else f"({it.pattern})" for it in self.pieces
        )
        self._match = re.compile("".join(patterns), re.DOTALL).fullmatch
        self._readers = [slot.reader for slot in self.slots]
        self._repeats = len(self.slots) > len(self.fields)

    def __repr__(self) -> str:
        return f"Template({self.text!r})"

    @property
    def nullable(self) -> tuple[Field, ...]:
        """The fields that may be None."""
        return tuple(field for field in self.fields if "NULL" in field.codec.tags)

    @property
    def alone(self) -> Field | None:
        """The one field that is all of it, as it is stored; None where there is none."""
        is_bare = len(self.fields) == 1 and self.text == f"{{{self.fields[0].name}}}"
        return self.fields[0] if is_bare and self.fields[0].present.tag == self.tag else None

    @property
    def prefix(self) -> str:
        """The text before the first field; all of it where there is none."""
        return self.pieces[0] if self.pieces and isinstance(self.pieces[0], str) else ""

    def stored(self, item: Mapping[str, AttributeValue]) -> AttributeValue | None:
        """The attribute that the stored fields of an item make; None where one of them is absent.

        CodecError, naming field and template, for values that it cannot hold.
        """
        for field in self.fields:
            if "NULL" in item.get(field.attribute, _NULL):
                return None
        if self.lone is not None:
            check_key(self.label, item[self.lone.attribute], self.limit)
            return item[self.lone.attribute]
        parts = [
            piece if isinstance(piece, str) else self.text_of(piece, item[piece.field.attribute])
            for piece in self.pieces
        ]
        return self.checked("".join(parts))

    def checked(self, text: str) -> AttributeValue:
        """A text as an attribute; CodecError for one that is empty or too long."""
        stored = {self.tag: text}
        if not 0 < len(text) * _MOST_BYTES <= self.limit:
            check_key(self.label, stored, self.limit)
        return stored

    def text_of(self, slot: Slot, stored: AttributeValue) -> str:
        """The text of a field; CodecError, naming field and template, for a value without one."""
        return self.named(slot, slot.text, stored)

    def named(self, slot: Slot, function: Callable[[V], R], value: V) -> R:
        """What a function makes of a value of a field; its errors name field and template."""
        try:
            return function(value)
        except CodecError as error:
            reason = str(error)
        # Raised outside the handler: no value in a context.
        raise CodecError(f"{slot.field.label} in the template {self.text!r}: {reason}")

    def read(self, key: AttributeValue) -> Item:
        """The stored fields, by attribute, that a key attribute is made of; not the lossy ones.

        CodecError for an attribute that the template does not make.
        """
        if self.tag not in key:
            raise CodecError(f"{self.label} makes {self.tag}, and another type is stored")
        if self.lone is not None:
            return {self.lone.attribute: key}
        match = self._match(key[self.tag])
        texts: Sequence[str] = () if match is None else match.groups()
        found: Item = {}
        for (attribute, tag, read, fits), text in zip(self._readers, texts, strict=False):
            if fits is not None and not fits(text):
                match = None
            elif read is not None:
                found[attribute] = {tag: read(text)}
        if match is None or (self._repeats and not self._agree(texts, found)):
            raise CodecError(f"{self.label} does not make the text that is stored")
        return found

    def _agree(self, texts: Sequence[str], found: Item) -> bool:
        """Whether the texts of a field that stands there twice are of one value."""
        for slot, text in zip(self.slots, texts, strict=True):
            stored = found.get(slot.field.attribute)
            if stored and text != self.text_of(slot, stored):
                return False
        return True

    def _fields(
        self, pieces: Sequence[str | Placeholder], fields: Mapping[str, Field]
    ) -> tuple[Field, ...]:
        names = dict.fromkeys(piece.name for piece in pieces if isinstance(piece, Placeholder))
        for name in names:
            if name not in fields:
                raise SchemaError(f"{self.label} has no field {name}: {hint_for(name, fields)}")
            if _has(fields[name], Version):
                raise SchemaError(f"{self.label} names {name}, which every write would change")
        return tuple(fields[name] for name in names)

    def _lone(self, pieces: Sequence[str | Placeholder]) -> Field | None:
        is_bare = len(pieces) == 1 and isinstance(pieces[0], Placeholder) and not pieces[0].form
        if self.tag == "S":
            return None
        if not is_bare or self.fields[0].present.tags != frozenset({self.tag}):
            raise SchemaError(
                f"{self.label} makes a text, and the attribute is of the type {self.tag}, which"
                " takes one field of this type and nothing else"
            )
        return self.fields[0]

    def _bound(
        self, pieces: Sequence[str | Placeholder], fields: Mapping[str, Field]
    ) -> tuple[str | Slot, ...]:
        bound: list[str | Slot] = []
        for piece, following in zip(pieces, (*pieces[1:], ""), strict=True):
            if isinstance(piece, str):
                bound.append(piece)
            else:
                bound.append(self._slot(piece, fields[piece.name], following))
        return self._delimited(bound)

    def _slot(self, piece: Placeholder, field: Field, following: str | Placeholder) -> Slot:
        stop = following[:1] if isinstance(following, str) else ""
        form = form_of(field, piece.form, stop)
        if isinstance(form, WholeForm) and _has(field, TimeToLive):
            raise SchemaError(f"{self.label}: a time to live needs a width: {{{field.name}:010d}}")
        return Slot(field, form, stop if form.shape is None else "")

    def _delimited(self, pieces: Sequence[str | Slot]) -> tuple[str | Slot, ...]:
        """The pieces, when each field ends where it can be seen."""
        loose = [it for it in pieces if isinstance(it, Slot) and it.form.shape is None]
        if not self.is_sort and len(loose) == 1:  # it has what all else leaves over
            return tuple(it if it not in loose else Slot(it.field, it.form) for it in pieces)
        for piece, following in pairwise(pieces):
            if isinstance(piece, Slot) and piece in loose:
                self._check_end(piece, following)
        return tuple(pieces)

    def _check_end(self, slot: Slot, following: str | Slot) -> None:
        if isinstance(following, Slot):
            raise SchemaError(
                f"{self.label} could be read in two ways: after {slot.field.name}, which has no"
                " fixed width, comes no constant"
            )
        if not slot.form.alphabet.others and slot.stop in slot.form.alphabet:
            raise SchemaError(
                f"{self.label} could be read in two ways: values of {slot.field.name} hold the"
                f" {slot.stop!r} that follows it: let another character follow"
            )


_NULL: AttributeValue = {"NULL": True}


def _has(field: Field, kind: type[TimeToLive | Version]) -> bool:
    return any(isinstance(marker, kind) for marker in field.markers)
