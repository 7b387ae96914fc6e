# Written by tests/faces.py from aio/table_verbs.py: change that one.
"""The verbs of the table as a whole: made, compared with its model, repaired, dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel

from dynrepo.blocking.collection_verbs import CollectionVerbs
from dynrepo.blocking.driver import no_progress
from dynrepo.operations.table_life import created, dropped, ensured
from dynrepo.operations.table_plan import TablePlan, check_progress
from dynrepo.operations.tables import verified

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dynrepo.errors import CodecError
    from dynrepo.operations.claiming import Claims
    from dynrepo.operations.rekeying import Rekeyed
    from dynrepo.operations.samples import SampleSize
    from dynrepo.operations.table_plan import Capacity
    from dynrepo.operations.tables import Difference

T = TypeVar("T", bound=BaseModel)


class TableVerbs(CollectionVerbs[T]):
    """The verbs of the items of a table, and those of the table that holds them."""

    def create_table(
        self,
        *,
        capacity: Capacity | None = None,
        deletion_protection: bool = False,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Creates the table from the markers, and waits until it is active, up to ten minutes.

        A shared table gets all of its indexes.

        Args:
            capacity: Units a second of the table and of each index; without it, it is billed on
                demand.
            deletion_protection: Whether the table cannot be dropped before that is switched off.
            tags: Tags of the table, a str for each str.

        Raises:
            StoreError: As of every verb: see the class; a table of this name is one with the code
                `ResourceInUseException`.
            OutcomeUnknown: The answer was lost, in each of 4 tries.
            Timeout: It is not active after ten minutes.
            TypeError: An argument is of another type.

        https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
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

        Waits until all is active, whoever creates or changes it.

        Args:
            capacity: As of `create_table`, for what is created.
            deletion_protection: As of `create_table`.
            tags: As of `create_table`.
            progress: Is called with a sentence for each change of state.

        Returns:
            What still differs from the markers, because only a new table could have it: false when
                nothing does.

        Raises:
            StoreError: As of every verb: see the class.
            OutcomeUnknown: The answer to a change was lost, in each of 4 tries.
            Timeout: The table or an index is not active after ten minutes.
            TypeError: An argument is of another type.

        https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html
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
        """Compares the table with the model, and rows with it too where they are asked for.

        Args:
            sample: How many rows are read, or "all", by a scan, to see whether they are the model,
                and stored as they would be written: by its key a row in another spelling is never
                found. Only the counts are kept of what is found.
            progress: Is called with a sentence after each page of rows.

        Returns:
            How the table differs: false when it does not, and a report as a `str`. A table that is
                missing is a difference, too.

        Raises:
            StoreError: As of every verb: see the class.
            ValueError: `sample` is less than 1.
            TypeError: An argument is of another type.
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
        entity by a scan, charged for the whole table, and updates those that need it. Makes no row,
        and changes no field, version or time. A row whose fields changed since they were read is
        left for the next run, and counted.

        Args:
            bad_rows: Is called with the CodecError of each row that is not the model.
            progress: Is called with a sentence after each page.
            concurrency: How many updates are sent at the same time; at least 1.

        Returns:
            The counts: false when each row has the keys that its fields make.

        Raises:
            CodecError: A row is not the model, and there is no `bad_rows`.
            StoreError: As of every verb: see the class.
            ValueError: The repository has no place in a shared table, or `concurrency` is less than
                1.
            TypeError: `bad_rows` or `progress` cannot be called.
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
        guards.

        Args:
            not_unique: Is called with each item whose value another one has.
            progress: Is called with a sentence after each page.

        Returns:
            The counts: false where no value is held by two items.

        Raises:
            ValueError: The repository has no unique values.
            StoreError: As of every verb: see the class.
            OutcomeUnknown: The answer to a write was lost; to call it again is safe.
            TypeError: `not_unique` or `progress` cannot be called.
        """
        check_progress(progress)
        if not self.unique:
            raise ValueError(f"{type(self).__name__} has no unique values to be claimed")
        claiming = self._unique_writes.claiming(not_unique)
        return self._run("claim_unique", claiming.made(), progress)

    def drop_table(self, *, confirm: str) -> None:
        """Deletes the table with all its items, and waits until it is gone, up to ten minutes.

        The items of the other models of a shared table are among them.

        Args:
            confirm: The full name of the table, the prefix of the store included.

        Raises:
            ValueError: `confirm` is another text. Nothing was sent.
            TableNotFound: There is no such table.
            OutcomeUnknown: The answer was lost, and the table is seen for 5 seconds more.
            Timeout: It is not gone after ten minutes.
            StoreError: As of every verb: see the class.

        https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteTable.html
        """
        self._run("drop_table", dropped(self.mapper, confirm))
