"""A call that is to be made, with what is promised of it at each place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.simulator.history import Effect, Part
from tests.simulator.laws import DONE, Said
from tests.simulator.ledger import NUMBERS, Place, row_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.simulator.laws import Law


def shown(result: Any) -> tuple[Said, ...]:
    """What is said by the instance that a call returns, or by None."""
    return (Said(DONE, row_of(result)),)


def all_shown(results: Iterable[Any]) -> tuple[Said, ...]:
    """What is said by the instances that a call returns together."""
    return tuple([Said(DONE, row_of(result)) for result in results])


def none_shown(_: Any) -> tuple[Said, ...]:
    """What is said by a call that returns nothing: that all is done."""
    return ()


@dataclass(frozen=True)
class Plan:
    """A call: `do` makes it, `read` tells what its result says of each part, or () for nothing.

    An `atomic` call does all parts at one moment. One that `reads_after` does its part unseen and
    shows what it reads afterwards. One that `reads_first` changes what it has read, if that is the
    model, in up to so many tries until nobody was faster. One that `settles` finds out about a lost
    answer by a look, for certain. One that is `bounded` has the time of one call, others that of
    each request.
    """

    verb: str
    do: Callable[[], Any]
    parts: tuple[Part, ...]
    effect: Effect = Effect.NONE
    read: Callable[[Any], tuple[Said, ...]] = shown
    atomic: bool = False
    reads_after: bool = False
    reads_first: int = 0
    settles: bool = False
    bounded: bool = True


def at(place: Place, law: Law) -> tuple[Part, ...]:
    """The part of a call that is about one row."""
    return (Part(place, law),)


def at_all(places: Iterable[Place], law: Law) -> tuple[Part, ...]:
    """The parts of a call that is about several."""
    return tuple([Part(place, law) for place in places])


def places_beside(place: Place) -> tuple[Place, ...]:
    """All places of a table."""
    return tuple([place._replace(number=number) for number in NUMBERS])
