"""What belongs to the blocking face, refused with what is written here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import NoReturn


class AsyncIterated:
    """What is read by `async for`; in `for` it is a TypeError."""

    __slots__ = ()

    if not TYPE_CHECKING:  # checkers know that there is none

        def __iter__(self) -> NoReturn:
            raise TypeError(
                f"{type(self).__name__} is asynchronous: write `async for item in query`, or"
                " `await query.all()`"
            )


class AsyncEntered:
    """What is entered by `async with`; in `with` it is a TypeError."""

    __slots__ = ()

    if not TYPE_CHECKING:

        def __enter__(self) -> NoReturn:
            raise TypeError(f"{type(self).__name__} is asynchronous: write `async with`")

        def __exit__(self, *_: Any) -> None: ...
