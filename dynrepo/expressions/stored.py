"""The paths of the parts of a stored item, with the types that the parts have."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from dynrepo.expressions.parts import StoredItem, StoredPart, path_of
from dynrepo.public import public

if TYPE_CHECKING:
    from dynrepo.expressions.paths import FieldPath

V = TypeVar("V")


@public
def path(field: V) -> FieldPath[V]:
    """The path of a field of `users.stored`, which makes conditions and actions.

    ```python
    u = users.stored
    users.query(path(u.email) == email, index="by_email")
    users.update(key, path(u.visits).add(1), condition=path(u.name).startswith("A"))
    ```

    Args:
        field: A field of `stored`, or a part of one.

    Returns:
        The path, as `users.fields.visits` is one; to type checkers `FieldPath[int]` where the field
            is an `int`.

    Raises:
        TypeError: It is no field of a `stored`.
    """
    if not isinstance(field, StoredPart) or isinstance(field, StoredItem):
        raise TypeError(
            "path takes a field of what a repository has as `stored`, as in"
            f" path(users.stored.name), not {type(field).__name__}"
        )
    return path_of(field)  # type: ignore[no-any-return]


@public
def present(part: V | None) -> V:
    """A part of `users.stored` that may be None, for what is below: `present(u.address).city`.

    Where nothing is stored of it, nothing is stored below, and a comparison with what is below is
    false.

    Args:
        part: A field of `stored`, or a part of one, whose type allows None.

    Returns:
        The part itself, to type checkers without None.

    Raises:
        TypeError: It is no part of a `stored`.
    """
    if not isinstance(part, StoredPart):
        raise TypeError(
            "present takes a part of what a repository has as `stored`, as in"
            f" present(users.stored.address), not {type(part).__name__}"
        )
    return part
