"""Types in the stored form of another program: which codec an encoding puts in place of their own.

What forms there are is in `dynrepo.encodings`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

from dynrepo.codec.annotations import alias_of, peeled
from dynrepo.codec.catalogue import KNOWN
from dynrepo.codec.foreign import CustomCodec
from dynrepo.codec.scalars import ExactCodec
from dynrepo.codec.value import Codec, SingleTag, tag_of
from dynrepo.errors import CodecError, SchemaError
from dynrepo.interruption import pass_strike
from dynrepo.markers import Encoding, TypeMarker
from dynrepo.public import public_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import timedelta

    from dynrepo.codec.annotations import TypeContext
    from dynrepo.codec.value import AttributeValue, CodecOptions

_public = public_in("dynrepo.encodings")


@_public
class NamedEncoding(TypeMarker):
    """The stored form of another program, which the type has in place of its own.

    It is the base of the encodings here. One of your own is an `Encoding`.

    Args:
        name: What errors call it, after `encodings.`.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"encodings.{self.name}"

    # Annotations that are equal are one to `typing`, and a marker is the equal of each of its kind.
    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def codec(self, annotation: Any, context: TypeContext, compile_: Callable[..., Codec]) -> Codec:
        """The codec of a type in this form, made where the model is read.

        Args:
            annotation: The type of the field.
            context: Where the field stands.
            compile_: Makes the codec that the type has without this form.

        Returns:
            The codec that reads and writes the form.

        Raises:
            SchemaError: The type has no such form.
        """
        raise NotImplementedError


@_public
class AlsoReads(TypeMarker):
    """What is stored in one of these forms is read as well; written is the type's own one.

    That is the form of the `Encoding` beside it or, without one, the one that the type always has:

    ```python
    Annotated[AwareDatetime, AlsoReads(encodings.EPOCH_SECONDS)]
    ```

    In a key only the own form is read, and conditions find only what is stored in that.

    Args:
        *encodings: The other forms, tried in their order after the own one. One of them all may be
            a number, for nobody could tell a stored number of one form from that of another.
    """

    def __init__(self, *encodings: Encoding | NamedEncoding) -> None:
        self.encodings = encodings

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AlsoReads) and other.encodings == self.encodings

    def __hash__(self) -> int:
        return hash(self.encodings)


class ScalarEncoding(NamedEncoding):
    """An encoding of types that have one payload: by the codecs that it puts in place of others."""

    def __init__(
        self, name: str, codecs: Mapping[Codec, Codec], cut: Mapping[Codec, Codec] | None = None
    ) -> None:
        super().__init__(name)
        self._codecs = codecs
        self._cut = cut

    def truncated(self) -> ScalarEncoding:
        """The encoding that drops what is too fine for it."""
        if self._cut is None:
            raise SchemaError(f"{self!r} has nothing that could be truncated")
        return ScalarEncoding(f"truncated({self!r})".replace("encodings.", ""), self._cut)

    def codec(self, annotation: Any, context: TypeContext, compile_: Callable[..., Codec]) -> Codec:
        """The codec in place of the one that the type has."""
        plain = compile_(annotation, context)
        if plain not in self._codecs and context.epoch:
            raise SchemaError(
                f"a TimeToLive() is stored in seconds since 1970, for DynamoDB takes its number for"
                f" them: leave {self!r} out"
            )
        if plain not in self._codecs:
            known = " or ".join(codec.name for codec in self._codecs)
            raise SchemaError(f"{self!r} is a form of {known}, and the type is {plain.name}")
        return self._codecs[plain]


@_public
def truncated(encoding: ScalarEncoding) -> ScalarEncoding:
    """The encoding that drops what is finer than itself, or than Python's microseconds.

    Nanoseconds that Go, Java or Rust have written are read without them, and a time is written in
    whole milliseconds where the form has no finer ones. It comes back as another, so a field says
    it.

    Args:
        encoding: One of times or durations.

    Returns:
        An encoding for `Annotated`.

    Raises:
        SchemaError: The encoding has nothing that could be dropped.
    """
    return encoding.truncated()


