"""What belongs to the other face: nothing that has to be refused here.

What takes both kinds of queries and blocks, as a streamed HTTP response does, asks for the methods
of the other face first, and would find them.
"""

from __future__ import annotations


class Iterated:
    """What is read by `for`."""

    __slots__ = ()


class Entered:
    """What is entered by `with`."""

    __slots__ = ()
