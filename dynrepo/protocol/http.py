"""HTTP/1.1 answers, read strictly: what is not well formed is `AnswerBroken`, never guessed at.

Nothing here waits: a reader is fed bytes as they come, and gives a message when it is complete.

https://www.rfc-editor.org/rfc/rfc9112 (messages) and https://www.rfc-editor.org/rfc/rfc9110.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from dynrepo.sending.outcomes import AnswerBroken, AnswerLost

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from typing import TypeAlias, TypeVar

    T = TypeVar("T")
    Parsing: TypeAlias = Generator[None, bytes, T]
    """Stops where more bytes must come, is sent them, and returns what it made of them."""

LARGEST_HEAD = 32 * 1024
"""Bytes that a status line and its headers may have."""

LARGEST_BODY = 64 * 1024 * 1024
"""Bytes that a body may have: four times what DynamoDB ever answers."""

TOO_LONG = "the answer is too long"

# Possessive, so that no head, however odd, takes more than one pass.
_STATUS = r"HTTP/1\.([01]) ([1-5][0-9][0-9])(?: [^\x00\r\n]*+)?+"
_VALUE = r":[ \t]*+([^\x00\r\n]*+)"
_FIELD = rf"([!#$%&'*+.^_`|~0-9A-Za-z-]++){_VALUE}"
_STATUS_LINE = re.compile(_STATUS)
_FIELDS = re.compile(rf"(?:\r\n{_FIELD})*+")
_EACH_FIELD = re.compile(rf"\r\n{_FIELD}")
_CHUNK_SIZE = re.compile(r"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\x00\r\n]*)?")
_END_OF_LINE = b"\r\n"
_END_OF_HEAD = b"\r\n\r\n"
_MOST_INTERIM = 8
_MOST_FIELDS = 32
_MOST_DIGITS = 10
_FINAL = 200
_SWITCHING_PROTOCOLS = 101
_BODILESS = (204, 304)
_SINGLE = ("content-length", "transfer-encoding", "x-amz-crc32")


class Message(NamedTuple):
    """An answer: status, headers by lower-case name, body; whether another may follow it."""

    status: int
    headers: Mapping[str, str]
    body: bytes | bytearray
    keep_alive: bool = True


class AnswerReader:
    """Reads the answers that come over a connection, one after the other.

    It keeps the pattern of the last head: the answers of a server are much alike.
    """

    __slots__ = ("_parsing", "_pattern")

    def __init__(self) -> None:
        self._pattern = _FIRST_PATTERN
        self._parsing: Parsing[tuple[Message, _HeadPattern]] | None = None

    def feed(self, data: bytes) -> Message | None:
        """The answer, if these bytes complete it; no bytes mean that the connection ended.

        It is not fed again after an error, nor after a message that is not to be kept alive.
        """
        if self._parsing is not None:
            return self._resumed(self._parsing, data)
        pattern = self._pattern
        headers, start = pattern.read(data)
        if headers is None:
            return self._begun(_message(_Incoming(), pattern), data)
        if headers["content-length"] == str(len(data) - start):
            return Message(pattern.status, headers, data[start:])
        return self._begun(_rest_of_message(_Incoming(), pattern, headers, start), data)

    def _begun(self, parsing: Parsing[tuple[Message, _HeadPattern]], data: bytes) -> Message | None:
        next(parsing)  # to where it stops for the first bytes
        self._parsing = parsing
        return self._resumed(parsing, data)

    def _resumed(
        self, parsing: Parsing[tuple[Message, _HeadPattern]], data: bytes
    ) -> Message | None:
        try:
            parsing.send(data)
        except StopIteration as finished:
            message: Message
            message, self._pattern = finished.value
            self._parsing = None
            return message
        return None


class _HeadPattern:
    """Heads that are alike in all but their values: one pattern reads them in one step.

    The length of the body is among the headers, and is all that is to be known of it.
    """

    def __init__(self, status_line: str, names: tuple[str, ...]) -> None:
        lines = [rf"\r\n{re.escape(name)}{_values_of(name)}" for name in names]
        self._pattern = re.compile(re.escape(status_line) + "".join(lines))
        self._names = [name.lower() for name in names]
        self.status = int(status_line.split(" ")[1])

    def read(self, data: bytes) -> tuple[dict[str, str] | None, int]:
        """The headers of an answer that has such a head, and where its body starts."""
        end = data.find(_END_OF_HEAD, 0, LARGEST_HEAD)
        match = self._pattern.fullmatch(data[:end].decode("latin-1")) if end > 0 else None
        if match is None:
            return None, 0
        # To ask for `strict`, by a keyword, takes zip as long again; the pattern is of these names.
        return dict(zip(self._names, match.groups())), end + len(_END_OF_HEAD)  # noqa: B905


def _values_of(name: str) -> str:
    """As servers write them, with nothing to trim; `connection` has one value that is usual."""
    return ": (keep-alive)" if name.lower() == "connection" else ": ([!-~][ -~]*+)(?<! )"


_pattern_of = lru_cache(maxsize=8)(_HeadPattern)
_FIRST_PATTERN = _HeadPattern("HTTP/1.1 200 OK", ("Content-Length",))


class _Incoming:
    """The bytes of an answer that came and are not yet used."""

    __slots__ = ("unused",)

    def __init__(self) -> None:
        self.unused = b""

    def until(self, mark: bytes) -> Parsing[str]:
        """Everything up to a mark, which is left out."""
        while (end := self.unused.find(mark, 0, LARGEST_HEAD)) < 0:
            if len(self.unused) >= LARGEST_HEAD:
                raise AnswerBroken("a head or line of the answer is too long")
            self.unused += _some((yield))
        text = self.unused[:end]
        self.unused = self.unused[end + len(mark) :]
        return text.decode("latin-1")  # each byte a character, whatever it is

    def exactly(self, length: int, start: int = 0) -> Parsing[bytes]:
        """So many bytes, from a place in those that are here."""
        pieces: list[memoryview] = []
        piece = memoryview(self.unused)[start:]
        while len(piece) < length:
            pieces.append(piece)
            length -= len(piece)
            piece = memoryview(_some((yield)))
        self.unused = bytes(piece[length:])
        return b"".join([*pieces, piece[:length]])

    def to_the_end(self) -> Parsing[bytearray]:
        """Everything that comes before the connection ends."""
        body = bytearray(self.unused)
        self.unused = b""
        while received := (yield):
            body += received
            if len(body) > LARGEST_BODY:
                raise AnswerBroken(TOO_LONG)
        return body


def _some(received: bytes) -> bytes:
    if not received:
        raise AnswerLost("the connection was closed before the answer was complete")
    return received


def _message(incoming: _Incoming, last: _HeadPattern) -> Parsing[tuple[Message, _HeadPattern]]:
    """The answer, and the pattern for the next; interim ones (`100 Continue`) are skipped."""
    for _ in range(_MOST_INTERIM):
        head = _head((yield from incoming.until(_END_OF_HEAD)))
        if head.status == _SWITCHING_PROTOCOLS:
            break
        if head.status >= _FINAL:
            body, delimited = yield from _body(incoming, head.status, head.headers)
            # Bytes after the end belong to no request of ours: nothing may follow them.
            keep_alive = head.keep_alive and delimited and not incoming.unused
            return Message(head.status, head.headers, body, keep_alive), head.pattern or last
    raise AnswerBroken("the answer has a status that no request asks for")


def _rest_of_message(
    incoming: _Incoming, pattern: _HeadPattern, headers: Mapping[str, str], start: int
) -> Parsing[tuple[Message, _HeadPattern]]:
    """The answer whose head is in the first bytes, which come once more."""
    incoming.unused = yield
    body = yield from incoming.exactly(_size(headers["content-length"]), start)
    return Message(pattern.status, headers, body, keep_alive=not incoming.unused), pattern


class _Head(NamedTuple):
    """The head of an answer, and the pattern for such ones, where one pattern is enough."""

    status: int
    headers: Mapping[str, str]
    keep_alive: bool
    pattern: _HeadPattern | None


def _head(text: str) -> _Head:
    line = _STATUS_LINE.match(text)
    if line is None or _FIELDS.fullmatch(text, line.end()) is None:
        raise AnswerBroken("the head of the answer is not HTTP/1.1")
    fields = _EACH_FIELD.findall(text, line.end())
    headers = _joined(fields)
    status = int(line[2])
    keep_alive = line[1] == "1" and "close" not in headers.get("connection", "").lower()
    plain = keep_alive and len(headers) == len(fields) <= _MOST_FIELDS
    pattern = None
    if plain and _has_body_by_length(status, headers):
        pattern = _pattern_of(line[0], tuple([name for name, _ in fields]))
    return _Head(status, headers, keep_alive, pattern)


def _has_body_by_length(status: int, headers: Mapping[str, str]) -> bool:
    return (
        status >= _FINAL
        and status not in _BODILESS
        and "content-length" in headers
        and "transfer-encoding" not in headers
    )


def _joined(fields: list[tuple[str, str]]) -> dict[str, str]:
    """The headers by lower-case name, the values of one name joined."""
    headers: dict[str, str] = {}
    for name, value in fields:
        lower, text = name.lower(), value.rstrip(" \t")
        if headers.setdefault(lower, text) != text:
            if lower in _SINGLE:
                raise AnswerBroken(f"the answer has two values of {lower}")
            headers[lower] += f", {text}"
    return headers


def _body(
    incoming: _Incoming, status: int, headers: Mapping[str, str]
) -> Parsing[tuple[bytes | bytearray, bool]]:
    """The body, and whether its end was marked by more than the end of the connection."""
    length = headers.get("content-length")
    if status in _BODILESS:
        return b"", True
    if "transfer-encoding" in headers:
        if headers["transfer-encoding"].lower() != "chunked" or length is not None:
            raise AnswerBroken("the answer has a transfer coding that was not asked for")
        return (yield from _chunks(incoming)), True
    if length is None:
        return (yield from incoming.to_the_end()), False
    return (yield from incoming.exactly(_size(length))), True


def _size(length: str) -> int:
    if not (length.isascii() and length.isdecimal()) or len(length) > _MOST_DIGITS:
        raise AnswerBroken("the answer has no proper length")
    if (size := int(length)) > LARGEST_BODY:
        raise AnswerBroken(TOO_LONG)
    return size


def _chunks(incoming: _Incoming) -> Parsing[bytearray]:
    body = bytearray()
    while size := _chunk_size((yield from incoming.until(_END_OF_LINE))):
        if len(body) + size > LARGEST_BODY:
            raise AnswerBroken(TOO_LONG)
        body += yield from incoming.exactly(size)
        if (yield from incoming.exactly(2)) != _END_OF_LINE:
            raise AnswerBroken("a chunk of the answer is longer than it says")
    while trailer := (yield from incoming.until(_END_OF_LINE)):
        if _FIELDS.fullmatch(f"\r\n{trailer}") is None:
            raise AnswerBroken("a trailer of the answer is not one")
    return body


def _chunk_size(line: str) -> int:
    size = _CHUNK_SIZE.fullmatch(line)
    if size is None:
        raise AnswerBroken("a chunk of the answer has no proper size")
    return int(size[1], 16)
