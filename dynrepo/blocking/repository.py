# Written by tests/faces.py from aio/repository.py: change that one.
"""Repositories: the verbs of items, and those of the table that holds them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Self, TypeVar

from pydantic import BaseModel

from dynrepo.blocking.collection_verbs import CollectionVerbs
from dynrepo.blocking.driver import no_progress
from dynrepo.blocking.health import HealthCheck
from dynrepo.blocking.store import DynamoStore
from dynrepo.clock import utc_now
from dynrepo.instrumentation.environment import default_instruments
from dynrepo.operations.encrypted_cursors import cursors_for
from dynrepo.operations.table_life import created, dropped, ensured
from dynrepo.operations.table_plan import TablePlan, check_progress
from dynrepo.operations.tables import describe_table, verified
from dynrepo.operations.usages import used_as
from dynrepo.public import public

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from dynrepo.cursor_secrets import CursorSecret
    from dynrepo.errors import CodecError
    from dynrepo.instrumentation import Instrument
    from dynrepo.operations.claiming import Claims
    from dynrepo.operations.health import Health
    from dynrepo.operations.protocols import Store
    from dynrepo.operations.rekeying import Rekeyed
    from dynrepo.operations.samples import SampleSize
    from dynrepo.operations.table_plan import Capacity
    from dynrepo.operations.tables import Difference

T = TypeVar("T", bound=BaseModel)


@public
class Repository(CollectionVerbs[T]):
    """The items of one model in one table.

    ::

        class Users(Repository[User]):
            table = "users"

    A repository may be shared by threads. It holds no items. `clock` tells the time for
    `CreatedAt`, `UpdatedAt` and expiry. With a `cursor_secret` of 32 bytes or more the cursors of
    pages are encrypted, which takes the extra `cursors`: else it is a `SettingsError`. They are
    then good for `cursor_lifetime` seconds, or for ever. Of several secrets the first encrypts, and
    all decrypt. What is not given, the `instruments` too, the settings of the store say, which are
    those of the environment where it was given none.
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
        self._cursors = cursors_for(secret, cursor_lifetime, self.mapper.table, clock)
        self._defaults = default_instruments(settings)
        if instruments is not None:
            self.use_instruments(*instruments)

    @cached_property
    def _health(self) -> HealthCheck:
        return HealthCheck(self.mapper, self._door("health_check"), self.store)

    def connect(self) -> Self:
        """Connects now and makes sure that the table is there, instead of at the first call."""
        self._execute(describe_table(self.mapper), "connect")
        self._announce(self.mapper.table, self.store.location)
        return self

    def health_check(self) -> Health:
        """Whether the table can serve, within two seconds; never raises."""
        return self._health.health()

    def create_table(
        self,
        *,
        capacity: Capacity | None = None,
        deletion_protection: bool = False,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Creates the table from the markers and waits until it is active.

        Billed on demand, or by a provisioned `capacity`. A shared table gets all of its indexes.
        """
        plan = TablePlan(capacity, deletion_protection, tags)
        self._run("create_table", created(self.mapper, plan))

    def ensure_table(
        self,
        *,
        capacity: Capacity | None = None,
        deletion_protection: bool = False,
        tags: Mapping[str, str] | None = None,
        progress: Callable[[str], object] = no_progress,
    ) -> Difference:
        """Creates the table, or what it lacks of indexes and expiry; deletes and changes nothing.

        Waits until all is active, telling `progress` in sentences, whoever creates or changes it.
        Returns what still differs from the markers, because only a new table could have it: false
        when nothing does.
        """
        plan = TablePlan(capacity, deletion_protection, tags)
        check_progress(progress)
        return self._run("ensure_table", ensured(self.mapper, plan), progress)

    def verify_table(
        self,
        *,
        sample: SampleSize | None = None,
        progress: Callable[[str], object] = no_progress,
    ) -> Difference:
        """How the table differs from the model: false when it does not, and a report as a `str`.

        With `sample`, so many rows are read, or "all", by a scan, to see whether they are the
        model, and stored as they would be written: by its key a row in another spelling is never
        found. `progress` is told after each page, in a sentence. Of what is found only the
        counts are kept.
        """
        check_progress(progress)
        return self._run("verify_table", verified(self.mapper, sample), progress)

    def rekey(
        self,
        *,
        bad_rows: Callable[[CodecError], object] | None = None,
        progress: Callable[[str], object] = no_progress,
        concurrency: int = 1,
    ) -> Rekeyed:
        """Writes the keys of indexes of a shared table that rows lack, or have otherwise.

        For an index that is younger than the rows, or another template. Reads all rows of the
        entity by a scan, charged for the whole table, and updates those that need it, `concurrency`
        at the same time. Makes no row, and changes no field, version or time. A row whose fields
        changed since they were read is left for the next run, and counted. A row that is not the
        model is a CodecError, unless `bad_rows` is called with it. `progress` is told after each
        page, in a sentence. `ValueError` for a repository without a place.
        """
        from dynrepo.operations.rekeying import rekeyed  # noqa: PLC0415 - is there

        check_progress(progress)
        return self._run("rekey", rekeyed(self.mapper, bad_rows, concurrency), progress)

    def claim_unique(
        self,
        *,
        not_unique: Callable[[T], object] | None = None,
        progress: Callable[[str], object] = no_progress,
    ) -> Claims:
        """Gives each item the guards of its unique values that it lacks; true where two have one.

        For a table that had none, or that others write to. Guards of no item are removed. Callers
        may write meanwhile. Reads the table twice, all guards and all items, and each item's
        guards; `not_unique` is given each item whose value another one has.

        Raises:
            ValueError: The repository has no unique values.
        """
        check_progress(progress)
        if not self.unique:
            raise ValueError(f"{type(self).__name__} has no unique values to be claimed")
        claiming = self._unique_writes.claiming(not_unique)
        return self._run("claim_unique", claiming.made(), progress)

    def drop_table(self, *, confirm: str) -> None:
        """Deletes the table with all its items; `confirm` must be the table's full name.

        Those of the other models of a shared table are among them.
        """
        self._run("drop_table", dropped(self.mapper, confirm))
