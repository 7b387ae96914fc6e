"""`RepositoryContract`: tests to inherit for a repository of one's own.

An asynchronous repository is tested in the same way, by no other plugin:
the tests call it as if it blocked, and await each call in a loop of their own.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from dynrepo.blocking.repository import Repository
from dynrepo.errors import (
    ItemExists,
    ItemNotFound,
    TableNotFound,
    TransactionCanceled,
    VersionConflict,
)
from dynrepo.operations.health import Status
from dynrepo.testing.blocking_calls import blocking_calls
from dynrepo.testing.contract_items import (
    UNDECLARED,
    add_attribute,
    changed_item,
    delete_all,
    key_of,
    set_all,
    stored_row,
    texts_of,
)
from dynrepo.testing.counting_store import CountingStore
from dynrepo.testing.mock_container import MockContainer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel

    from dynrepo.aio.repository import AsyncRepository
    from dynrepo.operations.protocols import AsyncStore, Store

_TELLING = 6
"""Characters from which on a stored text is looked for in the telemetry."""

_OUTCOMES = (".success", ".failure", ".cancelled")
"""How the names of what is measured of a whole call end."""


class RepositoryContract:
    """What every repository keeps, as tests; a subclass says which one and makes its items.

    ```python
    class TestUsers(RepositoryContract):
        repository = Users

        def make_item(self, number: int) -> User:
            return User(user_id=UUID(int=number), name=f"user {number}")
    ```

    They run in memory, or on the engine of `--dynrepo-endpoint`. A `store` fixture in the class
    leads them to any other store.
    """

    repository: ClassVar[type[Repository[Any] | AsyncRepository[Any]]]
    """The repository class under test, of either face."""

    def make_item(self, number: int) -> BaseModel:
        """Makes a valid item.

        Args:
            number: The same one makes an item with the same key, another one with another key.

        Returns:
            An instance of the repository's model.

        Raises:
            NotImplementedError: The subclass does not say how.
        """
        raise NotImplementedError(f"{type(self).__name__} needs make_item(self, number)")

    @pytest.fixture
    def store(self, request: pytest.FixtureRequest) -> Store | AsyncStore:
        """The store to test on; override it to test on another one."""
        is_blocking = issubclass(self.repository, Repository)
        store: Store | AsyncStore = request.getfixturevalue(
            "dynrepo_store" if is_blocking else "dynrepo_async_store"
        )
        return store

    @pytest.fixture
    def tested(self, store: Any) -> Iterator[Repository[Any]]:
        """The repository, with an empty table of its own; its calls block, in either face."""
        with blocking_calls(self.repository(store)) as made:
            made.create_table()
            yield made
            with suppress(TableNotFound):
                made.drop_table(confirm=made.mapper.table)

    def test_what_is_set_can_be_read(self, tested: Repository[Any]) -> None:
        """An item comes back equal, by its key and by itself."""
        stored = tested.set(self.make_item(1))
        assert tested.get(stored) == stored
        assert tested.require(key_of(tested, stored), consistent=True) == stored
        assert tested.exists(stored)

    def test_set_replaces(self, tested: Repository[Any]) -> None:
        """The whole stored item, with what the model does not declare."""
        stored = tested.set(self.make_item(1))
        add_attribute(tested, stored)
        tested.set(self.make_item(1))
        assert UNDECLARED not in stored_row(tested, stored)

    def test_what_is_missing_is_none(self, tested: Repository[Any]) -> None:
        """`require` raises."""
        item = self.make_item(1)
        assert tested.get(item) is None
        assert not tested.exists(item)
        with pytest.raises(ItemNotFound):
            tested.require(item)

    def test_delete_can_be_repeated(self, tested: Repository[Any]) -> None:
        """It returns what was there, then None."""
        stored = tested.set(self.make_item(1))
        assert tested.delete(key_of(tested, stored)) == stored
        assert tested.delete(key_of(tested, stored)) is None
        assert tested.get(stored) is None

    def test_create_overwrites_nothing(self, tested: Repository[Any]) -> None:
        """`ItemExists` shows what is stored, which stays as it is."""
        stored = tested.create(self.make_item(1))
        with pytest.raises(ItemExists) as caught:
            tested.create(self.make_item(1))
        assert caught.value.item == stored
        assert tested.get(stored) == stored

    def test_save_keeps_what_is_not_declared(self, tested: Repository[Any]) -> None:
        """Attributes that another program wrote to the item survive."""
        stored = tested.create(self.make_item(1))
        add_attribute(tested, stored)
        saved = tested.save(stored)
        assert stored_row(tested, saved)[UNDECLARED] == {"S": "kept"}

    def test_a_stale_instance_is_not_saved(self, tested: Repository[Any]) -> None:
        """With a `Version` field, the second of two savers is told."""
        if tested.schema.version is None:
            pytest.skip(f"{tested.schema.name} has no Version field")
        stale = tested.create(self.make_item(1))
        newer = tested.save(stale)
        with pytest.raises(VersionConflict):
            tested.save(stale)
        with pytest.raises(VersionConflict):
            tested.delete(stale)
        assert tested.get(stale) == newer

    def test_an_update_makes_no_item(self, tested: Repository[Any]) -> None:
        """Of a missing key there is nothing to change, and no half-made row is left."""
        item = self.make_item(1)
        fields, fixed = tested.schema.of_instance(item).fields, tested.mapper.fixed_attributes
        names = [field.name for field in fields if field.attribute not in fixed]
        if not names:
            pytest.skip(f"{tested.schema.name} has nothing but its key")
        with pytest.raises(ItemNotFound):
            tested.update(item, tested.fields[names[0]].set(getattr(item, names[0])))
        assert not stored_row(tested, item)

    def test_an_edit_writes_what_a_function_changes(self, tested: Repository[Any]) -> None:
        """And nothing else; what another program wrote to the item survives."""
        stored = tested.create(self.make_item(1))
        add_attribute(tested, stored)
        before = stored_row(tested, stored)
        tested.edit(key_of(tested, stored), lambda item: item)
        assert stored_row(tested, stored) == before
        edited = tested.edit(stored, partial(changed_item, tested, self.make_item(2)))
        assert edited == tested.require(stored, consistent=True)
        assert stored_row(tested, edited)[UNDECLARED] == {"S": "kept"}
        with pytest.raises(ItemNotFound):
            tested.edit(self.make_item(2), lambda item: item)

    def test_batches_keep_the_order_of_keys(self, tested: Repository[Any]) -> None:
        """With None for what is missing, and twice what is asked for twice."""
        items = [self.make_item(number) for number in range(30)]
        set_all(tested, items)
        stored = tested.get_many([items[3], self.make_item(99), items[29], items[3]])
        assert [item and key_of(tested, item) for item in stored] == [
            key_of(tested, items[3]),
            None,
            key_of(tested, items[29]),
            key_of(tested, items[3]),
        ]
        delete_all(tested, items)
        assert tested.get_many(items) == [None] * len(items)

    def test_pages_are_complete(self, tested: Repository[Any]) -> None:
        """Page by page, by cursors, every item is seen once."""
        items = [self.make_item(number) for number in range(7)]
        set_all(tested, items)
        seen: list[Any] = []
        page = tested.scan().page(3)
        while True:
            seen += [key_of(tested, item) for item in page.items]
            if page.cursor is None:
                break
            page = tested.scan().page(3, page.cursor)
        assert sorted(map(repr, seen)) == sorted(repr(key_of(tested, item)) for item in items)

    def test_a_transaction_is_made_whole_or_not_at_all(self, tested: Repository[Any]) -> None:
        """One taken key, and nothing is written."""
        taken = tested.create(self.make_item(1))
        with pytest.raises(TransactionCanceled) as caught, tested.transaction() as refused:  # noqa: PT012 - a block
            refused.create(tested, self.make_item(2))
            refused.create(tested, self.make_item(1))
        first, second = caught.value.reasons
        assert (first, type(second)) == (None, ItemExists)
        assert tested.get(self.make_item(2)) is None
        with tested.transaction() as transaction:
            transaction.create(tested, self.make_item(2))
            transaction.delete(tested, taken)
        assert tested.exists(self.make_item(2))
        assert not tested.exists(taken)

    def test_health_is_up_with_the_table_and_down_without(self, tested: Repository[Any]) -> None:
        """It names table, region and endpoint, and never raises."""
        health = tested.health_check()
        if health.details.get("error") == "Timeout":  # of a busy machine, whose client is made now
            health = tested.health_check()
        assert health.status is Status.UP
        assert health.details["table"] == tested.mapper.table
        assert health.details["table_status"] == "ACTIVE"
        assert health.details["endpoint"]
        tested.drop_table(confirm=tested.mapper.table)
        health = tested.health_check()
        assert (health.status, health.details["error"]) == (Status.DOWN, "TableNotFound")

    @pytest.mark.usefixtures("tested")
    def test_every_request_is_seen_once(self, store: Any) -> None:
        """One timing, one count and one span of a request for each that is sent, by any verb."""
        pytest.importorskip("opentelemetry.sdk", reason="spans need opentelemetry-sdk")
        counting = CountingStore(store)
        with MockContainer() as container:
            repository = self.repository(counting, instruments=container.instruments)
            with blocking_calls(repository) as watched:
                self._use_every_verb(watched)
        timings = [
            duration
            for name, durations in container.metrics.timings.items()
            if name.endswith(_OUTCOMES)  # and no connection
            for duration in durations
        ]
        spans = [span for span in container.spans if span.name.split(" ")[0] in counting.names]
        assert len(timings) == len(spans) == len(counting.names)
        outcomes = {
            name: count
            for name, count in container.metrics.counts.items()
            if name.endswith(_OUTCOMES)
        }
        assert sum(outcomes.values()) == len(counting.names)

    @pytest.mark.usefixtures("tested")
    def test_telemetry_holds_no_values(self, store: Any) -> None:
        """Neither keys nor items are in metrics, spans or log lines."""
        pytest.importorskip("opentelemetry.sdk", reason="spans need opentelemetry-sdk")
        with MockContainer() as container:
            repository = self.repository(store, instruments=container.instruments)
            with blocking_calls(repository) as watched:
                self._use_every_verb(watched)
        spans = [(span.name, span.attributes, span.events, span.status) for span in container.spans]
        logs = [(record.getMessage(), vars(record)) for record in container.logs.records]
        telemetry = repr((spans, logs, container.metrics.counts, container.metrics.timings))
        secrets = texts_of(self.repository.schema, self.make_item(1))
        assert [text for text in secrets if len(text) >= _TELLING and text in telemetry] == []

    def _use_every_verb(self, watched: Repository[Any]) -> None:
        item = self.make_item(1)
        watched.create(item)
        with pytest.raises(ItemExists):
            watched.create(item)
        watched.get(item)
        watched.exists(item)
        stored = watched.set(item)
        stored = watched.save(stored)
        stored = watched.edit(stored, partial(changed_item, watched, self.make_item(31)))
        set_all(watched, [self.make_item(number) for number in range(2, 30)])
        watched.get_many([self.make_item(number) for number in range(2, 30)])
        watched.scan().all()
        list(watched.scan().pages(10))
        with watched.transaction() as transaction:
            transaction.create(watched, self.make_item(30))
        delete_all(watched, [self.make_item(number) for number in range(2, 30)])
        watched.delete(stored)
        watched.health_check()
