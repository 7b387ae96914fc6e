"""What several tests of connections stand on."""

from __future__ import annotations

import pytest

from dynrepo.blocking import channel as channels
from tests.resolver import hanging

__all__ = ["hanging"]


@pytest.fixture(params=["counted", "uncounted"])
def counts(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With and without Linux's count of the bytes that came."""
    if request.param == "uncounted":
        monkeypatch.setattr(channels, "_bytes_received", lambda _: -1)
