"""What stays refused says what to write instead, and that, pasted, holds and gives back values."""

from __future__ import annotations

import collections
import dataclasses
import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import pytest
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    FilePath,
    FutureDate,
    FutureDatetime,
    InstanceOf,
    Json,
    PydanticUserError,
    RootModel,
    Secret,
    SecretBytes,
    SecretStr,
    SkipValidation,
    Strict,
    Tag,
    create_model,
)
from pydantic_core import MISSING
from typing_extensions import TypedDict

from dynrepo.codec import codec_for
from dynrepo.errors import SchemaError
from dynrepo.markers import Attribute, Encoding, PartitionKey, PlainText
from dynrepo.schema.entity import Fields


class Opaque:
    """A class that nobody knows, with a text of its own."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Opaque) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)


class Line(BaseModel):
    """A model."""

    sku: str


class Dog(BaseModel):
    """A member of a union that says nothing of itself."""


class Cat(BaseModel):
    """One that says what it is."""

    kind: Literal["cat"] = "cat"


class ToldDog(Dog):
    """The cure of the discriminator, pasted."""

    kind: Literal["dog"] = "dog"


class Planet(Enum):
    """Values that are no texts and no numbers."""

    EARTH = (1, 2)


class NamedPlanet(Enum):
    """The cure: texts."""

    EARTH = "earth"


@dataclasses.dataclass
class Late:
    """A dataclass with what it is not given."""

    a: int
    b: int = dataclasses.field(init=False, default=1)


@dataclasses.dataclass
class Early:
    """The cure: an argument."""

    a: int
    b: int = 1


@dataclasses.dataclass
class Initial:
    """A dataclass with what is given and gone."""

    a: int
    seed: dataclasses.InitVar[int]


class Closed(TypedDict):
    """A dict that is open, as the class of Pydantic's that follows is."""

    __pydantic_config__ = {"extra": "allow"}  # type: ignore[misc]  # noqa: RUF012
    a: int


class Open(BaseModel, extra="allow"):
    """The cure: a model."""

    a: int


class OptionalRoot(RootModel[int | None]):
    """A root that may be None."""


class Root(RootModel[int]):
    """The cure: one that may not."""


def choose(value: Any) -> str:
    """The tag of a member."""
    return "cat" if isinstance(value, Cat) or (isinstance(value, dict) and "kind" in value) else "d"


CHOSEN = Discriminator(choose)
TEXT = "Encoding('S', encode=str, decode={})"


def shown(value: object) -> str:
    """A value without its address: in each process of a run, a test has the same name."""
    return re.sub(" at 0x[0-9a-f]+", "", repr(value))


