"""Functions in a core schema that may raise anything, made to refuse what they are given.

pydantic-core takes a ValueError for a refusal, and whatever else a validator raises for the end of
all: of a page for the sake of one row.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pydantic_core import PydanticOmit, PydanticUseDefault

from dynrepo.codec.value import class_of
from dynrepo.interruption import pass_strike

if TYPE_CHECKING:
    from collections.abc import Callable

S = TypeVar("S")

_AS_IT_IS = ("metadata", "serialization", "default")
"""The parts of a schema in which there is no schema for validation."""


def guarded(part: S) -> S:
    """A schema whose functions refuse a value where they raise anything for it.

    What is within a `wrap` function stays as it is, for that sees what the functions there raise.
    """
    found: Any = part
    if isinstance(found, dict):
        return cast("S", _guarded_schema(cast("dict[str, Any]", found)))
    if isinstance(found, list | tuple):
        parts = map(guarded, cast("list[Any]", found))
        return cast("S", [*parts] if class_of(found) is list else tuple(parts))
    return part


def _guarded_schema(schema: dict[str, Any]) -> dict[str, Any]:
    kind = str(schema.get("type"))
    kept = (*_AS_IT_IS, "schema") if kind == "function-wrap" else _AS_IT_IS
    made = {name: part if name in kept else guarded(part) for name, part in schema.items()}
    if kind.startswith("function-"):
        step = schema["function"]
        made["function"] = {**step, "function": _refusing(step["function"])}
    return made


def _refusing(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def refuse(*arguments: Any) -> Any:
        try:
            return function(*arguments)
        except (ValueError, AssertionError, PydanticOmit, PydanticUseDefault):
            raise
        except Exception as error:  # noqa: BLE001 - a function of the user's may raise anything
            pass_strike(error)
        raise ValueError

    return refuse
