"""A small drawing as SVG: boxes, arrows and texts on a card, for light and for dark pages."""

from html import escape

WIDTH = 380
"""As wide as a phone shows without making texts small."""

# The card has a colour of its own: a page may be dark on a system that is light.
_STYLE = """
text{font:13px system-ui,sans-serif;fill:#1f2328}
.head{font-weight:600}
.code{font:12px ui-monospace,monospace}
.note{font-size:12px;fill:#59636e}
.word{font-size:11px;font-weight:600;fill:#fff}
.down{fill:#0a5db0}
.back{fill:#8a4600}
.card{fill:#fff;stroke:#d0d7de}
.box{fill:#f6f8fa;stroke:#8c959f}
.ours{fill:#e7f1fb;stroke:#0a5db0}
.gone{fill:none;stroke:#8c959f;stroke-dasharray:3 3}
.line{fill:none;stroke:#59636e;stroke-width:1.2}
.done{fill:#1a7f37}
.refused{fill:#8a4600}
.not-done{fill:#59636e}
.unknown{fill:#b3261e}
@media(prefers-color-scheme:dark){
text{fill:#e6edf3}
.note{fill:#a5b0bc}
.word{fill:#fff}
.down{fill:#79b8ff}
.back{fill:#f0b072}
.card{fill:#161b22;stroke:#3d444d}
.box{fill:#21262d;stroke:#6e7681}
.ours{fill:#122d4a;stroke:#79b8ff}
.gone{stroke:#6e7681}
.line{stroke:#a5b0bc}
.done{fill:#1a7f37}
.refused{fill:#9a5200}
.not-done{fill:#57606a}
.unknown{fill:#b3261e}
}
"""


class Drawing:
    """What is drawn, from the top down; `text` is what it says to those who do not see it."""

    def __init__(self, title: str, text: str) -> None:
        self._about = title, text
        self._parts: list[str] = []

    def text(  # noqa: PLR0917 - the first three are where and what
        self, x: float, y: float, words: str, kind: str = "", anchor: str = "", more: str = ""
    ) -> None:
        """A line of text, whose foot is at y, and what stands behind it in smaller letters."""
        if not words:
            return
        end = f' text-anchor="{anchor}"' if anchor else ""
        tail = f'<tspan dx="7" class="code note">{escape(more)}</tspan>' if more else ""
        start = f'<text x="{x:g}" y="{y:g}" class="{kind}"{end}>'
        self._parts.append(f"{start}{escape(words)}{tail}</text>")

    def box(self, x: float, y: float, width: float, height: float, kind: str = "box") -> None:
        """A rectangle."""
        self._parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"'
            f' rx="5" class="{kind}"/>'
        )

    def line(self, path: str) -> None:
        """A line, as the path of an SVG."""
        self._parts.append(f'<path d="{path}" class="line"/>')

    def arrow(self, x: float, y: float, to: float) -> None:
        """A vertical arrow from y to another one, up or down."""
        tip = to + (5 if to < y else -5)
        self.line(f"M{x:g} {y:g}V{to:g}M{x - 4:g} {tip:g}L{x:g} {to:g}L{x + 4:g} {tip:g}")

    def arrow_right(self, x: float, y: float, to: float) -> None:
        """A horizontal arrow."""
        self.line(f"M{x:g} {y:g}H{to:g}M{to - 5:g} {y - 4:g}L{to:g} {y:g}L{to - 5:g} {y + 4:g}")

    def word(self, right: float, y: float, word: str) -> None:
        """A word on a field of its own colour, which ends at the right."""
        width = 14 + 7 * len(word)
        self.box(right - width, y - 12, width, 16, word.replace(" ", "-"))
        self.text(right - width / 2, y, word, "word", "middle")

    def svg(self, height: float) -> str:
        """The file."""
        title, text = (escape(part) for part in self._about)
        size = f'width="{WIDTH}" height="{height:g}" viewBox="0 0 {WIDTH} {height:g}"'
        card = f'<rect x=".5" y=".5" width="{WIDTH - 1}" height="{height - 1:g}" rx="8"'
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
                f"<title>{title}</title>",
                f"<desc>{text}</desc>",
                f"<style>{_STYLE}</style>",
                f'{card} class="card"/>',
                *self._parts,
                "</svg>",
                "",
            ]
        )
