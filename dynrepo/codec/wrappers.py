"""Types that are stored as another: what may be None, what is secret, a root, a reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_origin

from dynrepo.codec.annotations import is_class, is_root_model
from dynrepo.codec.undeclared import check_declared
from dynrepo.codec.value import Codec, expected
from dynrepo.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from dynrepo.codec.value import AttributeValue, StoredField


def optional(inner: Codec) -> Codec:
    """The codec of a type or None."""
    if "NULL" in inner.tags and inner.kinds and type(None) not in inner.kinds:
        raise SchemaError(
            f"None and a {inner.name} of None are both stored as NULL, so what is read could be"
            " either: let one of them take no None"
        )
    return inner if isinstance(inner, OptionalCodec) else OptionalCodec(inner)


class OptionalCodec(Codec):
    """The codec of a type or None. A field stores None by absence instead where it can."""

    def __init__(self, inner: Codec) -> None:
        super().__init__(
            f"{inner.name} | None",
            inner.tags | {"NULL"},
            (*inner.kinds, type(None)),
            key=inner.key,
            canonical=inner.canonical,
            fixed=inner.fixed,
            made=inner.made,
            deep=inner.deep,
            levels=inner.levels,
            ordered=inner.ordered,
        )
        self.tag = inner.tag
        self.element = inner.element
        self._inner = inner

    @property
    def present(self) -> Codec:
        """The codec of a value that is not None."""
        return self._inner

    def encode_part(self, value: Any) -> AttributeValue:
        """NULL for None."""
        return {"NULL": True} if value is None else self._inner.encode_part(value)

    def fast_encode(self, value: Any) -> AttributeValue:
        """NULL for None."""
        return {"NULL": True} if value is None else self._inner.fast_encode(value)

    def decode(self, stored: AttributeValue) -> Any:
        """None for NULL."""
        return None if "NULL" in stored else self._inner.decode(stored)

    def fast_decode(self, stored: AttributeValue) -> Any:
        """None for NULL."""
        return None if "NULL" in stored else self._inner.fast_decode(stored)

    def child(self, step: str | int) -> tuple[str | int, Codec]:
        """The part of a value that is not None."""
        return self._inner.child(step)

    def field(self, step: str | int) -> StoredField | None:
        """As a value that is not None."""
        return self._inner.field(step)

    def parts(self, value: Any) -> Sequence[tuple[Codec, Collection[Any]]]:
        """The parts of a value that is not None."""
        return () if value is None else self._inner.parts(value)


class RootCodec(Codec):
    """The codec of a RootModel, which is stored as its root."""

    def __init__(self, kind: type[Any], inner: Codec) -> None:
        super().__init__(
            kind.__name__,
            inner.tags,
            (kind,),
            canonical=inner.canonical,
            fixed=inner.fixed,
            made=True,
            deep=inner.deep,
            levels=inner.levels,
            ordered=inner.ordered,
        )
        self.tag = inner.tag
        self._kind = kind
        self._inner = inner

    def encode_part(self, value: Any) -> AttributeValue:
        """The root of an instance."""
        if type(value) is not self._kind:
            raise expected(self.name, value)
        check_declared(value)
        return self._inner.encode_part(value.root)

    def decode(self, stored: AttributeValue) -> Any:
        """The root, of which Pydantic makes an instance."""
        return self._inner.decode(stored)

    def child(self, step: str | int) -> tuple[str | int, Codec]:
        """The part of a root."""
        return self._inner.child(step)

    def field(self, step: str | int) -> StoredField | None:
        """As the root."""
        return self._inner.field(step)

    def parts(self, value: Any) -> Sequence[tuple[Codec, Collection[Any]]]:
        """The parts of a root."""
        return self._inner.parts(value.root) if type(value) is self._kind else ()


class SecretCodec(Codec):
    """The codec of a secret, which stores in plain what the secret hides."""

    def __init__(self, kind: type[Any], inner: Codec) -> None:
        super().__init__(
            kind.__name__,
            inner.tags,
            (kind,),
            made=inner.made,
            deep=inner.deep,
            levels=inner.levels,
        )
        self._kind = kind
        self._inner = inner

    def encode_part(self, value: Any) -> AttributeValue:
        """What a secret hides."""
        if type(value) is not self._kind:
            raise expected(self.name, value)
        return self._inner.encode_part(value.get_secret_value())

    def decode(self, stored: AttributeValue) -> Any:
        """A secret of what is stored."""
        return self._kind(self._inner.decode(stored))

    def parts(self, value: Any) -> Sequence[tuple[Codec, Collection[Any]]]:
        """The parts of what a secret hides."""
        return self._inner.parts(value.get_secret_value()) if type(value) is self._kind else ()


class ReferenceCodec(Codec):
    """The codec of a type inside itself, which is known only when that of the type is made."""

    def __init__(self, annotation: Any, cell: list[Codec]) -> None:
        tags, kinds = _form(get_origin(annotation) or annotation)
        name = getattr(annotation, "__name__", "type")
        super().__init__(name, tags, kinds, made=True, deep=True)
        self._cell = cell
        """The codec of the type, once it is made."""

    def encode_part(self, value: Any) -> AttributeValue:
        """As the type."""
        return self._cell[0].encode_part(value)

    def fast_encode(self, value: Any) -> AttributeValue:
        """As the type."""
        return self._cell[0].fast_encode(value)

    def decode(self, stored: AttributeValue) -> Any:
        """As the type."""
        return self._cell[0].decode(stored)

    def fast_decode(self, stored: AttributeValue) -> Any:
        """As the type."""
        return self._cell[0].fast_decode(stored)

    def child(self, step: str | int) -> tuple[str | int, Codec]:
        """As the type."""
        return self._cell[0].child(step)

    def field(self, step: str | int) -> StoredField | None:
        """As the type."""
        return self._cell[0].field(step)

    def parts(self, value: Any) -> Sequence[tuple[Codec, Collection[Any]]]:
        """As the type."""
        return self._cell[0].parts(value)


def _form(kind: Any) -> tuple[frozenset[str], tuple[type, ...]]:
    """The tag of a class and the class of its values, as far as they can be told beforehand."""
    if not is_class(kind) or is_root_model(kind):
        return frozenset(), ()
    if is_class(kind, tuple):
        return frozenset({"L"}), (kind,)
    return frozenset({"M"}), (dict if is_class(kind, dict) else kind,)
