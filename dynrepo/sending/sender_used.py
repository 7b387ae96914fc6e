"""Who sends the requests of a store, and why."""

from __future__ import annotations

from typing import Literal, NamedTuple

from dynrepo.public import public


@public
class SenderUsed(NamedTuple):
    """Who sends the requests of a store, `direct` or `botocore`, and why: a sentence for people.

    The direct sender is this library's own; botocore's takes some ten times as long for a request.
    The reason names modules and settings, and no value of them.
    """

    name: Literal["direct", "botocore"]
    reason: str
