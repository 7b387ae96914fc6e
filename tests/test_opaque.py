"""Records show no value that is sealed, whichever way they are looked into."""

from __future__ import annotations

import copy
import pickle

import pytest

from dynrepo.opaque import OpaquePartial, OpaqueRecord, Sealed, unsealed
from tests.recorded import reprs_of


class Parcel(OpaqueRecord, sealed=["contents"]):
    """Something with an address on it."""

    address: str
    contents: object
    weight: int = 1


class Box:
    """A class that seals a value of its own."""

    contents = unsealed("_contents")

    def __init__(self, contents: object) -> None:
        self._contents = Sealed(contents)


def seen(value: object) -> str:
    """All that a tracker records of a value."""
    kinds = type(value).__mro__
    slots = {at: getattr(value, at) for kind in kinds for at in getattr(kind, "__slots__", ())}
    return " ".join(text for _, text in reprs_of([value, slots, getattr(value, "__dict__", {})]))


@pytest.mark.parametrize("value", [Parcel("Oulu", {"S": "pearls"}), Box("pearls")])
def test_what_is_sealed_is_read_by_its_name_alone(value: Parcel | Box) -> None:
    """No repr has it, nor an attribute, three containers deep."""
    assert "pearls" in str(value.contents)
    assert "pearls" not in seen(value)


def test_what_is_not_sealed_is_seen() -> None:
    """It is what a developer looks for."""
    assert "Oulu" in seen(Parcel("Oulu", None))


@pytest.mark.parametrize("name", ["address", "contents", "weight"])
def test_a_record_stays_what_it_is(name: str) -> None:
    """A changed one is another, and a copy is its equal."""
    parcel = Parcel("Oulu", ["pearls"])
    with pytest.raises(AttributeError):
        setattr(parcel, name, "x")
    with pytest.raises(AttributeError):
        delattr(parcel, name)
    with pytest.raises(AttributeError):
        setattr(parcel, f"no_{name}", "x")
    changed = parcel._replace(**{name: "x"})
    assert getattr(changed, name) == "x"
    assert changed != parcel
    assert parcel == copy.deepcopy(parcel) == pickle.loads(pickle.dumps(parcel))  # noqa: S301 - ours
    assert parcel.__eq__("Oulu") is NotImplemented


def test_a_record_has_a_name() -> None:
    """Where its class gives it no repr of its own."""
    assert repr(Parcel("Oulu", "pearls")) == "<Parcel>"


def test_arguments_are_not_shown() -> None:
    """A function that is given some of its arguments keeps them to itself."""
    bound = OpaquePartial(str.join, "pearls")
    assert bound(["a", "b"]) == "apearlsb"
    assert repr(bound) == "<str.join with arguments>"
    assert "pearls" not in seen(bound)
