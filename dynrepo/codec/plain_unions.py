"""The codecs of unions without a discriminator, by their annotations."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, TypeAlias, Union, get_origin

from pydantic import Field

from dynrepo.codec.adapters import maker_of
from dynrepo.codec.annotations import TypeContext, config_of, is_class, peeled
from dynrepo.codec.catalogue import SELF
from dynrepo.codec.choices import Members, choices_of, literal
from dynrepo.codec.foreign import EncodedCodec, JsonTextCodec
from dynrepo.codec.ordered_unions import UnionMember, ordered_union
from dynrepo.codec.serialized import SerializedCodec
from dynrepo.codec.value import KEY_TAGS, class_of
from dynrepo.errors import SchemaError
from dynrepo.markers import Encoding

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from dynrepo.codec.discriminators import CompileMember
    from dynrepo.codec.value import Codec

Mode: TypeAlias = Literal["smart", "left_to_right"]
_SMART: Mode = "smart"

_OF_TEXT = (JsonTextCodec, EncodedCodec)
"""The codecs of types that Pydantic makes of a text, and takes in no other form."""


def plain_union(
    annotations: Sequence[Any],
    compile_: CompileMember,
    context: TypeContext,
    mode: Mode = _SMART,
) -> Codec:
    """The codec of a union whose members are tried in their order.

    `mode` is Pydantic's own, by which it makes a value of what is read.
    """
    declared = [_Declared(each, compile_(each, context)) for each in annotations]
    by_codec = {each.codec: each for each in declared}
    members = distinct([each.member for each in declared])
    if len(members) == 1:
        return members[0].codec
    shared = _shared_tags(members)
    made = [_with_maker(member, by_codec.get(member.codec), shared, context) for member in members]
    settle = None
    if mode != _SMART or _may_be_taken_by_another([member.codec for member in members]):
        whole: Any = Union[tuple(annotations)]  # noqa: UP007
        settle = _maker(Annotated[whole, Field(union_mode=mode)], context)
    return ordered_union(made, settle)


class _Declared(NamedTuple):
    """A member of a union as it is declared."""

    annotation: Any
    codec: Codec

    @property
    def member(self) -> UnionMember:
        """The member, as far as it can be written."""
        declared, metadata = peeled(self.annotation)
        kind: Any = get_origin(declared) or declared
        encoded = is_class(kind) and any(isinstance(piece, Encoding) for piece in metadata)
        return UnionMember(self.codec, self.codec.kinds or ((kind,) if encoded else ()))

    @property
    def makes(self) -> Any:
        """The type that Pydantic makes, without what stands beside it."""
        if isinstance(self.codec, SerializedCodec):
            return self.codec.annotation
        declared, _ = peeled(self.annotation)
        if declared in SELF or hasattr(declared, "type_ref"):
            return self.codec.kinds[0]
        return declared


def mode_of(metadata: tuple[Any, ...]) -> Mode:
    """How Pydantic looks for the member of a union, as `Field(union_mode=...)` says."""
    modes = [getattr(piece, "union_mode", None) for piece in metadata]
    return "left_to_right" if "left_to_right" in modes else _SMART


def _may_be_taken_by_another(codecs: Sequence[Codec]) -> bool:
    """Whether Pydantic may choose another member for a value than the one that has read it."""
    if any(isinstance(codec, (*_OF_TEXT, SerializedCodec)) for codec in codecs):
        return True
    # True is the 1 of a Literal to Pydantic.
    return any(map(_is_literal, codecs)) and any(bool in codec.kinds for codec in codecs)


def _shared_tags(members: Sequence[UnionMember]) -> Collection[str]:
    """The tags that several members are stored under; a type in the making may have any."""
    every = {tag for member in members for tag in member.codec.tags}
    if not all(member.codec.tags for member in members):
        return every
    counted = Counter(tag for member in members for tag in member.codec.tags)
    return [tag for tag, count in counted.items() if count > 1]


def _with_maker(
    member: UnionMember, declared: _Declared | None, shared: Collection[str], context: TypeContext
) -> UnionMember:
    """A member with what makes its values, where Pydantic would have to choose between several."""
    codec = member.codec
    may_be_taken = not codec.tags or not codec.tags.isdisjoint(shared)
    if isinstance(codec, _OF_TEXT):
        if may_be_taken:
            raise SchemaError(_text_of_two(codec))
        return member
    if declared is None or not _is_made(codec) or not (may_be_taken or codec.tags & KEY_TAGS):
        return member
    return member._replace(make=_maker(declared.makes, context))


def _is_made(codec: Codec) -> bool:
    """Whether what the codec reads is not the value yet."""
    return codec.made or any(issubclass(kind, tuple) and kind is not tuple for kind in codec.kinds)


def _maker(annotation: Any, context: TypeContext) -> Callable[[Any], Any]:
    try:
        return maker_of(annotation, config_of(context.owner))
    except Exception as error:  # noqa: BLE001  # Pydantic has many reasons
        reason = type(error).__name__
    raise SchemaError(
        f"Pydantic makes no value of one member of a union alone ({reason}): name the class in"
        " place of Self, or declare one type"
    )


def _text_of_two(codec: Codec) -> str:
    return (
        f"{codec.name} is made of a text that another member of the union is stored as too: give"
        " it an Encoding in place of what makes it, as in"
        " Annotated[list[int], Encoding('S', encode=json.dumps, decode=json.loads)]"
    )


def distinct(members: Sequence[UnionMember]) -> list[UnionMember]:
    """One member for those that read alike: a class twice, a Literal of texts and str."""
    alone = list({member.codec: member for member in members}.values())
    closed = [member for member in alone if _is_literal(member.codec)]
    open_kinds = [member.kinds for member in alone if choices_of(member.codec) is None]
    kept = [member for member in closed if member.kinds not in open_kinds]
    if len(kept) > 1:
        values = [value for member in kept for value in _values_of(member.codec)]
        by_class: dict[Any, Any] = {(class_of(value), value): value for value in values}
        codec = literal(by_class.values())
        alone = [member for member in alone if member not in kept[1:]]
        alone[alone.index(kept[0])] = UnionMember(codec, codec.kinds)
    return [member for member in alone if member not in closed or member in kept]


def _is_literal(codec: Codec) -> bool:
    """Whether a codec is of a Literal."""
    choices = choices_of(codec)
    return choices is not None and not isinstance(choices, Members)


def _values_of(codec: Codec) -> Collection[Any]:
    choices = choices_of(codec)
    return choices.by_stored.values() if choices else ()
