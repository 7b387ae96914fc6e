# Written by tests/faces.py from aio/repository.py: change that one.
"""Repositories: what they are given, and how they reach their table."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Self, TypeVar

from pydantic import BaseModel

from dynrepo.blocking.health import HealthCheck
from dynrepo.blocking.store import DynamoStore
from dynrepo.blocking.table_verbs import TableVerbs
from dynrepo.clock import utc_now
from dynrepo.instrumentation.environment import default_instruments
from dynrepo.operations.encrypted_cursors import cursors_for
from dynrepo.operations.tables import describe_table
from dynrepo.operations.usages import used_as
from dynrepo.public import public

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from dynrepo.cursor_secrets import CursorSecret
    from dynrepo.instrumentation import Instrument
    from dynrepo.operations.health import Health
    from dynrepo.operations.protocols import Store

T = TypeVar("T", bound=BaseModel)


@public
class Repository(TableVerbs[T]):
    """The items of one model in one table.

    ```python
    class Users(Repository[User]):
        table = "users"
    ```

    A repository holds no items, and may be shared by threads.

    **Errors of every verb.** What DynamoDB refuses, or cannot be asked, is a `StoreError`:
    `TableNotFound`, `Throttled`, `AccessDenied`, `CredentialsMissing`, `Timeout`, `Unavailable`. A
    write that may have been made, since its answer was lost, is `OutcomeUnknown`. `retryable` of
    each says whether the same call may succeed later.

    **Unique values.** Where the class names `unique` ones, what writes or removes one is a
    transaction: two write units per 1 KB of the item, and two for each guard that is written or
    removed. `NotUnique` is raised where a value is taken, and `ConditionFailed` where others
    changed one of the item's in each of 10 tries.

    **Shared tables.** Where a query reads rows of another entity beside those of this one, `set`,
    `save`, `update`, `edit` and `delete` ask for the mark, at no cost: a row of another entity is
    never written over.

    Args:
        store: Where the table is; without one, a store by the settings of the environment.
        instruments: What sees each call, none at all where it is empty; without them, the default
            ones by the settings of the store.
        clock: Is called for the time, an aware datetime: for `CreatedAt`, `UpdatedAt`, expiry and
            the age of cursors.
        cursor_secret: 32 bytes or more, by which the cursors of pages are encrypted; it takes the
            extra `cursors`. Of several the first encrypts, and all decrypt. Without it, that of the
            settings; without any, cursors are not encrypted.
        cursor_lifetime: Seconds for which an encrypted cursor is good; without it, those of the
            settings, or for ever.

    Raises:
        SettingsError: The secret is too short, or cannot be used without the extra, or there is a
            lifetime and no secret.
        SchemaError: The class is no subclass with a model.
        TypeError: What is given as store, instrument or clock is something else.
    """

    _store_methods = ("sleep", "execute")
    _forwarding_store = "ForwardingStore"
    _default_store = DynamoStore

    @used_as('Orders(store), where the table is named in the class: `table = "orders"`')
    def __init__(
        self,
        store: Store | None = None,
        *,
        instruments: Iterable[Instrument] | None = None,
        clock: Callable[[], datetime] = utc_now,
        cursor_secret: CursorSecret | None = None,
        cursor_lifetime: float | None = None,
    ) -> None:
        from dynrepo.settings import settings_of  # noqa: PLC0415 - no class needs them

        self.store = self._default_store() if store is None else store
        settings = settings_of(self.store)
        secret = settings.cursor_secret if cursor_secret is None else cursor_secret
        if cursor_lifetime is None and secret:
            cursor_lifetime = settings.cursor_lifetime
        super().__init__(self.store, clock)
        self._cursors = cursors_for(secret, cursor_lifetime, self.mapper.table, self.mapper.clock)
        self._defaults = default_instruments(settings)
        if instruments is not None:
            self.use_instruments(*instruments)

    @cached_property
    def _health(self) -> HealthCheck:
        return HealthCheck(self.mapper, self._door("health_check"), self.store)

    def connect(self) -> Self:
        """Connects now and makes sure that the table is there, instead of at the first call.

        Returns:
            The repository.

        Raises:
            TableNotFound: There is no such table.
            StoreError: As of every verb: see the class.

        https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html
        """
        self._execute(describe_table(self.mapper), "connect")
        self._announce(self.mapper.table, self.store.location)
        return self

    def health_check(self) -> Health:
        """Tells whether the table can serve; never raises.

        Returns:
            What is known within two seconds: UP, DEGRADED or DOWN, with details.
        """
        return self._health.health()
