"""A store over the simulated network: all below it but the socket is the library's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import NoCredentialsError

from dynrepo.aws.errors import unsent
from dynrepo.blocking.direct import DirectSender
from dynrepo.blocking.sender import Sender
from dynrepo.clock import ends_at
from dynrepo.operations.operation import Location
from dynrepo.protocol.endpoint import Endpoint, Target, Timeouts
from tests.simulator.fates import NO_CREDENTIALS
from tests.simulator.network import CONNECT_TIMEOUT, READ_TIMEOUT
from tests.simulator.task import current

if TYPE_CHECKING:
    from dynrepo.operations.operation import Answer, Operation
    from tests.simulator.network import Network

DEADLINE = 10.0
"""Seconds that a call may take."""


class Frozen(NamedTuple):
    """Credentials as botocore freezes them."""

    access_key: str = "simulated"
    secret_key: str = "simulated"
    token: str | None = None


class Credentials:
    """Credentials that are there, but for a time that begins at `end` and lasts until `back`."""

    def __init__(self, network: Network, end: float, back: float) -> None:
        self._network = network
        self._gone = (end, back)

    def get_frozen_credentials(self) -> Frozen:
        """What the next request is signed with."""
        end, back = self._gone
        if end <= self._network.scheduler.now < back:
            self._network.keep_back(NO_CREDENTIALS)
            raise NoCredentialsError
        return Frozen()


class SimulatedStore:
    """What repositories have below them, in virtual time."""

    table_prefix = ""
    location = Location(
        "simulated", "memory://simulated"
    )  # in this process: its cursors are no secret
    deadline = DEADLINE

    def begin(self, credentials: Credentials, attempts: int) -> None:
        """Starts anew, with other credentials, no connection, and so many requests for a call."""
        self.attempts = attempts
        endpoint = Endpoint("simulated", 80)
        target = Target(endpoint, "simulated", "simulated", "dynamodb", "simulated", {})
        timeouts = Timeouts(CONNECT_TIMEOUT, READ_TIMEOUT)
        self._direct = DirectSender(target, credentials, unsent, timeouts, 4)
        self._sender = Sender(self._attempt, self.sleep, attempts)

    def execute(self, operation: Operation[Any], /) -> Answer:
        """Sends an operation until it is answered or its time is up."""
        return self._sender.send(operation, ends_at(self.deadline))

    def sleep(self, seconds: float, /) -> None:
        """Lets others go on for so long."""
        current().wait(seconds)

    def _attempt(
        self, operation: Operation[Any], attempt: int, ends: float, *, anew: bool
    ) -> Answer:
        current().operation = operation
        return self._direct.send(operation, attempt, ends, anew=anew)
