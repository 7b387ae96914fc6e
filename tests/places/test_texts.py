"""Generated functions make the texts that templates make one by one."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import AwareDatetime, BaseModel

from dynrepo.codec import Compiler
from dynrepo.places.texts import (
    asked_writer,
    place_writer,
    placed_identifier,
    placed_key_matcher,
    placed_key_writer,
)
from dynrepo.templates.template import Template


class Post(BaseModel):
    """A text before a separator, one that may be absent, a number."""

    forum: str
    subject: str
    author: str | None = None
    likes: int = 0


FIELDS = {field.name: field for field in Compiler(by_alias=False).record(Post).fields}
POST = Post(forum="Ö x", subject="a#b", likes=3)


def template(text: str, **options: Any) -> Template:
    """A template over the fields of a post."""
    return Template(text, FIELDS, owner="Post", **options)


TEMPLATES = {
    "pk": template("FORUM#{forum}#{subject}", sort=True),
    "sk": template("{likes:04d}", sort=True),
    "by": template("BY#{author}#{likes}"),
    "n": template("{likes}", tag="N", sort=True),
    "c": template("CONSTANT"),
}
KEY = {name: TEMPLATES[name] for name in ("pk", "sk")}
OF_KEY = [FIELDS["forum"], FIELDS["subject"], FIELDS["likes"]]


def stored(post: Post) -> dict[str, Any]:
    """What is stored of the fields of a post."""
    values = {name: field.encode(getattr(post, name)) for name, field in FIELDS.items()}
    return {name: value for name, value in values.items() if value is not None}


def test_an_item_gets_the_texts_of_its_templates() -> None:
    """Those of which all fields have a value, and what is constant."""
    place = place_writer(TEMPLATES, {"_et": "PO'ST"}, "Post")
    for author in (None, "ada", "a\nb'", "é"):
        item = stored(POST.model_copy(update={"author": author}))
        made = {name: each.stored(item) for name, each in TEMPLATES.items()}
        own = dict(item)
        place(item)
        assert {name: item.get(name) for name in TEMPLATES} == made
        assert item == own | {k: v for k, v in made.items() if v} | {"_et": {"S": "PO'ST"}}
    assert made["pk"] == {"S": "FORUM#Ö x#a#b"}
    item = {**stored(POST), "author": {"NULL": True}}
    place(item)
    assert "by" not in item


def test_values_and_instances_make_the_same_key() -> None:
    """And no other key is that of the instance."""
    key = placed_key_writer(OF_KEY, KEY, "Post")("Ö x", "a#b", 3)
    has_key = placed_key_matcher(OF_KEY, KEY, "Post")

    assert key == {"pk": {"S": "FORUM#Ö x#a#b"}, "sk": {"S": "0003"}}
    assert placed_identifier(OF_KEY, KEY, "Post")(POST) == ("FORUM#Ö x#a#b", "0003")
    assert has_key(POST, key)
    for other in ({"pk": {"S": "FORUM#x#a#b"}}, {"sk": {"S": "3"}}):
        assert not has_key(POST, {**key, **other})


def test_a_long_key_is_compared_as_any_other() -> None:
    """Writers leave it to the template; what reads does not ask for its length."""
    post = POST.model_copy(update={"subject": "x" * 1000})
    item = stored(post)
    key = {name: each.stored(item) for name, each in KEY.items()}
    assert placed_key_matcher(OF_KEY, KEY, "Post")(post, key)
    assert placed_identifier(OF_KEY, KEY, "Post")(post) == (f"FORUM#Ö x#{'x' * 1000}", "0003")


def test_numbers_are_compared_as_numbers() -> None:
    """In any spelling."""
    numbers = {"n": TEMPLATES["n"]}
    has_key = placed_key_matcher([FIELDS["likes"]], numbers, "Post")

    assert placed_identifier([FIELDS["likes"]], numbers, "Post")(POST) == (3,)
    assert has_key(POST, {"n": {"N": "3"}})
    assert has_key(POST, {"n": {"N": "3.0"}})
    assert not has_key(POST, {"n": {"N": "4"}})


@pytest.mark.parametrize(
    ("change", "attribute"),
    [
        ({"forum": "C#"}, "pk"),
        ({"forum": "Ö#"}, "pk"),
        ({"subject": "\U0010ffff"}, "pk"),
        ({"likes": -1}, "sk"),
        ({"likes": 10_000}, "sk"),
        ({"subject": "x" * 2000}, "pk"),
    ],
)
def test_what_a_template_refuses_raises(change: dict[str, Any], attribute: str) -> None:
    """Whatever: the template itself then says why."""
    post = POST.model_copy(update=change)
    item = stored(post)
    with pytest.raises(ValueError):  # noqa: PT011 - nobody sees it
        place_writer(TEMPLATES, {}, "Post")(item)
    with pytest.raises(ValueError):  # noqa: PT011 - as above
        placed_key_writer(OF_KEY, KEY, "Post")(post.forum, post.subject, post.likes)
    with pytest.raises(ValueError):  # noqa: PT011 - as above
        TEMPLATES[attribute].stored(stored(post))


class Visit(BaseModel):
    """With a time."""

    at: AwareDatetime
    page: str


VISITS = {field.name: field for field in Compiler(by_alias=False).record(Visit).fields}


def test_times_are_written_as_they_are_stored() -> None:
    """Whole, or the beginning."""
    templates = {
        "pk": Template("DAY#{at:.10}", VISITS, owner="Visit"),
        "sk": Template("{at}#{page}", VISITS, owner="Visit", sort=True),
    }
    at = "2026-01-02T03:04:05.000006Z"
    item: dict[str, Any] = {"at": {"S": at}, "page": {"S": "p"}}
    place_writer(templates, {}, "Visit")(item)
    assert (item["pk"], item["sk"]) == ({"S": "DAY#2026-01-02"}, {"S": f"{at}#p"})


def test_what_is_in_texts_alone_is_taken_out() -> None:
    """Of an item, when its texts are made."""
    item = stored(POST)
    place_writer(KEY, {}, "Post", ["likes", "forum"])(item)
    assert item == {
        "subject": {"S": "a#b"},
        "pk": {"S": "FORUM#Ö x#a#b"},
        "sk": {"S": "0003"},
    }


def test_what_is_asked_makes_the_beginning_of_a_text() -> None:
    """Of stored values by their positions; one that may be too long is left to the template."""
    forum = TEMPLATES["pk"]
    write = asked_writer(forum, forum.pieces[:3], {"forum": 1})
    assert write([({"N": "3"},), ({"S": "Ö x"},)]) == "FORUM#Ö x#"
    assert asked_writer(forum, (), {})([]) == ""
    with pytest.raises(ValueError):  # noqa: PT011 - nobody sees it
        write([({"N": "3"},), ({"S": "x" * 2000},)])
