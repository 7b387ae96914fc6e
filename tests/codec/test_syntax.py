"""Types in the syntax of Python 3.12, which older interpreters cannot even read."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from dynrepo.schema.entity import Fields, schema_of

pytestmark = pytest.mark.skipif(sys.version_info < (3, 12), reason="the syntax of Python 3.12")

SOURCE = """
from typing import Annotated

from pydantic import BaseModel

from dynrepo.markers import PartitionKey

type Id = Annotated[str, PartitionKey()]
type Tree = dict[str, Tree] | list[Tree] | int
type Couple[T] = tuple[T, T]
type Both[T] = Annotated[Couple[T], "said twice"]


class Holder[T](BaseModel):
    id: Id
    one: T
    two: Both[T]
    tree: Tree = 0
"""


@pytest.fixture(scope="module")
def holder() -> Any:
    """A generic model with aliases of every kind."""
    names: dict[str, Any] = {"__name__": __name__}
    # The only way to keep it from older interpreters; its annotations are no strings.
    exec(compile(SOURCE, "holder", "exec", dont_inherit=True), names)  # noqa: S102
    return names["Holder"]


def test_aliases_and_generics_are_seen_through(holder: Any) -> None:
    """Markers, parameters and recursion behind `type X = ...` all count."""
    model = holder[int]
    instance = model(id="k", one=1, two=(2, 3), tree={"a": [1, {"b": 2}]})
    schema = schema_of(model)

    assert schema.key(instance) == {"id": {"S": "k"}}
    assert schema.encode(instance)["two"] == {"L": [{"N": "2"}, {"N": "3"}]}
    assert schema.decode(schema.encode(instance)) == instance


def test_a_generic_without_its_type_holds_anything(holder: Any) -> None:
    """A type variable without a bound is `Any`."""
    instance = holder(id="k", one=[1, "a"], two=(None, b"x"))

    assert Fields(holder).decode(Fields(holder).encode(instance)) == instance
