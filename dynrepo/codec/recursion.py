"""The codec of a type inside itself, which is known only when that of the whole is made."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, get_origin

from dynrepo.codec.annotations import is_class, is_root_model
from dynrepo.codec.ends import NO_PARTS, check_ends, ended
from dynrepo.codec.value import Codec, several

if TYPE_CHECKING:
    from dynrepo.codec.ends import Parts


def reference(annotation: Any, cell: list[Codec]) -> Codec:
    """A codec that asks the one that `cell` will hold."""
    tags, kinds = _form(get_origin(annotation) or annotation)

    def encode(value: Any) -> Any:
        return cell[0].encode(value)

    def decode(stored: Any) -> Any:
        return cell[0].decode(stored)

    def inside(value: Any) -> Parts:
        known = cell[0].inside
        return known(value) if known else NO_PARTS

    def step(place: str | int) -> tuple[str | int, Codec]:
        return cell[0].child(place)

    name = getattr(annotation, "__name__", "type")
    return several(
        tags,
        ended(partial(check_ends, inside), encode),
        decode,
        name=name,
        kinds=kinds,
        inside=inside,
        made=True,
        step=step,
    )


def _form(kind: Any) -> tuple[frozenset[str], tuple[type, ...]]:
    """The tag of a class and the class of its values, as far as they can be told beforehand."""
    if not is_class(kind) or is_root_model(kind):
        return frozenset(), ()
    if is_class(kind, tuple):
        return frozenset({"L"}), (kind,)
    return frozenset({"M"}), (dict if is_class(kind, dict) else kind,)
