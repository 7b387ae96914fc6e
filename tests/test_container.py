"""The container is found where examples look for it."""

from __future__ import annotations

import dynrepo
from dynrepo import container


def test_it_is_the_container() -> None:
    """And says for how long a health check answers for others."""
    assert container.Container is dynrepo.Container
    assert container.FRESH > 0
