"""The annotation of a container says how its parts are stored."""

from __future__ import annotations

import collections
import collections.abc
import re
from typing import TYPE_CHECKING, Any, TypeVarTuple

import pytest

from dynrepo.codec.containers import container
from dynrepo.codec.scalars import INT, STR
from dynrepo.codec.untyped import ANY
from dynrepo.errors import SchemaError

if TYPE_CHECKING:
    from dynrepo.codec.value import Codec

MANY = TypeVarTuple("MANY")


def compiled(annotation: Any) -> Codec:
    """The codec of a part."""
    codec = {int: INT, str: STR, Any: ANY}.get(annotation) or codec_of(annotation)
    assert codec is not None
    return codec


def codec_of(annotation: Any) -> Codec | None:
    """The codec of a container."""
    return container(annotation, compiled, strict=False)


@pytest.mark.parametrize(
    ("annotation", "value", "stored"),
    [
        (list[int], [1], {"L": [{"N": "1"}]}),
        (list, [None], {"L": [{"NULL": True}]}),
        (collections.abc.Sequence[str], ["a"], {"L": [{"S": "a"}]}),
        (collections.deque[int], collections.deque([1]), {"L": [{"N": "1"}]}),
        (tuple, (1, "a"), {"L": [{"N": "1"}, {"S": "a"}]}),
        (tuple[int, ...], (1, 2), {"L": [{"N": "1"}, {"N": "2"}]}),
        (tuple[int, str], (1, "a"), {"L": [{"N": "1"}, {"S": "a"}]}),
        (set, {1}, {"NS": ["1"]}),
        (frozenset[str], frozenset({"a"}), {"SS": ["a"]}),
        (collections.abc.Set[int], {1}, {"NS": ["1"]}),
        (dict, {"a": [1]}, {"M": {"a": {"L": [{"N": "1"}]}}}),
        (dict[Any, int], {"a": 1}, {"M": {"a": {"N": "1"}}}),
        (collections.abc.Mapping[int, str], {1: "a"}, {"M": {"1": {"S": "a"}}}),
        (collections.Counter, collections.Counter("a"), {"M": {"a": {"N": "1"}}}),
        (collections.Counter[str], collections.Counter("a"), {"M": {"a": {"N": "1"}}}),
        (re.Pattern[bytes], re.compile(b"a"), {"B": "YQ=="}),
        (re.Pattern, re.compile("a"), {"S": "a"}),
        (list[set[int]], [{1}], {"L": [{"NS": ["1"]}]}),
    ],
    ids=repr,
)
def test_a_container_is_stored_by_its_annotation(annotation: Any, value: Any, stored: Any) -> None:
    """With parts of any type where it names none."""
    codec = codec_of(annotation)

    assert codec is not None
    assert codec.encode(value) == stored
    assert codec.decode(stored) == value


def test_a_tuple_with_an_unpacked_part_is_refused() -> None:
    """It may have any length, and types at both ends."""
    with pytest.raises(SchemaError, match="declare a list"):
        codec_of(tuple[int, *MANY])


def test_another_type_is_no_container() -> None:
    """Others know it."""
    assert codec_of(int) is None
