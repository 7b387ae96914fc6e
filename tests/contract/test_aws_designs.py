"""AWS's published designs, as the docs show them, on every store."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dynrepo import Store

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "aws-designs.md"
BLOCK = re.compile(r"^```python\n(?!>>>)(.*?)^```", re.DOTALL | re.MULTILINE)


def test_the_designs_do_on_an_engine_what_they_do_in_memory(stores: Store) -> None:
    """Each block of the page is run, one after the other; what it asserts holds."""
    names: dict[str, Any] = {"__name__": PAGE.stem}
    for block in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        exec(compile(block, str(PAGE), "exec", dont_inherit=True), names)  # noqa: S102
        names["store"] = stores  # the first block makes one in memory
    assert {"shipment_items", "scores", "replies"} <= names.keys()
