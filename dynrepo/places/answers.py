"""Rows of a shared table beside the keys that they are stored under.

What makes an instance of a row's text knows nothing of the table's key: whoever asked compares.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic_core import from_json

from dynrepo.codec.core_schemas import ANY, PartParser
from dynrepo.errors import CodecError
from dynrepo.interruption import pass_strike

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from dynrepo.codec import Field, Item
    from dynrepo.codec.core_schemas import CoreSchema
    from dynrepo.templates.key import TemplateKey


class KeptRows:
    """Compares the rows of a page with the keys that they are stored under, one by one.

    `key` are the attributes of the table's key. `has_key` tells whether an instance has one, and
    what has another is read by `decode`.
    """

    def __init__(
        self,
        key: Collection[str],
        has_key: Callable[[Any, Item], bool],
        decode: Callable[[Item], Any],
    ) -> None:
        part: CoreSchema = {"type": "typed-dict-field", "schema": ANY, "required": True}
        row: CoreSchema = {"type": "typed-dict", "fields": dict.fromkeys(key, part)}
        self._keys = PartParser("Items", {"type": "list", "items_schema": row}, list)
        self._has_key, self._decode = has_key, decode

    def compared(self, body: bytes | bytearray, rows: Sequence[Any]) -> Sequence[Any] | None:
        """The rows of an answer, those of another key as their codec reads them, or its error.

        None where their keys cannot be told.
        """
        answer = self._keys(body)
        keys = None if answer is None else answer[1]
        if keys is None or len(keys) != len(rows):
            return None
        numbered = enumerate(zip(rows, keys, strict=True))
        wrong = [number for number, (row, key) in numbered if not self._is_of(row, key)]
        stored = from_json(body)["Items"] if wrong else ()
        made = list(rows)
        for number in wrong:
            made[number] = self._read(stored[number])
        return made

    def _is_of(self, row: Any, key: Item) -> bool:
        try:
            return isinstance(row, CodecError) or self._has_key(row, key)
        except Exception as error:  # noqa: BLE001 - a key that cannot be made is none that is stored
            pass_strike(error)
            return False

    def _read(self, item: Item) -> Any:
        try:
            return self._decode(item)
        except CodecError as error:
            return error


def with_constants(schema: CoreSchema, key: TemplateKey, attributes: Iterable[Field]) -> CoreSchema:
    """A schema of items that takes those alone whose key has its constant texts.

    For a model that is not told from others by attributes that it needs.
    """
    for template, field in zip(key.templates, attributes, strict=True):
        if not template.fields:
            path, choices = [field.attribute, template.tag], {template.prefix: schema}
            schema = {"type": "tagged-union", "discriminator": path, "choices": choices}
    return schema
