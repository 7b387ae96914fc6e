"""What a method takes, said where it is given something else."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from pydantic import BaseModel

from dynrepo.operations.usages import several, used_as


class Thing:
    """A class with a method."""

    @used_as("thing.make(1)")
    def make(self, size: int, *, fails: bool = False) -> int:
        """Makes one."""
        if fails:
            raise TypeError("within")
        return size


@pytest.mark.parametrize(
    "call",
    [
        lambda: Thing().make(),  # type: ignore[call-arg]
        lambda: Thing().make(1, 2),  # type: ignore[call-arg, misc]
        lambda: Thing().make(1, colour=2),  # type: ignore[call-arg]
        lambda: Thing.make(1),  # type: ignore[call-arg, arg-type]
    ],
    ids=["none", "many", "unknown", "on the class"],
)
def test_arguments_that_do_not_fit_show_the_usage(call: Any) -> None:
    """After what Python says of them."""
    with pytest.raises(TypeError, match=r"Thing\.make\(\) .*: write thing\.make\(1\)$"):
        call()


def test_an_error_from_within_is_as_it_came() -> None:
    """It is of no argument."""
    with pytest.raises(TypeError, match=r"^within$"):
        Thing().make(1, fails=True)
    assert Thing().make(3) == 3


def test_the_method_is_looked_at_as_it_was_written() -> None:
    """By its signature, its name and its docstring."""
    assert list(inspect.signature(Thing.make).parameters) == ["self", "size", "fails"]
    assert (Thing.make.__name__, Thing.make.__doc__) == ("make", "Makes one.")
    assert not hasattr(Thing.make, "__wrapped__")


def test_one_is_not_several() -> None:
    """A text or an instance would be taken apart; a list, a tuple or a generator would not."""

    class Item(BaseModel):
        name: str = ""

    wrong: list[Any] = ["abc", b"abc", Item()]
    for given in wrong:
        with pytest.raises(TypeError, match=r"any number.*write get_many\(\[\.\.\.\]\)"):
            several("get_many", given)
    many = [Item()]
    assert several("get_many", many) is many
