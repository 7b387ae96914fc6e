"""What makes a stored item none of its model: the faulty fields and the reasons, without values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError

from dynrepo.errors import CodecError
from dynrepo.interruption import pass_strike
from dynrepo.schema.keys import check_canonical

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dynrepo.codec import AttributeValue, Field
    from dynrepo.schema.entity import Schema


class FieldFault(NamedTuple):
    """One thing that is amiss: the name of the field, "" for the whole, and the reason."""

    field: str
    reason: str


def faults_of(
    schema: Schema[Any], item: Mapping[str, AttributeValue], error: str
) -> list[FieldFault]:
    """The faults of an item, as today's version would store it, that was refused with an error.

    Those of all its fields; where none has one by itself, the error is of the whole.
    """
    faults = list(_unreadable(schema, item)) or list(_invalid(schema, item))
    return list(dict.fromkeys(faults)) or [fault_in(schema, error)]


def fault_in(schema: Schema[Any], error: str) -> FieldFault:
    """The fault that the message of a CodecError tells of."""
    for field in schema.fields:
        label = f"{field.label}: "
        if error.startswith(label):
            return FieldFault(field.name, error.removeprefix(label))
    return FieldFault("", error)


def _unreadable(schema: Schema[Any], item: Mapping[str, AttributeValue]) -> Iterator[FieldFault]:
    """The fields that their codecs cannot read."""
    for field in schema.fields:
        try:
            _read(field, item, is_key=field in schema.key_schema.fields)
        except CodecError as error:
            yield fault_in(schema, str(error))


def _read(field: Field, item: Mapping[str, AttributeValue], *, is_key: bool) -> None:
    stored = item.get(field.attribute)
    if is_key:
        check_canonical(field, stored)
    elif stored is not None and not field.computed and not _is_default(field, stored):
        field.decode(stored)


def _is_default(field: Field, stored: AttributeValue) -> bool:
    """Whether a NULL is read as if nothing were stored."""
    return field.null_is_absent and "NULL" in stored


def _invalid(schema: Schema[Any], item: Mapping[str, AttributeValue]) -> Iterator[FieldFault]:
    """The fields that Pydantic takes for wrong."""
    try:
        schema.model.model_validate(schema.values(item), by_name=True, by_alias=False)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)
    except Exception as error:  # noqa: BLE001  # a validator of the user's may raise anything
        pass_strike(error)
        return
    else:
        return
    names = {field.name for field in schema.fields}
    for wrong in found:
        first, *below = wrong["loc"] or ("",)
        # A key of a dict is data, and so is the name of what no field declares.
        place = "".join("[]" if isinstance(step, int) else "[...]" for step in below)
        name = str(first) if first in names else ""
        yield FieldFault(name, f"{place}: {wrong['type']}" if place else str(wrong["type"]))
