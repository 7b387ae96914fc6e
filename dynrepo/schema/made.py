"""What is made of a model once, and then held by it."""

from __future__ import annotations

from threading import RLock
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from dynrepo.codec.annotations import is_root_model
from dynrepo.codec.instances import refuse_abstract
from dynrepo.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable


def check_model(found: Any) -> None:
    """SchemaError for what is no model of an item."""
    if not isinstance(found, type) or not issubclass(found, BaseModel) or found is BaseModel:
        raise SchemaError(f"{found!r} is no model: an item is a class of its own on BaseModel")
    if is_root_model(found):
        raise SchemaError(f"{found.__name__} is a RootModel, and an item has named fields")
    refuse_abstract(found)


class _Made(dict[Any, Any]):
    """What was made of a model, held by the model itself, so that both are freed together."""

    def __reduce__(self) -> tuple[type[_Made], tuple[()]]:
        """A model that is pickled by value leaves behind what can be made anew."""
        return _Made, ()


_MADE = "__dynrepo_made__"
_lock = RLock()


def made_once(
    kind: Callable[..., Any], model: type[BaseModel], *place: object, by_alias: bool
) -> Any:
    """What a class makes of a model, of one in a place where that is given, made by the first."""
    check_model(model)
    name = (kind, *place, by_alias)
    return made_of(model, name, lambda: kind(model, *place, by_alias=by_alias))


def made_of(model: type[BaseModel], name: Hashable, make: Callable[[], Any]) -> Any:
    """What was made of a model under a name, or is made now."""
    with _lock:
        # What a base class holds is of the base class.
        made = vars(model).get(_MADE)
        if made is None:
            made = _Made()
            type.__setattr__(model, _MADE, made)
        if name not in made:
            made[name] = make()
        return made[name]
