"""A bar chart as SVG: what each library costs, beside boto3's raw client."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

WIDTH, LEFT, BAR, GAP, TOP = 860, 230, 13, 3, 64
SCALE = 250
"""Pixels for a ratio of one."""

COLOURS = {
    "dynrepo": "#0b7a4b",
    "dynrepo, async": "#1f6fb2",
    "dynrepo, botocore's sender": "#7fc4a3",
}
OTHER = "#8a94a6"
UNIT = "Client CPU for a call, as a ratio to the raw client of boto3; less is better."
LIMIT = 2.3
"""Longer bars are cut, and say their figure all the same."""


def chart(title: str, ratios: Mapping[str, Mapping[str, float]]) -> str:
    """The chart of ratios by library and operation; less is better."""
    operations = list(next(iter(ratios.values())))
    parts: list[str] = []
    y = TOP
    for operation in operations:
        parts.append(f'<text x="16" y="{y + 11}" class="o">{escape(operation)}</text>')
        y += BAR + GAP
        for name, by_operation in ratios.items():
            ratio = by_operation.get(operation)
            if ratio is not None:
                parts += _bar(name, ratio, y)
                y += BAR + GAP
        y += 10
    one = LEFT + SCALE
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}">',
            f"<title>{escape(title)}</title>",
            "<style>",
            "text{font:11px sans-serif;fill:#333}",
            ".t{font-size:16px;font-weight:bold}",
            ".o{font-weight:bold}",
            "</style>",
            f'<rect width="{WIDTH}" height="{y}" fill="#fff"/>',
            f'<text x="16" y="26" class="t">{escape(title)}</text>',
            f'<text x="16" y="44">{UNIT}</text>',
            f'<path d="M{one} {TOP - 8}V{y}" stroke="#c33" stroke-dasharray="3 3"/>',
            *parts,
            "</svg>",
            "",
        ]
    )


def _bar(name: str, ratio: float, y: int) -> list[str]:
    length = max(1, round(min(ratio, LIMIT) * SCALE))
    colour = COLOURS.get(name, OTHER)
    return [
        f'<text x="{LEFT - 6}" y="{y + 10}" text-anchor="end">{escape(name)}</text>',
        f'<rect x="{LEFT}" y="{y}" width="{length}" height="{BAR}" fill="{colour}"/>',
        f'<text x="{LEFT + length + 5}" y="{y + 10}">{ratio:.2f}</text>',
    ]
