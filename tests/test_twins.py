"""Each module has a twin among the tests; `tox run -e twins` shows what the twin alone runs."""

from __future__ import annotations

import pytest

from tests.twins import ENOUGH, ROOT, Twin, files, table, twin_of

# What is left to be written. One that is there is taken off: the test fails until it is.
LEFT = {
    "dynrepo/codec/annotations.py",
    "dynrepo/codec/choices.py",
    "dynrepo/codec/compiler.py",
    "dynrepo/codec/containers.py",
    "dynrepo/codec/core.py",
    "dynrepo/codec/declarations.py",
    "dynrepo/codec/ends.py",
    "dynrepo/codec/foreign.py",
    "dynrepo/codec/limits.py",
    "dynrepo/codec/network.py",
    "dynrepo/codec/number.py",
    "dynrepo/codec/records.py",
    "dynrepo/codec/recursion.py",
    "dynrepo/codec/scalars.py",
    "dynrepo/codec/source.py",
    "dynrepo/codec/texts.py",
    "dynrepo/codec/unions.py",
    "dynrepo/codec/untyped.py",
    "dynrepo/integrations/fastapi.py",
    "dynrepo/testing/arguments.py",
    "dynrepo/testing/batch_requests.py",
    "dynrepo/testing/conditions.py",
    "dynrepo/testing/contract.py",
    "dynrepo/testing/database.py",
    "dynrepo/testing/expectation.py",
    "dynrepo/testing/expected_calls.py",
    "dynrepo/testing/faults.py",
    "dynrepo/testing/item_requests.py",
    "dynrepo/testing/key_conditions.py",
    "dynrepo/testing/mocked_call.py",
    "dynrepo/testing/mocked_class.py",
    "dynrepo/testing/mocked_verbs.py",
    "dynrepo/testing/operands.py",
    "dynrepo/testing/projections.py",
    "dynrepo/testing/query_requests.py",
    "dynrepo/testing/rules.py",
    "dynrepo/testing/table_requests.py",
    "dynrepo/testing/tables.py",
    "dynrepo/testing/transaction_requests.py",
    "dynrepo/testing/updates.py",
}


def test_every_module_has_a_twin() -> None:
    """What is tested is where it is looked for."""
    assert {file for file in files() if not (ROOT / twin_of(file)).is_file()} == LEFT


@pytest.mark.parametrize(
    ("module", "twin"),
    [
        ("dynrepo/clock.py", "tests/test_clock.py"),
        ("dynrepo/codec/value.py", "tests/codec/test_value.py"),
    ],
)
def test_a_twin_stands_in_the_same_folder(module: str, twin: str) -> None:
    """With `test_` before the name."""
    assert twin_of(module) == twin


def test_a_list_of_names_needs_no_twin() -> None:
    """Nor does what only makes a folder a package."""
    assert not {"dynrepo/names.py", "dynrepo/codec/__init__.py"} & set(files())
    assert "dynrepo/clock.py" in set(files())


@pytest.mark.parametrize(
    ("twin", "said"),
    [
        (Twin("dynrepo/clock.py", ENOUGH), ""),
        (Twin("dynrepo/clock.py", ENOUGH - 1), "too little"),
        (Twin("dynrepo/clock.py", complaint="1 failed"), "1 failed"),
    ],
)
def test_the_table_says_what_is_wrong(twin: Twin, said: str) -> None:
    """A twin that failed, or ran too little."""
    assert table([twin]).endswith(f"tests/test_clock.py{' ' * 25 + said if said else ''}")
    assert twin.is_well is (not said)
