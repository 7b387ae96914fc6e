"""A key of two attributes, or one, that templates make: of a table, or of an index of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dynrepo.errors import SchemaError

if TYPE_CHECKING:
    from dynrepo.codec import Field
    from dynrepo.templates.template import Template


class TemplateKey(NamedTuple):
    """The templates of a partition key and of a sort key, where there is one."""

    partition: Template
    sort: Template | None = None

    @property
    def templates(self) -> tuple[Template, ...]:
        """The templates, partition first."""
        return (self.partition,) if self.sort is None else (self.partition, self.sort)

    @property
    def fields(self) -> tuple[Field, ...]:
        """Their fields, each once, in the order in which they first stand there."""
        every = (field for template in self.templates for field in template.fields)
        return tuple({field.name: field for field in every}.values())

    @property
    def lossy(self) -> tuple[Field, ...]:
        """The fields that neither holds whole, so that they cannot be read from the key."""
        whole = {
            field.name
            for template in self.templates
            for field in template.fields
            if field not in template.lossy
        }
        return tuple(field for field in self.fields if field.name not in whole)

    def check_as_table_key(self, *, lossy: bool = False) -> None:
        """SchemaError for a key of a table that an item may lack, or that two may have.

        `lossy` says that two values of a field may make one key.
        """
        for template in self.templates:
            for field in template.nullable:
                raise SchemaError(
                    f"{template.label} names {field.name}, which may be None, and the key of a"
                    " table is never absent: name another field, or put it into an index"
                )
        for field in () if lossy else self.lossy:
            raise SchemaError(
                f"{self.partition.owner}: two values of {field.name} may make one key of the table,"
                " which holds it in a form only: let the field stand whole in the key too, or say"
                " lossy=True"
            )
