"""The attributes of a row that are keys of indexes, beside those that its fields make.

They are written with the fields. An index that is younger than a row, another program, or a row of
an older template leaves them absent, or as they were.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynrepo.codec.value import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dynrepo.codec import AttributeValue


def stale_keys(
    names: Iterable[str],
    row: Mapping[str, AttributeValue],
    written: Mapping[str, AttributeValue],
) -> dict[str, AttributeValue | None]:
    """Those of some attributes that a row has otherwise than they are written.

    With what is written, None where nothing is.
    """
    return {
        name: written.get(name) for name in names if _is_other(row.get(name), written.get(name))
    }


def _is_other(stored: AttributeValue | None, written: AttributeValue | None) -> bool:
    if stored is None or written is None:
        return stored is not written
    return canonical(stored) != canonical(written)
