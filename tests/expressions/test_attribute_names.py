"""Names in paths: what means an index there, and what is part of a name."""

from __future__ import annotations

import pytest

from dynrepo import CodecError
from dynrepo.expressions.attribute_names import name_in, segment


@pytest.mark.parametrize("name", ["a", "é", "a.b", "a[0]", "]", "é[", "[[1]]", "[0]"])
def test_a_name_is_found_again(name: str) -> None:
    """Whatever it holds, and whatever indexes stand behind it; and no bracket is left in it."""
    part = segment(name, "x")
    assert name_in(part) == name_in(f"{part}[0][12]") == name
    assert "[" not in part
    assert "]" not in part


@pytest.mark.parametrize("name", ["a", "é", "a.b"])
def test_a_name_without_brackets_stands_as_it_is(name: str) -> None:
    """As in every path of PynamoDB's."""
    assert segment(name, "x") == name


@pytest.mark.parametrize("name", ["", "\udc5b", "é\udc5d"])
def test_what_no_attribute_is_called_is_refused(name: str) -> None:
    """It would address something else."""
    with pytest.raises(CodecError, match=r"^x: "):
        segment(name, "x")
