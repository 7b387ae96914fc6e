"""The fields of an item that writes count and stamp, and by which it expires."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from dynrepo.codec.scalars import ExactCodec
from dynrepo.codec.times import AWARE, EPOCH
from dynrepo.codec.value import canonical
from dynrepo.errors import CodecError, SchemaError
from dynrepo.markers import CreatedAt, Marker, TimeToLive, UpdatedAt, Version

if TYPE_CHECKING:
    from dynrepo.codec import Codec, Field


class MarkedFields:
    """The fields with the markers that one field of a model may have, each None where none has."""

    def __init__(self, model: str, fields: tuple[Field, ...]) -> None:
        self._model, self._fields = model, fields
        self.version = self._only(Version)
        self.ttl = self._only(TimeToLive)
        self.created = self._only(CreatedAt)
        self.updated = self._only(UpdatedAt)
        self._check()

    def _only(self, kind: type[Marker]) -> Field | None:
        marked = [
            field
            for field in self._fields
            if any(isinstance(marker, kind) for marker in field.markers)
        ]
        if len(marked) > 1:
            raise SchemaError(
                f"{self._model}: {marked[0].name} and {marked[1].name} are both marked"
                f" {kind.__name__}(): mark one"
            )
        return marked[0] if marked else None

    def _check(self) -> None:
        if self.version and not _is_counted(self.version.codec):
            raise SchemaError(f"{self.version.label}: a Version() is an int, which DynamoDB counts")
        if self.ttl:
            _check_time_to_live(self.ttl)
        for field, kind in ((self.created, CreatedAt), (self.updated, UpdatedAt)):
            if field and field.present.plain is not AWARE:
                raise SchemaError(f"{field.label}: a {kind.__name__}() is an aware datetime")


def _is_counted(codec: Codec) -> bool:
    return codec.kinds == (int,) and codec.plain is codec


def _check_time_to_live(field: Field) -> None:
    if field.codec.tag != "N" or field.codec.name.startswith("Decimal"):
        raise SchemaError(f"{field.label}: a TimeToLive() is an aware datetime")
    if not _is_in_seconds(field.present):
        raise SchemaError(
            f"{field.label}: a TimeToLive() is stored in seconds since 1970, for DynamoDB takes its"
            " number for them: declare an AwareDatetime without an encoding"
        )


def _is_in_seconds(codec: Codec) -> bool:
    """Whether a time to live is written as DynamoDB reads it; what is no datetime is the user's."""
    if not isinstance(codec.plain, ExactCodec) or codec.plain is codec:
        return True
    try:
        return canonical(codec.encode(EPOCH + timedelta(days=1))) == ("N", Decimal(86_400))
    except CodecError:
        return False
