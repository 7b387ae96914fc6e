"""Each module has a twin among the tests; `tox run -e twins` shows what the twin alone runs."""

from __future__ import annotations

import pytest

from tests.twins import ENOUGH, ROOT, Twin, files, table, twin_of

pytestmark = pytest.mark.once

# What is left to be written. One that is there is taken off: the test fails until it is.


def test_every_module_has_a_twin() -> None:
    """What is tested is where it is looked for."""
    assert {file for file in files() if not (ROOT / twin_of(file)).is_file()} == set()


@pytest.mark.parametrize(
    ("module", "twin"),
    [
        ("dynrepo/clock.py", "tests/test_clock.py"),
        ("dynrepo/codec/value.py", "tests/codec/test_value.py"),
        ("dynrepo/aio/batch.py", "tests/blocking/test_batch.py"),
        ("dynrepo/aio/pool.py", "tests/aio/test_pool.py"),
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
