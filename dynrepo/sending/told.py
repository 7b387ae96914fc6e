"""What may be told of a sentence of DynamoDB: what is known to hold no value."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from dynrepo.sending.sentences import KEPT, OPENINGS, SENTENCES, TOLD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LONGEST_SENTENCE = 8192
"""Characters of a sentence that is looked up; a longer one is not known."""


def told_sentence(sentence: object) -> str:
    """What may be told of a sentence of DynamoDB; empty where it is not known."""
    text = str(sentence)
    if len(text) > LONGEST_SENTENCE:
        return ""
    known = _told_of_known(text)
    opening = next(filter(text.startswith, OPENINGS), "")
    if known or not opening:
        return known
    rest = told_sentence(text.removeprefix(opening))
    return rest and opening + rest


def _told_of_known(text: str) -> str:
    for template in (*_templates().get(text.partition(" ")[0], ()), *_templates()[""]):
        match = _pattern(template).fullmatch(text)
        if match is not None:
            return _told_parts(template, match.groups())
    return ""


def _told_parts(template: str, parts: Iterable[str]) -> str:
    found = iter(parts)

    def told(place: re.Match[str]) -> str:
        part = next(found)
        return part if place[1] in TOLD else "..." * bool(part)

    return _PLACE.sub(told, template)


@cache
def _templates() -> Mapping[str, list[str]]:
    """The known sentences by their first word; under an empty one those that begin with a place."""
    found: dict[str, list[str]] = {}
    for template in SENTENCES:
        word = "" if template.startswith("{") else template.partition(" ")[0]
        found.setdefault(word, []).append(template)
    return found


_PLACE = re.compile(r"\{(\w+|\.\.\.)\}")


@cache
def _pattern(template: str) -> re.Pattern[str]:
    """The sentences that a template stands for, with a group for each of its places."""
    texts = _PLACE.split(template)
    texts[::2] = map(re.escape, texts[::2])
    texts[1::2] = [f"({TOLD.get(name) or KEPT[name]})" for name in texts[1::2]]
    return re.compile("".join(texts), re.DOTALL | re.ASCII)