class FormCodec(ExactCodec):
    """The codec of a class in another form than the one that `plain` writes.

    `unit` is the least part of a time that the form has. `shape` is what all texts of a width look
    like, with `9` for a digit, `f` and `F` for a hexadecimal one; "" where they differ in width.
    """

    def __init__(
        self,
        plain: SingleTag,
        tag: str,
        text: Callable[[Any], Any],
        read: Callable[[Any], Any],
        *,
        form: str,
        unit: timedelta = Codec.unit,
        shape: str = "",
        **options: Unpack[CodecOptions],
    ) -> None:
        name = f"{plain.name} as {form}"
        super().__init__(plain.kinds[0], tag, text, read, name=name, **options)
        self._plain = plain
        self.unit = unit
        self.shape = shape

    @property
    def plain(self) -> Codec:
        """The codec of the class in its own form."""
        return self._plain


def encoded(
    annotation: Any, context: TypeContext, metadata: tuple[Any, ...], compile_: Callable[..., Codec]
) -> Codec | None:
    """The codec of a type by the encodings beside it; None without one."""
    also = [form for piece in metadata if isinstance(piece, AlsoReads) for form in piece.encodings]
    if also:
        rest = tuple(piece for piece in metadata if not isinstance(piece, AlsoReads))
        others = [compile_(annotation, context, (form,)) for form in also]
        return _several(compile_(annotation, context, rest), others)
    for piece in metadata:
        if isinstance(piece, Encoding):
            return CustomCodec(piece, KNOWN.get(unaliased(annotation)))
        if isinstance(piece, NamedEncoding):
            return piece.codec(annotation, context, compile_)
    return None


def unaliased(annotation: Any) -> Any:
    """The type that an annotation is a name of, or the annotation itself."""
    value = alias_of(annotation)
    return annotation if value is None else unaliased(peeled(value)[0])


def _several(own: Codec, others: Sequence[Codec]) -> Codec:
    """The codec of a type that is written as by one codec, and read as by several."""
    by_tag: dict[str, list[SingleTag]] = {}
    for codec in (own, *others):
        if not isinstance(codec, SingleTag):
            raise SchemaError(f"AlsoReads(...) is for types with one tag, and no {codec.name}")
        by_tag.setdefault(codec.tag, []).append(codec)
    if len(by_tag.get("N", ())) > 1:
        raise SchemaError(
            "AlsoReads(...) beside another form that is a number: of a stored number nobody could"
            " tell which it is: name one of them"
        )
    readers = {tag: OneTagForms(codecs) for tag, codecs in by_tag.items()}
    return readers[own.tag] if len(readers) == 1 else ManyTagForms(readers[own.tag], readers)


class OneTagForms(SingleTag):
    """The codec of a type that is written in the first of some forms, and read in all."""

    def __init__(self, codecs: Sequence[SingleTag]) -> None:
        own = codecs[0]
        super().__init__(
            own.tag, own.name, own.kinds, key=own.key, fixed=own.fixed, ordered=own.ordered
        )
        self.unit = own.unit
        self._own = own
        self._first, self._last = codecs[:-1], codecs[-1]
        self.write = own.write

    @property
    def plain(self) -> Codec:
        """The codec of the type in its own form."""
        return self._own.plain

    def read(self, payload: Any) -> Any:
        """The value by the first form that the payload is in."""
        for codec in self._first:
            try:
                return codec.read(payload)
            except Exception as error:  # noqa: BLE001 - the next form may read it
                pass_strike(error)
        return self._last.read(payload)


class ManyTagForms(Codec):
    """The codec of a type that is written as by one codec, and read as the tag says."""

    def __init__(self, own: SingleTag, readers: Mapping[str, SingleTag]) -> None:
        super().__init__(
            own.name, frozenset(readers), own.kinds, fixed=own.fixed, ordered=own.ordered
        )
        self.tag, self.unit = own.tag, own.unit
        self._own = own
        self._readers = readers
        self.encode_part = own.encode_part  # type: ignore[method-assign]
        self.fast_encode = own.fast_encode  # type: ignore[method-assign]

    @property
    def plain(self) -> Codec:
        """The codec of the type in its own form."""
        return self._own.plain

    def decode(self, stored: AttributeValue) -> Any:
        """The value by the forms of the tag."""
        for tag in stored:
            if tag in self._readers:
                return self._readers[tag].decode(stored)
        raise CodecError(
            f"expected {' or '.join(self.tags)} for {self.name}, found {tag_of(stored)}"
        )
