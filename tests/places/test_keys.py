"""Keys of shared tables are made of values, and told from each other."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from dynrepo.codec import Compiler, Field
from dynrepo.codec.scalars import STR
from dynrepo.errors import CodecError
from dynrepo.places.keys import PlacedKeyCodec
from dynrepo.schema.keys import KeySchema
from dynrepo.templates.template import Template


class Post(BaseModel):
    """A key of two fields, which may be None by its type."""

    forum: str
    number: int
    subject: str | None = None


FIELDS = {field.name: field for field in Compiler(by_alias=False).record(Post).fields}
KEY = KeySchema(Field("pk", "pk", STR, owner="Post"), Field("sk", "sk", STR, owner="Post"))
POST = Post(forum="aws", number=7)
STORED = {"pk": {"S": "F#aws#7"}, "sk": {"S": "POST"}}


def codec(partition: str, sort: str) -> PlacedKeyCodec:
    """How keys of two templates are written."""
    templates = {
        "pk": Template(partition, FIELDS, owner="Post"),
        "sk": Template(sort, FIELDS, owner="Post", sort=True),
    }
    every = [field for template in templates.values() for field in template.fields]
    return PlacedKeyCodec("Post", (Post,), KEY, tuple(dict.fromkeys(every)), templates)


def refused(function: Any, *arguments: Any) -> str:
    """What the CodecError says that a call raises."""
    with pytest.raises(CodecError) as raised:
        function(*arguments)
    return str(raised.value)


def test_a_key_is_made_of_values_or_of_an_instance() -> None:
    """Both have one identity, as what is stored under it."""
    keys = codec("F#{forum}#{number}", "POST")
    assert keys.encode(("aws", 7)) == keys.encode(POST) == STORED
    assert keys.fields_of(POST) == keys.fields_of(("aws", 7))
    assert keys.fields_of(POST) == {"forum": {"S": "aws"}, "number": {"N": "7"}}
    assert keys.stored({**STORED, "x": {"S": "y"}}) == STORED
    assert keys.identity(POST) == keys.identity(STORED)
    assert keys.identity({"pk": {"S": "F#aws#7"}}) != keys.identity(STORED)


def test_one_field_is_a_bare_value_and_none_an_empty_tuple() -> None:
    """As the values of a key are in any table."""
    assert codec("F#{forum}", "X").encode("aws")["pk"] == {"S": "F#aws"}
    assert codec("F#{forum}", "X").encode("é#")["pk"] == {"S": "F#é#"}
    assert codec("F", "X").encode(()) == codec("F", "X").encode(POST)


def test_what_is_refused_names_field_and_template() -> None:
    """Never a value."""
    keys = codec("F#{forum}#{number}", "POST")
    assert "Post.forum in the template 'F#{forum}#{number}'" in refused(keys.encode, ("C#", 7))
    assert "Post.number: expected int" in refused(keys.encode, ("aws", "7"))
    assert "the key is (forum, number), found 1" in refused(keys.encode, "aws")
    assert "Post.forum: expected str" in refused(codec("F#{forum}", "X").encode, ())
    assert "2048 bytes" in refused(codec("F#{forum}", "X").encode, "x" * 2048)
    with pytest.raises(CodecError, match=r"Post.subject: a key has a value"):
        codec("F#{subject}", "X").encode(None)
