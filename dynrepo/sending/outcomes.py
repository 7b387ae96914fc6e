"""What can become of a request that is not answered as it should be.

The classes say whether it may have been applied. Each sender translates what it meets into them;
`dynrepo.sending.failure` makes of them the error that the caller gets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynrepo.opaque import Sealed, unsealed
from dynrepo.plain_text import told_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynrepo.operations.operation import Answer


class SendingFailed(Exception):
    """A request without a proper answer; the message, but a refusal's, holds no data.

    `code` names it to the caller: the class of this error, or of the one that it stands for.
    """

    remedy: str = ""
    """What to do about it, for the message to the caller; the code alone where it is empty."""

    def __init__(self, message: str = "", *, code: str = "", remedy: str = "") -> None:
        super().__init__(message)
        self.code = code or type(self).__name__
        if remedy:
            self.remedy = remedy  # of this error alone

    @property
    def origin(self) -> BaseException:
        """The error of a library below that this one stands for; itself where it does for none."""
        stands_for_another = self.code != type(self).__name__
        return (self.__cause__ if stands_for_another else None) or self


class NotSent(SendingFailed):
    """The request did not leave as a whole: it cannot have been applied."""


class NotConnected(NotSent):
    """No connection: the name is unknown, the port is closed, or TLS was refused."""

    remedy = "NotConnected; nothing answers at the endpoint"


class TlsRefused(NotConnected):
    """TLS came to no agreement, and will not by itself: to try again does not help."""

    remedy = (
        "TlsRefused; the endpoint has no certificate that is trusted, valid now and its own, or"
        " speaks no TLS 1.2; see AWS_CA_BUNDLE"
    )


class ConnectTimedOut(NotSent):
    """No connection, or no room to send, in the time given."""


class DeadlineExceeded(NotSent):
    """No time was left to send the request."""


class NotPrepared(NotSent):
    """What has to be done before the first request took longer than a call waits for it."""


class NoThread(NotSent):
    """No thread could be started for what has to be done before sending."""

    remedy = "no thread can be started; this process has too many, or is about to end"


class CredentialsUnusable(NotSent):
    """There are no credentials, or none that a request can be signed with."""


class Misconfigured(NotSent):
    """A setting is wrong, so that no request can be made."""


class InDoubt(SendingFailed):
    """The request was sent: it may or may not have been applied."""


class AnswerTimedOut(InDoubt):
    """No whole answer came in the time given."""


class AnswerLost(InDoubt):
    """The connection ended before the answer did."""


class AnswerBroken(InDoubt):
    """Something came that is not an answer of DynamoDB, or not as it was sent."""


class AnswerEmpty(AnswerBroken):
    """An answer without any of its members.

    It lost them, unless the engine does not tell consumed capacity: then it is this `answer`.
    """

    def __init__(self, message: str, answer: Answer) -> None:
        super().__init__(message, code="AnswerBroken")
        self.answer = answer

    @property
    def origin(self) -> BaseException:
        """It stands for no other."""
        return self


class Refused(SendingFailed):
    """DynamoDB answered with an error; `response` is that answer, in the shape botocore gives it.

    Whether the request was applied is told by the error's code. AWS's own text is in `response`
    alone: of a wrong signature it quotes what was signed, the session token with it.
    """

    if TYPE_CHECKING:
        response: Mapping[str, Any]
    else:
        response = unsealed("_response")

    def __init__(self, response: Mapping[str, Any]) -> None:
        code = told_name(response["Error"].get("Code", "Unknown"))
        super().__init__(code, code=code)
        self._response = Sealed(response)
