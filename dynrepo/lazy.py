"""Modules, and names of a package, that are imported when one is asked for.

pytest imports the plugins of all installed packages in every run of everybody, ours too, and with
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
        home = _homes(package).get(name)
        if home is None and name != "__all__" and find_spec(f"{package}.{name}"):
            raise AttributeError(name)  # a module, which the import system fetches itself
        return getattr(import_module(home or f"{package}.names"), name)

    def names() -> list[str]:
        return list(get("__all__"))

    return get, names


class Module:
    """A module that is imported when something of it is asked for.

    For what few processes need, and none at its start: on AWS Lambda a start is waited for.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self._name), name)


@cache
def _homes(package: str) -> dict[str, str]:
    """The module of each name, by the imports of `names`, which are read and not run.

    To run them imports everything, for whoever wants one name. None where there is no source.
    """
    import ast  # noqa: PLC0415 - who imports the package alone shall not wait for them
    from pathlib import Path  # noqa: PLC0415 - the same

    spec = find_spec(f"{package}.names")
    try:
        tree = ast.parse(Path(spec.origin if spec and spec.origin else "").read_text("utf-8"))
    except OSError:  # it lies in an archive
        return {}
    imports = [one for one in tree.body if isinstance(one, ast.ImportFrom)]
    return {name.name: one.module or "" for one in imports for name in one.names}
