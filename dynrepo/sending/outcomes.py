"""What can go wrong between a request and its answer; the classes say if it may have been applied.

`dynrepo.sending.failure` translates them; none of them reaches a caller.
"""

from __future__ import annotations


class TransportFailure(Exception):
    """A request that was not answered as it should be; the message holds no data."""


class NotSent(TransportFailure):
    """The request did not leave as a whole: it cannot have been applied."""


class NotConnected(NotSent):
    """No connection: the name is unknown, the port is closed, or TLS found no trust."""


class ConnectTimedOut(NotSent):
    """No connection, or no room to send, in the time given."""


class InDoubt(TransportFailure):
    """The request was sent: it may or may not have been applied."""


class AnswerTimedOut(InDoubt):
    """No whole answer came in the time given."""


class AnswerLost(InDoubt):
    """The connection ended before the answer did."""


class AnswerBroken(InDoubt):
    """Something came that is not an answer of DynamoDB, or not as it was sent."""
