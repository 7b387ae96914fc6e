"""The names and types of the attributes of keys, and the templates that are given for them."""

from __future__ import annotations

from typing import Any

import pytest

from dynrepo.errors import SchemaError
from dynrepo.places.table_keys import Index, IndexPlace, Key, check_attribute, templates_of


def test_a_key_has_one_attribute_or_two() -> None:
    """Texts, unless it is said; equal ones are one key."""
    assert Key("pk").typed_names == {"pk": "S"}
    assert Key("pk", "sk", ("S", "N")).typed_names == {"pk": "S", "sk": "N"}
    assert (Key("pk").names, Key("pk", "sk").names) == (("pk",), ("pk", "sk"))
    assert Key("pk", "sk") == Key("pk", "sk")
    with pytest.raises(AttributeError):
        Key("pk").sort = "sk"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("",), "a text of 1 to 255 bytes"),
        (("x" * 256,), "a text of 1 to 255 bytes"),
        ((1,), "a text of 1 to 255 bytes"),
        (("pk", "pk"), "pk is given for both"),
        (("pk", "sk", ("S",)), "the types of the key pk, sk"),
        (("pk", "sk", ["S", "S"]), "a tuple with one of S, N, B"),
        (("pk", None, "S"), "the types of the key pk are a tuple"),
        (("pk", None, ("BOOL",)), "one of S, N, B"),
    ],
)
def test_a_key_that_cannot_be_is_refused(arguments: tuple[Any, ...], says: str) -> None:
    """Where it is made, an index as well."""
    for kind in (Key, Index):
        with pytest.raises(SchemaError, match=says):
            kind(*arguments)


def test_an_index_has_the_name_it_is_declared_under() -> None:
    """Unless it has another one."""

    class Declared:
        gsi1 = Index("gsi1pk", "gsi1sk")
        other = Index("pk", name="GSI-2")

    assert (Declared.gsi1.name, Declared.other.name) == ("gsi1", "GSI-2")


def test_an_index_is_called_with_a_template_for_each_attribute() -> None:
    """Which are then the place of an entity in it."""
    index = Index("gpk", "gsk", name="gsi1")
    assert index("A", "{b}") == IndexPlace(index, ("A", "{b}"))
    assert Index("gpk", name="gsi2")("A").templates == ("A",)
    for wrong in (("A",), ("A", 1), (None, "A")):
        with pytest.raises(
            SchemaError, match=r"^the index gsi1 takes a template, .*: gpk and gsk$"
        ):
            index(*wrong)  # type: ignore[arg-type]


def test_templates_are_as_many_as_attributes() -> None:
    """No more, no fewer; the owner is told."""
    assert templates_of("Shop.place", Key("pk"), "A", None) == ("A",)
    for given in ((), ("A", "B"), (1,)):
        with pytest.raises(SchemaError, match=r"^Shop\.place takes .*: pk$"):
            templates_of("Shop.place", Key("pk"), *given)
    check_attribute("x" * 255)
