"""Dicts whose keys have one text each: maps of DynamoDB."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from dynrepo.codec.number import is_exact_float
from dynrepo.codec.scalars import FLOAT, STR
from dynrepo.codec.untyped import map_key
from dynrepo.codec.value import KEY_TAGS, SingleTag, expected
from dynrepo.errors import CodecError, SchemaError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from dynrepo.codec.value import AttributeValue, Codec


class MapCodec(SingleTag):
    """The codec of a dict, a defaultdict or a Counter."""

    def __init__(self, kind: type[Any], key: Codec, entry: Codec) -> None:
        if not isinstance(key, SingleTag) or key.tag not in KEY_TAGS:
            raise SchemaError(
                f"the keys of a map are texts, and {key.name} has no one text: declare keys of one"
                " type that is stored as S, N or B, or a list of pairs"
            )
        name = f"{kind.__name__} of {key.name} and {entry.name}"
        made, levels = key.made or entry.made, 1 + entry.levels
        super().__init__("M", name, (kind,), made=made, deep=entry.deep, levels=levels)
        self.entry = entry
        self._kind = kind
        self._key = key
        # What Pydantic is given for a URL is no URL yet.
        self._rewritable = key.kinds if key.key else ()

    @property
    def is_plain(self) -> bool:
        """Whether it is of a dict whose keys are texts."""
        return self._key is STR and self._kind is dict

    def write(self, value: Any) -> dict[str, AttributeValue]:
        """The attribute value of each entry by the text of its key."""
        if type(value) is not self._kind:
            raise expected(self.name, value)
        written = self.entry.encode_entries(self._key.write, value)
        if "" in written:
            raise CodecError("the key of a map cannot be empty")
        if self._key is not STR and len(written) < len(value):
            raise self._of_one_text()
        return written

    def encode_part(self, value: Any) -> AttributeValue:
        """As `write`, with errors that say where."""
        if type(value) is not self._kind:
            raise expected(self.name, value)
        write_key, encode = self._key.write, self.entry.encode_part
        written = {map_key(write_key(key)): encode(entry) for key, entry in value.items()}
        if len(written) < len(value):
            raise self._of_one_text()
        return {"M": written}

    def _of_one_text(self) -> CodecError:
        """The error of unequal keys that would be one."""
        return CodecError(f"two keys of a map are stored as one text of {self._key.name}")

    def read(self, payload: Any) -> Any:
        """The dict of what each attribute value holds."""
        if self.is_plain:
            return self.entry.decode_entries(payload)
        return self._read_entries(payload, self.entry.fast_decode)

    def read_part(self, payload: Any) -> Any:
        """As `read`, with errors that say where."""
        return self._read_entries(payload, self.entry.decode)

    def _read_entries(self, payload: Any, decode: Callable[[AttributeValue], Any]) -> Any:
        if self._key is STR:
            values = {text: decode(stored) for text, stored in payload.items()}
        else:
            values = {self._read_key(text): decode(stored) for text, stored in payload.items()}
        if len(values) < len(payload):
            raise CodecError("two keys of the map found are equal")
        return values if self._kind is dict else self._collected(values)

    def _collected(self, values: dict[Any, Any]) -> Any:
        # The values of a defaultdict are made by Pydantic's factory.
        return defaultdict(None, values) if self._kind is defaultdict else Counter(values)

    def _read_key(self, text: str) -> Any:
        """A key that is written as it would be again, for by another it would not be found."""
        key = self._key
        value = key.decode({key.tag: text})
        if key.made and key.canonical and not key.canonical(text):
            raise CodecError(f"a key of the map found is not in the form written for {key.name}")
        if type(value) in self._rewritable and not self._is_as_written(text, value):
            raise CodecError(f"a key of the map found is not in the form written for {key.name}")
        return value

    def _is_as_written(self, text: str, value: Any) -> Any:
        # A whole float is written as an int, too.
        return is_exact_float(text) if self._key is FLOAT else self._key.write(value) == text

    def child(self, step: Any) -> tuple[str | int, Codec]:
        """An entry, by its key."""
        return map_key(self._key.write(step)), self.entry

    def parts(self, value: Any) -> Sequence[tuple[Codec, Collection[Any]]]:
        """The values."""
        return ((self.entry, value.values()),) if type(value) is self._kind else ()
