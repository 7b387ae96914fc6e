"""The functions that make key texts, written out template by template.

They are put together where a repository is defined, as those in `dynrepo.codec.generated`. A text
is made of what is stored of the fields, and of nothing twice::

    def place_item(item):
        payload_0 = item['user_id']['S']
        text = f"USER#{payload_0}"
        if not 0 < len(text) <= 512: raise ValueError
        item['pk'] = {'S': text}

What they refuse, by whatever error, `Template.stored` judges, and names the field and the template.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dynrepo.codec.generated import length_check, take_values, written
from dynrepo.codec.limits import SHORT
from dynrepo.codec.source import Source
from dynrepo.reading.known_types import ONE_FORM
from dynrepo.templates.cuts import CutForm
from dynrepo.templates.forms import PaddedForm, ShapedForm, TextForm
from dynrepo.templates.template import Template

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

    from dynrepo.codec import AttributeValue, Field, Item
    from dynrepo.templates.template import Slot

Templates = dict[str, Template]
"""Templates by the attributes that they make."""


def place_writer(
    templates: Templates, constants: Mapping[str, str], owner: str, unstored: Iterable[str] = ()
) -> Callable[[Item], None]:
    """Adds the attributes of templates to an item, and some that are constant.

    A template with a field that has no value adds nothing. What is `unstored` is in texts alone,
    and taken out at the end.
    """
    source = _TextSource("place_item(item)", owner, _fields_of(templates))
    for name, field in source.payloads.items():
        source.add(f"{name} = {_stored(field)}")
    for attribute, template in templates.items():
        may_lack = [source.name_of(field) for field in template.fields if _may_be_absent(field)]
        lines = [
            *source.short_lines(template),
            f"item[{attribute!r}] = {{{template.tag!r}: text}}",
        ]
        if may_lack:
            source.add(f"if {' and '.join(f'{name} is not None' for name in may_lack)}:")
            lines = [f"    {line}" for line in lines]
        source.add(*lines)
    for attribute, text in constants.items():
        source.add(f"item[{attribute!r}] = {{'S': {text!r}}}")
    for attribute in sorted(unstored):
        source.add(f"del item[{attribute!r}]")
    return source.function("return None")


def placed_key_writer(
    fields: Sequence[Field], templates: Templates, owner: str
) -> Callable[..., Item]:
    """From the values of a key's fields to the key attributes."""
    values = ", ".join(f"value_{number}" for number in range(len(fields)))
    source = _TextSource(f"write_key({values})", owner, fields)
    source.take_payloads()
    source.add("key = {}")
    for attribute, template in templates.items():
        source.add(*source.short_lines(template))
        source.add(f"key[{attribute!r}] = {{{template.tag!r}: text}}")
    return source.function("return key")


def placed_identifier(
    fields: Sequence[Field], templates: Templates, owner: str
) -> Callable[[Any], Hashable]:
    """From an instance to its key, in a form that is equal for `1` and `1.0`."""
    source = _TextSource("identify_instance(instance)", owner, fields)
    take_values(source, fields, is_model=True)
    source.take_payloads()
    names: list[str] = []
    for number, template in enumerate(templates.values()):
        source.add(source.text_line(template))
        names.append(f"text_{number}")
        source.add(f"{names[-1]} = {'Decimal(text)' if template.tag == 'N' else 'text'}")
    return source.function(f"return ({', '.join(names)},)")


def placed_key_matcher(
    fields: Sequence[Field], templates: Templates, owner: str
) -> Callable[[Any, Mapping[str, AttributeValue]], bool]:
    """Whether the fields of an instance make a key that is stored as these attributes."""
    source = _TextSource("has_key(instance, key)", owner, fields)
    take_values(source, fields, is_model=True)
    source.take_payloads()
    for attribute, template in templates.items():
        source.add(source.text_line(template))
        source.add(f"stored = key[{attribute!r}][{template.tag!r}]")
        is_other = "text != stored"
        if template.tag == "N":
            is_other += " and Decimal(text) != Decimal(stored)"
        source.add(f"if {is_other}: return False")
    return source.function("return True")


