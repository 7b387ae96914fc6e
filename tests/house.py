"""The modules of dynrepo as trees, for the tests that hold its layout."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.util import resolve_name
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """A module by its dotted name, `__init__` written out, and its source."""

    name: str
    source: str = field(repr=False)

    @classmethod
    def at(cls, path: Path) -> Self:
        """The module in a file."""
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        return cls(name, path.read_text(encoding="utf-8"))

    @cached_property
    def tree(self) -> ast.Module:
        """Its source as a tree."""
        return ast.parse(self.source)

    @property
    def package(self) -> str:
        """The top folder in dynrepo that it lies in, or its own name where it lies in none."""
        return self.name.split(".")[1]

    @cached_property
    def imported(self) -> list[str]:
        """Every dotted name that it imports, wherever the statement stands."""
        return [dotted for _, dotted in self._imports()]

    @cached_property
    def bound(self) -> dict[str, str]:
        """Every name that an import binds, with what it stands for."""
        return dict(self._imports())

    def _imports(self) -> Iterator[tuple[str, str]]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield alias.asname or alias.name, alias.name
            elif isinstance(node, ast.ImportFrom):
                relative = "." * node.level + (node.module or "")
                base = resolve_name(relative, self.name.rpartition(".")[0])
                for alias in node.names:
                    yield alias.asname or alias.name, f"{base}.{alias.name}"

    @cached_property
    def names(self) -> set[str]:
        """Every dotted name of another module that it imports or uses."""
        dotted = {name for node in ast.walk(self.tree) if (name := self._resolved(node))}
        return dotted | set(self.imported)

    def _resolved(self, node: ast.AST) -> str | None:
        if isinstance(node, ast.Name):
            return self.bound.get(node.id)
        if isinstance(node, ast.Attribute):
            base = ast.unparse(node.value)
            found = self.bound.get(base) or self._resolved(node.value)
            return f"{found}.{node.attr}" if found else None
        return None


@cache
def modules() -> dict[str, Module]:
    """All modules of dynrepo by their names."""
    found = [Module.at(path) for path in sorted((ROOT / "dynrepo").rglob("*.py"))]
    return {module.name: module for module in found}


def functions_of(module: Module) -> Iterator[Function]:
    """Every function of a module, at any depth."""
    return (node for node in ast.walk(module.tree) if isinstance(node, Function))
