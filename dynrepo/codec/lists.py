"""Lists, tuples and deques of elements that all have a codec of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynrepo.codec.untyped import listed
from dynrepo.codec.value import SingleTag, class_of, expected
from dynrepo.errors import CodecError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from dynrepo.codec.value import AttributeValue, Codec


class ListCodec(SingleTag):
    """The codec of a list, a variadic tuple or a deque: a list of DynamoDB."""

    def __init__(self, kind: type[Any], entry: Codec) -> None:
        name = f"{kind.__name__} of {entry.name}"
        levels = 1 + entry.levels
        super().__init__("L", name, (kind,), made=entry.made, deep=entry.deep, levels=levels)
        self.entry = entry
        self._kind = kind

    def write(self, value: Any) -> list[AttributeValue]:
        """The attribute value of each element."""
        if type(value) is not self._kind:
            raise expected(self.name, value)
        return self.entry.encode_each(value)

    def encode_part(self, value: Any) -> AttributeValue:
        """As `write`, with errors that say where."""
        if type(value) is not self._kind:
            raise expected(self.name, value)
        encode = self.entry.encode_part
        return {"L": [encode(element) for element in value]}

    def read(self, payload: Any) -> Any:
        """The collection of what each attribute value holds."""
        if class_of(payload) is not list:
            raise TypeError
        elements = self.entry.decode_each(payload)
        return elements if self._kind is list else self._collected(elements)

    def read_part(self, payload: Any) -> Any:
        """As `read`, with errors that say where."""
        decode = self.entry.decode
        return self._collected([decode(stored) for stored in listed(payload)])

    def _collected(self, elements: list[Any]) -> Any:
        return elements if self._kind is list else self._kind(elements)

    def child(self, step: str | int) -> tuple[str | int, Codec]:
        """An element, by its index."""
        if type(step) is not int or step < 0:
            raise CodecError("an element of a list is found by its index, from 0")
        return step, self.entry

    def parts(self, value: Any) -> Sequence[tuple[Codec, Collection[Any]]]:
        """The elements."""
        return ((self.entry, value),) if type(value) is self._kind else ()


class TupleCodec(SingleTag):
    """The codec of a tuple with a type for each place, or of a NamedTuple."""

    def __init__(
        self, entries: tuple[Codec, ...], *, kind: type = tuple, names: tuple[str, ...] = ()
    ) -> None:
        super().__init__(
            "L",
            f"{kind.__name__} of {len(entries)}",
            (kind,),
            made=any(entry.made for entry in entries),
            deep=any(entry.deep for entry in entries),
            levels=1 + max([entry.levels for entry in entries], default=0),
        )
        self._kind = kind
        self._entries = entries
        self._names = names

    def write(self, value: Any) -> list[AttributeValue]:
        """The attribute value of each element."""
        if class_of(value) is not self._kind or len(value) != len(self._entries):
            raise expected(self.name, value)
        return [
            entry.encode_part(element) for entry, element in zip(self._entries, value, strict=True)
        ]

    def read(self, payload: Any) -> tuple[Any, ...]:
        """A tuple of what each attribute value holds; of a NamedTuple the last may lack."""
        count = len(self._entries)
        if len(listed(payload)) > count or (len(payload) < count and not self._names):
            raise CodecError(f"expected {count} elements, found another number")
        return tuple(
            entry.decode(stored) for entry, stored in zip(self._entries, payload, strict=False)
        )

    def child(self, step: str | int) -> tuple[str | int, Codec]:
        """An element, by its index or its name."""
        index = self._names.index(step) if step in self._names else step
        if not isinstance(index, int) or not 0 <= index < len(self._entries):
            raise CodecError(f"{self.name} has no such element")
        return index, self._entries[index]

    def parts(self, value: Any) -> Sequence[tuple[Codec, Collection[Any]]]:
        """The elements, but those that cannot be nested without end."""
        if class_of(value) is not self._kind:
            return ()
        pairs = zip(self._entries, value, strict=False)
        return [(entry, (element,)) for entry, element in pairs if entry.deep]
