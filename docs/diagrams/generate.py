"""Writes the diagrams of the docs.

    python docs/diagrams/generate.py

A test compares the files with what this makes. The tree of errors is made of the classes, and what
they say of a write stands in `VERDICTS`.
"""

import inspect
import sys
import textwrap
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parents[1]))  # for `dynrepo` where it is not installed
sys.path.append(str(HERE))

from drawing import WIDTH, Drawing  # noqa: E402 - once it is to be found

import dynrepo  # noqa: E402 - the same
from dynrepo import DynrepoError  # noqa: E402 - the same


def diagrams() -> dict[str, str]:
    """Every diagram by the name of its file."""
    return {
        "call.svg": _call(),
        "doubles.svg": _doubles(),
        "errors.svg": _errors(),
        "writes.svg": _writes(),
    }


# The way of a call: the name of a step, where its code is, what it does there and on the way back.

STEPS = (
    ("Your code", "", "users.update(key, path(u.visits).add(1))", "a User, or one DynrepoError"),
    (
        "Verb",
        "operations/ codec/",
        "makes an Operation: request, effect, reader",
        "reads the answer into a model",
    ),
    (
        "Instruments",
        "instrumentation/",
        "start a span and a clock",
        "end them: a span, a timing, a log line",
    ),
    (
        "Store",
        "aio/ blocking/",
        "opens the client, once; bounds the time",
        "hands the answer on",
    ),
    (
        "Retry loop",
        "sending/",
        "sends; again, where that does no harm",
        "done, refused, not done or unknown",
    ),
    (
        "Sender",
        "protocol/ or aws/",
        "signs, and writes to a connection",
        "checks the answer, and reads its text",
    ),
    ("DynamoDB", "", "", ""),
)


def _call() -> str:
    drawing = Drawing(
        "The way of a call",
        "From the top down, and back: " + ". ".join(_told(*step) for step in STEPS),
    )
    y = 14
    for number, (name, folder, there, back) in enumerate(STEPS):
        height = 64 if there else 30
        drawing.box(14, y, WIDTH - 28, height, "ours" if folder else "box")
        drawing.text(26, y + 20, name, "head")
        drawing.text(WIDTH - 26, y + 20, folder, "code note", "end")
        if there:
            drawing.text(26, y + 38, f"↓ {there}", "note down")
            drawing.text(26, y + 55, f"↑ {back}", "note back")
        y += height
        if number < len(STEPS) - 1:
            drawing.arrow(60, y + 2, y + 20)
            drawing.arrow(WIDTH - 60, y + 20, y + 2)
            y += 22
    return drawing.svg(y + 14)


def _told(name: str, folder: str, there: str, back: str) -> str:
    where = f" ({folder})" if folder else ""
    return f"{name}{where}: {there}; on the way back {back}" if there else name


# Which of these steps are the real ones below each test double.

REAL = {"mock": 2, "MemoryStore": 5, "engine": 6}
"""How many of the steps; what comes after is the double."""
INSTEAD = {"mock": "as you say", "MemoryStore": "in memory", "engine": "not AWS"}


def _doubles() -> str:
    drawing = Drawing(
        "What is real below each test double",
        "; ".join(
            f"{name}: real are {', '.join(step[0] for step in STEPS[:number])}"
            for name, number in REAL.items()
        ),
    )
    top, row, first, column = 44, 34, 112, 86
    for number, (name, *_) in enumerate(STEPS):
        drawing.text(14, top + number * row + 22, name, "head")
    for place, (name, number) in enumerate(REAL.items()):
        x, left = first + place * column, len(STEPS) - number
        drawing.text(x + 41, 30, name, "code", "middle")
        drawing.box(x, top, 82, number * row - 4, "ours")
        drawing.text(x + 41, top + number * row / 2 + 2, "real", "note", "middle")
        drawing.box(x, top + number * row, 82, left * row - 4, "gone")
        middle = top + (number + left / 2) * row + 2
        drawing.text(x + 41, middle, INSTEAD[name], "note", "middle")
    return drawing.svg(top + len(STEPS) * row + 12)


# The tree of errors.

VERDICTS = {
    "WrittenUnreadable": "done",
    "ConditionFailed": "refused",
    "ItemNotFound": "refused",
    "TransactionCanceled": "refused",
    "OutcomeUnknown": "unknown",
    "StoreError": "not done",
}
"""What an error and those below it say of a write, in the four words of how-to/faults.md."""


