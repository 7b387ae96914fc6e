"""The recipes for data, as the docs show them, on every store, and over both faces."""

from __future__ import annotations

import ast
import asyncio
import inspect
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo import AsyncDynamoStore
from dynrepo.testing import MemoryStore
from dynrepo.testing.engine import Engine

if TYPE_CHECKING:
    from types import CodeType

    from dynrepo import Store

RECIPES = Path(__file__).resolve().parents[2] / "docs" / "recipes"
PAGES = ("audit", "counters", "many-to-many", "model-evolution", "soft-delete")
BLOCK = re.compile(r"^```python\n(?!>>>|# \w+\.py)(.*?)^```", re.DOTALL | re.MULTILINE)
OVER_AIO = os.environ.get("FACE") == "aio"


@pytest.mark.parametrize("page", PAGES)
def test_a_recipe_does_on_an_engine_what_it_does_in_memory(page: str, stores: Store) -> None:
    """Each block is run, one after the other; what it asserts holds.

    The blocks that block are run over the asynchronous face, too, by `FACE=aio`.
    """
    path = RECIPES / f"{page}.md"
    text = path.read_text(encoding="utf-8")
    names: dict[str, Any] = {"__name__": f"tests.{page}"}
    asynchronous = twin_of(stores)
    with asyncio.Runner() as runner:
        for block in BLOCK.finditer(text):
            above = text.count("\n", 0, block.start(1))
            code = compiled("\n" * above + block[1], str(path))
            if not code.co_flags & inspect.CO_COROUTINE:
                exec(code, names)  # noqa: S102
                names["store"] = stores  # the first block makes one in memory
            elif not OVER_AIO:
                names["store"] = asynchronous
                runner.run(eval(code, names))  # noqa: S307
                names["store"] = stores
    assert "MemoryStore" in names


def compiled(block: str, path: str) -> CodeType:
    """A block, which may `await` as at the prompt of `python -m asyncio`."""
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    code: CodeType = compile(block, path, "exec", flags=flags, dont_inherit=True)
    return code


def twin_of(store: Any) -> Any:
    """An asynchronous store over the same tables."""
    if isinstance(store, MemoryStore):
        return store
    return AsyncDynamoStore(
        endpoint=store.location.endpoint,
        region=Engine.region,
        table_prefix=store.table_prefix,
        transport=store.settings.transport,
    )
