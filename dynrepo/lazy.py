"""Names of a package that are imported when one is asked for, not with the package.

pytest imports the plugins of all installed packages in every run of everybody, ours too, and with
it the packages it lies in. The names of this library take half a second to import.
"""

from __future__ import annotations

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
        if name != "__all__" and find_spec(f"{package}.{name}"):
            raise AttributeError(name)  # a module, which the import system fetches itself
        return getattr(import_module(f"{package}.names"), name)

    def names() -> list[str]:
        return list(get("__all__"))

    return get, names
