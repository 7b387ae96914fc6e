"""Who sends the requests of a store, and why."""

from __future__ import annotations

from typing import Literal, NamedTuple

from dynrepo.public import public


@public
class SenderUsed(NamedTuple):
    """Who sends the requests of a store, and why.

    Attributes:
        name: `direct` is this library's own sender; `botocore`'s takes some ten times as long for a
            request.
        reason: A sentence for people, with the names of modules and settings, and no value of them.
    """

    name: Literal["direct", "botocore"]
    reason: str
