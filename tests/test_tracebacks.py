"""The frames that an error shows, and those that it keeps to itself."""

from __future__ import annotations

import pickle
import traceback
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError

from dynrepo.tracebacks import without_frames, without_own_frames


def raised(*errors: Exception) -> Exception:
    """The first of some errors, raised from the second, and that from the third."""
    first, *rest = errors
    try:
        raise first from (raised(*rest) if rest else None)
    except type(first) as error:
        return error


def functions(error: BaseException) -> list[str]:
    """The functions whose frames an error shows."""
    return [frame.f_code.co_name for frame, _ in traceback.walk_tb(error.__traceback__)]


def test_no_frame_is_left_of_any_of_a_chain() -> None:
    """Of the error itself, of its cause, and of the cause of that, which stay what they are."""
    error = raised(KeyError("a"), OSError("b"), ValueError("c"))
    assert functions(error) == ["raised"]
    assert without_frames(error) is error
    cause = error.__cause__
    assert isinstance(cause, OSError)
    assert isinstance(cause.__cause__, ValueError)
    assert [functions(each) for each in (error, cause, cause.__cause__)] == [[], [], []]


def test_no_error_of_a_chain_keeps_the_request_that_it_was_raised_of() -> None:
    """Those of botocore do, with session token, signature and body, and pickle writes it."""
    closed = ConnectionClosedError(request={"Authorization": "hush"}, endpoint_url="http://a")
    error = without_frames(raised(OSError("a"), closed))
    assert vars(error).keys() <= {"__notes__"}
    assert closed.request is None
    assert b"hush" not in pickle.dumps(closed)
    assert str(closed).endswith('"http://a".')


def test_where_it_was_raised_is_noted() -> None:
    """Once, however often an error is raised there."""
    error = raised(KeyError("a"))
    line = getattr(error.__traceback__, "tb_lineno", 0)
    for _ in range(2):
        without_frames(raised(error))
    assert error.__notes__ == [f"raised in tests.test_tracebacks, line {line}"]


def test_a_context_that_is_not_shown_is_left_out() -> None:
    """`raise ... from None` hides it from readers; whoever walks the chain finds it."""
    error = raised(KeyError("a"))
    error.__context__, error.__suppress_context__ = OSError("the session token"), True
    assert without_frames(error).__context__ is None


def test_a_chain_may_lead_back_to_its_beginning() -> None:
    """Each error of it is met once."""
    first, second = raised(KeyError("a")), raised(OSError("b"))
    first.__cause__, second.__cause__ = second, first
    assert functions(without_frames(first)) == functions(second) == []


def test_frames_of_others_stay() -> None:
    """A function of the caller's may have raised the error; what lies in between is ours."""
    space: dict[str, Any] = {"__name__": "dynrepo.operations.editing"}
    exec("def ours(call): call()", space)  # noqa: S102 - a frame of a module of the library

    def theirs() -> None:
        raise KeyError("a")

    with pytest.raises(KeyError) as caught:
        space["ours"](theirs)
    assert functions(caught.value)[-2:] == ["ours", "theirs"]
    assert functions(without_own_frames(caught.value))[-1:] == ["theirs"]
    assert "ours" not in functions(caught.value)
