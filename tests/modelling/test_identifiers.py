"""Names in Python for names that may be anything."""

from __future__ import annotations

import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from dynrepo.modelling.identifiers import (
    class_name,
    distinct,
    field_name,
    field_names,
    singular,
    words_of,
)


@pytest.mark.parametrize(
    ("attribute", "name"),
    [
        ("createdAt", "created_at"),
        ("GSI1PK", "gsi1_pk"),
        ("userID", "user_id"),
        ("HTTPServer", "http_server"),
        ("user-id", "user_id"),
        ("2fa", "field_2fa"),
        ("class", "class_"),
        ("copy", "copy_"),
        ("date", "date_"),
        ("timedelta", "timedelta_"),
        ("list", "list_"),
        ("model_config", "model_config_"),
        ("model_dump_size", "field_model_dump_size"),
        ("_id", "id"),
        ("größe", "grosse"),
        ("日本", "field"),
        ("#", "field"),
        ("a" * 99, "a" * 40),
    ],
)
def test_a_field_has_a_name_as_in_python(attribute: str, name: str) -> None:
    """In small letters, and none that a model, or a type in its annotations, has."""
    assert field_name(attribute) == name


@given(st.text())
def test_any_attribute_has_a_field(attribute: str) -> None:
    """By a name that Python and Pydantic take."""
    name = field_name(attribute)
    assert name.isidentifier()
    assert name.isascii()
    assert not keyword.iskeyword(name)
    assert not name.startswith("_")
    assert not hasattr(BaseModel, name)


def test_an_attribute_that_can_keeps_its_name() -> None:
    """Whatever others there are; the others are numbered."""
    names = field_names(["user-id", "userId", "user_id", "class", "Class"])
    assert names == {
        "user-id": "user_id_2",
        "userId": "user_id_3",
        "user_id": "user_id",
        "class": "class_",
        "Class": "class_2",
    }


@pytest.mark.parametrize(
    ("table", "name"),
    [
        ("order-lines", "OrderLines"),
        ("prod.CustomerAccount_v2", "ProdCustomerAccountV2"),
        ("2024", "Row2024"),
        ("...", "Row"),
        ("attribute", "AttributeRow"),
        ("exception", "ExceptionRow"),
    ],
)
def test_a_class_has_a_name_as_in_python(table: str, name: str) -> None:
    """In capitals, and none that is imported or built in."""
    assert class_name(table) == name


@pytest.mark.parametrize(
    ("plural", "one"),
    [
        ("Lines", "Line"),
        ("Entries", "Entry"),
        ("Boxes", "Box"),
        ("Addresses", "Address"),
        ("Address", "Address"),
        ("Status", "Status"),
        ("Sheep", "Sheep"),
        ("s", "s"),
    ],
)
def test_one_of_several_has_a_name(plural: str, one: str) -> None:
    """By the rules of English, as far as they are rules."""
    assert singular(plural) == one


def test_a_name_is_given_once() -> None:
    """The next is numbered, in the style of the name."""
    taken = {"line", "Line"}
    assert [distinct("line", taken), distinct("line", taken)] == ["line_2", "line_3"]
    assert [distinct("Line", taken), distinct("Other", taken)] == ["Line2", "Other"]


def test_words_are_of_letters_and_digits() -> None:
    """Whatever stands between them."""
    assert words_of("a.b--cD/e1") == ["a", "b", "c", "D", "e1"]
