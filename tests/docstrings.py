"""What the docstrings of public names leave unsaid, by sections as the site reads them.

A section is `Args:`, `Returns:`, `Yields:`, `Raises:` or `Attributes:`, with an entry a line, four
spaces in; what goes on is further in.
"""

from __future__ import annotations

import ast
import inspect
import re
from functools import cache
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.house import ROOT, Function, Module, modules

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGES = ROOT / "docs" / "reference" / "api"
FACES = ("dynrepo", "dynrepo.testing")
"""The packages that offer names."""

HANDED_OUT = {
    *("AsyncBatch", "AsyncQuery", "AsyncTransaction", "Batch", "Query", "Transaction"),
    *("FieldPath", "FieldPaths", "Expectation", "Engine"),
}
"""Classes whose instances callers get from a call and never make: what makes them is not told."""

VALIDATES = {
    *("RepositoryDefinition.decode", "RepositoryDefinition.decode_change"),
    *("RepositoryDefinition.lookup", "QueryVerbs.scan", "CollectionVerbs.query_with"),
    *("Query.only", "Query.keys", "Query.pages", "TransactionWrites.create"),
    *("TransactionWrites.set", "TransactionWrites.update", "TransactionWrites.delete"),
    *("TransactionWrites.check", "ChangedPath.set", "ChangedPath.add", "ChangedPath.delete"),
    *("ChangedPath.append", "ChangedPath.prepend", "ComparedPath.startswith"),
    *("ComparedPath.contains", "ComparedPath.size", "RangedOperand.between"),
    *("SummedPath.if_not_exists", "schema_of", "model_of"),
}
"""What refuses or fails by functions that it calls; all else is seen by `may_raise`."""

SLEEPS = {"sleep_async"}
"""What waits and sends nothing: it only ends early when it is stopped from outside."""

_SECTION = re.compile(r"(Args|Returns|Yields|Raises|Attributes):")
_ENTRY = re.compile(r" {4}\*{0,2}([\w.]+):(?= \S)")
_NOTHING = {None, "None", "Self", "NoReturn"}
_PROPERTIES = {"property", "cached_property"}
_ABSTRACT = "NotImplementedError"
_OF_PYTEST = re.compile(r"(test|pytest)_")


class Told(NamedTuple):
    """What a docstring says, by section: the lines that begin an entry."""

    sections: dict[str, list[str]]
    text: str

    @classmethod
    def by(cls, docstring: str | None) -> Told:
        """Taken apart."""
        text = inspect.cleandoc(docstring or "")
        sections: dict[str, list[str]] = {}
        entries: list[str] | None = None
        for line in text.splitlines():
            if section := _SECTION.fullmatch(line):
                entries = sections.setdefault(section[1], [])
            elif line and not line.startswith("    "):
                entries = None
            elif entries is not None and re.match(r" {4}\S", line):
                entries.append(line)
        return cls(sections, text)

    def names(self, *sections: str) -> set[str]:
        """The names that have an entry."""
        lines = (line for name in sections for line in self.sections.get(name, ()))
        return {entry[1] for line in lines if (entry := _ENTRY.match(line))}

    def faults(self) -> Iterator[str]:
        """What the site would not render as it is meant."""
        if not self.text:
            yield "has no docstring"
        if re.search(r"::$", self.text, re.MULTILINE):
            yield "ends a line with `::`, where a fenced block belongs"
        for section in ("Returns", "Yields"):
            if len(self.sections.get(section, ".")) != 1:
                yield f"{section} has not one entry: what goes on is further in"
        for section in ("Args", "Raises", "Attributes"):
            lines = self.sections.get(section, [])
            yield from (f"{section}: {line}" for line in lines if not _ENTRY.match(line))


def of_function(function: Function, *, raises: bool) -> Iterator[str]:
    """What the docstring of a function or a method leaves unsaid."""
    told = Told.by(ast.get_docstring(function))
    yield from told.faults()
    if _is_no_call(function):
        return
    taken = _parameters(function)
    yield from (f"takes {name}" for name in sorted(taken - told.names("Args")))
    yield from (f"does not take {name}" for name in sorted(told.names("Args") - taken))
    returned = ast.unparse(function.returns) if function.returns else None
    if returned not in _NOTHING and not {"Returns", "Yields"} & told.sections.keys():
        yield f"returns {returned}"
    yield from _unsaid_of_raising([function], told, raises=raises)


def may_raise(function: Function, qualified: str) -> bool:
    """Whether a function can fail by its own: it waits, in either face, or it raises, or is listed.

    A property is never called, and has no section.
    """
    blocking = qualified.removeprefix("Async")
    kind, _, name = blocking.rpartition(".")
    awaited = methods_of(f"Async{kind}").get(name) if kind else None
    raised = any(node.exc for node in _raises_of(function))
    waits = isinstance(function, ast.AsyncFunctionDef) or isinstance(awaited, ast.AsyncFunctionDef)
    return (waits and name not in SLEEPS) or raised or blocking in VALIDATES


def unsaid(offered: Any, hidden: frozenset[str] = frozenset()) -> Iterator[str]:
    """What the docstrings of a public thing leave unsaid: of a function, a class or a module.

    Methods that are `hidden` from the page are for the library itself.
    """
    if inspect.ismodule(offered):
        for name in _names_of(offered):
            yield from (f"{name}: {fault}" for fault in unsaid(getattr(offered, name)))
    elif isinstance(offered, type):
        yield from _of_class(offered, hidden)
    elif inspect.isroutine(offered):
        function = _function(offered)
        yield from of_function(function, raises=may_raise(function, function.name))


