"""What no item can have in a shared table is refused where a repository is defined."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import pytest
from pydantic import AwareDatetime, BaseModel

from dynrepo.codec import Compiler
from dynrepo.errors import SchemaError
from dynrepo.markers import CreatedAt, UpdatedAt
from dynrepo.places.checks import (
    check_attributes,
    check_key,
    check_stamped,
    check_texts,
    check_unstored,
    check_unused,
)
from dynrepo.places.shared_table import SharedTable
from dynrepo.places.table_keys import Index, Key
from dynrepo.templates.key import TemplateKey
from dynrepo.templates.template import Template


class Note(BaseModel):
    """Fields of every kind that matters."""

    id: str
    email: str
    at: AwareDatetime
    nick: str | None = None
    made: Annotated[AwareDatetime | None, CreatedAt()] = None
    changed: Annotated[AwareDatetime, UpdatedAt()] = datetime(2026, 1, 1, tzinfo=UTC)


FIELDS = {field.name: field for field in Compiler(by_alias=False).record(Note).fields}


def templates(*texts: str) -> list[Template]:
    """Templates over the fields of a note."""
    return [Template(text, FIELDS, owner="Note", sort=True) for text in texts]


class Shelves(SharedTable):
    """A table with an index."""

    table = "shelves"
    key = Key("pk", "sk")
    gsi1 = Index("gsi1pk", "gsi1sk")


def test_a_place_in_an_index_belongs_to_the_place() -> None:
    """Where it stands beside it, no write would know of the index."""

    class Notes:
        place = Shelves.place("NOTE#{id}", "-", by_email=Shelves.gsi1("{email}", "-"))

    check_unused(Notes)

    class Wrong(Notes):
        by_email = Shelves.gsi1("{email}", "-")

    with pytest.raises(SchemaError, match=r"Wrong.by_email is .* Shop.place\(..., by_email="):
        check_unused(Wrong)


def test_a_field_and_a_key_are_not_stored_in_one_attribute() -> None:
    """The error names the field, and the attribute."""
    check_attributes(FIELDS.values(), {"pk", "sk"}, "Shop")
    with pytest.raises(SchemaError, match=r"Note.email: Shop stores a key or a mark under email"):
        check_attributes(FIELDS.values(), {"pk", "email"}, "Shop")


def test_a_constant_fits_a_key() -> None:
    """In bytes."""
    check_texts(templates("é" * 512, "{id}" + "x" * 1024))
    with pytest.raises(SchemaError, match="has over 1024 bytes"):
        check_texts(templates("é" * 513))


def key(*texts: str) -> TemplateKey:
    """A key over the fields of a note."""
    return TemplateKey(*templates(*texts))


def test_a_key_is_made_of_fields_that_have_a_value_and_keep_it() -> None:
    """None of them may be None, or be set by every write; one that is folded is so by intent."""
    check_key(key("{id}#{at}", "x"), FIELDS["changed"], lossy=False)
    check_key(key("{email:lower}", "x"), None, lossy=True)
    with pytest.raises(SchemaError, match="names nick, which may be None"):
        check_key(key("{id}", "{nick}"), None, lossy=False)
    with pytest.raises(SchemaError, match=r"Note.changed: every write would change the key"):
        check_key(key("{id}", "{changed}"), FIELDS["changed"], lossy=False)
    with pytest.raises(SchemaError, match="two values of email may make one key"):
        check_key(key("{email:lower}", "x"), None, lossy=False)


@pytest.mark.parametrize("name", ["made", "changed"])
def test_a_stamped_time_stands_alone_or_beside_the_key(name: str) -> None:
    """What an update does not know cannot be in its text."""
    stamped: list[Any] = [FIELDS["made"], FIELDS["changed"], None]
    of_key = [FIELDS["id"]]
    for text in (f"{{{name}}}", f"{{id}}#{{{name}}}", "{email}#{at}"):
        check_stamped(dict(enumerate(templates(text))), stamped, of_key)  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match=f"writes set {name} themselves, and do not know at"):
        check_stamped({"gs": templates(f"{{at}}#{{{name}}}")[0]}, stamped, of_key)


def test_a_field_that_is_in_the_key_alone_can_be_read_from_it() -> None:
    """It stands there whole, and its marker asks for no attribute of its own."""
    check_unstored(key("NOTE#{id}"), [None, FIELDS["made"]], stored=False)
    check_unstored(key("NOTE#{email:lower}"), [FIELDS["email"]], stored=True)
    with pytest.raises(SchemaError, match=r"Note.email cannot be read .* leave out stored=False"):
        check_unstored(key("NOTE#{email:lower}"), [], stored=False)
    with pytest.raises(SchemaError, match=r"Note.id: its marker asks"):
        check_unstored(key("NOTE#{id}"), [FIELDS["id"]], stored=False)
