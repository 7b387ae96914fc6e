"""What is refused where a model is given a place in a shared table, with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynrepo.errors import SchemaError
from dynrepo.places.table_keys import IndexPlace

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from dynrepo.codec import Field
    from dynrepo.templates.key import TemplateKey
    from dynrepo.templates.template import Template


def check_unused(kind: type[Any]) -> None:
    """SchemaError for a class of repositories that has a place in an index beside its place."""
    for name, value in vars(kind).items():
        if isinstance(value, IndexPlace):
            raise SchemaError(
                f"{kind.__name__}.{name} is a place in an index, which no write would know: give it"
                f" to the place, as in `place = Shop.place(..., {name}=Shop.gsi1(...))`"
            )


def check_attributes(fields: Iterable[Field], added: Collection[str], table: str) -> None:
    """SchemaError for a field that is stored where the table has a key or a mark."""
    for field in fields:
        if field.attribute in added:
            raise SchemaError(
                f"{field.label}: {table} stores a key or a mark under {field.attribute}: give the"
                " field an Attribute(...) of its own, or, for an index, let its template be"
                f" {{{field.name}}}"
            )


def check_texts(templates: Iterable[Template]) -> None:
    """SchemaError for a constant text that no key attribute can hold."""
    for template in templates:
        if not template.fields and len(template.prefix.encode()) > template.limit:
            raise SchemaError(f"{template.label} has over {template.limit} bytes")


def check_key(key: TemplateKey, updated: Field | None, *, lossy: bool) -> None:
    """SchemaError for a field that the key of an item cannot be made of."""
    key.check_as_table_key(lossy=lossy)
    if updated is not None and updated in key.fields:
        raise SchemaError(f"{updated.label}: every write would change the key of the item")


def check_unstored(key: TemplateKey, marked: Iterable[Field | None], *, stored: bool) -> None:
    """SchemaError for a field that cannot be in the key alone."""
    for field in () if stored else key.fields:
        if field in key.lossy:
            raise SchemaError(
                f"{field.label} cannot be read from the key, which holds a form of it only: let it"
                " stand whole in the key too, or leave out stored=False"
            )
        if field in marked:
            raise SchemaError(
                f"{field.label}: its marker asks for an attribute of its own: leave out"
                " stored=False, or let the key be made of other fields"
            )


def check_stamped(
    templates: Mapping[str, Template], stamped: Iterable[Field | None], key: Collection[Field]
) -> None:
    """SchemaError for a time that writes stamp, beside a field that an update may leave alone."""
    for template in templates.values():
        for field in stamped:
            if field is None or field not in template.fields:
                continue
            others = [other for other in template.fields if other is not field and other not in key]
            if others:
                raise SchemaError(
                    f"{template.label}: writes set {field.name} themselves, and do not know"
                    f" {others[0].name}: let it stand alone, or with fields of the key"
                )
