"""Names of a package that are imported when they are asked for.

pytest imports the plugins of all installed packages in every run, ours too, and with
it the packages it lies in. The names of this library take half a second to import.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def names_of(package: str) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The `__getattr__` and `__dir__` of a package whose names are those of its module `names`.

    https://peps.python.org/pep-0562/
    """

    def get(name: str) -> Any:
        if name == "__all__":
            return names()
        module = _modules(package).get(name)
        if module is None:  # a module of the package is then imported by the import system itself
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(module), name)

    def names() -> list[str]:
        return sorted(_modules(package))

    return get, names


@cache
def _modules(package: str) -> dict[str, str]:
    """The module of each name, by the imports of `names`, which are read and not run.

    To run them would import everything for the sake of one name; a table of them would be a second
    list to keep. The loader reads archives, too.
    """
    import ast  # noqa: PLC0415 - importing the package alone takes no time for it

    names = f"{package}.names"
    source = _source_of(names)
    if source is None:
        return dict.fromkeys(import_module(names).__all__, names)
    imports = [node for node in ast.parse(source).body if isinstance(node, ast.ImportFrom)]
    return {alias.name: str(node.module) for node in imports for alias in node.names}


def _source_of(module: str) -> str | None:
    """The source of a module; None where only its bytecode is installed."""
    spec: Any = find_spec(module)
    get_source = getattr(spec.loader, "get_source", None)
    if get_source is not None:
        source: str | None = get_source(module)
        return source
    # pytest loads the packages of plugins by a loader of its own, which has files but no sources.
    return str(spec.loader.get_data(spec.origin), "utf-8")
