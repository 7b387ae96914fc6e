"""Private names of other libraries stand where they are looked for, each with its fall-back."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dynrepo.expressions.private import Operand
from dynrepo.expressions.trees import EncodingOperand
from tests.house import Function, Module, modules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

pytestmark = pytest.mark.once

LISTS = {"dynrepo.aws.private", "dynrepo.expressions.private"}
"""The modules that hold the private names of botocore and PynamoDB."""

USED_WHERE_THEY_STAND = {
    ("dynrepo.codec.stored_keys", "__pydantic_core_schema__"),
    ("dynrepo.codec.adapters", "__pydantic_validator__"),
    ("dynrepo.reading.parsers", "__pydantic_validator__"),
    ("dynrepo.codec.annotations", "__pydantic_complete__"),
    ("dynrepo.codec.annotations", "__pydantic_config__"),
    ("dynrepo.codec.annotations", "__pydantic_core_schema__"),
    ("dynrepo.codec.annotations", "__pydantic_fields__"),
    ("dynrepo.codec.core_schemas", "_use_prebuilt"),
    ("dynrepo.codec.own_code", "__pydantic_core_schema__"),
    ("dynrepo.codec.records", "__pydantic_extra__"),
    ("dynrepo.codec.declarations", "__pydantic_extra__"),
    ("dynrepo.instrumentation.otel", "_METER_PROVIDER"),
    ("dynrepo.instrumentation.otel", "_TRACER_PROVIDER"),
    ("dynrepo.instrumentation.statsd", "_maxudpsize"),
    ("dynrepo.instrumentation.statsd", "_prefix"),
    ("dynrepo.instrumentation.statsd", "_send"),
    ("dynrepo.instrumentation.statsd", "_sock"),
    ("dynrepo.instrumentation.statsd", "_timeout"),
    ("dynrepo.testing.mock", "_is_coroutine"),
}
"""Those of Pydantic, statsd, OpenTelemetry and asyncio, by module."""

OVERRIDDEN = {"_to_operand", "_to_value"}
"""Methods of PynamoDB's operands that ours have in their place, and so name as their own."""

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "reference" / "private-names.md").read_text(encoding="utf-8")

_PRIVATE = re.compile(r"_[A-Za-z]\w*|__pydantic_\w+")
_OF_PYTHON = {"_replace", "_asdict", "_fields", "_make", "_field_defaults", "_missing_"}
"""Public names all the same: of named tuples and of enumerations."""


def own_names(house: Iterable[Module]) -> set[str]:
    """What some module of a house gives a name to: functions, classes, variables, attributes."""
    return {name for module in house for node in ast.walk(module.tree) for name in _given(node)}


def _given(node: ast.AST) -> Iterator[str]:
    if isinstance(node, Function | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    elif (
        isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and ast.unparse(node.value) in {"self", "cls"}
    ):
        yield node.attr


def foreign_names(module: Module, house: AbstractSet[str]) -> list[str]:
    """The private names of others that a module imports, or by which it reaches into objects.

    A module's own are those that it gives itself, and those of `self` that the house gives.
    """
    found = {name for node in ast.walk(module.tree) for name in _reached(node)}
    own = own_names([module]) | (_of_self(module) & house) | _OF_PYTHON
    reached = sorted(name for name in found - own if _PRIVATE.fullmatch(name))
    return reached + sorted(name for name in module.imported if _is_private_import(name))


def _of_self(module: Module) -> set[str]:
    """The attributes of `self` that a module uses."""
    attributes = (node for node in ast.walk(module.tree) if isinstance(node, ast.Attribute))
    return {node.attr for node in attributes if ast.unparse(node.value) in {"self", "cls"}}


def _reached(node: ast.AST) -> Iterator[str]:
    """The names of attributes and keywords that a piece of code uses, and all that it quotes."""
    if isinstance(node, ast.Attribute):
        yield node.attr
    elif isinstance(node, ast.keyword):
        yield node.arg or ""
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def _is_private_import(dotted: str) -> bool:
    top, *rest = dotted.split(".")
    return top != "dynrepo" and any(_PRIVATE.fullmatch(part) for part in rest)


def test_private_names_of_others_stand_in_the_lists() -> None:
    """Nowhere else is one imported, used as an attribute, or asked for by text."""
    own = own_names(module for name, module in modules().items() if name not in LISTS)
    found = {
        (module.name, name)
        for module in modules().values()
        if module.name not in LISTS
        for name in foreign_names(module, own)
    }
    assert found == USED_WHERE_THEY_STAND


def test_the_page_tells_all_of_them() -> None:
    """Who asks what a release of another library could break finds each name, and no other one."""
    used = {name for _, name in USED_WHERE_THEY_STAND} | OVERRIDDEN
    for name in LISTS:
        used |= set(foreign_names(modules()[name], set()))
    cells = re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE)
    assert {name for cell in cells for name in re.findall(r"`(\w+)`", cell)} == used


def test_the_page_says_which_tests_hold_them() -> None:
    """And those are there."""
    named = re.findall(r"tests/[\w/]+\.py", PAGE)
    assert named
    assert [name for name in named if not (ROOT / name).is_file()] == []


def test_what_is_overridden_is_theirs() -> None:
    """A PynamoDB that calls them otherwise would encode values itself."""
    assert vars(Operand).keys() >= OVERRIDDEN
    assert vars(EncodingOperand).keys() >= OVERRIDDEN


OWN = """
class Sender:
    _default = 1

    def __init__(self):
        self._pool = None

    def _send(self): ...
"""


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def f(client):\n    return client._endpoint", ["_endpoint"]),
        ("client.meta.events._emitter.emit()", ["_emitter"]),
        ("client._local = 1", ["_local"]),
        ("class C(Connection):\n    def f(self):\n        return self._client", ["_client"]),
        ("getattr(client, '_request_signer', None)", ["_request_signer"]),
        ("hasattr(client, '_verify')", ["_verify"]),
        ("vars(client)['_make_request']", ["_make_request"]),
        ("client.__dict__['_make_request']", ["_make_request"]),
        ("f.__globals__.get('_PROVIDER')", ["_PROVIDER"]),
        ("NAMES = ('_send', '_make_request')", ["_make_request", "_send"]),
        ("SchemaValidator(_use_prebuilt=False)", ["_use_prebuilt"]),
        ("from botocore.client import _thing", ["botocore.client._thing"]),
        ("import pydantic._internal", ["pydantic._internal"]),
        ("from pydantic._internal import x", ["pydantic._internal.x"]),
        ("model.__pydantic_extra__", ["__pydantic_extra__"]),
    ],
)
def test_a_private_name_of_others_is_seen(source: str, found: list[str]) -> None:
    """In whatever form it is reached."""
    house = [Module("dynrepo.aws.sender", source), Module("dynrepo.aws.own", OWN)]
    assert foreign_names(house[0], own_names(house)) == found


@pytest.mark.parametrize(
    "source",
    [
        "class C:\n    _x = 1\ndef f(c):\n    return c._x",
        "class C(Sender):\n    def f(self):\n        return self._pool, self._send()",
        "class C:\n    def f(self):\n        self._x = 1\n        return self._x",
        "from dynrepo.aws.own import _thing",
        "from __future__ import annotations",
        "value.__class__, value.__dict__",
        "pair._replace(a=1)",
        "client.meta",
    ],
)
def test_a_name_of_our_own_is_fine(source: str) -> None:
    """As are public names and Python's own."""
    house = [Module("dynrepo.aws.sender", source), Module("dynrepo.aws.own", OWN)]
    assert foreign_names(house[0], own_names(house)) == []
