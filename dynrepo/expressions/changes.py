"""The update actions that a field, or a part of one, makes."""

# Half of PynamoDB's expression classes have no annotations, and what they are made of is private;
# what is used of them is pinned by tests.
# pyright: reportPrivateUsage=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false
# pyright: reportIncompatibleMethodOverride=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, overload

from dynrepo.codec.number import is_number
from dynrepo.codec.value import SET_TAGS
from dynrepo.errors import CodecError
from dynrepo.expressions.nodes import (
    AddAction,
    DeleteAction,
    RemoveAction,
    SetAction,
    ShapedValue,
    Value,
)
from dynrepo.expressions.private import Operand
from dynrepo.expressions.sums import SummedPath
from dynrepo.expressions.trees import EncodingOperand, Fallback, default_of

if TYPE_CHECKING:
    import builtins
    from collections import deque
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet
    from datetime import timedelta
    from decimal import Decimal

    from dynrepo.codec.value import AttributeValue
    from dynrepo.expressions.rules import Rules
    from dynrepo.expressions.sources import ValueSource, ValueTarget

V = TypeVar("V")
E = TypeVar("E")

_SETS = {set, frozenset}


class ChangedPath(SummedPath[V]):
    """A path as update actions take it, too: what it stores passes the rules of its place."""

    _rules: Rules | None

    @overload
    def set(self, value: V | ValueSource[V | None]) -> SetAction | RemoveAction: ...
    @overload
    def set(
        self: ValueTarget[Decimal], value: int | ValueSource[int | None]
    ) -> SetAction | RemoveAction: ...
    def set(self, value: Any) -> SetAction | RemoveAction:
        """Stores a value, or what a path, a sum or `if_not_exists` gives.

        None and the empty set remove what is stored where `save` would store nothing. A value has
        to pass the constraints and validators of its field, also of one in a nested model, in a
        list or in a map, and is stored as they return it. Not asked are validators of whole models,
        and those that look at other fields; nor is what a path gives, or the sum of two.

        Args:
            value: Of the type of the field, or an operand of one.

        Returns:
            An action for `update`.

        Raises:
            CodecError: The field cannot hold the value.
        """
        self._check_place()
        if isinstance(value, Operand):
            self._check_same_type(value)
            return SetAction(self, self._with_valid_default(value))
        encoded = self._checked(value)
        return RemoveAction(self) if encoded is None else SetAction(self, ShapedValue(encoded))

    @overload
    def add(self: ValueTarget[int], amount: int, /) -> AddAction: ...
    @overload
    def add(self: ValueTarget[float], amount: float, /) -> AddAction: ...
    @overload
    def add(self: ValueTarget[Decimal], amount: Decimal | int, /) -> AddAction: ...
    @overload
    def add(self: ValueTarget[timedelta], amount: timedelta, /) -> AddAction: ...
    @overload
    def add(self: ValueSource[int | None], amount: int, /) -> AddAction: ...
    @overload
    def add(self: ValueTarget[builtins.set[E]], *elements: E) -> AddAction: ...
    @overload
    def add(self: ValueTarget[frozenset[E]], *elements: E) -> AddAction: ...
    @overload
    def add(self: ValueTarget[builtins.set[E]], elements: AbstractSet[E], /) -> AddAction: ...
    @overload
    def add(self: ValueTarget[frozenset[E]], elements: AbstractSet[E], /) -> AddAction: ...
    def add(self, *values: Any) -> AddAction:
        """Adds to a number, or elements to a set; a missing attribute counts as 0 or empty.

        A sum beyond the bounds of the field (`ge`, `gt`, `le`, `lt`) is a `ConditionFailed` that
        names it, and nothing is written; `multiple_of` and validators cannot be checked, for only
        DynamoDB knows the sum. Where the field may hold both, as one without a type may, one number
        is an amount: give `{1}` to add it to a set.

        Args:
            *values: One number, which may be negative; or elements, one by one or as one set.

        Returns:
            An action for `update`.

        Raises:
            CodecError: The field is neither a number nor a set, or a value does not fit.
        """
        self._need("add", "N", *SET_TAGS)
        self._check_place()
        if self.codec.tags & SET_TAGS and not (
            "N" in self.codec.tags and list(map(is_number, values)) == [True]
        ):
            return AddAction(self, self._elements(values, self._checked_element))
        return AddAction(self, self._amount(values))

    @overload
    def delete(self: ValueTarget[builtins.set[E]], *elements: E) -> DeleteAction: ...
    @overload
    def delete(self: ValueTarget[frozenset[E]], *elements: E) -> DeleteAction: ...
    @overload
    def delete(self: ValueTarget[builtins.set[E]], elements: AbstractSet[E], /) -> DeleteAction: ...
    @overload
    def delete(self: ValueTarget[frozenset[E]], elements: AbstractSet[E], /) -> DeleteAction: ...
    def delete(self, *values: Any) -> DeleteAction:
        """Takes elements out of a set.

        Args:
            *values: Elements, one by one or as one set; at least one.

        Returns:
            An action for `update`.

        Raises:
            CodecError: The field is no set, or an element does not fit.
        """
        self._need("delete", *SET_TAGS)
        return DeleteAction(self, self._elements(values, self._element))

    def remove(self) -> RemoveAction:
        """Removes what is stored here; an element that is removed from a list moves the others.

        Returns:
            An action for `update`, which refuses it for a required field.
        """
        return RemoveAction(self)

    @overload  # type: ignore[override]
    def append(self: ValueTarget[list[E]], *elements: E) -> SetAction: ...
    @overload
    def append(self: ValueTarget[tuple[E, ...]], *elements: E) -> SetAction: ...
    @overload
    def append(self: ValueTarget[deque[E]], *elements: E) -> SetAction: ...
    def append(self, *values: Any) -> SetAction:
        """Puts elements at the end of a list; a missing list counts as empty.

        More than the `max_length` of the field is a `ConditionFailed` that names it.

        Args:
            *values: Elements, one by one.

        Returns:
            An action for `update`.

        Raises:
            CodecError: The field is no list, or an element does not fit.
        """
        return SetAction(self, self._list().append(self._listed(values)))

    @overload  # type: ignore[override]
    def prepend(self: ValueTarget[list[E]], *elements: E) -> SetAction: ...
    @overload
    def prepend(self: ValueTarget[tuple[E, ...]], *elements: E) -> SetAction: ...
    @overload
    def prepend(self: ValueTarget[deque[E]], *elements: E) -> SetAction: ...
    def prepend(self, *values: Any) -> SetAction:
        """Puts elements before a list, in their order; else as `append`.

        Args:
            *values: Elements, one by one.

        Returns:
            An action for `update`.

        Raises:
            CodecError: The field is no list, or an element does not fit.
        """
        return SetAction(self, self._list().prepend(self._listed(values)))

    def _check_place(self) -> None:
        """CodecError where nothing may be stored: under a key that its validators refuse."""
        if self._rules is not None and self._rules.refusal:
            raise CodecError(f"{self.label}: {self._rules.refusal}")

    def _check_same_type(self, operand: Operand) -> None:
        if isinstance(operand, EncodingOperand) and self.codec.tags.isdisjoint(operand.codec.tags):
            raise CodecError(f"{self.label}: cannot hold what {operand.label} holds")

    def _checked(self, value: Any) -> AttributeValue | None:
        """What is stored for a value that the rules of this place let pass."""
        rules = self._rules
        if rules is None or rules.validate is None:
            return self._written(value)
        return self._written(value, lambda value: rules.checked(value, self.codec, self.write))

    def _with_valid_default(self, operand: Any) -> Any:
        """An operand; of an `if_not_exists` with a value, that value checked."""
        path, default = default_of(operand) or (None, None)
        if not isinstance(default, Value):
            return operand
        stored = self._checked(self.codec.decode(default.value))
        return operand if stored is None else Fallback(path, ShapedValue(stored))

    def _checked_element(self, value: Any) -> Any:
        """The same, for an element that the rules let pass."""
        rules = self._rules and self._rules.below(0)
        if rules is None:
            return self._element(value)
        codec = self._element_codec
        return self._written(value, lambda value: rules.checked(value, codec, codec.encode))

    def _amount(self, values: tuple[Any, ...]) -> Value:
        if len(values) != 1 or "N" not in (amount := self._to_value(values[0])).value:
            raise CodecError(f"{self.label}: add takes one number here")
        return amount

    def _elements(self, values: tuple[Any, ...], write: Callable[[Any], Any]) -> Value:
        """A set of DynamoDB, from elements or from one set."""
        if len(values) == 1 and isinstance(values[0], frozenset | set):
            values = tuple(values[0])
        elements = list(map(write, values))
        tags = {tag for element in elements for tag in element}
        if len(tags) != 1 or f"{min(tags)}S" not in self.codec.tags & SET_TAGS:
            raise CodecError(f"{self.label}: expected elements of a set, at least one, of one type")
        (tag,) = tags
        return ShapedValue({f"{tag}S": list(dict.fromkeys(element[tag] for element in elements))})

    def _list(self) -> Fallback[Any]:
        self._need("append and prepend", "L")
        self._check_place()
        if _SETS & set(self.codec.present.kinds):
            raise CodecError(
                f"{self.label}: append and prepend are for lists; a set has add, or is set as a"
                " whole where it is stored as a list"
            )
        return Fallback(self, ShapedValue({"L": []}))

    def _listed(self, values: tuple[Any, ...]) -> Value:
        return ShapedValue({"L": [self._checked_element(value) for value in values]})
