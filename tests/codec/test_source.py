"""The source of generated functions: what it names, and how long it is kept."""

from __future__ import annotations

import gc
import inspect
import linecache

from dynrepo.codec.source import Source


def _double(owner: str = "Order") -> Source:
    source = Source("double(value)", owner)
    source.add("made = value", f"made += {source.bind('zero', 0)}")
    return source


def test_a_function_runs_its_lines_with_what_they_name() -> None:
    """And is named after its owner."""
    double = _double().function("return made + value")

    assert double(4) == 8
    assert (double.__name__, double.__qualname__) == ("double", "Order.double")
    assert inspect.getsource(double).startswith("def double(value):\n    made = value\n")


def test_two_functions_of_one_name_have_sources_of_their_own() -> None:
    """Each as long as it lives."""
    first = _double().function("return made + value")
    second = _double().function("return made * 2")
    assert "made + value" in inspect.getsource(first)
    assert "made * 2" in inspect.getsource(second)

    name = first.__code__.co_filename
    del first
    gc.collect()

    assert name not in linecache.cache
    assert "made * 2" in inspect.getsource(second)


def test_a_function_that_goes_leaves_the_source_of_another() -> None:
    """Which took its name after the cache was emptied."""
    first = _double().function("return made + value")
    linecache.cache.pop(first.__code__.co_filename)
    second = _double().function("return made * 2")
    assert second.__code__.co_filename == first.__code__.co_filename

    del first
    gc.collect()

    assert "made * 2" in inspect.getsource(second)
