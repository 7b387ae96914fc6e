"""A value of a field that several models have passes the rules of each."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import AfterValidator, BaseModel, Field, create_model

from dynrepo import CodecError, PartitionKey
from dynrepo.codec import codec_for
from dynrepo.codec.scalars import INT, STR
from dynrepo.expressions.rules import Rules
from dynrepo.expressions.shared_rules import SharedRules, rules_of_all


def model(name: str, annotation: Any) -> type[BaseModel]:
    """A model with a field of a type."""
    key: Any = Annotated[str, PartitionKey()]
    fields: Any = {"id": (key, ...), "x": (annotation, ...)}
    return create_model(name, **fields)


def rules(*annotations: Any) -> Rules:
    """The rules of a field that is declared in several ways."""
    found = rules_of_all([model(f"M{n}", each) for n, each in enumerate(annotations)]).below("x")
    assert found is not None
    return found


def test_rules_that_are_equal_are_asked_once() -> None:
    """As those of one model."""
    ranged = Annotated[int, Field(ge=0)]
    assert type(rules(ranged, ranged)) is type(rules(ranged)) is Rules
    assert type(rules(ranged, int)) is SharedRules


def test_a_value_passes_in_each_model() -> None:
    """And is stored as the one after the other leaves it."""
    both = rules(Annotated[int, Field(ge=0)], Annotated[int, Field(le=9)])
    assert both.checked(5, INT, INT.encode) == {"N": "5"}
    for value in (-1, 10):
        with pytest.raises(CodecError, match="not valid"):
            both.checked(value, INT, INT.encode)
    folded = rules(
        Annotated[str, AfterValidator(str.strip)], Annotated[str, AfterValidator(str.lower)]
    )
    assert folded.checked(" A ", STR, STR.encode) == {"S": "a"}
    assert folded.checked("a", STR, lambda _: None) is None


class Home(BaseModel):
    """A nested model, whose values are checked."""

    city: Annotated[str, AfterValidator(str.title)]


def test_a_nested_model_passes_in_each() -> None:
    """Models that differ in other things ask for its instances, one after the other."""
    strict = create_model("Strict", __base__=model("Mild", Home))
    strict.model_config["extra"] = "allow"
    strict.model_rebuild(force=True)
    homes = rules_of_all([model("Mild", Home), strict]).below("x")
    assert type(homes) is SharedRules
    codec = codec_for(Home)
    assert homes.checked(Home(city="graz"), codec, codec.encode) == {"M": {"city": {"S": "Graz"}}}


def test_bounds_are_the_narrowest() -> None:
    """Whichever model an item is of, a sum stays within them."""
    bounds = rules(Annotated[int, Field(ge=0, lt=9)], Annotated[int, Field(gt=0, le=9)]).bounds
    assert bounds is not None
    assert [bound and (bound.name, bound.number) for bound in bounds] == [("gt", 0), ("lt", 9)]
    assert rules(int, Annotated[int, AfterValidator(abs)]).bounds is None
    half = rules(int, Annotated[int, Field(ge=1)]).bounds
    assert half is not None
    assert half.upper is None


def test_whether_something_is_asked_is_known() -> None:
    """Of plain types nothing is."""
    assert rules(int, Annotated[int, Field(ge=0)]).validate
    assert not rules(int, str).validate
    assert not rules(int, str).refusal


def test_rules_are_found_below() -> None:
    """Those of the models that have the field; a key that one refuses is refused."""
    short = dict[Annotated[str, Field(max_length=2)], int]
    below = rules(short, dict[str, int]).below("long")
    assert below is not None
    assert below.refusal
    one, other = model("One", Annotated[int, Field(ge=0)]), create_model("Other")
    found = rules_of_all([one, other]).below("x")
    assert found is not None
    assert type(found) is Rules
    assert found.bounds
    assert rules(int, str).below("y") is None
    unknown = rules_of_all([one, other]).below("unknown")
    assert unknown is not None
    assert not unknown.validate
