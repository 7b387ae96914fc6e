"""Lists, tuples, sets and maps of elements that all have a codec of their own.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, cast

from dynrepo.codec.ends import CONTAINER, NO_PARTS, SCALARS
from dynrepo.codec.scalars import FLOAT, STR
from dynrepo.codec.untyped import ANY, decode_any, encode_any, listed, map_key
from dynrepo.codec.value import KEY_TAGS, SET_TAGS, Codec, expected, found, several, single
from dynrepo.errors import CodecError, SchemaError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.codec.ends import Inside, Parts
    from dynrepo.codec.value import AttributeValue


_SETS = (set, frozenset)


def array(kind: type[Any], element: Codec) -> Codec:
    """The codec of a list, a variadic tuple or a deque: a list of DynamoDB."""
    name = f"{kind.__name__} of {element.name}"
    encode, decode = element.encode, element.decode

    def careful_write(value: Any) -> list[AttributeValue]:
        if type(value) is not kind:
            raise expected(name, value)
        return [encode(one) for one in value]

    def careful_read(payload: list[AttributeValue]) -> Any:
        elements = [decode(one) for one in listed(payload)]
        if kind not in _SETS:
            return kind(elements)
        # What Pydantic makes elements of, as dicts, need not be hashable.
        return elements if element.made else _distinct(kind, elements)

    fast = None if kind in _SETS else _fast(kind, element)
    write, read = fast or (careful_write, careful_read)
    return single(
        "L",
        write,
        read,
        careful_write=careful_write,
        careful_read=careful_read,
        name=name,
        kinds=(kind,),
        inside=_entries(kind, element.inside),
        made=element.made,
        step=_index(element),
    )


def _fast(
    kind: type[Any], element: Codec
) -> tuple[Callable[[Any], list[AttributeValue]], Callable[[Any], Any]] | None:
    """The functions for elements of one tag."""
    tag, write, read = element.tag, element.write, element.read
    if write is None or read is None:
        return None

    def write_all(value: Any) -> list[AttributeValue]:
        if type(value) is not kind:
            raise expected(kind.__name__, value)
        return [{tag: write(one)} for one in value]

    def read_list(payload: list[AttributeValue]) -> list[Any]:
        if type(payload) is not list:
            raise TypeError
        return [read(one[tag]) for one in payload]

    def read_other(payload: list[AttributeValue]) -> Any:
        return kind(read_list(payload))

    return write_all, read_list if kind is list else read_other


def _entries(kind: type[Any], inside: Inside | None) -> Inside | None:
    """What is inside a list, a tuple, a deque or a set."""
    if inside is None:
        return None

    def parts(value: Any) -> Parts:
        if type(value) is not kind:
            return NO_PARTS
        nested = [(inside, one) for one in value if type(one) not in SCALARS]
        return CONTAINER + len(value), nested

    return parts


def _places(kind: type[Any], elements: tuple[Codec, ...]) -> Inside | None:
    """What is inside a tuple with a type for each place."""
    if not any(element.inside for element in elements):
        return None

    def parts(value: Any) -> Parts:
        if type(value) is not kind:
            return NO_PARTS
        pairs = zip(elements, cast("tuple[Any, ...]", value), strict=False)
        return CONTAINER + len(value), [(one.inside, part) for one, part in pairs if one.inside]

    return parts


def _values(kind: type[Any], inside: Inside | None) -> Inside | None:
    """What is inside a dict."""
    if inside is None:
        return None

    def parts(value: Any) -> Parts:
        if type(value) is not kind:
            return NO_PARTS
        nested = [(inside, one) for one in value.values() if type(one) not in SCALARS]
        return CONTAINER + len(value), nested

    return parts


def _index(element: Codec) -> Callable[[str | int], tuple[str | int, Codec]]:
    def step(place: str | int) -> tuple[str | int, Codec]:
        if type(place) is not int or place < 0:
            raise CodecError("an element of a list is found by its index, from 0")
        return place, element

    return step


def fixed(elements: tuple[Codec, ...], *, kind: type = tuple, names: tuple[str, ...] = ()) -> Codec:
    """The codec of a tuple with a type for each place, or of a NamedTuple."""
    count = len(elements)
    name = f"{kind.__name__} of {count}"

    def write(value: Any) -> list[AttributeValue]:
        if type(value) is kind and len(values := cast("tuple[Any, ...]", value)) == count:
            return [element.encode(one) for element, one in zip(elements, values, strict=True)]
        raise expected(name, value)

    def read(payload: list[AttributeValue]) -> tuple[Any, ...]:
        if len(listed(payload)) > count or (len(payload) < count and not names):
            raise CodecError(f"expected {count} elements, found another number")
        return tuple(element.decode(one) for element, one in zip(elements, payload, strict=False))

    def step(place: str | int) -> tuple[str | int, Codec]:
        index = names.index(place) if place in names else place
        if not isinstance(index, int) or not 0 <= index < count:
            raise CodecError(f"{name} has no such element")
        return index, elements[index]

    return single(
        "L",
        write,
        read,
        name=name,
        kinds=(kind,),
        inside=_places(kind, elements),
        made=any(element.made for element in elements),
        step=step,
    )


def collection(kind: type[Any], element: Codec, *, strict: bool = False) -> Codec:
    """The codec of a set: a set of DynamoDB where the element allows, a list otherwise."""
    if element is ANY:
        return _any_set(kind)
    if element.tag in KEY_TAGS and element.write is not None:
        return _native_set(kind, element)
    if element.made and strict:
        raise SchemaError(
            f"a set of {element.name} is read as a list, of which Pydantic makes no set where it is"
            " strict: declare a list"
        )
    return array(kind, element)


def _native_set(kind: type[Any], element: Codec) -> Codec:
    tag = f"{element.tag}S"
    name = f"{kind.__name__} of {element.name}"
    write, read_one = element.write, element.read
    assert write is not None and read_one is not None  # noqa: S101, PT018  # seen to by `collection`

    def read(payload: list[Any]) -> Any:
        if type(payload) is not list:
            raise TypeError
        values = kind(payload if element is STR else map(read_one, payload))
        if len(values) < len(payload):
            raise ValueError
        return values

    def encode(value: Any) -> AttributeValue:
        if type(value) is not kind:
            raise expected(name, value)
        # DynamoDB has no empty set, so where one cannot be left out it is an empty list.
        return {tag: [write(one) for one in value]} if value else {"L": []}

    def decode(stored: AttributeValue) -> Any:
        if tag not in stored:
            if stored.get("L") == []:
                return kind()
            raise CodecError(f"expected {tag} for {name}, found {found(stored)}")
        try:
            return read(stored[tag])
        except Exception:  # noqa: BLE001  # whatever it was, the codec of the element says it better
            payload = listed(stored[tag])
        return _distinct(kind, [element.decode({element.tag: one}) for one in payload])

    return Codec(
        tag,
        encode,
        decode,
        read=read,
        name=name,
        tags=frozenset({tag, "L"}),
        kinds=(kind,),
        made=element.made,
        element=element,
    )


def _distinct(kind: type[Any], values: list[Any]) -> Any:
    """The set of values; two that are equal would be written as one."""
    elements = kind(values)
    if len(elements) < len(values):
        raise CodecError("two elements of the set found are equal")
    return elements


def _any_set(kind: type[Any]) -> Codec:
    def encode(value: Any) -> AttributeValue:
        if type(value) is not kind:
            raise expected(kind.__name__, value)
        return encode_any(value) if value else {"L": []}

    def decode(stored: AttributeValue) -> Any:
        if stored.keys() <= SET_TAGS or stored == {"L": []}:
            return kind(decode_any(stored))
        raise CodecError(f"expected a set, found {found(stored)}")

    return several(SET_TAGS | {"L"}, encode, decode, name=kind.__name__, kinds=(kind,))


def mapping(kind: type[Any], key: Codec, value: Codec) -> Codec:
    """The codec of a dict whose keys have one text each: a map of DynamoDB."""
    if key.write is None or key.read is None or key.tag not in KEY_TAGS:
        raise SchemaError(
            f"the keys of a map are texts, and {key.name} has no one text: declare keys of one type"
            " that is stored as S, N or B, or a list of pairs"
        )
    name = f"{kind.__name__} of {key.name} and {value.name}"
    write_key, read_key = key.write, _key_reader(key)
    encode, decode = value.encode, value.decode

    def careful_write(entries: Any) -> dict[str, AttributeValue]:
        if type(entries) is not kind:
            raise expected(name, entries)
        return {map_key(write_key(one)): encode(entry) for one, entry in entries.items()}

    def read_texts(payload: dict[str, AttributeValue]) -> dict[Any, Any]:
        return {one: decode(entry) for one, entry in payload.items()}

    def read_others(payload: dict[str, AttributeValue]) -> dict[Any, Any]:
        values = {read_key(one): decode(entry) for one, entry in payload.items()}
        if len(values) < len(payload):
            raise CodecError("two keys of the map found are equal")
        return values

    def step(place: Any) -> tuple[str | int, Codec]:
        return map_key(write_key(place)), value

    return single(
        "M",
        _fast_map(kind, write_key, value) or careful_write,
        _made(kind, read_texts if key is STR else read_others),
        careful_write=careful_write,
        name=name,
        kinds=(kind,),
        inside=_values(kind, value.inside),
        made=key.made or value.made,
        step=step,
    )


def _fast_map(
    kind: type[Any], write_key: Callable[[Any], str], value: Codec
) -> Callable[[Any], dict[str, AttributeValue]] | None:
    """The function that writes a map whose values have one tag."""
    tag, write = value.tag, value.write
    if write is None:
        return None

    def write_all(entries: Any) -> dict[str, AttributeValue]:
        if type(entries) is not kind:
            raise expected(kind.__name__, entries)
        written = {write_key(one): {tag: write(entry)} for one, entry in entries.items()}
        if "" in written:
            raise CodecError("the key of a map cannot be empty")
        return written

    return write_all


def _key_reader(key: Codec) -> Callable[[str], Any]:
    """Reads a key that is written as it would be again, for by another it would not be found."""
    write = key.write
    # What Pydantic is given for an URL is no URL yet; an int in a map of floats has its own text.
    kinds = key.kinds if key.key and key is not FLOAT else ()

    def read(text: str) -> Any:
        value = key.decode({key.tag: text})
        if write is not None and type(value) in kinds and write(value) != text:
            raise CodecError(f"a key of the map found is not in the form written for {key.name}")
        return value

    return read


def _made(kind: type[Any], read: Callable[[Any], dict[Any, Any]]) -> Callable[[Any], Any]:
    """Reads a class of dicts; the values of a defaultdict are made by Pydantic's factory."""
    if kind is Counter:
        return lambda payload: Counter(read(payload))
    if kind is defaultdict:
        return lambda payload: defaultdict(None, read(payload))
    return read
