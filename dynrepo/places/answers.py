"""How answers of a shared table are made from their text.

What makes an instance knows nothing of the table's key: whoever asked compares.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynrepo.codec.core_schemas import NotAccelerated
from dynrepo.reading.parsers import accelerated_schema

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from pydantic import BaseModel

    from dynrepo.codec import Field
    from dynrepo.codec.core_schemas import CoreSchema
    from dynrepo.codec.records import Record
    from dynrepo.templates.key import TemplateKey


def placed_schema(model: type[BaseModel], record: Record, keys: Collection[Field]) -> CoreSchema:
    """The schema that makes instances of items in JSON, where the fields of their key are there.

    `NotAccelerated` as `accelerated_schema`, and where all attributes are the model's.
    """
    if record.extra != "ignore":
        raise NotAccelerated(
            "in a shared table an item has attributes that no field declares: let the model ignore"
            " what it does not declare"
        )
    return accelerated_schema(model, record, keys)


def with_constants(schema: CoreSchema, key: TemplateKey, attributes: Iterable[Field]) -> CoreSchema:
    """A schema of items that takes those alone whose key has its constant texts.

    For a model that is not told from others by attributes that it needs.
    """
    for template, field in zip(key.templates, attributes, strict=True):
        if not template.fields:
            path, choices = [field.attribute, template.tag], {template.prefix: schema}
            schema = {"type": "tagged-union", "discriminator": path, "choices": choices}
    return schema
