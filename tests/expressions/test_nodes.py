"""The nodes of expressions, by their public names."""

from __future__ import annotations

import pytest
from pynamodb.expressions import condition, operand, update

from dynrepo.expressions import nodes


@pytest.mark.parametrize("module", [condition, operand, update], ids=lambda module: module.__name__)
def test_every_public_class_is_handed_on(module: object) -> None:
    """PynamoDB's conditions, operands and actions are had here, and are PynamoDB's own."""
    public = {
        name: kind
        for name, kind in vars(module).items()
        if isinstance(kind, type)
        and kind.__module__ == module.__name__
        and not name.startswith("_")
    }
    assert public
    assert {name: getattr(nodes, name, None) for name in public} == public
