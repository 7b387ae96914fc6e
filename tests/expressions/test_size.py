"""A size is compared with a whole number, whatever the type of the field."""

from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import BaseModel

from dynrepo import CodecError, PartitionKey, schema_of
from dynrepo.expressions.fields import FieldPaths
from dynrepo.expressions.size import FieldSize
from dynrepo.expressions.trees import render


class Thing(BaseModel):
    """A field that has a size."""

    name: Annotated[str, PartitionKey()]
    tags: frozenset[str] = frozenset()


f = FieldPaths(schema_of(Thing))


def test_a_size_is_compared_with_an_int() -> None:
    """Whatever the type of the field."""
    size = f.tags.size()
    assert isinstance(size, FieldSize)
    request = render({"ConditionExpression": size > 2})
    assert list(request["ExpressionAttributeValues"].values()) == [{"N": "2"}]
    for wrong in ("2", 2.0, True):
        with pytest.raises(CodecError, match=r"size of Thing\.tags: expected int, found "):
            _ = size > wrong
