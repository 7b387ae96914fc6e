"""What is made of a model is made once, and held by it."""

from __future__ import annotations

import gc
import pickle
import weakref
from typing import Any, Generic, TypeVar

import pytest
from pydantic import BaseModel, RootModel

from dynrepo.errors import SchemaError
from dynrepo.schema.made import check_model, made_once


class Made:
    """Something that is made of a model."""

    def __init__(self, model: type[BaseModel], *place: object, by_alias: bool) -> None:
        self.made_of = (model, place, by_alias)


def test_each_is_made_once_by_all_that_it_is_made_of() -> None:
    """Its model, its place, its names."""

    class Item(BaseModel):
        id: str

    class Sub(Item):
        pass

    first = made_once(Made, Item, by_alias=False)
    assert made_once(Made, Item, by_alias=False) is first
    others = [
        made_once(Made, Item, by_alias=True),
        made_once(Made, Item, ("a",), by_alias=False),
        made_once(Made, Item, ("b",), by_alias=False),
        made_once(Made, Sub, by_alias=False),
    ]
    assert len({id(each) for each in (first, *others)}) == 5
    assert others[1].made_of == (Item, (("a",),), False)
    assert made_once(Made, Item, ("a",), by_alias=False) is others[1]


def test_it_goes_with_its_model() -> None:
    """And does not go into a pickle of the model."""

    class Item(BaseModel):
        id: str

    held = weakref.ref(made_once(Made, Item, by_alias=False))
    kept: Any = vars(Item)["__dynrepo_made__"]
    assert pickle.loads(pickle.dumps(kept)) == {}  # noqa: S301 - our own
    del Item, kept
    gc.collect()
    assert held() is None


T = TypeVar("T")


def test_an_item_is_a_class_of_its_own_with_named_fields() -> None:
    """Nothing else has a schema."""

    class Generics(BaseModel, Generic[T]):
        id: T

    check_model(Generics[int])
    for wrong in (int, BaseModel, "Item", None):
        with pytest.raises(SchemaError, match="is no model"):
            check_model(wrong)
    with pytest.raises(SchemaError, match="RootModel"):
        check_model(RootModel[int])
