"""Classes that nothing stored can be an instance of are refused where they are declared."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, RootModel, create_model

from dynrepo import Encoding, PartitionKey, Repository
from dynrepo.codec.instances import refuse_abstract, refuse_init
from dynrepo.errors import SchemaError
from dynrepo.schema.entity import Fields, schema_of

Id = Annotated[str, PartitionKey()]


class Shape(BaseModel, ABC):
    """An abstract model."""

    kind: str

    @abstractmethod
    def area(self) -> int:
        """Square metres."""


class Marked(BaseModel):
    """An abstract model without ABC: Pydantic's metaclass is that of ABC."""

    kind: str

    @abstractmethod
    def area(self) -> int:
        """Square metres."""


@dataclass
class Solid(ABC):
    """An abstract dataclass."""

    kind: str

    @abstractmethod
    def volume(self) -> int:
        """Cubic metres."""


class Root(RootModel[list[str]], ABC):
    """An abstract root."""

    @abstractmethod
    def first(self) -> str:
        """The first text."""


class Square(Shape):
    """A class of an abstract model."""

    kind: Literal["square"] = "square"

    def area(self) -> int:
        """Square metres."""
        return 1


class Still(Shape):
    """A class that is abstract still, told by its kind."""

    kind: Literal["still"] = "still"


@pytest.mark.parametrize("kind", [Shape, Marked, Solid, Root], ids=lambda kind: kind.__name__)
def test_a_field_of_an_abstract_class_is_refused(kind: Any) -> None:
    """Wherever it stands."""
    for annotation in (kind, list[kind], dict[str, kind] | None, tuple[int, kind]):
        with pytest.raises(SchemaError, match=rf"Item\.field: {kind.__name__} is abstract"):
            schema_of(create_model("Item", pk=(Id, ...), field=(annotation, ...)))


def test_an_abstract_member_of_a_union_is_refused() -> None:
    """The others are not looked at."""
    annotation = Annotated[Square | Still, Field(discriminator="kind")]
    with pytest.raises(SchemaError, match=r"Item\.field: Still is abstract"):
        schema_of(create_model("Item", pk=(Id, ...), field=(annotation, ...)))


def test_an_abstract_item_is_refused() -> None:
    """Where its repository is defined; a class of it is an item."""

    class Base(BaseModel, ABC):
        """An abstract item."""

        pk: Id

        @abstractmethod
        def act(self) -> None:
            """Does something."""

    class Item(Base):
        """An item."""

        def act(self) -> None:
            """Does nothing."""

    with pytest.raises(SchemaError, match="Base is abstract"):

        class Bases(Repository[Base]):
            """Not possible."""

            table = "bases"

    assert schema_of(Item).decode({"pk": {"S": "k"}}) == Item(pk="k")


def test_what_has_instances_is_taken() -> None:
    """A class of an abstract one, and an abstract one with an Encoding."""
    refuse_abstract(Square)
    encoding = Encoding("S", encode=lambda shape: shape.kind, decode=lambda _: Square())
    model = create_model("Item", pk=(Id, ...), field=(Annotated[Shape, encoding], ...))
    item = model(pk="k", field=Square())
    assert schema_of(model).decode(schema_of(model).encode(item)) == item


def initiated(init: Any) -> type[BaseModel]:
    """A model with an `__init__`."""

    class Item(BaseModel):
        """A required field, one that may be absent, one that is always stored."""

        pk: Id
        note: str | None = None
        count: int = 0

    return type("Item", (Item,), {"__init__": init, "__module__": __name__})


TAKEN = {
    "values": lambda self, **data: super(type(self), self).__init__(**data),
    "names": lambda self, pk, note=None, count=0: BaseModel.__init__(
        self, pk=pk, note=note, count=count
    ),
    "keywords": lambda self, *, pk, note=None, **more: BaseModel.__init__(
        self, pk=pk, note=note, **more
    ),
    "more": lambda self, pk, extra=None, **values: BaseModel.__init__(self, pk=pk, **values),  # noqa: ARG005
}
REFUSED = {
    "another name": lambda self, key: BaseModel.__init__(self, pk=key),
    "fewer": lambda self, pk: BaseModel.__init__(self, pk=pk),
    "more": lambda self, extra, **values: BaseModel.__init__(self, **values),  # noqa: ARG005
    "what may be absent": lambda self, pk, note, count=0: BaseModel.__init__(
        self, pk=pk, note=note, count=count
    ),
    "by position": lambda self, pk, /, **values: BaseModel.__init__(self, pk=pk, **values),
    "nothing": lambda self: BaseModel.__init__(self, pk="k"),
}


@pytest.mark.parametrize("init", TAKEN.values(), ids=TAKEN)
def test_an_init_that_takes_the_fields_is_fine(init: Any) -> None:
    """By their names, with the absent ones left out."""
    model = initiated(init)
    for item in (model(pk="k"), model(pk="k", note="n", count=1)):
        assert schema_of(model).decode(schema_of(model).encode(item)) == item


@pytest.mark.parametrize("init", REFUSED.values(), ids=REFUSED)
def test_an_init_that_takes_something_else_is_refused(init: Any) -> None:
    """By the model, an item or a part of one."""
    model = initiated(init)
    with pytest.raises(SchemaError, match=r"Item: what is stored is given to its __init__"):
        schema_of(model)
    with pytest.raises(SchemaError, match=r"Item: what is stored is given to its __init__"):
        Fields(create_model("Holder", items=(list[model], ...)))  # type: ignore[valid-type]


def test_a_class_that_is_no_model_is_given_to_pydantic() -> None:
    """Which makes a dataclass without its `__init__`."""

    @dataclass(init=False)
    class Point:
        """A dataclass."""

        x: int

        def __init__(self, text: str) -> None:
            self.x = int(text)

    refuse_init(Point, ())
    model = create_model("Item", pk=(Id, ...), point=(Point, ...))
    item = model(pk="k", point=Point("1"))
    assert schema_of(model).decode(schema_of(model).encode(item)) == item