def _of_class(kind: type[Any], hidden: frozenset[str]) -> Iterator[str]:
    own = [each.__name__ for each in kind.__mro__ if each.__name__ in _homes()]
    told = Told.by(kind.__doc__)
    yield from told.faults()
    seen = set(hidden)
    for each in own:
        for name, method in methods_of(each).items():
            if not name.startswith("_") and name not in seen:
                raises = may_raise(method, f"{each}.{name}")
                yield from (f"{name}: {fault}" for fault in of_function(method, raises=raises))
            seen.add(name)
    if kind.__name__ not in HANDED_OUT:
        yield from _of_construction(own, told)


def _of_construction(own: list[str], told: Told) -> Iterator[str]:
    fields, documented = set[str](), told.names("Args", "Attributes")
    for each in own:
        fields |= _fields(each).keys()
        documented |= {name for name, has_docstring in _fields(each).items() if has_docstring}
        documented |= Told.by(ast.get_docstring(_class(each))).names("Args", "Attributes")
    making = [methods_of(each) for each in own]
    makers = [next((m[name] for m in making if name in m), None) for name in _MAKERS]
    taken = _parameters(makers[0]) if makers[0] else set[str]()
    yield from (f"takes {name}" for name in sorted((fields | taken) - documented))
    yield from (f"does not take {name}" for name in sorted(told.names("Args") - fields - taken))
    made = [maker for maker in makers if maker]
    raises = any(may_raise(maker, own[0]) for maker in made)
    yield from _unsaid_of_raising(made, told, raises=raises)


_MAKERS = ("__init__", "__new__", "__post_init__")


def _unsaid_of_raising(functions: list[Function], told: Told, *, raises: bool) -> Iterator[str]:
    """What is not said of errors: that there are some, or which the functions raise themselves."""
    if raises and not ("Raises" in told.sections or "never raises" in told.text.casefold()):
        yield "raises"
    raised = {name for function in functions for name in _raised(function)}
    yield from (f"raises {name}" for name in sorted(raised - told.names("Raises")))


def _raised(function: Function) -> Iterator[str]:
    """The classes of errors that are named where a function raises."""
    for node in _raises_of(function):
        error = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        if isinstance(error, ast.Name) and error.id[0].isupper() and error.id != _ABSTRACT:
            yield error.id


def _raises_of(node: ast.AST) -> Iterator[ast.Raise]:
    """The statements by which a function raises, but for those of functions within it."""
    for each in ast.iter_child_nodes(node):
        if isinstance(each, ast.Raise):
            yield each
        elif not isinstance(each, Function):
            yield from _raises_of(each)


def _parameters(function: Function) -> set[str]:
    given = function.args
    named = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    names = {each.arg for each in named if each} - {"self", "cls"}
    return {name for name in names if not name.startswith("_")}


def _is_no_call(function: Function) -> bool:
    """Whether it is read as a property, or pytest calls it: a test, a fixture or a hook."""
    decorators = {ast.unparse(each) for each in function.decorator_list}
    is_fixture = any(each.startswith("pytest.fixture") for each in decorators)
    return bool(decorators & _PROPERTIES or is_fixture or _OF_PYTEST.match(function.name))


@cache
def _homes() -> dict[str, Module]:
    """The module of each class of dynrepo by its name, which stands for one."""
    found = modules().values()
    return {name: each for each in found for name in re.findall(r"(?m)^class (\w+)", each.source)}


@cache
def _class(name: str) -> ast.ClassDef:
    body = _homes()[name].tree.body
    return next(node for node in body if isinstance(node, ast.ClassDef) and node.name == name)


@cache
def methods_of(kind: str) -> dict[str, Function]:
    """The methods of a class; of one with overloads, the last."""
    body = _class(kind).body if kind in _homes() else []
    return {node.name: node for node in body if isinstance(node, Function)}


@cache
def _fields(kind: str) -> dict[str, bool]:
    """The public annotated names of a class, and whether a docstring follows."""
    body = [*_class(kind).body, None]
    return {
        node.target.id: isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
        for node, after in pairwise(body)
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Name)
        and not node.target.id.startswith("_")
    }


def _function(offered: Any) -> Function:
    function = inspect.unwrap(offered)
    named = (node for node in _module(function).tree.body if isinstance(node, Function))
    return [node for node in named if node.name == function.__name__][-1]


def _module(offered: Any) -> Module:
    path = Path(inspect.getfile(offered)).relative_to(ROOT)
    return modules()[".".join(path.with_suffix("").parts)]


def _names_of(module: Any) -> list[str]:
    """What a page shows of a module: its `__all__`, or what it defines."""
    if hasattr(module, "__all__"):
        return sorted(module.__all__)
    defined = _module(module).tree.body
    kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    names = (node.name for node in defined if isinstance(node, kinds))
    return sorted({name for name in names if not name.startswith("_")})


@cache
def names() -> dict[str, frozenset[str]]:
    """Every public name, each with what its page hides: those of `__all__`, those of the pages."""
    pages = "".join(page.read_text(encoding="utf-8") for page in sorted(PAGES.glob("*.md")))
    found = {f"{face}.{name}": frozenset[str]() for face in FACES for name in _listed(face)}
    for name, options in re.findall(r"(?m)^::: (dynrepo[\w.]*)\n((?: .*\n)*)", pages):
        hidden = re.search(r'"!\^\((.*)\)\$"', options)
        found[name] = frozenset(hidden[1].split("|") if hidden else ())
    return dict(sorted(found.items()))


def _listed(face: str) -> list[str]:
    listed: list[str] = import_module(f"{face}.names").__all__
    return listed


def offered_as(name: str) -> Any:
    """What a public name stands for; a module where it is one."""
    place, _, last = name.rpartition(".")
    found = getattr(import_module(place), last, None)
    return import_module(name) if found is None else found
