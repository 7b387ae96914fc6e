"""Who sends each request of a connection: by the choice that was made, or one that is made anew."""

from __future__ import annotations

import time
from contextlib import suppress
from threading import RLock
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from pynamodb.signals import post_dynamodb_send, pre_dynamodb_send

from dynrepo.aws.botocore_sender import BotocoreSender, bound_reads
from dynrepo.aws.credentials import TOOK, signing_credentials
from dynrepo.aws.errors import unsent
from dynrepo.aws.foreign_logs import fenced_logs
from dynrepo.aws.pending import PATIENCE, Pending
from dynrepo.aws.sender_choice import SenderChoice, SenderUsed
from dynrepo.aws.tasks import SharedCall
from dynrepo.sending.outcomes import CredentialsUnusable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynrepo.aws.sender_choice import AnySender, ClosableSender, MakeDirect, Transport
    from dynrepo.operations.operation import Answer, Operation

CHOOSING = "dynrepo-choice"
"""The name of the threads that choose a sender for the asynchronous face."""


class SenderChooser:
    """Who sends for a connection: a choice, made anew when what it was made on no longer holds.

    Where `fires_signals` is False the caller's thread fires none: botocore's sender takes over
    while somebody receives PynamoDB's signals.
    """

    def __init__(
        self,
        connection: Any,
        transport: Transport,
        extra_headers: Mapping[str, str],
        make_direct: MakeDirect,
        *,
        fires_signals: bool = True,
    ) -> None:
        self._connection = connection
        self._transport: Transport = transport
        self._headers = extra_headers
        self._make_direct = make_direct
        self._fires_signals = fires_signals
        self.botocore = BotocoreSender(connection, as_text=True)
        self._choice: SenderChoice | None = None
        self._choosing = SharedCall(self._current, CHOOSING)
        self._took = ""
        self._lock = RLock()

    @property
    def used(self) -> SenderUsed:
        """Who sends the requests now, and why."""
        try:
            return self._current().used
        except CredentialsUnusable:
            return SenderUsed("botocore", "there are no credentials")

    @property
    def known(self) -> SenderUsed | None:
        """Who sends by the choice that was made last; None where none was made yet."""
        choice = self._choice
        return None if choice is None else choice.used

    def sender_now(self, operation: Operation[Any]) -> AnySender | ClosableSender | None:
        """Who is to send an operation; None where a choice has to be made first."""
        choice = self._choice
        if choice is None or not choice.holds:
            return None
        direct = choice.direct
        if direct is None or not choice.takes(operation.table):
            return self.botocore  # PynamoDB fires its signals itself
        # Without blinker there are no signals, and no `receivers`.
        if getattr(pre_dynamodb_send, "receivers", None) or getattr(
            post_dynamodb_send, "receivers", None
        ):
            return self._signalling(direct)
        return direct

    def sender_for(self, operation: Operation[Any], ends: float) -> AnySender | ClosableSender:
        """Who is to send an operation; waits for a choice, until `ends`: then a `NotSent`."""
        while (sender := self.sender_now(operation)) is None:
            self._current(ends)
        return sender

    def pending(self, ends: float) -> Pending[SenderChoice]:
        """The making of a choice in a thread, for all who wait for one."""
        return Pending(self._choosing.task(), ends, lambda: self._took)

    def close(self) -> None:
        """Closes the direct sender; a later request makes a new choice."""
        choice, self._choice = self._choice, None
        if choice is not None and choice.direct is not None:
            choice.direct.close()

    def settle(self) -> None:
        """Waits a moment, before a fork, for a choice that is being made: it may hold a lock."""
        self._choosing.settle(1.0)

    def _signalling(self, direct: ClosableSender) -> AnySender:
        return SignallingSender(self._connection, direct) if self._fires_signals else self.botocore

    def _current(self, ends: float | None = None) -> SenderChoice:
        choice = self._choice
        ends = time.monotonic() + PATIENCE if ends is None else ends
        try:
            client = self._connection.client
            if choice is not None and choice.client is client and choice.holds:
                return choice
            self._took = TOOK
            signing_credentials(client, ends)
            self._took = "the choice of a sender took the time"
        except Exception as error:
            raise unsent(error) from error
        with self._lock:
            if self._choice is choice:
                self._choice = self._made(client)
        return self._current(ends)

    def _made(self, client: Any) -> SenderChoice:
        with fenced_logs():
            with suppress(Exception):  # then each read ends by its own timeout alone
                bound_reads(client)
            return SenderChoice(client, self._transport, self._headers, self._make_direct)


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


class SignallingSender:
    """A sender around which PynamoDB's signals are fired; the second for what was answered."""

    def __init__(self, connection: Any, sender: AnySender) -> None:
        self._connection = connection
        self._sender = sender

    def send(self, operation: Operation[Any], attempt: int, ends: float) -> Answer:
        """The answer to an operation, by the sender."""
        signal = operation.name, uuid4(), operation.request.get("TableName")
        with suppress(Exception):  # PynamoDB logs what a receiver raises, and a handler may raise
            self._connection.send_pre_boto_callback(*signal)
        answer = self._sender.send(operation, attempt, ends)
        with suppress(Exception):
            self._connection.send_post_boto_callback(*signal)
        return answer
