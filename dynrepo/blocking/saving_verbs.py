# Written by tests/faces.py from aio/saving_verbs.py: change that one.
"""The verbs that store what Python code changed of an item, and leave the rest of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel

from dynrepo.blocking.item_verbs import ItemVerbs
from dynrepo.blocking.waits import check_change
from dynrepo.operations import writes
from dynrepo.operations.editing import edited
from dynrepo.operations.saving import only_removes, saved

if TYPE_CHECKING:
    from collections.abc import Hashable

    from dynrepo.blocking.waits import ChangeOf

T = TypeVar("T", bound=BaseModel)


class SavingVerbs(ItemVerbs[T]):
    """The verbs of an item under its key, and those that store what was changed in Python."""

    def save(self, item: T) -> T:
        """Writes the declared fields, nested maps whole, and no other attributes of the item.

        What no field declares is lost in nested models and dicts only, where `edit` keeps it.

        It is one request, one unit per 1 KB of the larger of the old and the new item; two for a
        new item whose fields are all None. Where it turns out to change a unique value, or the end
        of life beside one, a transaction follows.

        Args:
            item: Its fields are stored, and removed where they are None or an empty set; 400 KB at
                most.

        Returns:
            The item as it is stored now.

        Raises:
            VersionConflict: With a `Version` field: what is stored is neither the version of this
                item nor, for version 0, nothing. Nothing was written.
            ConditionFailed: A row of another entity has the key, or others changed a unique value
                of the item in each of 10 tries. Nothing was written.
            NotUnique: A unique value is taken. Nothing was written.
            CodecError: As of `create`.
            OutcomeUnknown: The answer was lost. With a `Version` and an `UpdatedAt` it is looked at
                once; without a `Version` it is first sent again, also over what somebody else wrote
                in between.
            WrittenUnreadable: It was written, and what is then stored is not the model.
            StoreError: As of every verb: see the class.

        https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
        """
        if self.unique:
            return self._in_one_call("save", self._unique_writes.saved(item))
        save = writes.save_item(self.mapper, item)
        if not only_removes(save):
            return self._execute(save, "save")
        return self._in_one_call("save", saved(self.mapper, save))

    def edit(self, key: Hashable | T, change: ChangeOf[T]) -> T:
        """Reads an item, lets a function change it, and writes the difference if nothing else did.

        ```python
        order = orders.edit((user_id, 1), paid)  # paid(order) returns the changed one
        ```

        Nested models and dicts are written by path, and what no field declares in them stays; lists
        and sets are written whole. If any declared field has changed since the read, the `Version`
        among them, all is done again. Of a model with more fields than a condition takes, 150
        beside the key, only the `Version` counts, and without one it is a CodecError.

        A try is a consistent read (one unit per 4 KB) and an update (one unit per 1 KB of the
        larger of the old and the new item, also if refused). All has the time of one call. Where it
        changes a unique value the update is a transaction.

        Args:
            key: As of `get`; of an instance nothing else counts.
            change: Is given the stored item and returns what it is to be. **It may run several
                times**, each with what is stored then: let it do nothing else that counts.

        Returns:
            The item as it is stored now. An equal one is not written.

        Raises:
            ItemNotFound: Nothing is stored under the key; nothing is made.
            ConditionFailed: Others changed the item in each of 10 tries, or of those there was time
                for; `VersionConflict` where they counted a `Version`. Nothing was written.
            NotUnique: A unique value is taken. Nothing was written.
            OutcomeUnknown: The answer to a write was lost: as of a `save` with a `Version`.
            ValueError: The function changed the key.
            TypeError: It is no function of an item, or returned no instance of the model.
            CodecError: What is stored is not the model, or what was returned cannot be stored.
            WrittenUnreadable: It was written, and what is then stored is not the model.
            StoreError: As of every verb: see the class.
            Exception: What the function raised, as it came. Nothing was written.
        """
        check_change(change)
        return self._in_one_call("edit", edited(self.mapper, key, change))
