"""Code as a formatter leaves it."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynrepo.modelling.fields import NULL
from dynrepo.modelling.layout import class_lines, commented, field_lines, import_lines, quoted
from dynrepo.modelling.types import ClassText, FieldText, TypeText

LONG = "n" * 30


@given(st.text())
def test_a_text_is_quoted_as_a_literal(text: str) -> None:
    """That Python reads as it is."""
    assert ast.literal_eval(quoted(text)) == text


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("a", '"a"'),
        ('a"', "'a\"'"),
        ("a'", '"a\'"'),
        ("\"'", '"\\"\'"'),
        ("a\nb\\", '"a\\nb\\\\"'),
        ("größe", '"größe"'),
        ("\u202e", '"\\u202e"'),
    ],
)
def test_a_literal_has_the_quotes_of_the_formatter(text: str, literal: str) -> None:
    """Double ones, unless single ones need fewer escapes; what cannot be printed is escaped."""
    assert quoted(text) == literal


FIELDS: list[tuple[FieldText, list[str]]] = [
    (FieldText("a", TypeText("int")), ["    a: int"]),
    (
        FieldText("a", TypeText("int", doubts=("why", "x\ny"))),
        ["    # why", "    # x\\ny", "    a: int"],
    ),
    (FieldText("a", TypeText("int"), ("M()",), "0"), ["    a: Annotated[int, M()] = 0"]),
    (
        FieldText(LONG, TypeText("int"), (f'M("{LONG}")',), "0"),
        [f"    {LONG}: Annotated[", f'        int, M("{LONG}")', "    ] = 0"],
    ),
    (
        FieldText("a", TypeText("int"), (f'M("{LONG}")', f'Attribute("{LONG}")'), "0"),
        [
            "    a: Annotated[",
            "        int,",
            f'        M("{LONG}"),',
            f'        Attribute("{LONG}"),',
            "    ] = 0",
        ],
    ),
    (
        FieldText("a", TypeText("int"), (f'M("{LONG * 3}")',)),
        [
            "    a: Annotated[",
            "        int,",
            "        M(",
            f'            "{LONG * 3}"',
            "        ),",
            "    ]",
        ],
    ),
    (
        FieldText(LONG, TypeText("int | None"), ('M("a")',), NULL),
        [
            f'    {LONG}: Annotated[int | None, M("a")] = Field(',
            "        default_factory=type(None)",
            "    )",
        ],
    ),
    (
        FieldText(LONG, TypeText("int | None"), ('M("abcdefghijklmnopqrs")',), "None"),
        [
            f'    {LONG}: Annotated[int | None, M("abcdefghijklmnopqrs")] = (',
            "        None",
            "    )",
        ],
    ),
    (
        FieldText(LONG, TypeText(f"dict[str, {LONG}]"), (), NULL),
        [
            f"    {LONG}: Annotated[",
            f"        dict[str, {LONG}],",
            f'        Attribute("{LONG}"),',
            f"    ] = {NULL}",
        ],
    ),
]


@pytest.mark.parametrize(("field", "lines"), FIELDS)
def test_a_field_is_split_where_it_is_long(field: FieldText, lines: list[str]) -> None:
    """As ruff does it, in lines of 88 columns."""
    assert list(field_lines(field)) == lines


def test_a_comment_is_folded() -> None:
    """And is one, whatever is in it."""
    lines = commented("word " * 40 + "a\nb")
    assert max(map(len, lines)) <= 88
    assert all(line.startswith("    # ") for line in lines)


def test_a_class_has_a_docstring_and_fields() -> None:
    """One below the other."""
    drawn = ClassText("A", "An a.", (FieldText("x", TypeText("int")),))
    assert list(class_lines(drawn)) == [
        "class A(BaseModel, frozen=True):",
        '    """An a."""',
        "",
        "    x: int",
    ]
    assert list(class_lines(ClassText("A", "An a.", ())))[-1] == '    """An a."""'


def test_imports_are_sorted() -> None:
    """Those of the standard library first; in each the constants, the classes, the functions."""
    imports = [("pydantic", "Field"), ("uuid", "UUID"), ("dynrepo", "encodings"), ("dynrepo", "Aa")]
    assert list(import_lines(imports)) == [
        "from uuid import UUID",
        "",
        "from dynrepo import Aa, encodings",
        "from pydantic import Field",
        "",
    ]


def test_a_long_import_is_split() -> None:
    """In parentheses, a name on each line."""
    imports = [("pydantic", f"Name{number}{LONG}") for number in range(3)]
    lines = list(import_lines(imports))
    assert lines[0] == "from pydantic import ("
    assert lines[1] == f"    Name0{LONG},"
    assert lines[4:] == [")", ""]
