"""What gives values of a type, and what takes them: how type checkers tell expressions apart.

A path of optional numbers gives `int | None` and takes an `int`. So what is for numbers asks for
something that takes an `int`, and fits an optional field, and a union with numbers, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sized
    from datetime import date, time, timedelta
    from decimal import Decimal
    from enum import Enum
    from ipaddress import (
        IPv4Address,
        IPv4Interface,
        IPv4Network,
        IPv6Address,
        IPv6Interface,
        IPv6Network,
    )
    from pathlib import PurePath
    from re import Pattern
    from uuid import UUID

    from _typeshed import DataclassInstance
    from pydantic import AnyUrl, BaseModel, SecretStr

    TextLike: TypeAlias = (
        str
        | Enum
        | date
        | time
        | UUID
        | PurePath
        | AnyUrl
        | SecretStr
        | Pattern[str]
        | IPv4Address
        | IPv4Interface
        | IPv4Network
        | IPv6Address
        | IPv6Interface
        | IPv6Network
    )
    """What is stored as a text."""

    Measured: TypeAlias = TextLike | Sized | BaseModel | DataclassInstance
    """What has a size where it is stored."""

    Number: TypeAlias = int | float | Decimal | timedelta
    """What is stored as a number, and has sums."""

V_co = TypeVar("V_co", covariant=True)
V_contra = TypeVar("V_contra", contravariant=True)


class ValueSource(Generic[V_co]):
    """What gives values of a type: a path, a sum, or a path with a default."""


class ValueTarget(Generic[V_contra]):
    """What takes values of a type: a path."""
