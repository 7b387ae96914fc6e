"""Types with functions of their own, and those that Pydantic takes back in another form."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from pydantic import PydanticUserError, TypeAdapter

from dynrepo.codec.number import read_decimal, write_decimal
from dynrepo.codec.scalars import BYTES, STR, read_bytes, read_str, write_str
from dynrepo.codec.value import Codec, single
from dynrepo.errors import CodecError, SchemaError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import ConfigDict

    from dynrepo.markers import Encoding


def custom(encoding: Encoding) -> Codec:
    """The codec of a type that brings its own functions."""
    tag, encode, decode = encoding.tag, encoding.encode, encoding.decode
    if tag not in _CHECKS:
        raise SchemaError(f"Encoding({tag!r}, ...): a scalar has the tag S, N or B")
    check, before = _CHECKS[tag]

    def write(value: Any) -> str:
        try:
            payload = encode(value)
        except Exception as error:  # noqa: BLE001  # a function of the user's may raise anything
            reason = f"its encoding raised {type(error).__name__}"
        else:
            return check(payload)
        raise CodecError(reason)

    def read(payload: str) -> Any:
        return decode(before(payload))

    return single(tag, write, read, name="value with an encoding", key="sort")


def _number(text: Any) -> str:
    try:
        number = Decimal(write_str(text))
    except InvalidOperation:
        reason = "its encoding made no number for the tag N"
    else:
        return write_decimal(number)
    raise CodecError(reason)


def _number_text(text: str) -> str:
    read_decimal(text)
    return text


_CHECKS: dict[str, tuple[Callable[[Any], str], Callable[[str], Any]]] = {
    "S": (write_str, read_str),
    "N": (_number, _number_text),
    "B": (lambda payload: BYTES.encode(payload)["B"], read_bytes),
}


def json_text(annotation: Any, config: ConfigDict) -> Codec:
    """The codec of `Json[T]`: the text, for text is what Pydantic reads."""
    adapter = _adapter(annotation, config)

    def write(value: Any) -> str:
        try:
            text = adapter.dump_json(value).decode()
            same = bool(adapter.validate_json(text) == value)
        except Exception as error:  # noqa: BLE001  # serializers and validators may be the user's
            reason = f"a value has no JSON text ({type(error).__name__})"
        else:
            if same:
                return text
            reason = "the JSON text of a value does not read back as an equal value"
        raise CodecError(reason)

    return single("S", write, read_str, name="JSON text", made=True)


def _adapter(annotation: Any, config: ConfigDict) -> TypeAdapter[Any]:
    try:
        return TypeAdapter(annotation, config=config)
    except PydanticUserError as error:
        if error.code != "type-adapter-config-unused":
            raise
    return TypeAdapter(annotation)  # a model, dataclass or TypedDict has settings of its own


def encoded(inner: Codec, encode: Callable[[Any], Any]) -> Codec:
    """The codec of bytes or text that Pydantic decodes when it validates, as Base64Bytes.

    An instance holds, and an item stores, what is decoded; Pydantic is given it encoded again.
    """
    if inner not in (STR, BYTES):
        raise SchemaError(f"an encoded {inner.name} cannot be stored exactly")
    decode = inner.decode
    return single(
        inner.tag,
        lambda value: inner.encode(value)[inner.tag],
        lambda payload: encode(decode({inner.tag: payload})),
        name=inner.name,
        kinds=inner.kinds,
        made=True,
    )
