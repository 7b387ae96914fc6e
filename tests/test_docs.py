"""The pages of the docs: they lead somewhere, and are found."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest

import dynrepo
import dynrepo.testing.names
from dynrepo import Repository, Settings
from dynrepo.instrumentation import InstrumentationMixin
from tests.faces import ALONE, BY_HAND

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PACKAGE = ROOT / "dynrepo"
PAGES = [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]
REPORT = (ROOT / "../../security/advisories/new").resolve()
"""Where GitHub, which shows the root's pages under `blob/BRANCH/`, takes reports in private."""


def links(page: Path) -> set[Path]:
    """The files that a page links to; code may look like a link."""
    text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)
    return {(page.parent / one).resolve() for one in targets if "://" not in one}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page leads to a file or a folder of the project."""
    assert [str(one) for one in links(page) - {REPORT} if not one.exists()] == []


def test_every_page_is_on_the_map() -> None:
    """Every page of the docs can be reached from the index."""
    found, left = set[Path](), {DOCS / "index.md"}
    while left:
        found |= left
        left = {one for page in left for one in links(page) if one.suffix == ".md"} - found
    assert set(DOCS.rglob("*.md")) - found == set()


def test_every_setting_is_told() -> None:
    """The page on environments has every variable that settings are read from."""
    page = (DOCS / "how-to" / "environments.md").read_text(encoding="utf-8")
    assert [one for one in Settings.model_fields if f"`DYNREPO_{one.upper()}`" not in page] == []


def test_every_public_name_has_its_place_in_the_reference() -> None:
    """Once, on the page of what is used with it: the site has its signature and docstring there."""
    pages = [page.read_text(encoding="utf-8") for page in (DOCS / "reference" / "api").glob("*.md")]
    shown = sorted(re.findall(r"^::: dynrepo\.(\S+)$", "\n".join(pages), flags=re.MULTILINE))
    tested = [f"testing.{name}" for name in dynrepo.testing.names.__all__]
    names = [name for name in shown if name != "encodings" and "." not in name]
    assert names == sorted(dynrepo.__all__)
    assert set(tested) <= set(shown)


def test_every_error_has_its_cause_and_cure() -> None:
    """On one page, in alphabetical order, so that who reads a log finds it."""
    page = (DOCS / "reference" / "errors.md").read_text(encoding="utf-8")
    told = re.findall(
        r"^## (\w+)\n\n\*\*Cause\*\*: .*?^\*\*Cure\*\*: ", page, re.MULTILINE | re.DOTALL
    )
    raised = [
        name
        for name in dynrepo.__all__
        if isinstance(kind := getattr(dynrepo, name), type)
        and issubclass(kind, dynrepo.DynrepoError)
        and kind is not dynrepo.DynrepoError
    ]
    assert told == raised


def test_the_menu_of_the_site_has_every_page() -> None:
    """What is not in it can be found by links and by the search alone."""
    menu = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2]
    pages = {str(page.relative_to(DOCS).as_posix()) for page in DOCS.rglob("*.md")}
    assert set(re.findall(r"[\w/-]+\.md", menu)) == pages


def test_every_asynchronous_name_is_told() -> None:
    """The reference says to which name each of them is the counterpart."""
    page = (DOCS / "reference" / "index.md").read_text(encoding="utf-8")
    names = [name for name in dynrepo.__all__ if name.startswith("Async")]
    assert [name for name in names if f"`{name}`" not in page] == []


def test_every_module_that_is_written_by_hand_for_each_face_is_told() -> None:
    """Who contributes knows which of them the script leaves alone."""
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for said, modules in (("Written by hand, in both", BY_HAND), (OF_ONE, ALONE)):
        listed = re.search(rf"\*\*{said}\*\*: (.*?)\. ", page, flags=re.DOTALL)
        assert listed is not None
        assert set(re.findall(r"`(\w+)`", listed[1])) == modules


OF_ONE = "Of the asynchronous face alone"


def test_the_sizes_of_the_folders_are_about_what_is_told() -> None:
    """Each is told, but for small ones; within a fifth, and two hundred lines, as all together."""
    page = (DOCS / "explanation.md").read_text(encoding="utf-8")
    lines = {
        folder.name: sum(
            file.read_text(encoding="utf-8").count("\n") for file in folder.rglob("*.py")
        )
        for folder in [PACKAGE, *(path.parent for path in PACKAGE.glob("*/__init__.py"))]
    }
    (total,) = re.findall(r"takes some ([\d,]+) lines", page)
    table = re.findall(r"^\| (`.*?/`) \|.*\| ([\d,]+) \|$", page, flags=re.MULTILINE)
    for folders, told in [(PACKAGE.name, total), *table]:
        there = sum(lines.pop(name) for name in re.findall(r"\w+", folders))
        size = int(told.replace(",", ""))
        assert abs(there - size) <= 200 + size / 5, f"{folders}: {there} lines"
    assert [name for name, untold in lines.items() if untold > 500] == []


def test_every_verb_has_its_rights() -> None:
    """The page on IAM names every method of a repository that could send something."""
    page = (DOCS / "how-to" / "iam.md").read_text(encoding="utf-8")
    methods = {name for name in dir(Repository) if callable(getattr(Repository, name))}
    methods = {name for name in methods if not name.startswith("_")}
    silent = {"upcast", *vars(InstrumentationMixin)}
    assert sorted(name for name in methods - silent if f"`{name}`" not in page) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_examples_change_an_instance_by_what_checks_it(page: Path) -> None:
    """No example teaches `model_copy(update=...)`, which takes a misspelt name."""
    examples = re.findall(r"```.*?```", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert [example for example in examples if "model_copy(" in example] == []


def test_the_first_program_of_the_readme_fits_a_screen() -> None:
    """In 30 lines; it stands before everything else, and ends with what a network may do."""
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    above, _, rest = page.partition("```python\n")
    program = rest.partition("```")[0].splitlines()
    assert len(above.splitlines()) < 10
    assert len(program) <= 30
    assert max(map(len, program)) <= 100


def test_the_commands_of_the_readme_say_how_long_they_take() -> None:
    """Both are environments of tox.ini, or all of them."""
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"^\$ pip install tox && (tox .*?)  +# (.*)$", page, re.MULTILINE)
    assert [command for command, _ in commands] == ["tox run -e demo", "tox -p auto"]
    assert [told for _, told in commands if "minute" not in told] == []


def test_a_module_that_no_wheel_has_is_told_where_it_is_imported() -> None:
    """Before the first block of a page that imports `models`, after the block before it."""
    silent = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        first = next(
            (
                block
                for block in re.finditer(r"^```python\n.*?^```\n", text, re.DOTALL | re.MULTILINE)
                if re.search(r"^\s*(from|import) models\b", block[0], re.MULTILINE)
            ),
            None,
        )
        if first is None:
            continue
        before = text[: first.start()].rpartition("\n```\n")[2]
        if "example-models.md" not in before or "no wheel has" not in " ".join(before.split()):
            silent.append(str(page.relative_to(ROOT)))
    assert silent == []


def test_the_example_models_are_all_shown_and_stand_alone() -> None:
    """Whoever copies one has all that it imports."""
    page = (DOCS / "reference" / "example-models.md").read_text(encoding="utf-8")
    for module in (ROOT / "models").glob("[!_]*.py"):
        assert f'title="models/{module.name}"' in page
        imported = re.findall(r"^\s*(?:from|import) (\w+)", module.read_text("utf-8"), re.MULTILINE)
        others = set(imported) - sys.stdlib_module_names
        assert others <= {"dynrepo", "pydantic", "pynamodb", "models"}


def test_the_tutorial_installs_what_it_imports() -> None:
    """By its first command, in a new environment: the core, the extras and what else it names."""
    page = (DOCS / "tutorial.md").read_text(encoding="utf-8")
    command = re.search(r'^\$ pip install "\.\[(.*?)\]"(.*?)(?:#.*)?$', page, re.MULTILINE)
    assert command is not None
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [project["optional-dependencies"][name] for name in command[1].split(",")]
    installed = [*project["dependencies"], *command[2].split(), *(one for e in extras for one in e)]
    blocks = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    files = {named[1] for block in blocks if (named := re.match(r"# (\w+)\.py\n", block))}
    known = {*sys.stdlib_module_names, *files, "dynrepo", "models"}
    asked = {name.partition(".")[0] for block in blocks for name in imported(block)} - known
    assert len(asked) > 3
    assert [one for one in asked if not any(name.startswith(one) for name in installed)] == []


def imported(block: str) -> list[str]:
    """The modules that a block imports; what stands behind a prompt imports none."""
    if block.startswith(">>>"):
        return []
    nodes = list(ast.walk(ast.parse(block)))
    plain = [name.name for node in nodes if isinstance(node, ast.Import) for name in node.names]
    return plain + [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]


def test_the_figure_of_the_readme_is_the_one_that_was_measured() -> None:
    """A `get`, beside boto3's raw client: the first column of the table."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    page = (DOCS / "performance.md").read_text(encoding="utf-8")
    told = re.search(r"a `get` took \[([\d.]+) of the CPU\]", readme)
    measured = re.search(r"^\| \*\*dynrepo\*\* \| \*\*([\d.]+)\*\* \|", page, re.MULTILINE)
    assert told is not None
    assert measured is not None
    assert told[1] == measured[1]
