"""Whether the validation of a model runs code that is neither Pydantic's nor of a type it knows.

Such code, a validator, a `model_post_init` or an `__init__`, may make another value of what is
stored each time that it is read. It is told by the model's core schema, when a class is defined.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel

    from dynrepo.codec.core_schemas import CoreSchema

_UNVALIDATED = ("metadata", "serialization")
"""The parts of a schema that validation does not look at."""

_KNOWN = ("pydantic", "ipaddress", "collections")
"""The packages whose functions make the value of a type from one that is equal."""


def runs_own_code(model: type[BaseModel]) -> bool:
    """Whether validating a model, or a part of it, runs code of its author's."""
    schema: Any = getattr(model, "__pydantic_core_schema__", None)
    return not isinstance(schema, dict) or any(map(_is_own, dicts_in(schema)))


def dicts_in(part: Any) -> Iterator[CoreSchema]:
    """Every dict in a schema that has to do with validation."""
    if isinstance(part, dict):
        schema = cast("CoreSchema", part)
        yield schema
        part = [inner for name, inner in schema.items() if name not in _UNVALIDATED]
    if isinstance(part, list | tuple):
        for inner in cast("list[Any]", part):
            yield from dicts_in(inner)


def _is_own(part: CoreSchema) -> bool:
    if part.get("custom_init") or part.get("post_init"):
        return True
    if not str(part.get("type")).startswith("function-"):
        return False
    function = cast("CoreSchema", part.get("function") or {}).get("function")
    function = getattr(function, "func", function)  # a partial has no module of its own
    module = getattr(function, "__module__", None) or ""
    return module.partition(".")[0] not in _KNOWN
