"""Types with functions of their own, and those that Pydantic takes back in another form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynrepo.codec.adapters import adapter_of
from dynrepo.codec.payloads import PAYLOADS
from dynrepo.codec.scalars import BYTES, STR, read_str
from dynrepo.codec.value import KEY_TAGS, Codec, SingleTag
from dynrepo.errors import CodecError, SchemaError
from dynrepo.interruption import pass_strike

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import ConfigDict

    from dynrepo.markers import Encoding


class CustomCodec(SingleTag):
    """The codec of a type that brings its own functions.

    `plain` is the codec that the type has without them, where it has one.
    """

    def __init__(self, encoding: Encoding, plain: Codec | None = None) -> None:
        tag = encoding.tag
        if tag not in PAYLOADS:
            raise SchemaError(f"Encoding({tag!r}, ...): a tag is one of {', '.join(PAYLOADS)}")
        super().__init__(
            tag,
            "value with an encoding",
            (object,) if tag == "NULL" else (),  # of which None is none
            key="sort" if tag in KEY_TAGS else "",
            deep=tag in ("L", "M"),
        )
        self._encode, self._decode = encoding.encode, encoding.decode
        self._plain = plain
        self._checked, self._opened = PAYLOADS[tag]

    @property
    def plain(self) -> Codec:
        """The codec of the type without its functions."""
        return self._plain or self

    def write(self, value: Any) -> Any:
        """The payload that the function makes, when it is one of the tag."""
        try:
            payload = self._encode(value)
        except Exception as error:  # noqa: BLE001  # a function of the user's may raise anything
            pass_strike(error)
            reason = f"its encoding raised {type(error).__name__}"
        else:
            return self._checked(payload)
        raise CodecError(reason)

    def read(self, payload: Any) -> Any:
        """The value that the function makes."""
        return self._decode(self._opened(payload))


class JsonTextCodec(SingleTag):
    """The codec of `Json[T]`: the text, for text is what Pydantic reads."""

    def __init__(self, annotation: Any, config: ConfigDict) -> None:
        super().__init__("S", "JSON text", made=True)
        self._adapter = adapter_of(annotation, config)
        self.read = read_str

    def write(self, value: Any) -> str:
        """The JSON of a value that reads back as an equal value."""
        try:
            text = self._adapter.dump_json(value).decode()
            same = bool(self._adapter.validate_json(text) == value)
        except Exception as error:  # noqa: BLE001  # serializers and validators may be the user's
            pass_strike(error)
            reason = f"a value has no JSON text ({type(error).__name__})"
        else:
            if same:
                return text
            reason = "the JSON text of a value does not read back as an equal value"
        raise CodecError(reason)


class EncodedCodec(SingleTag):
    """The codec of bytes or text that Pydantic decodes when it validates, as Base64Bytes.

    An instance holds, and an item stores, what is decoded; Pydantic is given it encoded again.
    """

    def __init__(self, plain: Codec, encode: Callable[[Any], Any]) -> None:
        if not isinstance(plain, SingleTag) or plain not in (STR, BYTES):
            raise SchemaError(
                f"an encoded {plain.name} cannot be stored exactly: declare `bytes` or `str` with"
                " the encoder, or give it an Encoding"
            )
        super().__init__(plain.tag, plain.name, plain.kinds, made=True)
        self._plain = plain
        self._encode = encode
        self.write = plain.write

    def read(self, payload: Any) -> Any:
        """What is stored, encoded."""
        return self._encode(self._plain.decode({self.tag: payload}))
