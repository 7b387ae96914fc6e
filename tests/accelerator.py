"""Whether pydantic-core can make instances from the text of an answer.

That of Pydantic 2.12 cannot be told to leave the validators of the models alone, so the codec reads
all.
"""

from __future__ import annotations

import pytest

from dynrepo.reading.parsers import parser


def is_there() -> bool:
    """Whether this pydantic-core can."""
    try:
        parser({"type": "any"}, "Item", dict)
    except TypeError:
        return False
    return True


if_accelerated = pytest.mark.skipif(not is_there(), reason="this pydantic-core has no accelerator")
