"""What the core schema of a model says of how its instances are made."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import AfterValidator, BaseModel, model_validator

from dynrepo.codec.core_schemas import NotAccelerated
from dynrepo.markers import PartitionKey
from dynrepo.reading.model_schemas import check_model, is_layer, with_absent
from dynrepo.schema.entity import schema_of


class Plain(BaseModel):
    """A model that Pydantic makes."""

    id: Annotated[str, PartitionKey()]
    note: Annotated[str | None, AfterValidator(lambda value: value)]
    count: int = 0


class Watched(BaseModel):
    """A model whose own code sees what it is made from."""

    id: str

    @model_validator(mode="before")
    @classmethod
    def _see(cls, values: Any) -> Any:
        return values


class Making(BaseModel):
    """A model with an `__init__` of its own."""

    id: str

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)


class Strict(Plain, strict=True):
    """Of the exact types."""


class Open(Plain, extra="allow"):
    """With attributes of its own."""


def own(model: type[BaseModel]) -> dict[str, Any]:
    """The core schema of a model."""
    schema: Any = model.__pydantic_core_schema__
    return dict(schema)


def test_a_model_that_pydantic_makes_is_taken() -> None:
    """And no other."""
    check_model(own(Plain))
    for model in (Watched, Making, Strict, Open):
        with pytest.raises(NotAccelerated):
            check_model(own(model))


def test_a_layer_validates_by_another_schema() -> None:
    """A default, None and a function that comes after are layers, one that is informed is not."""
    fields = own(Plain)["schema"]["fields"]
    assert is_layer(fields["count"]["schema"])
    assert is_layer(fields["note"]["schema"])
    assert is_layer({"type": "nullable"})
    assert not is_layer({"type": "function-after", "function": {"type": "with-info"}})
    assert not is_layer({"type": "str"})


def test_what_is_stored_by_absence_is_set() -> None:
    """Where there are such fields; all else is left as it is."""
    record, fields = schema_of(Plain)._record, {"type": "model-fields", "fields": {}}
    set_all = with_absent(fields, record)["function"]["function"]
    assert set_all(({}, None, {"id"}))[2] == {"id", "note"}

    class Whole(BaseModel):
        id: Annotated[str, PartitionKey()]

    assert with_absent(fields, schema_of(Whole)._record) is fields
