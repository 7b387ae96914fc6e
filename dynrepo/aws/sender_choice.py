"""Who sends the requests of a client: this library's direct sender, or botocore's own.

The direct sender takes what it does exactly as botocore would. Whatever else is configured, and
whoever else has a hand in botocore, gets botocore; so does a botocore that lacks a private name
that is looked for here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from dynrepo.aws import botocore_sender as stock
from dynrepo.aws.endpoint import Unfit, target_of
from dynrepo.aws.patches import Listeners, Parts
from dynrepo.protocol.requests import DirectSender

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynrepo.protocol.endpoint import Timeouts

Transport: TypeAlias = Literal["auto", "botocore"]


class Sender(NamedTuple):
    """Who sends the requests of a connection, and why: a sentence for logs and bug reports."""

    name: Literal["direct", "botocore"]
    reason: str


class Choice:
    """The decision for one client, and whether what it was made on still holds."""

    def __init__(
        self,
        client: Any,
        transport: Transport,
        extra: Mapping[str, str],
        timeouts: Timeouts,
        kept: int,
    ) -> None:
        self.client = client
        self._parts = Parts()
        self._listeners = Listeners(client)
        self._account: str | None = None
        self.direct: DirectSender | None = None
        stock.bound(client, original=not self._parts.replaced)
        try:
            self.direct = self._direct(transport, extra, timeouts, kept)
            self._idle = Sender("direct", "nothing stands in its way")
        except Unfit as reason:
            self._idle = Sender("botocore", str(reason))
        except AttributeError as missing:
            self._idle = Sender("botocore", f"this botocore has no {missing.name}")

    @property
    def sender(self) -> Sender:
        """Who sends now."""
        if self.direct is not None and self._listeners.awake:
            return Sender("botocore", "a mock that listens to botocore's events is on")
        return self._idle

    def holds(self) -> bool:
        """Whether nobody has come or gone, and the account is still the same."""
        return (
            self._listeners.unchanged()
            and self._parts.unchanged()
            and (self.direct is None or self._account == self._credentials.account_id)
        )

    def takes(self, request: Mapping[str, Any]) -> bool:
        """Whether the direct sender may send a request at this moment."""
        if self._listeners.awake or "_make_api_call" in self.client.__dict__:
            return False
        # The endpoint of a table that is named by its ARN may be another account's.
        return ":" not in request.get("TableName", "")

    @property
    def _credentials(self) -> Any:
        return self.client._request_signer._credentials  # noqa: SLF001

    def _direct(
        self, transport: Transport, extra: Mapping[str, str], timeouts: Timeouts, kept: int
    ) -> DirectSender:
        if transport == "botocore":
            raise Unfit("it was asked for")
        if not self._credentials:
            raise Unfit("there are no credentials")
        if self._listeners.others:
            raise Unfit(f"{self._listeners.others[0]} listens to botocore's events")
        if self._parts.replaced:
            raise Unfit(f"{self._parts.replaced[0]} is replaced")
        self._account = self._credentials.account_id
        return DirectSender(target_of(self.client, extra), self._credentials, timeouts, kept)
