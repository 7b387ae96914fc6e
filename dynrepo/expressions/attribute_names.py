"""Attribute names as they stand in PynamoDB's paths, where brackets mean an index.

Those of a name stand there as lone surrogates, of which no stored name has any.
"""

from __future__ import annotations

from dynrepo.errors import CodecError

_MASKED = {ord("["): "\udc5b", ord("]"): "\udc5d"}
_UNMASKED = {0xDC5B: "[", 0xDC5D: "]"}


def segment(name: str, label: str) -> str:
    """The part of a path that leads to an attribute; CodecError for what is no name of any."""
    if not name:
        raise CodecError(f"{label}: no attribute has an empty name")
    if name.isascii():
        return name.translate(_MASKED) if "[" in name or "]" in name else name
    if not _UNMASKED.keys().isdisjoint(map(ord, name)):
        raise CodecError(f"{label}: a lone surrogate is no part of a name")
    return name.translate(_MASKED)


def name_in(part: str) -> str:
    """The attribute name in a part of a path, which may have indexes behind it."""
    name = part.partition("[")[0]
    return name if name.isascii() else name.translate(_UNMASKED)