def _errors() -> str:
    shown = [(kind, depth) for kind, depth in _tree(DynrepoError, 0)]
    drawing = Drawing(
        "The tree of errors",
        "; ".join(f"{kind.__name__} is a {kind.__base__.__name__}" for kind, _ in shown),
    )
    y, feet = 28.0, dict[int, float]()
    for kind, depth in shown:
        x = 14 + depth * 20
        if depth:
            drawing.line(f"M{x - 12} {feet[depth - 1]:g}V{y - 4:g}H{x - 3}")
            feet[depth - 1] = y - 4
        feet[depth] = y + 5
        drawing.text(x, y, kind.__name__, "head", more=_more(kind))
        if kind.__name__ in VERDICTS:
            drawing.word(WIDTH - 12, y, VERDICTS[kind.__name__])
        for line in textwrap.wrap(_said(kind), 56 - 3 * depth):
            y += 16
            drawing.text(x + (12 if _below(kind) else 0), y, line, "note")
        y += 25
    return drawing.svg(y - 8)


def _below(kind: type[DynrepoError]) -> list[type[DynrepoError]]:
    """The public errors that are of this kind, by name."""
    kinds = [one for one in kind.__subclasses__() if one.__name__ in dynrepo.__all__]
    return sorted(kinds, key=lambda one: one.__name__)


def _tree(kind: type[DynrepoError], depth: int) -> list[tuple[type[DynrepoError], int]]:
    below = [found for one in _below(kind) for found in _tree(one, depth + 1)]
    return [(kind, depth), *below]


def _more(kind: type[DynrepoError]) -> str:
    """The class of Python's that it is, too, and what it holds besides what every error holds."""
    of_python = [base.__name__ for base in kind.__bases__ if not issubclass(base, DynrepoError)]
    taken = inspect.signature(kind).parameters.values()
    above = inspect.signature(kind.__base__).parameters if kind is not DynrepoError else {}
    own = [
        f".{one.name}"
        for one in taken
        if one.kind is one.KEYWORD_ONLY and one.name not in above and kind is not DynrepoError
    ]
    return " ".join([*(f"({name})" for name in of_python if name != "Exception"), *own])


def _said(kind: type[DynrepoError]) -> str:
    """The first sentence of its docstring."""
    words = " ".join((kind.__doc__ or "").replace("`", "").split())
    return words.partition(". ")[0].rstrip(".") + "."


# Which write to take: the questions in their order, the verb for a yes, and what it is like.

WRITES = (
    ("Several items,", "all of them or none?", "transaction", "all or nothing"),
    ("Several items,", "each for itself?", "set_many, batch", "no conditions"),
    ("Is the item new, and is", "nothing to be overwritten?", "create", "or ItemExists"),
    ("Can you say the change,", "as in add(1) or set(x)?", "update", "reads nothing first"),
    ("Does it follow from", "what is stored?", "edit", "reads it first"),
    ("Is it made of an instance", "that was read before?", "save", "or VersionConflict"),
    ("Is it to be this item,", "whatever is stored?", "set", "replaces all of it"),
    ("Is it to go?", "", "delete", "returns the item"),
)


def _writes() -> str:
    drawing = Drawing(
        "Which write to take",
        "The first question with a yes: "
        + " ".join(f"{one} {two} {verb}, {like}." for one, two, verb, like in WRITES),
    )
    y = 14
    for number, (first, second, verb, like) in enumerate(WRITES):
        drawing.box(14, y, 192, 44, "box")
        drawing.text(24, y + (19 if second else 27), first)
        drawing.text(24, y + 35, second)
        drawing.arrow_right(208, y + 22, 236)
        drawing.text(221, y + 17, "yes", "note", "middle")
        drawing.box(238, y, 128, 44, "ours")
        drawing.text(247, y + 19, verb, "code")
        drawing.text(247, y + 35, like, "note")
        y += 44
        if number < len(WRITES) - 1:
            drawing.arrow(60, y + 2, y + 18)
            drawing.text(70, y + 14, "no", "note")
            y += 20
    return drawing.svg(y + 14)


if __name__ == "__main__":
    for name, text in diagrams().items():
        (HERE / name).write_text(text, encoding="utf-8")
