"""Answers with the items of several models in turn, made instances from their text."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from dynrepo.codec.core_schemas import ANY, CoreSchema, PartParser
from dynrepo.interruption import pass_interruption
from dynrepo.reading.asked import AskedParser

if TYPE_CHECKING:
    from dynrepo.codec.core_schemas import Parse

ItemParsers: TypeAlias = "tuple[Parse | None, ...]"
"""What reads the answer to each of several gets; None where its codec does."""

_OF_ONE = (PartParser, AskedParser)
_PART = "Responses"


def series_parser(parsers: ItemParsers) -> Parse | None:
    """What makes the instances of gets that are answered together, one for each, in their order.

    None stands for what is not stored, and for what a codec reads, which stays in the JSON. None
    where codecs read all.
    """
    made = tuple([parser if isinstance(parser, _OF_ONE) else None for parser in parsers])
    parse = _series_parser(tuple(map(_parser_in, made))) if any(made) else None
    return None if parse is None else _of_each(parse, made)


def _parser_in(parser: PartParser | AskedParser | None) -> PartParser | None:
    return parser.parser if isinstance(parser, AskedParser) else parser


@lru_cache(maxsize=64)
def _series_parser(parsers: tuple[PartParser | None, ...]) -> PartParser | None:
    """The parser of a series, which a program asks for again; None where it cannot be made."""
    try:
        return PartParser(_PART, _series(parsers), list)
    except Exception as error:  # noqa: BLE001 - the schemas of pydantic-core may change
        pass_interruption(error)
        return None


def _of_each(parse: PartParser, parsers: tuple[PartParser | AskedParser | None, ...]) -> Parse:
    """Takes apart what a series is made of."""

    def of_all(body: bytes | bytearray) -> Any:
        answer = parse(body)
        if answer is None or (rows := answer[1]) is None:
            return answer
        left: list[Any] = []
        instances: list[Any] = []
        for parser, row in zip(parsers, rows, strict=True):
            taken = (row, None) if parser is None else parser.taken(row)
            if taken is None:
                return None
            left.append(taken[0])
            instances.append(None if taken[1] is None else taken[1][0])
        answer[0][_PART] = left
        return answer[0], instances

    return of_all


def _series(parsers: tuple[PartParser | None, ...]) -> CoreSchema:
    """The schema of one answer after the other, in which that of each model stands once."""
    numbers = {parser: str(number) for number, parser in enumerate(parsers) if parser is not None}
    definitions: list[CoreSchema] = [
        {**parser.whole, "ref": number} for parser, number in numbers.items()
    ]
    rows: list[CoreSchema] = [
        ANY if parser is None else {"type": "definition-ref", "schema_ref": numbers[parser]}
        for parser in parsers
    ]
    series: CoreSchema = {"type": "tuple", "items_schema": rows}
    return {"type": "definitions", "schema": series, "definitions": definitions}
