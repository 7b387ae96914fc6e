"""The names that DynamoDB takes."""

from __future__ import annotations

import pytest

from dynrepo.errors import SchemaError
from dynrepo.schema.table_names import check_no_class, check_table_name, is_index_name


def test_a_table_has_a_name_of_letters_digits_and_three_signs() -> None:
    """Up to 255 of them; the error names the class that gives another one."""
    for name in ("a", "shop", "a-b_c.D9", "x" * 255):
        check_table_name("Users", name)
    for wrong in ("", "two words", "täglich", "x" * 256, None, 7):
        with pytest.raises(SchemaError, match="Users needs the name of its table"):
            check_table_name("Users", wrong)


def test_an_index_has_a_name_of_three_at_least() -> None:
    """Of the same characters."""
    assert all(map(is_index_name, ("gs1", "by_mail", "GSI-1", "x" * 255)))
    assert not any(map(is_index_name, ("g1", "by mail", "x" * 256, None, 7)))


def test_a_class_is_no_name() -> None:
    """The error says where a shared table stands."""
    check_no_class("Users", "users")
    with pytest.raises(SchemaError, match=r"Users: .* write place = int\.place\(\.\.\.\)"):
        check_no_class("Users", int)
