"""Why a write was refused whose condition did not hold: the error, by the item that is stored."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from dynrepo.errors import (
    CodecError,
    ConditionFailed,
    DynrepoError,
    ItemExists,
    ItemNotFound,
    VersionConflict,
)
from dynrepo.operations.marks import OTHERS, is_foreign

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.codec import Item
    from dynrepo.operations.mapper import Mapper
    from dynrepo.operations.operation import Refusal

REFUSED = (ConditionFailed, "the condition does not hold")
STALE = (VersionConflict, "the stored item is another version")
MISSING = (ConditionFailed, "no item is stored under this key, of which to remove something")

_OF_ANY = (ItemExists, ItemNotFound)
"""Errors that are right for a row of another entity too."""


def refusal_of(
    mapper: Mapper[Any],
    kind_of: Callable[[Item | None], tuple[Callable[..., DynrepoError], str]],
    how: Refusal,
) -> DynrepoError:
    """The error for a condition that did not hold, from the item that is stored."""
    stored = how.item if isinstance(how.item, dict) and how.item else None
    own = None if is_foreign(mapper, stored) else stored
    kind, reason = kind_of(own)
    if own is not stored and kind not in _OF_ANY:
        kind, reason = OTHERS
    error = kind(
        f"{mapper.table}: {reason}",
        code=how.code,
        request_id=how.request_id,
        attempts=how.attempts,
    )
    is_shown = stored is not None and not mapper.schema.is_of_others(stored)
    if isinstance(error, ConditionFailed) and is_shown:
        with suppress(CodecError):  # what is stored is not the model, and was not written
            error.item = mapper.restore(stored)
    return error
