"""Text that came over the network, as it may be told on: whoever answers writes what he likes.

It stands in log lines, errors and the attributes of metrics, where a line end would begin a line of
its own, and each new name a new series.
"""

from __future__ import annotations

import re

LONGEST_NAME = 128
"""Characters; the longest code of DynamoDB has 40, its request ids have 52."""

LONGEST_INDEX = 255
"""Characters of the name of a table or an index.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
"""

LONGEST_TEXT = 2000
"""Characters of a sentence."""

_NO_NAME = re.compile("[^!-~]")
_NO_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def told_name(name: object, longest: int = LONGEST_NAME) -> str:
    """A code, an id or a name with `_` for all but printable ASCII, cut where it is too long."""
    return _NO_NAME.sub("_", str(name)[:longest])


def told_text(text: object) -> str:
    """A sentence in one line, cut where it is too long."""
    return _NO_TEXT.sub(" ", str(text)[:LONGEST_TEXT])
