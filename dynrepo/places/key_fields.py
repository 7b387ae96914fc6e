"""The fields of a key, read back from its texts: the only place where some of them are.

A table made by hand often holds `USER#42` as its key, and no attribute with the 42.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, cast

from dynrepo.codec.forms import FormCodec
from dynrepo.codec.scalars import always
from dynrepo.errors import CodecError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from collections.abc import Set as AbstractSet

    from dynrepo.codec import AttributeValue, Field, Item
    from dynrepo.codec.value import SingleTag
    from dynrepo.places.texts import Templates
    from dynrepo.templates.template import Template


class KeyFields:
    """Reads the fields of a key from its texts, those apart that a text holds a form of alone.

    `are_stored` says that the fields are attributes of an item too. What is stored is then taken
    where it is there, and is compared with the key by whoever takes it.
    """

    def __init__(self, templates: Templates, *, are_stored: bool) -> None:
        self._templates = templates
        self._found: dict[str, tuple[str, Template]] = {}
        self._shared: set[str] = set()
        """The attributes of texts with a field that another text holds, too, or a form of it."""
        attributes: dict[str, str] = {}
        for attribute, template in templates.items():
            for field in template.fields:
                if sum(field in each.fields for each in templates.values()) > 1:
                    self._shared.add(attribute)
                if field not in template.lossy and field.name not in attributes:
                    attributes[field.name] = field.attribute
                    self._found[field.name] = attribute, template
        self.attributes = frozenset(attributes.values())
        """Those of the fields that can be read."""
        self.unstored = frozenset[str]() if are_stored else self.attributes
        """Those of the fields that are in the texts alone, and not stored themselves."""

    def read(self, item: Mapping[str, AttributeValue]) -> Item:
        """What is stored of the fields, by attribute; CodecError for texts of another key."""
        found: Item = {}
        for attribute, template in self._templates.items():
            if attribute not in item:
                raise CodecError(f"{template.label}: the stored item lacks {attribute}")
            found |= template.read(item[attribute])
        for attribute in self._shared:
            template = self._templates[attribute]
            made = template.stored({**item, **found})
            if made not in (None, item[attribute]):
                raise CodecError(f"{template.label} does not make the text that is stored")
        return found

    def completed(
        self, item: Mapping[str, AttributeValue], wanted: AbstractSet[str]
    ) -> Mapping[str, AttributeValue]:
        """An item with those of some attributes that it has in its key alone; as `read`."""
        if not self.unstored.isdisjoint(wanted):
            return {**item, **self.read(item)}
        if wanted <= item.keys() or not self._templates.keys() <= item.keys():
            return item
        return {**self.read(item), **item}

    def as_read(self, fields: Iterable[Field]) -> tuple[Field, ...]:
        """Some fields as they stand in an item: those that are not stored, as they do in a text."""
        return tuple([self._in_text(it) if it.attribute in self.unstored else it for it in fields])

    def _in_text(self, field: Field) -> Field:
        attribute, template = self._found[field.name]
        if field.computed or template.lone is not None:
            return replace(field, attribute=attribute)
        plain = cast("SingleTag", field.present)
        payloads, name = self._payloads[attribute], field.attribute

        def read(text: str) -> Any:
            return plain.read(payloads(text)[name])

        form = f"a part of {attribute}"
        codec = FormCodec(plain, template.tag, plain.write, read, form=form, canonical=always)
        return replace(field, attribute=attribute, codec=codec)

    @cached_property
    def _payloads(self) -> dict[str, Callable[[str], dict[str, Any]]]:
        """What takes a text apart, by the attribute of the text: payloads by those of the fields.

        Rows of a partition have one text in common, and two fields of a row may stand in one.
        """
        return {
            attribute: lru_cache(maxsize=1)(_taker_apart(template))
            for attribute, template in self._templates.items()
        }


def _taker_apart(template: Template) -> Callable[[str], dict[str, Any]]:
    def taken_apart(text: str) -> dict[str, Any]:
        stored = template.read({template.tag: text})
        return {name: payload for name, value in stored.items() for payload in value.values()}

    return taken_apart
