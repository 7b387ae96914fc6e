"""The diagrams, as a browser draws them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.site.conftest import HTML

if TYPE_CHECKING:
    from tests.site.conftest import Seen

OVER = """() => {
    const boxes = [...document.querySelectorAll("rect")].map((rect) => rect.getBBox());
    const around = (x, y) => boxes
        .filter((box) => box.x < x && x < box.x + box.width)
        .filter((box) => box.y < y && y < box.y + box.height)
        .sort((one, other) => one.width - other.width)[0];
    return [...document.querySelectorAll("text")]
        .filter((text) => {
            const at = text.getBBox(), middle = at.y + at.height / 2;
            const box = around(at.x + at.width / 2, middle);
            return at.x < box.x + 2 || at.x + at.width > box.x + box.width - 2;
        })
        .map((text) => text.textContent);
}"""
"""The texts that are wider than the smallest box around their middle."""


@pytest.mark.parametrize("file", ["call.svg", "doubles.svg", "errors.svg", "writes.svg"])
def test_no_text_runs_over_the_edge(seen: Seen, file: str) -> None:
    """Of its box, or of the card."""
    assert (HTML / "diagrams" / file).is_file()
    seen.visit(f"/diagrams/{file}")
    assert seen.page.evaluate(OVER) == []