def asked_writer(
    template: Template, pieces: Sequence[str | Slot], positions: Mapping[str, int]
) -> Callable[[Sequence[tuple[AttributeValue, ...]]], str]:
    """The beginning of a text, or all of it, made of what a query asks of fields.

    `positions` tell where the stored value of each field is, by its name.
    """
    fields = dict.fromkeys(piece.field for piece in pieces if not isinstance(piece, str))
    source = _AskedSource("write_asked(values)", template.owner, [*fields])
    for name, field in source.payloads.items():
        source.add(f"{name} = values[{positions[field.name]}][0][{field.present.tag!r}]")
    if not pieces:
        return source.function("return ''")
    source.add(source.line(pieces), length_check("text", SHORT[template.is_sort]))
    return source.function("return text")


class _TextSource(Source):
    """The source of a function that makes texts of the payloads of some fields."""

    is_written = True
    """Whether the payloads surely come from codecs."""

    def __init__(self, signature: str, owner: str, fields: Sequence[Field]) -> None:
        super().__init__(signature, owner)
        self.payloads = {f"payload_{number}": field for number, field in enumerate(fields)}
        self._names = {field.name: name for name, field in self.payloads.items()}
        self._bound = 0
        self.bind("Decimal", Decimal)

    def name_of(self, field: Field) -> str:
        """The variable that holds what is stored of a field."""
        return self._names[field.name]

    def take_payloads(self) -> None:
        """Adds the lines that write the values of the fields."""
        for number, (name, field) in enumerate(self.payloads.items()):
            self.add(f"{name} = {written(number, field.present, self)}")

    def short_lines(self, template: Template) -> list[str]:
        """The lines that make `text`; ValueError for one that may be too long."""
        lines = [self.text_line(template)]
        if template.fields:
            lines.append(length_check("text", SHORT[template.is_sort]))
        return lines

    def text_line(self, template: Template) -> str:
        """The line that makes `text`."""
        if template.lone is not None:
            return f"text = {self.name_of(template.lone)}"
        return self.line(template.pieces)

    def line(self, pieces: Sequence[str | Slot]) -> str:
        """The line that puts a text together."""
        parts = [repr(it) if isinstance(it, str) else self._part(it) for it in pieces]
        return f"text = {' + '.join(parts)}"

    def _part(self, slot: Slot) -> str:
        """The expression of a field's part of a text."""
        payload, form = self.name_of(slot.field), slot.form
        if self.is_written and slot.field.present in ONE_FORM:  # which a codec writes in one shape
            if type(form) is ShapedForm:
                return payload
            if type(form) is CutForm:
                return f"{payload}[:{form.width}]"
        write = self.bind(f"write_text_{self._bound}", _writer(slot))
        self._bound += 1
        if type(form) is PaddedForm and form.shape is not None:
            fits = f"{payload}.isdigit() and len({payload}) <= {form.shape.width}"
            return f"({payload}.zfill({form.shape.width}) if {fits} else {write}({payload}))"
        if type(form) is not TextForm:
            return f"{write}({payload})"
        stops = f" and {slot.stop!r} not in {payload}" if slot.stop else ""
        return f"({payload} if {payload}.isascii(){stops} else {write}({payload}))"


class _AskedSource(_TextSource):
    """The same of payloads that a condition of PynamoDB's may hold, too."""

    is_written = False


def _writer(slot: Slot) -> Callable[[str], str]:
    if not slot.stop:
        return slot.form.write

    def write(payload: str) -> str:
        text = slot.form.write(payload)
        slot.check(text)
        return text

    return write


def _fields_of(templates: Templates) -> list[Field]:
    """The fields that some templates name, each once, in their order."""
    return list(dict.fromkeys(field for each in templates.values() for field in each.fields))


def _may_be_absent(field: Field) -> bool:
    return field.none != "refused"


def _stored(field: Field) -> str:
    """The expression of what is stored of a field, None where nothing is."""
    attribute, tag = field.attribute, field.present.tag
    if not _may_be_absent(field):
        return f"item[{attribute!r}][{tag!r}]"
    return f"item[{attribute!r}].get({tag!r}) if {attribute!r} in item else None"
