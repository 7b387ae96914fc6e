"""botocore's credentials, found and refreshed in a thread: a call waits no longer than it may.

botocore refreshes in the thread that is about to sign, and has the others wait for its lock. Here
one thread at a time looks for credentials, or for newer ones, for all the connections of a store.
Valid ones are used meanwhile, and also when that fails.

A face that signs asks for what is `ready`; where that is None, it waits for what is `pending`, as
`dynrepo.aws.pending` tells. Neither waits itself.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.credentials import Credentials
from botocore.exceptions import NoCredentialsError

from dynrepo.aws import private
from dynrepo.aws.errors import unusable
from dynrepo.aws.foreign_logs import fenced_logs
from dynrepo.aws.pending import PATIENCE, Pending
from dynrepo.aws.tasks import SharedCall
from dynrepo.clock import steady
from dynrepo.opaque import OpaqueRecord, Sealed
from dynrepo.sending.outcomes import NotSent

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

REFRESH = "dynrepo-credentials"
"""The name of the threads that look for credentials."""

_PACE = 1.0
"""Seconds between two looks for what was not found, or for newer ones than the valid."""

TOOK = "the AWS credentials took the time: they were not found, or refreshed, before it was up"


class _Signing(OpaqueRecord, sealed=["frozen"]):
    """What requests are signed with, and until when; None for ever."""

    frozen: Any
    expiry: datetime | None


class SharedCredentials:
    """The credentials of a store's connections; safe for threads.

    `find` returns botocore's credentials, or None; `source` is what it found already. A botocore
    without the private names that tell what is valid is asked at each call, in time as well.
    """

    def __init__(self, find: Callable[[], Any], source: Any = None) -> None:
        self._find = find
        self._source = source
        self._valid: _Signing | None = None
        self._found = Sealed(None)
        self._fresh_until = 0.0
        self._look_again = 0.0
        self._look = SharedCall(self._looked, REFRESH)

    @property
    def lasting(self) -> Credentials | None:
        """Botocore's own, where they are found and never change."""
        return self._source if type(self._source) is Credentials else None

    @property
    def account_id(self) -> str | None:
        """The account that the credentials are of, if they tell."""
        known: Any = self.lasting or (self._valid and self._valid.frozen)
        known = known or self._found.cell_contents
        account: str | None = (known or self.get_frozen_credentials()).account_id
        return account

    def get_frozen_credentials(self) -> Any:
        """The credentials to sign the next request with, for botocore, which has no deadline."""
        return self.frozen(steady.monotonic() + PATIENCE)

    def get_deferred_property(self, name: str) -> Callable[[], Any]:
        """A function that returns a property, for botocore's endpoints."""
        return lambda: getattr(self, name, None)

    def ready(self) -> Any:
        """The credentials to sign a request with now; None where they have to be waited for.

        A refresh that is due begins in its thread.
        """
        valid = self._valid
        if (
            valid is not None
            and steady.monotonic() < self._fresh_until
            and valid.expiry is private.expiry_of(self._source)
        ):
            return valid.frozen
        return self._usable()

    def pending(self, ends: float) -> Pending[Any]:
        """The look for credentials that all callers share; a `NotSent` where there can be none."""
        if self._source is None and steady.monotonic() < self._look_again:
            raise unusable(NoCredentialsError())
        return Pending(self._look.task(), ends, lambda: TOOK)

    def frozen(self, ends: float) -> Any:
        """The credentials to sign a request with; a `NotSent` where there are none by `ends`."""
        ready = self.ready()
        if ready is not None:
            return ready
        pending = self.pending(ends)
        pending.task.wait(pending.seconds)
        return pending.result()

    def settle(self) -> None:
        """Waits a moment for a look that is under way, before a fork: it may hold a library's lock.

        One that hangs waits for somebody, and holds none.
        """
        self._look.settle(_PACE)

    def _usable(self) -> Any:
        """What is valid now; a refresh that is due begins. None for nothing."""
        if self.lasting is not None:
            return self.lasting.get_frozen_credentials()
        self._fresh_until = 0.0  # of what was valid before
        valid = self._valid = self._latest()
        left = 0.0 if valid is None else private.seconds_left(self._source, valid.expiry)
        if valid is None or left <= 0:
            return None
        if self._is_due():
            self._refresh()
        elif private.tells_the_time(self._source):
            self._fresh_until = steady.monotonic() + min(left, _PACE)
        return valid.frozen

    def _latest(self) -> _Signing | None:
        """What botocore holds; or what it held, where a refresh brought something expired."""
        current = private.signing_of(self._source)
        if current is None:
            return self._valid
        held = self._valid
        is_new = held is None or held.frozen is not current[0]
        if held is not None and is_new and private.seconds_left(self._source, current[1]) <= 0:
            return held
        return _Signing(*current)

    def _is_due(self) -> bool:
        with fenced_logs():
            return bool(self._source.refresh_needed())

    def _refresh(self) -> None:
        """Begins a refresh, unless one is under way, or a moment ago one has failed."""
        if steady.monotonic() >= self._look_again:
            self._look_again = steady.monotonic() + _PACE
            with suppress(NotSent):
                self._look.task()

    def _looked(self) -> Any:
        """The credentials, refreshed if they are about to expire; waits as long as that takes."""
        try:
            with fenced_logs():
                found = self._newly_found() or self._source.get_frozen_credentials()
        except Exception as error:
            raise unusable(error) from error
        self._found = Sealed(found)
        return found

    def _newly_found(self) -> Any:
        """What is valid of botocore's credentials, if they were not found before.

        Those that hang in another thread are left to it.
        """
        if self._source is not None and not self._look.hangs:
            return None
        self._source = self._find()
        if self._source is None:
            self._look_again = steady.monotonic() + _PACE
            raise NoCredentialsError
        return self._usable()

    def __getattr__(self, name: str) -> Any:
        # All else that botocore has, and nothing before they are found.
        return getattr(self._source, name)


def signing_credentials(client: Any, ends: float) -> Any:
    """What a client signs with now, its parts by name; a `NotSent` where it has nothing by `ends`.

    None without the private names, when botocore waits itself, and for a client that has none.
    """
    try:
        credentials = credentials_of(client)
    except AttributeError:
        return None
    if isinstance(credentials, SharedCredentials):
        return credentials.frozen(ends)
    return credentials


def credentials_of(client: Any) -> SharedCredentials | Credentials | None:
    """The credentials that a client signs with, which from now on no caller waits for unduly.

    Those that never change are botocore's own.
    """
    credentials = private.credentials_of(client)
    if credentials is None or type(credentials) is Credentials:
        return credentials
    if not isinstance(credentials, SharedCredentials):
        credentials = SharedCredentials(partial(_same, credentials), credentials)
        private.give_credentials(client, credentials)
    if credentials.lasting is not None:
        private.give_credentials(client, credentials.lasting)
    return credentials.lasting or credentials


def _same(source: Any) -> Any:
    return source
