"""What an answer says in words, as it may be told on: whoever answers writes what he likes.

It stands in log lines, errors and the attributes of metrics, where a line end would begin a line of
its own, and each new name a new series.
"""

from __future__ import annotations

import re

LONGEST_NAME = 128
"""Characters; the longest code of DynamoDB has 40, its request ids have 52."""

LONGEST_TEXT = 2000
"""Characters of a sentence."""

_NO_NAME = re.compile("[^!-~]")
_NO_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def told_name(name: object) -> str:
    """A code or an id with `_` for all but printable ASCII, cut where it is too long."""
    return _NO_NAME.sub("_", str(name)[:LONGEST_NAME])


def told_text(text: object) -> str:
    """A sentence in one line, cut where it is too long."""
    return _NO_TEXT.sub(" ", str(text)[:LONGEST_TEXT])
