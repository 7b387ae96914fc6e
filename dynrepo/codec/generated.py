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
is what `Record.encode_part` and `Record.decode` do; when one raises, those are asked, and name the
field. Tracebacks, debuggers and profilers show the lines of a generated function as of any other.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel

from dynrepo.codec.lists import ListCodec
from dynrepo.codec.scalars import BOOL, INT, STR
from dynrepo.codec.sets import SetCodec
from dynrepo.codec.source import Source
from dynrepo.codec.undeclared import check_declared
from dynrepo.codec.value import SingleTag, expected

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

    from dynrepo.codec.field import Field, Layout
    from dynrepo.codec.value import Codec


def writer(record: Layout, short: Mapping[str, int]) -> Callable[[Any], Any]:
    """From an instance to its attribute map; ValueError for a text that may be too long.

    `short` are the characters that some attributes may have.
    """
    source = Source("write(instance)", record.name)
    source.bind("kind", record.kind)
    source.bind("expected", expected)
    source.bind("sets", (set, frozenset))
    source.add("if type(instance) is not kind:", f"    raise expected({record.name!r}, instance)")
    is_model = issubclass(record.kind, BaseModel)
    take_values(source, record.fields, is_model=is_model)
    if is_model:
        source.bind("check_declared", check_declared)
        source.add(f"if len(values) != {len(record.kind.model_fields)}: check_declared(instance)")
    numbered = list(enumerate(record.fields))
    always = [(number, field) for number, field in numbered if _is_always_there(field)]
    source.add("item = {")
    for number, field in always:
        source.add(f"    {field.attribute!r}: {_stored(number, field.codec, source)},")
    source.add("}")
    for number, field in numbered:
        if (number, field) not in always:
            _write_if_there(number, field, source)
    for field in record.fields:
        if field.attribute in short:
            _check_stored_length(field, short[field.attribute], source)
    return source.function("return item")


def reader(record: Layout) -> Callable[[Any], Any]:
    """From an attribute map to the values by field name."""
    source = Source("read(item)", record.name)
    numbered = [(number, field) for number, field in enumerate(record.fields) if not field.computed]
    always = [(number, field) for number, field in numbered if _is_always_read(field)]
    source.add("values = {")
    for number, field in always:
        payload = f"item[{field.attribute!r}][{field.codec.tag!r}]"
        # Pydantic itself refuses what is no str.
        value = payload if field.codec is STR else _read(number, field.codec, payload, source)
        source.add(f"    {field.name!r}: {value},")
    source.add("}")
    for number, field in numbered:
        if (number, field) not in always:
            _read_if_there(number, field, source)
    return source.function("return values")


def key_writer(fields: Sequence[Field], short: Sequence[int]) -> Callable[..., Any]:
    """From the values of a key to its attribute map; ValueError for one that may be too long.

    `short` are the characters that each may have.
    """
    values = ", ".join(f"value_{number}" for number in range(len(fields)))
    source = Source(f"write_key({values})", fields[0].owner)
    entries: list[str] = []
    for number, (field, limit) in enumerate(zip(fields, short, strict=False)):
        source.add(f"payload_{number} = {written(number, field.present, source)}")
        source.add(length_check(f"payload_{number}", limit))
        entries.append(f"{field.attribute!r}: {{{field.codec.tag!r}: payload_{number}}}")
    return source.function(f"return {{{', '.join(entries)}}}")


def identifier_of_stored(fields: Sequence[Field]) -> Callable[[Any], Hashable]:
    """From an attribute map to its key, in a form that is equal for `1` and `1.0`."""
    source = Source("identify_stored(item)", fields[0].owner)
    payloads = [f"item[{field.attribute!r}][{field.codec.tag!r}]" for field in fields]
    return source.function(_return_identity(fields, payloads, source))


def identifier_of_instance(fields: Sequence[Field]) -> Callable[[Any], Hashable]:
    """From an instance to its key, in the form that the key has where it is stored."""
    source = Source("identify_instance(instance)", fields[0].owner)
    take_values(source, fields, is_model=True)
    payloads = [written(number, field.present, source) for number, field in enumerate(fields)]
    return source.function(_return_identity(fields, payloads, source))


def key_matcher(fields: Sequence[Field]) -> Callable[[Any, Any], bool]:
    """Whether an instance has a key that is stored as these attributes."""
    source = Source("has_key(instance, key)", fields[0].owner)
    source.bind("Decimal", Decimal)
    take_values(source, fields, is_model=True)
    for number, field in enumerate(fields):
        stored = f"key[{field.attribute!r}][{field.codec.tag!r}]"
        if field.present is STR:  # a text is stored as it is
            source.add(f"if value_{number} != {stored}: return False")
            continue
        source.add(f"payload = {written(number, field.present, source)}", f"stored = {stored}")
        is_other = "payload != stored"
        if field.codec.tag == "N":
            is_other += " and Decimal(payload) != Decimal(stored)"
        source.add(f"if {is_other}: return False")
    return source.function("return True")


