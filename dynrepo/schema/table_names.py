"""What DynamoDB takes for the name of a table, of an index and of an attribute in a key.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
"""

from __future__ import annotations

import re

from dynrepo.errors import SchemaError

MAX_KEY_NAME = 255
"""The bytes that the name of an attribute may have that is a key."""

_TABLE_NAME = re.compile(r"[A-Za-z0-9_.-]{1,255}")
_INDEX_NAME = re.compile(r"[A-Za-z0-9_.-]{3,255}")


def check_table_name(owner: str, name: object) -> None:
    """SchemaError for what cannot be the name of a table; `owner` is the class that gives it."""
    if not isinstance(name, str) or not _TABLE_NAME.fullmatch(name):
        raise SchemaError(
            f'{owner} needs the name of its table, as in `table = "users"`:'
            " letters, digits, `_`, `-` and `.`"
        )


def check_no_class(owner: str, name: object) -> None:
    """SchemaError for a class of shared tables in the place of a name."""
    if isinstance(name, type):
        raise SchemaError(
            f"{owner}: `table` is a name, and no class: write place = {name.__name__}.place(...)"
        )


def is_index_name(name: object) -> bool:
    """Whether an index may have a name."""
    return isinstance(name, str) and _INDEX_NAME.fullmatch(name) is not None
