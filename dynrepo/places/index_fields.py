"""Fields whose own attribute is the key of an index, as that of an index over `email` is.

Nothing is added to an item for such a key. DynamoDB puts an item into an index that has all
attributes of its key, whether its repository has a place there or not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynrepo.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from dynrepo.codec import Field
    from dynrepo.places.shared_table import Index
    from dynrepo.places.texts import Templates
    from dynrepo.templates.template import Template


def index_fields(templates: Templates, left: Collection[str]) -> dict[str, Field]:
    """Those whose place says so, by attribute; SchemaError for one that cannot be a key.

    `left` are the attributes that are no keys of indexes, or that no field has.
    """
    found = {
        name: template.alone
        for name, template in templates.items()
        if template.alone is not None and template.alone.attribute == name and name not in left
    }
    for name, field in found.items():
        _check(field, templates[name].tag)
    return found


def implied_templates(
    indexes: Iterable[Index],
    fields: Iterable[Field],
    templates: Templates,
    make: Callable[[str, str], Template],
) -> Templates:
    """The keys that fields are without a word of the place; SchemaError as above.

    `make` is given the text of a template, and its attribute.
    """
    by_attribute = {field.attribute: field for field in fields}
    found: Templates = {}
    for index in indexes:
        for name, tag in index.typed_names.items():
            if name in by_attribute and name not in templates:
                _check(by_attribute[name], tag)
                found[name] = make(f"{{{by_attribute[name].name}}}", name)
    return found


def _check(field: Field, tag: str) -> None:
    """SchemaError for a field whose attribute is the key of an index, and cannot be it."""
    if field.present.tags != {tag}:
        raise SchemaError(
            f"{field.label}: the attribute is the key of an index, of the type {tag}, and the field"
            f" is stored as {' or '.join(sorted(field.present.tags))}"
        )
    if field.none == "stored":
        raise SchemaError(
            f"{field.label}: the key of an index may be absent, but no NULL: let None be the"
            " default of the field"
        )
