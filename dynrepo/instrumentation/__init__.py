"""What is seen of an operation: one hook around the one door, and the instruments behind it.

An `Observation` is that hook. Every call passes each instrument inside a fence: one that raises is
reported once and muted for a while, and the operation goes on.
"""

from dynrepo.instrumentation.call import Call
from dynrepo.instrumentation.environment import instruments_for
from dynrepo.instrumentation.fence import Fence, Instrument, Requests, Scope, Verb, fence_of
from dynrepo.instrumentation.mixin import InstrumentationMixin, Observation

__all__ = [
    "Call",
    "Fence",
    "Instrument",
    "InstrumentationMixin",
    "Observation",
    "Requests",
    "Scope",
    "Verb",
    "fence_of",
    "instruments_for",
]
