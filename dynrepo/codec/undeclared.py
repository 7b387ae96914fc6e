"""What an instance of a model holds under a name that no field has: a misspelt one, most often.

`model_copy(update={"emial": ...})` checks no names, and what no field declares is not stored.
"""

from __future__ import annotations

from inspect import getattr_static
from typing import TYPE_CHECKING

from dynrepo.errors import CodecError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import BaseModel


def check_declared(instance: BaseModel) -> None:
    """CodecError for a name in an instance that is no field of its model.

    A value that a `cached_property` keeps there is the model's own.
    """
    kind, fields = type(instance), type(instance).model_fields
    if len(instance.__dict__) == len(fields):
        return
    for name in instance.__dict__:
        if name not in fields and not _is_kept(kind, name):
            raise CodecError(
                f"{kind.__name__}.{name}: no field of the model, so it would not be stored:"
                f" {hint_for(name, fields)}"
            )


def _is_kept(kind: type[BaseModel], name: str) -> bool:
    """Whether a descriptor of the class, or Pydantic, keeps something in the instance by a name."""
    if name.startswith("__pydantic_"):
        return True
    kept = getattr_static(kind, name, None)
    keeps_none = type(kept) in (property, classmethod) or callable(kept)
    return hasattr(kept, "__get__") and not keeps_none


def hint_in(models: Iterable[type[BaseModel]], name: str, names: Iterable[str]) -> str:
    """What was meant by a name that is none of the stored fields of some models."""
    if any(name in model.model_computed_fields for model in models):
        return 'it is computed, and not stored without a marker such as Attribute("...")'
    return hint_for(name, names)


def hint_for(name: str, names: Iterable[str]) -> str:
    """The names near a misspelt one, or all there are."""
    from difflib import get_close_matches  # noqa: PLC0415 - only after a typo

    near = get_close_matches(name, names := list(names))
    return f"did you mean {' or '.join(near)}?" if near else f"it has {', '.join(names)}"
