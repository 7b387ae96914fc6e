"""PynamoDB's `Connection`, set up to carry DynamoDB JSON as it travels, and who sends over it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import InvalidRegionError
from botocore.session import get_session
from pynamodb.connection import Connection
from pynamodb.settings import get_settings_value

from dynrepo.aws import private
from dynrepo.aws.botocore_sender import BotocoreSender, check_answers
from dynrepo.aws.credentials import SharedCredentials
from dynrepo.aws.departure import tell_departures
from dynrepo.aws.errors import unsent
from dynrepo.aws.foreign_logs import fence_loggers, fenced_logs
from dynrepo.aws.loader import speed_up_loader
from dynrepo.aws.sender_choice import SenderChooser
from dynrepo.aws.sender_reasons import logger
from dynrepo.aws.unrepeated import UnrepeatedSender
from dynrepo.sending.sender_used import SenderUsed

if TYPE_CHECKING:
    from dynrepo.aws.sender_choice import AnySender, MakeDirect, Transport
    from dynrepo.operations.operation import Operation

__all__ = ["Connection", "GivenConnection", "WireConnection", "connect"]


fence_loggers()


class WireConnection(Connection):
    """A connection that sends once (the store repeats) and leaves binary values as base64 text.

    Its client is made once for all threads. `make_direct` makes the direct sender to a target.
    Connections of one store have the same `credentials`. Where `fires_signals` is False, PynamoDB
    alone fires its signals, in the thread in which botocore's sender sends.
    """

    def __init__(
        self,
        *,
        make_direct: MakeDirect,
        transport: Transport = "auto",
        credentials: SharedCredentials | None = None,
        fires_signals: bool = True,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        headers: dict[str, str] = (
            options.get("extra_headers") or get_settings_value("extra_headers") or {}
        )
        self.chooser = SenderChooser(
            self, transport, headers, make_direct, fires_signals=fires_signals
        )
        self.credentials = credentials or SharedCredentials(_found)
        self._lock = threading.RLock()
        self._shared: Any = None

    @property
    def session(self) -> Any:
        """The botocore session of this thread, with a parser that keeps base64 text.

        It looks for no credentials: the client that it makes asks for them when it signs.
        """
        session = cast("Any", super()).session
        session.get_credentials = lambda: self.credentials
        speed_up_loader(session)
        session.get_component("response_parser_factory").set_parser_defaults(blob_parser=_as_it_is)
        return session

    @property
    def client(self) -> Any:
        """The botocore client below, made once for all threads."""
        client = self._shared
        if client is not None:
            return client
        with self._lock:
            if self._shared is None:
                with fenced_logs():
                    client = cast("Any", super()).client
                    check_answers(client)
                    tell_departures(client)
                self._shared = client
            return self._shared

    def close(self) -> None:
        """Closes the idle connections, waiting for nothing; a later request opens new ones."""
        with self._lock:
            client, self._shared = self._shared, None
        self.chooser.close()
        if client is not None:
            client.close()

    def settle(self) -> None:
        """Waits, before a fork, for what threads of its own are at."""
        self.credentials.settle()
        self.chooser.settle()

    def forget(self) -> None:
        """Leaves a forked process nothing to close: its store makes another connection."""
        self.chooser.forget()


class GivenSender:
    """botocore's sender, always: over a connection of the caller's, which is never exchanged."""

    used = SenderUsed("botocore", "the connection was given")

    def __init__(self, sender: AnySender) -> None:
        self.botocore = sender

    @property
    def known(self) -> SenderUsed:
        """Who sends, which is known at once."""
        return self.used

    def sender_now(self, _: Operation[Any]) -> AnySender:
        """Who is to send an operation."""
        return self.botocore

    def sender_for(self, _: Operation[Any], ends: float) -> AnySender:  # noqa: ARG002
        """Who is to send an operation."""
        return self.botocore


class GivenConnection:
    """A `Connection` of the caller's; botocore sends, within the caller's timeouts, and once."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        sender = BotocoreSender(connection, as_text=False)
        self.chooser = GivenSender(UnrepeatedSender(sender, connection))
        if not private.can_forget_client(connection):
            logger.warning("this PynamoDB keeps its client in a fork: connect in the child")

    @property
    def session(self) -> Any:
        """The botocore session of this thread."""
        return cast("Any", self.connection).session

    @property
    def client(self) -> Any:
        """The botocore client below."""
        return self.connection.client

    def close(self) -> None:
        """Closes the connections of the caller's client; a later request opens new ones."""
        self.connection.client.close()

    def settle(self) -> None:
        """Waits for nothing: it has no threads of its own."""

    def forget(self) -> None:
        """Starts anew in a forked process, without the sockets and locks of its parent."""
        private.forget_client(self.connection)


def given(connection: Connection) -> GivenConnection:
    """A connection of the caller's whose client is made; `NotSent` where it cannot be."""
    made = GivenConnection(connection)
    try:
        made.client  # noqa: B018 - makes it
    except Exception as error:
        raise unsent(error) from error
    return made


def connect(
    region: str | None,
    endpoint: str | None,
    connect_timeout: float,
    read_timeout: float,
    *,
    make_direct: MakeDirect,
    pool_size: int = 50,
    transport: Transport = "auto",
    credentials: SharedCredentials | None = None,
    fires_signals: bool = True,
) -> WireConnection:
    """A connection whose client is made, so that threads that share it do not each make one.

    `NotSent`, with the cause, where it cannot be made.
    """
    try:
        connection = WireConnection(
            make_direct=make_direct,
            transport=transport,
            credentials=credentials,
            fires_signals=fires_signals,
            region=region,
            host=endpoint,
            connect_timeout_seconds=connect_timeout,
            read_timeout_seconds=read_timeout,
            max_retry_attempts=0,
            max_pool_connections=pool_size,
        )
        found: str = connection.client.meta.region_name
        if not found.isprintable():  # botocore lets a line end pass, into the signature
            raise InvalidRegionError(region_name=found)  # noqa: TRY301
    except Exception as error:
        raise unsent(error) from error
    return connection


def _found() -> Any:
    """The credentials that botocore finds, in a session that nobody else waits for."""
    session = get_session()
    speed_up_loader(session)
    return session.get_credentials()


def _as_it_is(value: str) -> str:
    return value
