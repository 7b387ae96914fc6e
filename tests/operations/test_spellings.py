"""Keys in another spelling than the one that is written, of each type."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from ipaddress import IPv6Address
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import pytest
from pydantic import (
    AfterValidator,
    AwareDatetime,
    ByteSize,
    EmailStr,
    Field,
    HttpUrl,
    IPvAnyAddress,
    StringConstraints,
    create_model,
)

from dynrepo import Encoding, PartitionKey, TimeToLive, schema_of
from dynrepo.operations.spellings import Spellings


def respelled(annotation: Any, stored: list[dict[str, str]]) -> list[list[str]]:
    """The fields in another spelling, of each row, where the key of an index is of a type."""
    key = PartitionKey(index="by_key")
    model = create_model(
        "Row", pk=(Annotated[str, PartitionKey()], ...), key=(Annotated[annotation, key], ...)
    )
    spellings = Spellings(schema_of(model))
    return [list(spellings.respelled({"pk": {"S": "a"}, "key": each})) for each in stored]


def test_a_key_that_is_absent_is_in_no_spelling() -> None:
    """As that of an index may be."""
    model = create_model("Row", pk=(Annotated[str, PartitionKey()], ...))
    assert list(Spellings(schema_of(model)).respelled({})) == []


class Status(StrEnum):
    """An enum that takes its values in capitals, too."""

    OPEN = "open"

    @classmethod
    def _missing_(cls, value: object) -> Status | None:
        return next((member for member in cls if member.value == str(value).lower()), None)


HEX = Encoding("N", encode=str, decode=lambda text: int(Decimal(text)))
TEXT = Encoding("S", encode="{:06d}".format, decode=int)

SPELLINGS: dict[str, tuple[Any, list[dict[str, str]], list[dict[str, str]]]] = {
    "str": (str, [{"S": "a"}], [{"N": "1"}]),
    "int": (int, [{"N": "1"}, {"N": "1.0"}, {"N": "1E+2"}], [{"S": "1"}, {"N": "1.5"}]),
    "Decimal": (Decimal, [{"N": "1E+3"}, {"N": "1000.0"}], [{"S": "1"}]),
    "float": (
        float,
        [{"N": "0.1"}, {"N": "1E+3"}],
        [{"N": "0.1000000000000000055511151231257827"}],
    ),
    "bytes": (bytes, [{"B": "AP8="}], [{"S": "AP8="}]),
    "AwareDatetime": (
        AwareDatetime,
        [{"S": "2024-01-01T00:00:00.000000Z"}],
        [
            {"S": "2024-01-01T00:00:00+00:00"},
            {"S": "2024-01-01T00:00:00.000000+0000"},
            {"S": "2024-01-01T00:00:00Z"},
            {"S": "2024-01-01T00:00:00.123Z"},
            {"S": "2024-01-01 00:00:00.000000Z"},
            {"S": "2024-01-01T01:00:00.000000+01:00"},
            {"S": "2024-01-01"},
            {"S": "01/02/2024"},
        ],
    ),
    "TimeToLive": (Annotated[AwareDatetime, TimeToLive()], [{"N": "1700000000"}], [{"N": "1.5"}]),
    "date": (date, [{"S": "2024-01-01"}], [{"S": "20240101"}, {"S": "2024-W01-1"}]),
    "timedelta": (timedelta, [{"N": "3600"}, {"N": "3600.0"}], [{"S": "PT1H"}]),
    "UUID": (
        UUID,
        [{"S": "123e4567-e89b-12d3-a456-42661417400a"}],
        [{"S": "123E4567-E89B-12D3-A456-42661417400A"}, {"S": "123e4567e89b12d3a45642661417400a"}],
    ),
    "ByteSize": (ByteSize, [{"N": "1024"}], [{"S": "1KiB"}]),
    "Enum": (Status, [{"S": "open"}], [{"S": "OPEN"}, {"S": "closed"}]),
    "IPv6Address": (IPv6Address, [{"S": "::1"}], [{"S": "0:0:0:0:0:0:0:1"}, {"S": "::A"}]),
    "IPvAnyAddress": (IPvAnyAddress, [{"S": "10.0.0.1"}], [{"S": "::00"}]),
    "HttpUrl": (HttpUrl, [{"S": "http://x.org/"}], [{"S": "http://X.org"}, {"S": "no"}]),
    "Path": (Path, [{"S": "/srv/x"}], [{"S": "/srv//x"}, {"S": "/srv/x/"}]),
    "Encoding S": (Annotated[int, TEXT], [{"S": "000001"}], [{"S": "1"}]),
    "Encoding N": (Annotated[int, HEX], [{"N": "1"}, {"N": "1.0"}], [{"S": "1"}]),
}


@pytest.mark.parametrize(("annotation", "written", "others"), SPELLINGS.values(), ids=SPELLINGS)
def test_each_type_has_its_spelling(annotation: Any, written: Any, others: Any) -> None:
    """Numbers are compared as DynamoDB compares them; what no value is read of is another, too."""
    assert respelled(annotation, written) == [[]] * len(written)
    assert respelled(annotation, others) == [["key"]] * len(others)


def _known(text: str) -> str:
    if not text.isalnum():
        raise ValueError
    return text.upper()


@pytest.mark.parametrize(
    ("annotation", "written", "others", "refused"),
    [
        (Annotated[str, StringConstraints(to_lower=True, max_length=3)], "abc", ["ABC"], "long"),
        (Annotated[str, AfterValidator(_known)], "ABC", ["abc", "Abc"], "?"),
        (Annotated[str, AfterValidator(_known)] | None, "ABC", ["abc"], "?"),
        (EmailStr, "ada@example.com", ["ada@EXAMPLE.com"], "ada"),
        (Annotated[int, AfterValidator(abs), Field(le=9)], 5, [-5], 10),
    ],
)
def test_a_key_that_validators_would_change_is_in_another_spelling(
    annotation: Any, written: Any, others: list[Any], refused: Any
) -> None:
    """Such a row can be read by nobody; one that they refuse is no other spelling of a key."""
    tag = "N" if isinstance(written, int) else "S"
    keys = [{tag: str(key)} for key in (written, *others, refused)]
    assert respelled(annotation, keys) == [[], *[["key"]] * len(others), []]
