"""The functions that run for every item and for every key, written out field by field.

A loop over the fields spends half of its time on being a loop. So, as dataclasses do, the functions
of a record are put together as source when a class is defined, one line a field::

    def read(item):
        values = {
            'name': item['name']['S'],
            'visits': read_1(item['visits']['N']),
        }
        return values

Names come into the source as `repr()` of a string only, functions by number. What the functions do
is what `Record.encode` and `Record.decode` do; when one raises, those are asked, and name it.
"""

from __future__ import annotations

import json
from decimal import Decimal
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from pydantic_core import to_json

from dynrepo.codec.scalars import BOOL, INT, STR
from dynrepo.codec.value import expected

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence

    from dynrepo.codec.records import Field, Record
    from dynrepo.codec.value import Codec


def writer(record: Record, short: Mapping[str, int]) -> Callable[[Any], Any]:
    """From an instance to its attribute map; ValueError for a text that may be too long.

    `short` are the characters that some attributes may have.
    """
    names: dict[str, Any] = {"sets": (set, frozenset)}
    lines = _opening(record, names)
    entries: list[str] = []
    others: list[str] = []
    for number, field in enumerate(record.fields):
        if _is_written(field):
            stored = _stored(number, field.codec, names)
            entries.append(f"        {field.attribute!r}: {stored},")
        else:
            others += _write_lines(number, field, names)
        if field.attribute in short:
            there = "" if _is_written(field) else f"{field.attribute!r} in item"
            text = f"item[{field.attribute!r}][{field.present.tag!r}]"
            others.append(_length_line(text, short[field.attribute], there))
    lines += ["    item = {", *entries, "    }", *others, "    return item"]
    return _function("write", lines, names)


def _opening(record: Record, names: dict[str, Any]) -> list[str]:
    """The lines that take the values of an instance, and refuse that of another class."""
    names |= {"kind": record.kind, "expected": expected}
    is_model = issubclass(record.kind, BaseModel)
    return [
        "def write(instance):",
        "    if type(instance) is not kind:",
        f"        raise expected({record.name!r}, instance)",
        *([_VALUES] if is_model else []),
        *(
            f"    value_{number} = {_value(field, is_model=is_model)}"
            for number, field in enumerate(record.fields)
        ),
    ]


_VALUES = "    values = instance.__dict__"


def _value(field: Field, *, is_model: bool) -> str:
    if is_model and not field.computed:
        return f"values[{field.name!r}]"
    return f"instance.{field.name}"


def _is_written(field: Field) -> bool:
    """Whether a field is always there, below the one tag of its type."""
    return field.none == "refused" and field.codec.write is not None


def _stored(number: int, codec: Codec, names: dict[str, Any]) -> str:
    """The attribute value of a value that is not None."""
    return f"{{{codec.tag!r}: {_written(number, codec, names)}}}"


def _written(number: int, codec: Codec, names: dict[str, Any]) -> str:
    """What is stored below the tag of a value that is not None."""
    names[f"write_{number}"] = codec.write
    written = _AT_A_LOOK.get(codec, "{write}({value})")
    return written.format(value=f"value_{number}", write=f"write_{number}")


# A call takes longer than a look, and most values are as simple as that.
_AT_A_LOOK = {
    STR: "{value} if type({value}) is str and {value}.isascii() else {write}({value})",
    INT: "str({value}) if type({value}) is int and abs({value}) < 10**15 else {write}({value})",
    BOOL: "{value} if type({value}) is bool else {write}({value})",
}


def _write_lines(number: int, field: Field, names: dict[str, Any]) -> Iterator[str]:
    codec, value = field.present, f"value_{number}"
    attribute = f"item[{field.attribute!r}]"
    if field.none == "absent" and codec.write and not field.empty_is_absent:
        yield f"    if {value} is not None:"
        yield f"        {attribute} = {_stored(number, codec, names)}"
    elif field.none == "refused" and field.empty_is_absent:
        names[f"encode_{number}"] = codec.encode
        yield f"    if {value} or type({value}) not in sets:"
        yield f"        {attribute} = encode_{number}({value})"
    else:
        names[f"stored_{number}"] = field.stored
        yield f"    stored = stored_{number}({value})"
        yield "    if stored is not None:"
        yield f"        {attribute} = stored"


def _length_line(text: str, limit: int, there: str = "") -> str:
    """The line that refuses a text which may be too long, when it is there at all."""
    return f"    if {there and there + ' and '}not 0 < len({text}) <= {limit}: raise ValueError"


def json_writer(record: Record, short: Mapping[str, int]) -> Callable[[Any], bytes]:
    """From an instance to the JSON of what `writer` makes of it, without making it.

    One field at least is always there, as a key is.
    """
    names: dict[str, Any] = {"quote": encode_basestring, "text_of": _text_of}
    lines = _opening(record, names)
    pieces: list[str] = []
    others: list[str] = []
    for number, field in enumerate(record.fields):
        attribute, value = json.dumps(field.attribute), f"value_{number}"
        if field.attribute in short:
            there = "" if _is_written(field) else f"{value} is not None"
            text = _written(number, field.present, names)
            lines.append(_length_line(text, short[field.attribute], there))
        if _is_written(field):
            start = "}," if pieces else "{"
            pieces.append(repr(f'{start}{attribute}:{{"{field.codec.tag}":'))
            pieces.append(f"({_json(value, field.codec, names)})")
        else:
            names[f"stored_{number}"] = field.stored
            others.append(f"    stored = stored_{number}({value})")
            others.append("    if stored is not None:")
            others.append(f"        text += {f',{attribute}:'!r} + text_of(stored)")
    lines.append(f"    text = ''.join(({', '.join(pieces)}, '}}'))")
    return _function("write", [*lines, *others, "    return (text + '}').encode()"], names)


