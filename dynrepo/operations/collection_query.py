"""What a query of several models in a shared table asks, and which rows it leaves out."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

from dynrepo.expressions.key_conditions import asked_in
from dynrepo.expressions.nodes import Condition, Or
from dynrepo.expressions.trees import both
from dynrepo.places.queries import PlacedQuery, has_mark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dynrepo.operations.mapper import Mapper
    from dynrepo.places.collection import Collection
    from dynrepo.places.queries import KeyRows
    from dynrepo.schema.keys import KeySchema
    from dynrepo.templates.asked import Asked


class CollectionQuery(PlacedQuery):
    """A query of a key of a shared table by the fields of the first of several models.

    `is_of_known` says that rows of no model are left out: by a filter where a mark tells the
    models, and else where they are read. So are items that their repository hides.
    """

    def __init__(
        self,
        collection: Collection,
        mappers: Sequence[Mapper[Any]],
        key: KeySchema,
        condition: Condition | None,
        *,
        descending: bool,
        is_of_known: bool,
    ) -> None:
        self._collection = collection
        self._is_of_known = is_of_known
        self._hiding = [mapper for mapper in mappers if mapper.hidden_by]
        super().__init__(collection.schemas[0], key, condition, descending=descending)

    @property
    def filter(self) -> Condition | None:
        """What leaves out rows of no model, where they are to be, and what is hidden now."""
        if not self._collection.is_marked:
            return None
        found: Condition | None = None
        if self._is_of_known:
            found = reduce(Or, map(has_mark, self._collection.schemas))
        for mapper in self._hiding:
            schema: Any = mapper.schema
            is_hidden: Any = both(has_mark(schema), mapper.is_over)
            found = both(found, ~is_hidden)
        return found

    @property
    def drops_rows(self) -> bool:
        """Whether rows are to be left out that no mark tells."""
        return not self._collection.is_marked and (self._is_of_known or bool(self._hiding))

    def _asked(self, condition: Any) -> dict[str, Asked] | None:
        grammar = self._collection.grammar(self._name)
        return grammar.compiled(asked_in(condition, self._schema.fields, grammar))

    def _kept(self, body: bytes | bytearray, rows: Sequence[Any]) -> None:
        """None: the codec reads them."""

    @property
    def _rows(self) -> KeyRows:
        return self._collection.rows(self._name)
