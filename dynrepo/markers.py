"""The markers for `Annotated[]` that turn a plain Pydantic model into a DynamoDB item.

A marker is data about a field and changes nothing for type checkers or JSON schema, nor, but for
the whole seconds of TimeToLive, for Pydantic::

    class Order(BaseModel):
        user_id: Annotated[UUID, PartitionKey()]
        number: Annotated[int, SortKey()]
        status: Annotated[Status, PartitionKey(index="by_status")]
        placed: Annotated[AwareDatetime, SortKey(index="by_status")]
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from functools import wraps
from typing import TYPE_CHECKING, Any, Literal, TypeVar, dataclass_transform

from pydantic_core import core_schema

from dynrepo.callbacks import check_called
from dynrepo.errors import SchemaError
from dynrepo.public import public

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

M = TypeVar("M")


@dataclass_transform(frozen_default=True)
def _marker(declared: type[M]) -> type[M]:
    """A frozen dataclass to which a wrong argument is a wrong declaration: a SchemaError."""
    made: Any = dataclass(frozen=True)(declared)
    accept = made.__init__

    @wraps(accept)
    def init(self: M, *args: Any, **options: Any) -> None:
        try:
            accept(self, *args, **options)
        except SchemaError:
            raise
        except TypeError:
            takes = ", ".join(field.name for field in fields(made)) or "nothing"
            raise SchemaError(
                f"{type(self).__name__}(...) has a wrong argument: it takes {takes}"
            ) from None

    made.__init__ = init
    return made  # type: ignore[no-any-return]


@_marker
class Marker:
    """What all markers are, so that a schema finds them."""


class TypeMarker(Marker):
    """What says something of a type anywhere within a field; other markers are of the field."""


@public
@_marker
class PartitionKey(Marker):
    """The field is the partition key of the table, or of a global secondary index.

    It is one string, number or binary value of 2,048 bytes at most. A field may have several marks,
    for the table and for indexes.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.CoreComponents.html

    Attributes:
        index: The name of the index, of 3 to 255 letters, digits, `_`, `-` and `.`; None for the
            table.
    """

    index: str | None = None


@public
@_marker
class SortKey(Marker):
    """The field is the sort key of the table, or of an index.

    It is one string, number or binary value of 1,024 bytes at most. An index with a sort key and no
    partition key of its own is a local secondary index.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LSI.html

    Attributes:
        index: As of `PartitionKey`.
    """

    index: str | None = None


@public
@_marker
class Attribute(Marker):
    """The field is stored under another attribute name.

    Attributes:
        name: The name of the attribute; 255 bytes at most where it is a key.
    """

    name: str


@public
class Version(Marker):
    """The field, an `int`, counts the writes of the item, so that a stale write is noticed.

    Each write counts it up. `save`, and `delete` of an instance, raise `VersionConflict` where
    another version is stored. The version of what was never stored is 0: let that be the default.
    """


@public
class TimeToLive(Marker):
    """The field, an aware `datetime`, is when DynamoDB may remove the item; it does within days.

    Stored as whole seconds since 1970: Pydantic drops the fraction when it validates the field, and
    writes, keys and conditions drop it of what they are given. With `hide_expired` a repository
    leaves out what is over and not yet removed.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
    """

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(_whole_seconds, handler(source))


def _whole_seconds(value: Any) -> Any:
    return value.replace(microsecond=0) if isinstance(value, datetime) else value


@public
class CreatedAt(Marker):
    """The field, an aware `datetime` or None, is when the item was first written.

    Filled in by the write where the instance has None; a value of the caller's is kept.
    """


@public
class UpdatedAt(Marker):
    """The field, an aware `datetime` or None, is when the item was last written; writes set it."""


@public
@_marker
class Encoding(TypeMarker):
    """The type is stored by functions of its own, in a key too where the tag is S, N or B.

    ```python
    Annotated[Color, Encoding("S", encode=Color.as_hex, decode=Color)]
    ```

    What stands below the tag is a str for S and N, bytes for B, a bool for BOOL, None for NULL, a
    list of str for SS and NS, of bytes for BS. For L it is a list, for M a dict of attribute values
    in DynamoDB JSON, as `{"S": "ada"}`, with bytes in base64.

    Pydantic validates what `decode` returns. A sort key is in the order of what `encode` makes. The
    forms of other programs are in `dynrepo.encodings`.

    Attributes:
        tag: DynamoDB's name of the stored type.
        encode: Is called with a value, and returns what stands below the tag.
        decode: Is called with what stands below the tag, and returns a value.

    Raises:
        SchemaError: An argument is wrong, or one of the functions cannot be called.
    """

    tag: Literal["S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS"]
    encode: Callable[[Any], Any]
    decode: Callable[[Any], Any]

    def __post_init__(self) -> None:
        for name, function in (("encode", self.encode), ("decode", self.decode)):
            check_called(f"Encoding: {name}", function, "called with a value", SchemaError)


@public
class PlainText(TypeMarker):
    """The secret is stored in plain, as what it hides; without this mark a secret is refused."""
