"""A key of two templates."""

from __future__ import annotations

import pytest

from dynrepo.errors import SchemaError
from dynrepo.templates.key import TemplateKey
from tests.templates.made import template


def key(partition: str, sort: str | None = None) -> TemplateKey:
    """A key of templates over the model."""
    return TemplateKey(template(partition, sort=False), None if sort is None else template(sort))


def names(partition: str, sort: str | None = None) -> list[str]:
    """The names of a key's fields."""
    return [field.name for field in key(partition, sort).fields]


def test_a_field_of_both_templates_counts_once() -> None:
    """Where it stands first."""
    assert names("A#{name}#{day}", "B#{at}#{name}") == ["name", "day", "at"]
    assert names("A#{name}", "{name:lower}") == ["name"]
    assert names("A", "B") == []
    assert names("A#{name}") == ["name"]


@pytest.mark.parametrize(
    ("partition", "sort", "lossy"),
    [
        ("{at:.10}", "{at}", []),
        ("{at}", "{at:.10}", []),
        ("{at:.10}", "{name}", ["at"]),
        ("{mail:lower}", None, ["mail"]),
        ("{mail:lower}#{at:.7}", "{mail}", ["at"]),
    ],
)
def test_a_field_is_lossy_that_neither_template_holds_whole(
    partition: str, sort: str | None, lossy: list[str]
) -> None:
    """One template may hold what the other only hints at."""
    assert [field.name for field in key(partition, sort).lossy] == lossy


def test_a_table_key_holds_its_fields_whole() -> None:
    """Unless it is said that two values may make one key."""
    key("{at:.10}", "{at}").check_as_table_key()
    lossy = key("MAIL#{mail:lower}", "PROFILE")
    with pytest.raises(SchemaError, match=r"Made: two values of mail may make one key"):
        lossy.check_as_table_key()
    lossy.check_as_table_key(lossy=True)


def test_a_table_key_is_never_absent() -> None:
    """So none of its fields may be None; in an index one may."""
    with pytest.raises(SchemaError, match="names maybe, which may be None"):
        key("A", "{maybe}").check_as_table_key(lossy=True)
