"""Forms in lower case: texts, of which two spellings are one, and times and UUIDs."""

from __future__ import annotations

from dynrepo.templates.alphabets import FOLDED
from dynrepo.templates.forms import KeyForm, ShapedForm, checked
from dynrepo.templates.shapes import Shape

_UNICODE_17 = {
    0x1C89: 0x1C8A,
    0xA7CB: 0x0264,
    0xA7CC: 0xA7CD,
    0xA7CE: 0xA7CF,
    0xA7D2: 0xA7D3,
    0xA7D4: 0xA7D5,
    0xA7DA: 0xA7DB,
    0xA7DC: 0x019B,
    **{code: code + 0x20 for code in range(0x10D50, 0x10D66)},  # Garay
    **{code: code + 0x1B for code in range(0x16EA0, 0x16EB9)},  # Beria Erfe
}
"""The capitals of Unicode 16 and 17, which Python 3.11 to 3.13 do not know."""


class FoldedForm(KeyForm):
    """A text in lower case."""

    alphabet = FOLDED
    lossy = True

    def write(self, payload: str) -> str:
        """The text in lower case."""
        return folded(checked(payload))

    def fits(self, text: str) -> bool:
        """Whether a text is in lower case."""
        return text == folded(text)


class FoldedShapeForm(ShapedForm):
    """A time, a date or a UUID in lower case, whose letters are known."""

    def __init__(self, shape: Shape, *, is_time: bool) -> None:
        super().__init__(shape, is_time=is_time)
        self.shape = Shape(shape.text.lower())
        self._is_upper = self.shape.text != shape.text

    def write(self, payload: str) -> str:
        """The text in lower case."""
        return super().write(payload).lower()

    def read(self, text: str) -> str:
        """The text in its own case."""
        return text.upper() if self._is_upper else text

    def beginning(self, fragment: str) -> str | None:
        """What stands for the beginning of a stored text."""
        return fragment.lower() if self._whole.begins(fragment) else None


def folded(text: str) -> str:
    """A text in lower case, the same on every Python, and in JavaScript's `toLowerCase()`.

    https://www.unicode.org/Public/17.0.0/ucd/UnicodeData.txt
    """
    return text.lower() if text.isascii() else text.translate(_UNICODE_17).lower()
