"""What two keys have to do with each other: whether they can be one, and what a query reads.

A field that stands in a key twice is taken for two, so that what is said to be apart surely is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynrepo.errors import SchemaError
from dynrepo.templates.languages import Language, common_text, texts_with

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dynrepo.templates.key import TemplateKey
    from dynrepo.templates.template import Template


def collision(one: TemplateKey, other: TemplateKey) -> tuple[str, ...] | None:
    """The texts of a key that both may make, as an example; None where they share none."""
    pairs = zip(one.templates, other.templates, strict=True)
    return _all([common_text(language_of(mine), language_of(yours)) for mine, yours in pairs])


def reach(reader: TemplateKey, other: TemplateKey) -> tuple[str, ...] | None:
    """A key of the other's, as an example, that a query of the reader's reads; None without any.

    The widest query asks for a partition, and for the constant that the sort key begins with.
    """
    partitions = common_text(language_of(reader.partition), language_of(other.partition))
    if reader.sort is None or other.sort is None or partitions is None:
        return _all([partitions])
    return _all([partitions, common_text(_asked(reader.sort), language_of(other.sort))])


def begins_alike(one: TemplateKey, other: TemplateKey) -> bool:
    """Whether keys of the other's begin with the constants that those of the one begin with."""
    pairs = zip(one.templates, other.templates, strict=True)
    return all(common_text(_asked(mine), language_of(yours)) is not None for mine, yours in pairs)


def check_collision(one: TemplateKey, other: TemplateKey) -> None:
    """SchemaError, with an example, where two keys may be one."""
    texts = collision(one, other)
    if texts is not None:
        raise SchemaError(
            f"{_told(one)} and {_told(other)} can make one key, as {_named(texts)}: an item of one"
            " would replace one of the other: let a constant in one of the templates differ"
        )


def check_reach(reader: TemplateKey, other: TemplateKey) -> None:
    """SchemaError, with an example, where a query of the reader's reads items of the other's."""
    texts = reach(reader, other)
    if texts is not None:
        raise SchemaError(
            f"a query by {_told(reader)} would read what {_told(other)} makes, as {_named(texts)}:"
            " let the sort keys begin with different constants, or the table have a mark"
        )


def language_of(template: Template) -> Language:
    """All the texts of a template."""
    language = Language()
    if template.lone is not None:
        language.whole_number()  # an example of what is compared as it is stored
    for piece in template.pieces:
        if isinstance(piece, str):
            language.text(piece)
        else:
            piece.form.spell(language, piece.stop)
    return language


def _asked(template: Template) -> Language:
    """What the widest query by a sort key reads: static text by `=`, else by its beginning."""
    return texts_with(template.prefix) if template.fields else language_of(template)


def _all(texts: Sequence[str | None]) -> tuple[str, ...] | None:
    found = tuple(text for text in texts if text is not None)
    return found if len(found) == len(texts) else None


def _named(texts: tuple[str, ...]) -> str:
    return " with ".join(map(repr, texts))


def _told(key: TemplateKey) -> str:
    """The owner and the templates of a key."""
    return f"{key.partition.owner} ({', '.join(template.text for template in key.templates)})"
