"""Chance that is the library's own.

The global generator of `random` belongs to the application: what it seeds must give the same
numbers with dynrepo as without, and processes that all seed alike must not all wait alike before
they send again.
"""

from __future__ import annotations

from random import SystemRandom

draw = SystemRandom().random
"""A number from 0 up to, and without, 1; safe in threads and after a fork."""
