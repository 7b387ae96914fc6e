"""The templates of a model in a shared table, by the attributes and the keys that they make.

The key of an index may be the attribute of a field, as that of an index over `email` is: nothing is
added to an item for it. DynamoDB puts an item into an index that has all attributes of its key,
whether its repository has a place there or not.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from dynrepo.errors import SchemaError
from dynrepo.templates.key import TemplateKey
from dynrepo.templates.template import Template

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from dynrepo.codec import Field
    from dynrepo.places.shared_table import Place
    from dynrepo.places.texts import Templates


class PlaceLayout:
    """Where the fields of a model stand in keys; `owner` is the model in messages."""

    def __init__(self, place: Place, fields: Sequence[Field], owner: str) -> None:
        self._table = place.table
        self._fields = {field.name: field for field in fields}
        self._owner = owner
        self.templates: Templates = {
            attribute: self._template(text, attribute)
            for attribute, text in place.by_attribute.items()
        }
        """The templates by the attributes that they make, those of the table's key first."""

    @cached_property
    def of_key(self) -> Templates:
        """Those of the table's key."""
        return {name: self.templates[name] for name in self._table.key.names}

    @cached_property
    def table_key(self) -> TemplateKey:
        """The same as a key."""
        return TemplateKey(*self.of_key.values())

    def index_fields(self, unstored: Collection[str]) -> dict[str, Field]:
        """The fields whose attribute is the key of an index, by attribute.

        `unstored` are attributes that no item has. SchemaError for a field that cannot be a key.
        """
        found = {
            name: template.alone
            for name, template in self.templates.items()
            if template.alone is not None and template.alone.attribute == name
            if name not in self.of_key and name not in unstored
        }
        for name, field in found.items():
            _check(field, self.templates[name].tag)
        return found

    def keys(self, stored: Sequence[Field]) -> dict[str, TemplateKey]:
        """The templates of keys by DynamoDB's names of the indexes; "" is the table itself.

        `stored` are the fields that have an attribute: SchemaError for one that cannot be the key
        of the index that it is the key of.
        """
        made = self.templates | self._of_fields(stored)
        return {"": self.table_key} | {
            name: TemplateKey(*[made[each] for each in index.names])
            for name, index in self._table.indexes.items()
            if all(each in made for each in index.names)
        }

    def _of_fields(self, stored: Sequence[Field]) -> Templates:
        """The keys that fields are without a word of the place."""
        found: Templates = {}
        by_attribute = {field.attribute: field for field in stored}
        for index in self._table.indexes.values():
            for name, tag in index.typed_names.items():
                if name in by_attribute and name not in self.templates:
                    _check(by_attribute[name], tag)
                    found[name] = self._template(f"{{{by_attribute[name].name}}}", name)
        return found

    def _template(self, text: str, attribute: str) -> Template:
        keys = (self._table.key, *self._table.indexes.values())
        types = [key.typed_names[attribute] for key in keys if attribute in key.names]
        is_sort = any(attribute == key.sort for key in keys)
        return Template(text, self._fields, owner=self._owner, sort=is_sort, tag=types[0])


def _check(field: Field, tag: str) -> None:
    """SchemaError for a field whose attribute is the key of an index, and cannot be it."""
    tags = sorted(field.present.tags)
    if tags != [tag]:
        raise SchemaError(
            f"{field.label}: the attribute is the key of an index, of the type {tag}, and the field"
            f" is stored as {' or '.join(tags)}"
        )
    if field.none == "stored":
        raise SchemaError(
            f"{field.label}: the key of an index may be absent, but no NULL: let None be the"
            " default of the field"
        )
