"""Who sends the requests of a client: this library's direct sender, or botocore's own.

The direct sender takes what it does exactly as botocore would. Other configurations, listeners to
botocore's events and replaced parts of it mean botocore's sender; so does a botocore in which a
private name that is looked for is missing, and any other failure while the sender is chosen.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import RLock
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

import botocore.handlers
from pynamodb.signals import post_dynamodb_send, pre_dynamodb_send

from dynrepo.aws.botocore_sender import BotocoreSender, bound_reads
from dynrepo.aws.credentials import TOOK, credentials_of, signing_credentials
from dynrepo.aws.endpoint import NotDirect, target_of
from dynrepo.aws.errors import unsent
from dynrepo.aws.foreign_logs import fenced_logs
from dynrepo.aws.patches import Listeners, Passage
from dynrepo.aws.pending import PATIENCE, Pending
from dynrepo.aws.sender_reasons import ASKED, ReasonsTold, unforeseen
from dynrepo.aws.signalling import SignallingSender
from dynrepo.aws.tasks import SharedCall
from dynrepo.clock import steady
from dynrepo.instrumentation.events import SenderChosen, note
from dynrepo.interruption import pass_interruption
from dynrepo.sending.outcomes import CredentialsUnusable, SendingFailed
from dynrepo.sending.sender_used import SenderUsed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynrepo.operations.operation import Answer, Operation
    from dynrepo.protocol.endpoint import Target

Transport: TypeAlias = Literal["auto", "botocore"]

CHOOSING = "dynrepo-choice"
"""The name of the threads that choose a sender for the asynchronous face."""


class AnySender(Protocol):
    """What sends an operation once, to be answered by a point of `time.monotonic`."""

    def send(
        self, operation: Operation[Any], attempt: int, ends: float, *, anew: bool = False
    ) -> Answer:
        """The answer; a `SendingFailed` that says what became of the request."""
        ...


class ClosableSender(Protocol):
    """A sender of one of the faces, with connections of its own."""

    def send(
        self, operation: Operation[Any], attempt: int, ends: float, *, anew: bool = False
    ) -> Any:
        """The answer, which the asynchronous face awaits; else a `SendingFailed`."""
        ...

    def close(self) -> None:
        """Closes the connections; those in use when their answer is there."""
        ...

    def forget(self) -> None:
        """Starts anew in a forked process, without the connections of its parent."""
        ...


MakeDirect: TypeAlias = Callable[["Target", Any], ClosableSender]
"""Makes a face's direct sender to a target, which signs with botocore's credentials."""


class SenderChoice:
    """The decision for one client, and whether what it was made on still holds."""

    def __init__(
        self,
        client: Any,
        transport: Transport,
        extra_headers: Mapping[str, str],
        make_direct: MakeDirect,
    ) -> None:
        self.client = client
        self.direct: ClosableSender | None = None
        self._is_same: Callable[[], bool] = _nothing_to_see
        self._switches: list[Any] = []
        self._account: Any = None
        self._credentials: Any = None
        self._listed = len(botocore.handlers.BUILTIN_HANDLERS)
        self._admitting = RLock()
        self.is_original = False
        """Whether requests pass nothing but botocore's own code; False where that is not known."""
        try:
            hindrances = self._hindrances()
            self.is_original = not hindrances
            if transport == "botocore":
                hindrances.insert(0, ASKED)
            if hindrances:
                raise NotDirect(hindrances[0])  # noqa: TRY301 - as any other reason
            self._credentials = credentials_of(client)
            self._account = self._credentials.account_id
            self.direct = make_direct(target_of(client, extra_headers), self._credentials)
            self._chosen = SenderUsed("direct", "nothing stands in its way")
        except NotDirect as reason:
            self._chosen = SenderUsed("botocore", str(reason))
        except SendingFailed:
            raise  # the credentials cannot be refreshed now: the next call chooses
        except Exception as error:  # noqa: BLE001 - botocore can send, whatever is wrong here
            pass_interruption(error)
            self._chosen = SenderUsed("botocore", unforeseen(error))

    @property
    def used(self) -> SenderUsed:
        """Who sends now."""
        if self._switches and self.direct is not None and self._is_mocked():
            return SenderUsed("botocore", "a mock that listens to botocore's events is on")
        return self._chosen

    def holds(self) -> bool:
        """Whether listeners, parts and account are those that the choice was made on."""
        if len(botocore.handlers.BUILTIN_HANDLERS) > self._listed:
            self._admit_listeners()
        try:
            if not self._is_same():
                return False
        except (AttributeError, KeyError):  # a part was taken away
            return False
        return self.direct is None or self._account == self._credentials.account_id

    def takes(self, table: str) -> bool:
        """Whether the direct sender may send a request to a table at this moment."""
        if self._switches and self._is_mocked():
            return False
        # The endpoint of a table that is named by its ARN may be another account's.
        return ":" not in table

    def _is_mocked(self) -> bool:
        return any(switch.enabled for switch in self._switches)

    def _hindrances(self) -> list[str]:
        """What requests pass besides botocore's own code."""
        passage, listeners = Passage(self.client), Listeners(self.client)
        self._is_same = passage.is_same
        self._switches = listeners.switches
        return [
            *(f"{listener} listens to botocore's events" for listener in listeners.others),
            *(f"{part} is replaced" for part in passage.replaced),
        ]

    def _admit_listeners(self) -> None:
        """Registers with this client what has come for all new ones, as moto's listener does."""
        with self._admitting:
            listed = botocore.handlers.BUILTIN_HANDLERS
            for event, handler, *_ in listed[self._listed :]:
                self.client.meta.events.register(event, handler)
            self._listed = len(listed)


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
        self.botocore = BotocoreSender(connection, as_text=True, is_original=self._is_original)
        self._choice: SenderChoice | None = None
        self._choosing = SharedCall(self._current, CHOOSING)
        self._took = TOOK
        self._reasons = ReasonsTold()
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
        if choice is None or not choice.holds():
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
            note(SenderChosen(self._current(ends).used))
        return sender

    def pending(self, ends: float) -> Pending[SenderChoice]:
        """The making of a choice in a thread, for all who wait for one."""
        return Pending(self._choosing.task(), ends, lambda: self._took)

    def close(self) -> None:
        """Closes the direct sender; a later request makes a new choice."""
        choice, self._choice = self._choice, None
        if choice is not None and choice.direct is not None:
            choice.direct.close()

    def forget(self) -> None:
        """Leaves the direct sender's connections to the parent of a forked process."""
        choice, self._choice = self._choice, None
        if choice is not None and choice.direct is not None:
            choice.direct.forget()

    def settle(self) -> None:
        """Waits a moment, before a fork, for a choice that is being made: it may hold a lock."""
        self._choosing.settle(1.0)

    def _is_original(self) -> bool:
        choice = self._choice
        return choice is not None and choice.is_original and choice.holds()

    def _signalling(self, direct: ClosableSender) -> AnySender:
        return SignallingSender(self._connection, direct) if self._fires_signals else self.botocore

    def _current(self, ends: float | None = None) -> SenderChoice:
        choice = self._choice
        ends = steady.monotonic() + PATIENCE if ends is None else ends
        try:
            client = self._connection.client
            if choice is not None and choice.client is client and choice.holds():
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
            choice = SenderChoice(client, self._transport, self._headers, self._make_direct)
        self._reasons.tell(choice.used)
        return choice


def _nothing_to_see() -> bool:
    """What is the same as before, where what requests pass cannot be told."""
    return True