def _return_identity(fields: Sequence[Field], payloads: Iterable[str], source: Source) -> str:
    source.bind("Decimal", Decimal)
    forms = [
        f"Decimal({payload})" if field.codec.tag == "N" else payload
        for field, payload in zip(fields, payloads, strict=True)
    ]
    return f"return ({', '.join(forms)},)"


def take_values(source: Source, fields: Sequence[Field], *, is_model: bool) -> None:
    """Adds the lines that take the values of an instance."""
    if is_model:
        source.add("values = instance.__dict__")
    for number, field in enumerate(fields):
        is_in_dict = is_model and not field.computed
        value = f"values[{field.name!r}]" if is_in_dict else f"getattr(instance, {field.name!r})"
        source.add(f"value_{number} = {value}")


def _is_always_there(field: Field) -> bool:
    """Whether every item has the field, below the one tag of its type."""
    return field.none == "refused" and isinstance(field.codec, SingleTag)


def _is_always_read(field: Field) -> bool:
    """Whether an item without the field, below the one tag of its type, is none of the model."""
    return field.required and isinstance(field.codec, SingleTag) and not field.absent


def _stored(number: int, codec: Codec, source: Source) -> str:
    """The attribute value of a value that is not None."""
    return f"{{{codec.tag!r}: {written(number, codec, source)}}}"


def written(number: int, codec: Codec, source: Source) -> str:
    """What is stored below the tag of a value that is not None."""
    value, write = f"value_{number}", source.bind(f"write_{number}", cast("SingleTag", codec).write)
    element = _simple_element(codec)
    if element is None:
        return _simply_written(codec, value, write)
    write_element = source.bind(f"write_element_{number}", element.write)
    stored = f"{{{element.tag!r}: {_simply_written(element, 'element', write_element)}}}"
    return f"[{stored} for element in {value}] if type({value}) is list else {write}({value})"


def _simply_written(codec: Codec, value: str, write: str) -> str:
    return _SIMPLE.get(codec, "{write}({value})").format(value=value, write=write)


# A call takes longer than a look, and most values are as simple as that.
_SIMPLE: dict[Codec, str] = {
    STR: "{value} if type({value}) is str and {value}.isascii() else {write}({value})",
    INT: "str({value}) if type({value}) is int and abs({value}) < 10**15 else {write}({value})",
    BOOL: "{value} if type({value}) is bool else {write}({value})",
}


def _simple_element(codec: Codec) -> SingleTag | None:
    """The codec of the elements of a list, where they are simple."""
    entry = codec.entry if isinstance(codec, ListCodec) and codec.kinds == (list,) else None
    return entry if isinstance(entry, SingleTag) and entry in _SIMPLE else None


def _write_if_there(number: int, field: Field, source: Source) -> None:
    """Adds the lines that write a field which may be absent, or under another tag."""
    codec, value = field.present, f"value_{number}"
    attribute = f"item[{field.attribute!r}]"
    if field.none == "absent" and isinstance(codec, SingleTag) and field.empty == "stored":
        source.add(f"if {value} is not None:")
        source.add(f"    {attribute} = {_stored(number, codec, source)}")
    elif field.none == "refused" and field.empty == "absent":
        encode = source.bind(f"encode_{number}", codec.encode_part)
        source.add(f"if {value} or type({value}) not in sets:")
        source.add(f"    {attribute} = {encode}({value})")
    else:
        stored = source.bind(f"stored_{number}", field.stored)
        source.add(f"stored = {stored}({value})")
        source.add("if stored is not None:", f"    {attribute} = stored")


def _check_stored_length(field: Field, limit: int, source: Source) -> None:
    """Adds the line that refuses a text which may be too long, when it is there at all."""
    check = length_check(f"item[{field.attribute!r}][{field.present.tag!r}]", limit)
    if _is_always_there(field):
        source.add(check)
    else:
        source.add(f"if {field.attribute!r} in item:", f"    {check}")


def length_check(text: str, limit: int) -> str:
    """The line that refuses a text which is empty or may be too long."""
    return f"if not 0 < len({text}) <= {limit}: raise ValueError"


def _read(number: int, codec: Codec, payload: str, source: Source) -> str:
    read = source.bind(f"read_{number}", cast("SingleTag", codec).read)
    return f"{read}({payload})"


def _read_if_there(number: int, field: Field, source: Source) -> None:
    """Adds the lines that read a field which may be absent, or under another tag."""
    codec, value = field.present, f"values[{field.name!r}]"
    # A JSON null is no attribute, and not absent either: it raises, and the careful way names it.
    source.add(f"if {field.attribute!r} in item:", f"    stored = item[{field.attribute!r}]")
    otherwise = ""
    if isinstance(codec, SingleTag | SetCodec):
        read = _read(number, codec, f"stored[{codec.tag!r}]", source)
        source.add(f"    if {codec.tag!r} in stored: {value} = {read}")
        otherwise = "el"
    is_value = "'NULL' not in stored" if field.null_is_absent else "True"
    decode = source.bind(f"decode_{number}", field.codec.decode)
    source.add(f"    {otherwise}if {is_value}: {value} = {decode}(stored)")
    if field.absent:
        absent = source.bind(f"absent_{number}", field.absent)
        source.add("else:", f"    {value} = {absent}()")
