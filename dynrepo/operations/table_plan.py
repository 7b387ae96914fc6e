"""How a table is to be made beyond what the markers say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from dynrepo.callbacks import check_called
from dynrepo.public import public


@public
@dataclass(frozen=True, slots=True)
class Capacity:
    """Provisioned throughput of the table and of each index.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/provisioned-capacity-mode.html

    Args:
        read: Read units a second; at least 1.
        write: Write units a second; at least 1.

    Raises:
        ValueError: One is less than 1.
        TypeError: One is no int.
    """

    read: int
    write: int

    def __post_init__(self) -> None:
        units: Any
        for name, units in (("read", self.read), ("write", self.write)):
            if type(units) is not int:
                raise TypeError(
                    f"Capacity: {name} counts units a second: an int, not {type(units).__name__}"
                )
            if units < 1:
                raise ValueError(f"Capacity: {name} is at least 1 unit a second, not {units}")


@dataclass(frozen=True, slots=True)
class TablePlan:
    """What `create_table` and `ensure_table` are given; TypeError for what DynamoDB cannot take.

    Without capacity a table is billed on demand.
    """

    capacity: Capacity | None = None
    deletion_protection: bool = False
    tags: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        _check_capacity(self.capacity)
        _check_protection(self.deletion_protection)
        _check_tags(self.tags)


def _check_capacity(capacity: Any) -> None:
    if capacity is not None and not isinstance(capacity, Capacity):
        wanted = "a Capacity, such as Capacity(read=5, write=5)"
        raise TypeError(f"capacity is {wanted}, not {_kind(capacity)}")


def _check_protection(protection: Any) -> None:
    if not isinstance(protection, bool):
        raise TypeError(f"deletion_protection is True or False, not {_kind(protection)}")


def _check_tags(tags: Any) -> None:
    if tags is None:
        return
    if not isinstance(tags, Mapping):
        raise TypeError(f'tags are a mapping, such as {{"team": "shop"}}, not {_kind(tags)}')
    given = cast("Any", tags)
    for tag in given.items():
        if not all(isinstance(text, str) for text in tag):
            raise TypeError(f"tags map a str to a str, not {' to '.join(map(_kind, tag))}")


def check_progress(progress: Any) -> None:
    """TypeError for what cannot be called with a sentence, or is a coroutine function."""
    check_called("progress", progress, "called with a sentence: print, say")


def _kind(given: Any) -> str:
    return f"the class {given.__name__}" if isinstance(given, type) else type(given).__name__
