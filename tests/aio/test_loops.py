"""The runner of asynchronous tests overlooks nothing that is left behind."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any

import pytest

from tests.aio import loops

if TYPE_CHECKING:
    from tests.aio.conftest import Run


def test_what_is_returned(run: Run) -> None:
    """Is what the coroutine returns, on a running loop of each kind."""

    async def main() -> tuple[bool, str]:
        await asyncio.sleep(0)
        return asyncio.get_running_loop().is_running(), "made"

    assert run(main) == (True, "made")


def test_what_is_raised_names_the_kind_of_loop() -> None:
    """Where several are run one after the other."""

    async def main() -> None:
        raise KeyError

    with pytest.raises(KeyError) as raised:
        loops.run_on_each(main)
    assert raised.value.__notes__ == ["on a loop of the kind 'plain'"]


async def _leave_a_socket() -> None:
    socket.socket()


async def _leave_an_error() -> None:
    asyncio.get_running_loop().create_future().set_exception(KeyError("lost"))


async def _leave_a_coroutine() -> None:
    _leave_a_socket()  # type: ignore[unused-coroutine]


async def _leave_a_transport() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    await asyncio.open_connection(*listener.getsockname())
    listener.close()


@pytest.mark.parametrize(
    "main", [_leave_a_socket, _leave_an_error, _leave_a_coroutine, _leave_a_transport]
)
def test_what_is_left_behind_is_an_error(main: Any) -> None:
    """A socket, an error that nobody saw, a coroutine that nobody awaited, a transport."""
    with pytest.raises(AssertionError):
        loops.run(main)