@pytest.mark.parametrize(
    ("refused", "named", "cured", "value"),
    [
        (Opaque, f"Annotated[Opaque, {TEXT.format('Opaque')}]", "", Opaque("a")),
        (complex, f"Annotated[complex, {TEXT.format('complex')}]", "", 1 + 2j),
        (SecretStr, "Annotated[SecretStr, PlainText()]", "", SecretStr("a")),
        (SecretBytes, "Annotated[SecretBytes, PlainText()]", "", SecretBytes(b"a")),
        (Secret[int], "Annotated[Secret[int], PlainText()]", "", Secret[int](1)),
        (FutureDate, "`date`", "date", date(2024, 1, 1)),
        (FutureDatetime, "`AwareDatetime`", "AwareDatetime", datetime(2024, 1, 1, tzinfo=UTC)),
        (FilePath, "`Path`", "Path", Path("a")),
        (collections.OrderedDict[str, int], "`dict`", "dict[str, int]", {"a": 1}),
        (collections.OrderedDict[str, int], "list of pairs", "list[tuple[str, int]]", [("a", 1)]),
        (int | MISSING, "`T | None = None`", "int | None", None),
        (tuple[int, *tuple[str, ...]], "a list", "list[int | str]", [1, "a"]),
        (dict[bool, int], "a list of pairs", "list[tuple[bool, int]]", [(True, 1)]),
        (dict[float | None, int], "keys of one type", "dict[float, int]", {0.5: 1}),
        (Annotated[set[Line], Strict()], "a list", "list[Line]", [Line(sku="a")]),
        (InstanceOf[Line], "declare the type without it", "Line", Line(sku="a")),
        (SkipValidation[list[Line]], "declare the type without it", "list[Line]", [Line(sku="a")]),
        (
            Json[list[int]] | str,
            "Annotated[list[int], Encoding('S', encode=json.dumps, decode=json.loads)]",
            "",
            [1],
        ),
        (
            Annotated[Cat | Dog, Discriminator("kind")],
            "`kind: Literal['dog']`",
            "Annotated[Cat | ToldDog, Discriminator('kind')]",
            ToldDog(),
        ),
        (
            Annotated[Annotated[Cat, Tag("cat")] | Dog, CHOSEN],
            "Annotated[Dog, Tag('...')]",
            "Annotated[Annotated[Cat, Tag('cat')] | Annotated[Dog, Tag('d')], CHOSEN]",
            Dog(),
        ),
        (Literal["a", Planet.EARTH], "values be texts", "Literal['a', NamedPlanet.EARTH]", "a"),
        (Planet, "let its values be texts or numbers", "NamedPlanet", NamedPlanet.EARTH),
        (Late, "give it to __init__", "Early", Early(1, 2)),
        (Initial, "declare a field in its place", "Early", Early(1, 2)),
        (Closed, "`class Closed(BaseModel, extra='allow')`", "Open", Open(a=1, b=2)),
        (OptionalRoot | None, "let one of them take no None", "Root | None", Root(1)),
        (Annotated[int, Attribute("")], "leave the Attribute(...) out", "int", 1),
        (list[Annotated[int, PartitionKey()]], "mark the field", "list[int]", [1]),
        (Annotated[int, PartitionKey], "`PartitionKey()`", "Annotated[int, PartitionKey()]", 1),
    ],
    ids=shown,
)
def test_a_cure_pasted_is_one(refused: Any, named: str, cured: str, value: Any) -> None:
    """The error has it in words or as code; where it is code that code is what is run."""
    with pytest.raises(SchemaError) as raised:
        compiled(refused)
    assert named in str(raised.value)

    annotation = eval(cured or named)  # noqa: S307
    fields = compiled(annotation)
    made = fields.model(field=value)
    assert fields.decode(fields.encode(made)) == made


def compiled(annotation: Any) -> Fields[Any]:
    """The fields of a model with one of this type, where Pydantic makes such a model."""
    open_to_all = ConfigDict(arbitrary_types_allowed=True)
    try:
        model = create_model("Sample", __config__=open_to_all, field=(annotation, ...))
    except (PydanticUserError, TypeError, Warning):
        codec_for(annotation)
        raise
    return Fields(model)


def test_the_cure_of_a_default_is_one() -> None:
    """A default of the type, or one that Pydantic makes of the type."""
    with pytest.raises(SchemaError, match=r"give it one of its type, or .*`validate_default=True`"):
        Fields(create_model("Sample", field=(list[int], ())))
    for default in (Field([]), Field((), validate_default=True)):
        fields = Fields(create_model("Sample", field=(list[int], default)))
        assert fields.decode(fields.encode(fields.model())) == fields.model()


def test_the_cure_of_self_in_a_union_of_lists_is_one() -> None:
    """The name of the class."""

    class Branch(BaseModel):
        below: list[Self] | list[str]

    with pytest.raises(SchemaError, match="name the class in place of Self"):
        Fields(Branch)
    fields = Fields(Twig)
    twig = Twig(below=[Twig(below=["a"])])
    assert fields.decode(fields.encode(twig)) == twig


class Twig(BaseModel):
    """The cure, pasted."""

    below: list[Twig] | list[str]


def test_what_the_cures_need_is_there() -> None:
    """For whoever pastes them."""
    assert json
    assert Encoding
    assert AwareDatetime
    assert Decimal
    assert PlainText
