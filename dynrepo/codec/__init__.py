"""How values are stored: codecs, one for each type, chosen once when a class is defined."""

from dynrepo.codec.compiler import Compiler, codec_for
from dynrepo.codec.field import Field
from dynrepo.codec.records import Record
from dynrepo.codec.times import EPOCH_SECONDS
from dynrepo.codec.untyped import decode_any, encode_any
from dynrepo.codec.value import AttributeValue, Codec, Item

__all__ = [
    "EPOCH_SECONDS",
    "AttributeValue",
    "Codec",
    "Compiler",
    "Field",
    "Item",
    "Record",
    "codec_for",
    "decode_any",
    "encode_any",
]
