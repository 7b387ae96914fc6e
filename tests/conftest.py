"""What holds for every test."""

from __future__ import annotations

from hypothesis import settings

# A busy machine is slow now and then: no example fails for its duration alone.
settings.register_profile("dynrepo", deadline=None, print_blob=True)
settings.load_profile("dynrepo")
