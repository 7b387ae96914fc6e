"""The schema of a class of repositories, and its unique values: by its model, place and names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynrepo.errors import SchemaError
from dynrepo.schema.entity import schema_of
from dynrepo.schema.table_names import check_no_class

if TYPE_CHECKING:
    from dynrepo.operations.unique_values import UniqueValues
    from dynrepo.schema.entity import Schema


def _schema_alone(cls: Any) -> Schema[Any]:
    """The schema of the model, or of the union of models, without a place."""
    if isinstance(cls._model, type):
        return schema_of(cls._model, by_alias=cls.by_alias)
    from dynrepo.schema.union import schema_for  # noqa: PLC0415 - few repositories are of a union

    return schema_for(cls._model, by_alias=cls.by_alias)


def schema_of_class(cls: Any) -> Schema[Any]:
    """The schema of the model, in the place that is given; the table is then that of the place."""
    place = getattr(cls, "place", None)
    if place is None:  # as it mostly is: two dozen modules are not imported
        check_no_class(cls.__name__, getattr(cls, "table", None))
        return _schema_alone(cls)
    # Else the first query and the first update import them, amid a call.
    import dynrepo.operations.collection_mapper  # noqa: PLC0415  # pyright: ignore[reportUnusedImport]
    import dynrepo.operations.rekeying  # noqa: PLC0415  # pyright: ignore[reportUnusedImport]
    import dynrepo.places.queries  # noqa: PLC0415  # pyright: ignore[reportUnusedImport]
    import dynrepo.places.updates  # noqa: F401, PLC0415  # pyright: ignore[reportUnusedImport]
    from dynrepo.places.checks import check_unused  # noqa: PLC0415
    from dynrepo.places.schema import placed_schema_of  # noqa: PLC0415
    from dynrepo.places.shared_table import is_place  # noqa: PLC0415

    if not is_place(cls.__name__, place):
        return _schema_alone(cls)
    check_unused(cls)
    table = place.table.table
    if getattr(cls, "table", table) != table:
        raise SchemaError(
            f"{cls.__name__}: its place is in the table {table}, and `table` names another one:"
            " leave it out"
        )
    cls.table = table
    if isinstance(cls._model, type):
        return placed_schema_of(cls._model, place, by_alias=cls.by_alias)
    from dynrepo.places.union import placed_schema_for  # noqa: PLC0415 - few are of a union

    return placed_schema_for(cls._model, place, by_alias=cls.by_alias)


def unique_of_class(cls: Any) -> UniqueValues:
    """What no two items may have in common, and where it is held."""
    # Else the first writes import them, amid a call.
    import dynrepo.operations.unique_parts  # noqa: PLC0415  # pyright: ignore[reportUnusedImport]
    import dynrepo.operations.unique_writes  # noqa: F401, PLC0415  # pyright: ignore[reportUnusedImport]
    from dynrepo.operations.unique_values import unique_values_of  # noqa: PLC0415 - few have them

    return unique_values_of(cls.schema, cls.unique, cls.table, cls.guards)
