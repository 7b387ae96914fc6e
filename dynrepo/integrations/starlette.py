"""A container in a Starlette application: life, health, errors and the cost of a request."""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

from anyio import CapacityLimiter, to_thread
from starlette.responses import JSONResponse

from dynrepo.aio.container import AsyncContainer
from dynrepo.errors import DynrepoError
from dynrepo.instrumentation.usage import usage
from dynrepo.integrations.problems import problem_of
from dynrepo.operations.health import Status

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from dynrepo.blocking.container import Container
    from dynrepo.instrumentation.usage import Usage

ALIVE = "/.well-known/alive"
HEALTH = "/.well-known/health"

_SERVER_ERROR = 500

_logger = logging.getLogger("dynrepo")

_PROBES = 4
"""Health checks that run at the same time, in threads that the application does not use."""


def install(
    app: Starlette, container: Container | AsyncContainer, *, server_timing: bool = False
) -> None:
    """Puts a container into an application.

    The application closes it at shutdown, answers `/.well-known/alive` (200) and
    `/.well-known/health` (200, and 503 when the container is DOWN), and answers the errors of
    repositories with their HTTP status. Call it once, before the application starts.

    Args:
        app: The application, of Starlette or FastAPI.
        container: What holds its repositories; `app.state.dynrepo` is it then.
        server_timing: Tells each client what its request cost, in a `Server-Timing` header: so it
            learns, too, how much was read that is hidden from it.
    """
    app.state.dynrepo = container
    app.router.lifespan_context = _closing(app.router.lifespan_context, container)
    app.add_route(ALIVE, _alive, include_in_schema=False)
    app.add_route(HEALTH, _health_of(container), include_in_schema=False)
    app.add_exception_handler(DynrepoError, answer)
    if server_timing:
        app.add_middleware(UsageMiddleware)


def _closing(lifespan: Any, container: Container | AsyncContainer) -> Any:
    """The application's own lifespan, and inside it the container's."""

    @asynccontextmanager
    async def closing(app: Any) -> AsyncGenerator[Any]:
        async with lifespan(app) as state, _open(container):
            yield state

    return closing


@asynccontextmanager
async def _open(container: Container | AsyncContainer) -> AsyncGenerator[None]:
    if isinstance(container, AsyncContainer):
        async with container:
            yield
    else:
        with container:
            yield


async def _alive(_request: Request) -> JSONResponse:
    """200 for as long as the process answers."""
    return JSONResponse({"status": Status.UP})


def _health_of(container: Container | AsyncContainer) -> Any:
    ask: Any = container.health_check
    if not isinstance(container, AsyncContainer):
        ask = partial(to_thread.run_sync, ask, limiter=CapacityLimiter(_PROBES))

    async def health(_request: Request) -> JSONResponse:
        checked = await ask()
        body = asdict(checked)
        return JSONResponse(body, 503 if checked.status is Status.DOWN else 200)

    return health


async def answer(_request: Request, error: Exception) -> JSONResponse:
    """Makes the HTTP answer to an error of a repository; `install` has it called.

    It holds the error's class and a fixed sentence, and so no table's name. What is answered with a
    status of 500 or more is logged at ERROR on the logger `dynrepo`.
    The page *Configure, wire, serve* has the status of each error.

    Args:
        error: What a route raised.

    Returns:
        The answer, with `Retry-After: 1` where the same request may succeed later.

    Raises:
        Exception: The error itself, where only its programmer can cure it; a server logs that.
    """
    problem = problem_of(error)
    if problem is None:
        raise error
    if problem.status >= _SERVER_ERROR:
        with suppress(Exception):  # a handler of the application may raise
            _logger.error("%d for %s: %s", problem.status, problem.error, error)
    return JSONResponse(problem.body, problem.status, problem.headers)


class UsageMiddleware:
    """Tells what a request's calls cost, until its answer starts, in a `Server-Timing` header.

    `dur` is in milliseconds; `desc` has calls, capacity units and retries.
    https://www.w3.org/TR/server-timing/

    Args:
        app: The ASGI application that it stands before.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        with usage() as used:

            async def send_with_header(message: Message) -> None:
                if message["type"] == "http.response.start" and used.total.calls:
                    header = (b"server-timing", _server_timing(used).encode("ascii"))
                    message = {**message, "headers": [*message.get("headers", ()), header]}
                await send(message)

            await self.app(scope, receive, send_with_header)


def _server_timing(used: Usage) -> str:
    """The value of the header: milliseconds, calls, capacity units and retries."""
    cost = used.total
    description = f"{cost.calls} calls, {cost.capacity:g} units, {cost.retries} retries"
    return f'dynamodb;dur={cost.duration * 1000:.3f};desc="{description}"'
