"""The forms of fields in key texts: how what is stored becomes a part of a key, and the reverse.

A form takes the payload of a stored value, the text below its tag. Its errors name no field: the
template does.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from dynrepo.codec.number import read_int
from dynrepo.errors import CodecError, SchemaError
from dynrepo.templates.alphabets import ANY, LAST, WHOLE_NUMBERS, Alphabet, alphabet_of
from dynrepo.templates.shapes import AWARE_SHAPE, MILLISECOND_SHAPE, Shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dynrepo.templates.languages import Language

_TO_MILLISECONDS = len("9999-99-99T99:99:99.999")


class KeyForm(ABC):
    """How a field stands in a key text."""

    shape: Shape | None = None
    """The alphabets of its characters, where there are always as many; None for any number."""
    alphabet: Alphabet = ANY
    """The characters that there may be."""
    lossy = False
    """Whether two values may have one text, so that no value can be read from it."""
    ordered = False
    """Whether texts have the order of the values, where nothing follows or their width is one."""
    prefixes = False
    """Whether a text begins as the value does."""

    @abstractmethod
    def write(self, payload: str) -> str:
        """The text of a payload; CodecError for one that has none."""

    def read(self, text: str) -> str:
        """The payload that a text is of, where it is of one."""
        return text

    def fits(self, text: str) -> bool:
        """Whether a text of its characters, or of its shape, is one that is written."""
        if self.shape is not None:
            return True
        try:
            return self.write(self.read(text)) == text
        except CodecError:
            return False

    def is_same(self, other: KeyForm) -> bool:
        """Whether another form makes the same text of a payload, and orders texts as this one."""
        shapes = [None if form.shape is None else form.shape.text for form in (self, other)]
        return type(self) is type(other) and shapes[0] == shapes[1]

    def beginning(self, fragment: str) -> str | None:
        """What a text begins with whose payload begins so; None where no payload does."""
        return fragment if self.shape is None or self.shape.begins(fragment) else None

    def spell(self, language: Language, stop: str) -> None:
        """Lets the texts of a language go on with one of this form, without `stop` in it."""
        if self.shape is None:
            language.run(self.alphabet.without(*stop))
        else:
            for alphabet in self.shape.alphabets:
                language.character(alphabet)


class TextForm(KeyForm):
    """A text as it is stored."""

    def __init__(self, *, ordered: bool) -> None:
        self.ordered = self.prefixes = ordered

    def write(self, payload: str) -> str:
        """The text itself."""
        return checked(payload)

    def is_same(self, other: KeyForm) -> bool:
        """Whether another form makes the same text of a payload: one of a few is such a text."""
        return isinstance(other, TextForm) and self.ordered == other.ordered


class ChoiceForm(TextForm):
    """A text of an Enum or a Literal, which are known."""

    def __init__(self, texts: Sequence[str]) -> None:
        super().__init__(ordered=True)
        self.alphabet = alphabet_of(*texts)
        self._texts = texts

    def spell(self, language: Language, stop: str) -> None:
        """One of the texts."""
        del stop  # none of them holds it
        language.one_of(self._texts)


class EscapedForm(KeyForm):
    """A text in which `%` and the character that follows the field are written as in a URL."""

    def __init__(self, stop: str) -> None:
        self._escapes = {it: _percent(it) for it in ("%", stop) if it}
        if stop and any(stop in escape for escape in self._escapes.values()):
            raise SchemaError(
                f"{stop!r} cannot follow an escaped field, for escapes are made of it"
            )
        self.alphabet = ANY.without(*stop)

    def write(self, payload: str) -> str:
        """The text with escapes."""
        text = checked(payload)
        for character, escape in self._escapes.items():
            text = text.replace(character, escape)
        return text

    def is_same(self, other: KeyForm) -> bool:
        """Whether another form escapes the same characters."""
        escapes = other._escapes if isinstance(other, EscapedForm) else None  # noqa: SLF001 - its own class
        return self._escapes == escapes

    def read(self, text: str) -> str:
        """The text without escapes."""
        for character, escape in reversed(self._escapes.items()):
            text = text.replace(escape, character)
        return text


class ShapedForm(KeyForm):
    """A time, a date or a UUID, whose stored texts all have one shape."""

    ordered = True

    def __init__(self, shape: Shape, *, is_time: bool) -> None:
        self.shape = self._whole = shape
        self.prefixes = is_time

    def write(self, payload: str) -> str:
        """The text itself."""
        return shaped(payload, self._whole)


class MillisecondForm(KeyForm):
    """A time as JavaScript's `toISOString()` writes it, in whole milliseconds."""

    ordered = True
    prefixes = True
    shape = MILLISECOND_SHAPE

    def write(self, payload: str) -> str:
        """The text without microseconds, of which there may be none."""
        if not shaped(payload, AWARE_SHAPE).endswith("000Z"):
            raise CodecError("the time is finer than milliseconds: value.replace(microsecond=...)")
        return payload.removesuffix("000Z") + "Z"

    def read(self, text: str) -> str:
        """The text with microseconds."""
        return text.removesuffix("Z") + "000Z"

    def beginning(self, fragment: str) -> str | None:
        """What stands for the beginning of a stored text."""
        start, rest = fragment[:_TO_MILLISECONDS], fragment[_TO_MILLISECONDS:]
        if not MILLISECOND_SHAPE.begins(start) or not "000Z".startswith(rest):
            return None
        return f"{start}Z" if rest.endswith("Z") else start


class WholeForm(KeyForm):
    """A whole number as text, whose order is not that of the numbers."""

    alphabet = WHOLE_NUMBERS

    def write(self, payload: str) -> str:
        """The digits of the number."""
        return str(_number(payload))

    def spell(self, language: Language, stop: str) -> None:
        """The digits of any number."""
        del stop  # it is no digit
        language.whole_number()


class PaddedForm(KeyForm):
    """A whole number with zeros before it, so that texts have the order of the numbers."""

    ordered = True

    def __init__(self, width: int) -> None:
        self.shape = Shape("9" * width)
        self._width, self._beyond = width, 10**width

    def write(self, payload: str) -> str:
        """The digits of the number, as many as there always are."""
        number = _number(payload)
        if not 0 <= number < self._beyond:
            raise CodecError(f"the form takes 0 to {self._beyond - 1}")
        return str(number).zfill(self._width)

    def read(self, text: str) -> str:
        """The digits without zeros before them."""
        return str(int(text))


def checked(text: str) -> str:
    """A text that may stand in a key; CodecError for one with U+10FFFF or a lone surrogate."""
    if text.isascii():
        return text
    if LAST in text:
        raise CodecError("a key of a template cannot hold U+10FFFF, which ends its ranges")
    try:
        text.encode()
    except UnicodeEncodeError:
        reason = "a text holds a lone surrogate, which has no UTF-8 form"
    else:
        return text
    raise CodecError(reason)


def _number(payload: str) -> int:
    try:
        return read_int(payload)
    except CodecError:
        raise
    except ValueError:
        reason = "the N found is no number"
    raise CodecError(reason)


def _percent(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode())


def shaped(payload: str, shape: Shape) -> str:
    """A text of a shape; CodecError for another one."""
    if shape.fits(payload):
        return payload
    raise CodecError(f"the stored text is not of the width and shape of {shape.text}")
