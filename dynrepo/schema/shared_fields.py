"""The fields of several models that are stored in one table: one of a name is one for all of them.

So a condition on it means the same, whichever model an item is of.
"""

from __future__ import annotations

from dataclasses import replace
from types import NoneType
from typing import TYPE_CHECKING, Any, get_args

from annotated_types import BaseMetadata, GroupedMetadata
from pydantic import AfterValidator, BeforeValidator

from dynrepo.codec.annotations import is_marker, is_union, metadata_of
from dynrepo.codec.choices import choices_of, literal
from dynrepo.codec.discriminators import opened
from dynrepo.errors import SchemaError
from dynrepo.markers import Attribute, Version

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import BaseModel

    from dynrepo.codec import Codec, Field

_CURE = "declare it alike in both, in a base class of them for instance, or name it otherwise"


def shared_fields(
    owner: str, models: Mapping[type[BaseModel], Sequence[Field]]
) -> tuple[Field, ...]:
    """The fields of all models; SchemaError for two of one name, or attribute, that differ."""
    declared: dict[str, dict[type[BaseModel], Field]] = {}
    for model, fields in models.items():
        for field in fields:
            declared.setdefault(field.name, {})[model] = field
    shared = tuple([_shared(owner, fields) for fields in declared.values()])
    by_attribute: dict[str, Field] = {}
    for field in shared:
        other = by_attribute.setdefault(field.attribute, field)
        if other is not field:
            raise SchemaError(
                f"{other.label} and {field.label} are stored under one attribute: give them one"
                " name, or an Attribute(...) each"
            )
    return shared


def _shared(owner: str, declared: Mapping[type[BaseModel], Field]) -> Field:
    """The field of all models that have one of its name."""
    (model, first), *others = declared.items()
    for other_model, other in others:
        difference = _difference(model, first, other_model, other)
        if difference:
            raise SchemaError(f"{first.label} and {other.label} {difference}: {_CURE}")
    if not others:
        return first
    fields = sorted(declared.values(), key=_asks_less)
    return replace(fields[0], owner=owner, codec=_codec([field.codec for field in fields]))


def _asks_less(field: Field) -> tuple[bool, bool]:
    """An order: first the fields without which, or with None in which, nobody reads an item."""
    return not field.needed, field.none != "refused"


def _difference(
    model: type[BaseModel], first: Field, other_model: type[BaseModel], other: Field
) -> str:
    """In what two fields of one name are not one; "" where they are."""
    names = f"{first.codec.name} and {other.codec.name}"
    is_counted = any(isinstance(marker, Version) for marker in first.markers)
    differences = {
        "have two attributes": first.attribute != other.attribute,
        f"are stored as two types, {names}": _stored_as(model, first)
        != _stored_as(other_model, other),
        "have different markers": _marks(first) != _marks(other),
        "count from different defaults": is_counted and first.default != other.default,
        "store None in two ways": {first.none, other.none} == {"absent", "stored"},
        "store the empty set in two ways": first.empty != other.empty,
        "are not both computed": first.computed is not other.computed,
    }
    return next((text for text, differs in differences.items() if differs), "")


def _marks(field: Field) -> set[Any]:
    return {marker for marker in field.markers if not isinstance(marker, Attribute)}


def _stored_as(model: type[BaseModel], field: Field) -> Any:
    """What decides on the stored form of the values of a field, without None."""
    codec = field.present
    choices = choices_of(codec)
    if choices is not None:
        return "one of", codec.tags
    texts = {
        name: setting
        for name, setting in model.model_config.items()
        if name.startswith(("ser_json", "val_json"))
    }
    kind, metadata = _declared(model, field)
    return type(codec), codec.name, codec.tags, set(codec.kinds), texts, kind, metadata


def _declared(model: type[BaseModel], field: Field) -> tuple[Any, list[Any]]:
    """The type of a field, less None, and what beside it says how it is stored."""
    if field.computed:
        annotation, metadata = model.model_computed_fields[field.name].return_type, ()
    else:
        info = model.model_fields[field.name]
        annotation, metadata = info.annotation, metadata_of(info)
    kind, more = opened(annotation)
    if is_union(kind):
        members = [member for member in get_args(kind) if member is not NoneType]
        if len(members) == 1:
            kind, inner = opened(members[0])
            more = (*inner, *more)
    return kind, [piece for piece in (*metadata, *more) if not _only_validates(piece)]


def _only_validates(piece: Any) -> bool:
    """Whether a piece of metadata has no say in the stored form; markers are compared as such."""
    return is_marker(piece) or isinstance(piece, _VALIDATING)


_VALIDATING = (BaseMetadata, GroupedMetadata, AfterValidator, BeforeValidator)


def _codec(codecs: Sequence[Codec]) -> Codec:
    """The codec of the first, or of the values of all where they are those of a Literal."""
    found = [choices.by_stored for codec in codecs if (choices := choices_of(codec.present))]
    values = {form: value for by_stored in found for form, value in by_stored.items()}
    return (
        literal(values.values()) if any(values != by_stored for by_stored in found) else codecs[0]
    )