def _json(value: str, codec: Codec, names: dict[str, Any]) -> str:
    """The JSON of what is stored below the tag of a value that is not None."""
    name = f"json_{len(names)}"
    names[name] = codec.write
    written = f"{name}({value})"
    if codec is STR:  # to quote takes its time by the character
        simple = f"type({value}) is str and len({value}) < 99"
        return f"quote({value}) if {simple} else text_of({written})"
    if codec is INT:
        simple = f"type({value}) is int and abs({value}) < 10**15"
        return f"{_bare(value)} if {simple} else {_bare(written)}"
    if codec.tag == "BOOL":
        return f"'true' if {written} else 'false'"
    if codec.tag in ("N", "B"):
        return _bare(written)
    element = _element(codec)
    if element is not None:
        one = f"one_{len(names)}"
        start = repr(f'{{"{element.tag}":')
        each = f"{start} + ({_json(one, element, names)}) + '}}'"
        every = f"'[' + ','.join([{each} for {one} in {value}]) + ']'"
        return f"{every} if type({value}) is list else text_of({written})"
    return f"quote({written})" if codec.tag == "S" else f"text_of({written})"


def _bare(text: str) -> str:
    """A number or base64, in which there is nothing to escape."""
    return f"f'\"{{{text}}}\"'"


def _element(codec: Codec) -> Codec | None:
    """The codec of the elements of a list, when they are all below one tag."""
    if codec.tag != "L" or codec.kinds != (list,):
        return None
    _, element = codec.child(0)
    return element if element.write else None


def _text_of(payload: Any) -> str:
    return to_json(payload).decode()


def reader(record: Record) -> Callable[[Any], Any]:
    """From an attribute map to the values by field name."""
    names: dict[str, Any] = {}
    lines = ["def read(item):", "    values = {"]
    own = [(number, field) for number, field in enumerate(record.fields) if not field.computed]
    sure = [(number, field) for number, field in own if _is_sure(field)]
    for number, field in sure:
        value = _read(number, field.codec, f"item[{field.attribute!r}]", names, sure=True)
        lines.append(f"        {field.name!r}: {value},")
    lines.append("    }")
    for number, field in own:
        if (number, field) not in sure:
            lines += _read_lines(number, field, names)
    return _function("read", [*lines, "    return values"], names)


def _read(number: int, codec: Codec, stored: str, names: dict[str, Any], *, sure: bool) -> str:
    payload = f"{stored}[{codec.tag!r}]"
    if codec is STR and sure:  # which Pydantic takes for a str if it is one, and for nothing else
        return payload
    names[f"read_{number}"] = codec.read
    return f"read_{number}({payload})"


def _is_sure(field: Field) -> bool:
    return field.required and field.codec.read is not None and not field.absent


def _read_lines(number: int, field: Field, names: dict[str, Any]) -> Iterator[str]:
    codec, value = field.present, f"values[{field.name!r}]"
    names[f"decode_{number}"] = field.codec.decode
    decoded = f"decode_{number}(stored)"
    if codec.read is not None:
        read = _read(number, codec, "stored", names, sure=False)
        decoded = f"{read} if {codec.tag!r} in stored else {decoded}"
    yield f"    stored = item.get({field.attribute!r})"
    yield "    if stored is not None:"
    yield f"        {value} = {decoded}"
    if field.absent:
        names[f"absent_{number}"] = field.absent
        yield "    else:"
        yield f"        {value} = absent_{number}()"


def key_writer(fields: Sequence[Field], short: Sequence[int]) -> Callable[..., Any]:
    """From the values of a key to its attribute map; ValueError for one that may be too long.

    `short` are the characters that each may have.
    """
    names: dict[str, Any] = {}
    lines: list[str] = []
    entries: list[str] = []
    for number, (field, limit) in enumerate(zip(fields, short, strict=False)):
        lines.append(f"    part_{number} = {_written(number, field.codec, names)}")
        lines.append(_length_line(f"part_{number}", limit))
        entries.append(f"{field.attribute!r}: {{{field.codec.tag!r}: part_{number}}}")
    values = ", ".join(f"value_{number}" for number in range(len(fields)))
    end = f"    return {{{', '.join(entries)}}}"
    return _function("write", [f"def write({values}):", *lines, end], names)


def identifier_of_stored(fields: Sequence[Field]) -> Callable[[Any], Hashable]:
    """From an attribute map to its key, in a form that is equal for `1` and `1.0`."""
    parts = [_identical(one.codec, f"item[{one.attribute!r}][{one.codec.tag!r}]") for one in fields]
    end = f"    return ({', '.join(parts)},)"
    return _function("identify", ["def identify(item):", end], {"Decimal": Decimal})


def identifier_of_instance(fields: Sequence[Field]) -> Callable[[Any], Hashable]:
    """From an instance to its key, in the form that the key has where it is stored."""
    names: dict[str, Any] = {"Decimal": Decimal}
    values = [
        f"    value_{number} = {_value(one, is_model=True)}" for number, one in enumerate(fields)
    ]
    parts = [
        _identical(one.codec, _written(number, one.codec, names))
        for number, one in enumerate(fields)
    ]
    end = f"    return ({', '.join(parts)},)"
    return _function("identify", ["def identify(instance):", _VALUES, *values, end], names)


def _identical(codec: Codec, payload: str) -> str:
    return f"Decimal({payload})" if codec.tag == "N" else payload


def _function(name: str, lines: list[str], names: dict[str, Any]) -> Callable[[Any], Any]:
    exec("\n".join(lines), names)  # no text of it comes from outside  # noqa: S102  # nosec B102
    function: Callable[[Any], Any] = names[name]
    return function
