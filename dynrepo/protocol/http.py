"""HTTP/1.1 answers, read strictly: what is not well formed is `AnswerBroken`, never guessed at.

https://www.rfc-editor.org/rfc/rfc9112 (messages) and https://www.rfc-editor.org/rfc/rfc9110.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from dynrepo.sending.outcomes import AnswerBroken, AnswerLost

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LARGEST_HEAD = 32 * 1024
"""Bytes that a status line and its headers may have."""

LARGEST_BODY = 64 * 1024 * 1024
"""Bytes that a body may have: four times what DynamoDB ever answers."""

# Possessive, so that no head, however odd, takes more than one pass.
_STATUS = r"HTTP/1\.([01]) ([1-5][0-9][0-9])(?: [^\x00\r\n]*+)?+"
_VALUE = r":[ \t]*+([^\x00\r\n]*+)"
_FIELD = rf"([!#$%&'*+.^_`|~0-9A-Za-z-]++){_VALUE}"
# In a form: as servers write them, with nothing to trim, and of one header one value.
_USUAL = ": ([!-~][ -~]*+)(?<! )"
_IN_A_FORM = {"connection": ": (keep-alive)"}
_STATUS_LINE = re.compile(_STATUS)
_FIELDS = re.compile(rf"(?:\r\n{_FIELD})*+")
_EACH_FIELD = re.compile(rf"\r\n{_FIELD}")
_CHUNK_SIZE = re.compile(r"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\x00\r\n]*)?")
_END = b"\r\n\r\n"
_INTERIM = 8
_MOST_DIGITS = 10


class Message(NamedTuple):
    """An answer: status, headers by lower-case name, body; whether another may follow it."""

    status: int
    headers: Mapping[str, str]
    body: bytes | bytearray
    keep_alive: bool


class Reader:
    """Reads one answer, which must be there by a point of `time.monotonic`.

    The function is given that point, and returns the next bytes, and none at the end.
    """

    __slots__ = ("_buffer", "_ends", "_receive")

    def __init__(self, receive: Callable[[float], bytes], ends: float) -> None:
        self._receive = receive
        self._ends = ends
        self._buffer = b""

    def message(self) -> Message:
        """The answer; interim ones (`100 Continue`) before it are skipped."""
        form, first = _last[0], self._piece()
        headers, start = form.head(first)
        if headers is None:
            self._buffer = first
            return self._message()
        length = headers["content-length"]
        if length == str(len(first) - start):
            return Message(form.status, headers, first[start:], keep_alive=True)
        self._buffer = first
        whole = self._exactly(_size(length), start)
        return Message(form.status, headers, whole, keep_alive=not self._buffer)

    def _message(self) -> Message:
        for _ in range(_INTERIM):
            version, status, headers = _head(self._until(_END, LARGEST_HEAD))
            if status == _SWITCHING_PROTOCOLS:
                break
            if status >= _FINAL:
                body, delimited = self._body(status, headers)
                # Bytes after the end belong to no request of ours: nothing may follow them.
                alone = delimited and not self._buffer
                return Message(status, headers, body, alone and _stays(version, headers))
        raise AnswerBroken("a status that nobody asked for")

    def _piece(self) -> bytes:
        received = self._receive(self._ends)
        if not received:
            raise AnswerLost("the connection was closed before the answer was complete")
        return received

    def _until(self, mark: bytes, most: int) -> str:
        """Everything up to a mark, which is left out; the buffer goes on behind it."""
        while (end := self._buffer.find(mark, 0, most)) < 0:
            if len(self._buffer) >= most:
                raise AnswerBroken("a head or line of the answer is too long")
            self._buffer += self._piece()
        found = self._buffer[:end]
        self._buffer = self._buffer[end + len(mark) :]
        return found.decode("latin-1")  # each byte a character, whatever it is

    def _body(self, status: int, headers: Mapping[str, str]) -> tuple[bytes | bytearray, bool]:
        """The body, and whether its end was marked by more than the end of the connection."""
        length = headers.get("content-length")
        if status in _BODILESS:
            return b"", True
        if "transfer-encoding" in headers:
            if headers["transfer-encoding"].lower() != "chunked" or length is not None:
                raise AnswerBroken("the answer has a transfer coding that was not asked for")
            return self._chunks(), True
        if length is None:
            return self._rest(), False
        return self._exactly(_size(length)), True

    def _exactly(self, length: int, start: int = 0) -> bytes:
        """So many bytes from a place in the buffer, which goes on behind them."""
        pieces: list[memoryview] = []
        piece = memoryview(self._buffer)[start:]
        while len(piece) < length:
            pieces.append(piece)
            length -= len(piece)
            piece = memoryview(self._piece())
        self._buffer = bytes(piece[length:])
        return b"".join([*pieces, piece[:length]])

    def _rest(self) -> bytearray:
        whole = bytearray(self._buffer)
        self._buffer = b""
        while received := self._receive(self._ends):
            whole += received
            if len(whole) > LARGEST_BODY:
                raise AnswerBroken("the answer is too long")
        return whole

    def _chunks(self) -> bytearray:
        whole = bytearray()
        while size := self._chunk_size():
            if len(whole) + size > LARGEST_BODY:
                raise AnswerBroken("the answer is too long")
            whole += self._exactly(size)
            if self._exactly(2) != b"\r\n":
                raise AnswerBroken("a chunk of the answer is longer than it says")
        while trailer := self._until(b"\r\n", LARGEST_HEAD):
            if _FIELDS.fullmatch(f"\r\n{trailer}") is None:
                raise AnswerBroken("a trailer of the answer is not one")
        return whole

    def _chunk_size(self) -> int:
        size = _CHUNK_SIZE.fullmatch(self._until(b"\r\n", LARGEST_HEAD))
        if size is None:
            raise AnswerBroken("a chunk of the answer has no proper size")
        return int(size[1], 16)


class _Form:
    """Answers alike in all but values and body: one pattern reads their heads in one step."""

    def __init__(self, status_line: str, names: tuple[str, ...]) -> None:
        lines = [rf"\r\n{re.escape(name)}{_IN_A_FORM.get(name.lower(), _USUAL)}" for name in names]
        self._head = re.compile(re.escape(status_line) + "".join(lines))
        self._names = [name.lower() for name in names]
        self.status = int(status_line.split(" ")[1])

    def head(self, data: bytes) -> tuple[dict[str, str] | None, int]:
        """The headers of an answer that is of this form, and where its body starts."""
        end = data.find(_END, 0, LARGEST_HEAD)
        known = self._head.fullmatch(data[:end].decode("latin-1")) if end > 0 else None
        if known is None:
            return None, 0
        return dict(zip(self._names, known.groups(), strict=True)), end + len(_END)


_form_of = lru_cache(maxsize=8)(_Form)
# The form of the answer that was read last: a server's answers are much alike.
_last = [_Form("HTTP/1.1 200 OK", ("Content-Length",))]
_MOST_FIELDS = 32


def _head(text: str) -> tuple[str, int, dict[str, str]]:
    """The last digit of the version, the status, and the headers by lower-case name."""
    line = _STATUS_LINE.match(text)
    if line is None or _FIELDS.fullmatch(text, line.end()) is None:
        raise AnswerBroken("the head of the answer is not HTTP/1.1")
    fields = _EACH_FIELD.findall(text, line.end())
    headers = _joined(fields)
    if len(headers) == len(fields) <= _MOST_FIELDS and _is_plain(line[1], int(line[2]), headers):
        _last[0] = _form_of(line[0], tuple([name for name, _ in fields]))
    return line[1], int(line[2]), headers


def _is_plain(version: str, status: int, headers: Mapping[str, str]) -> bool:
    """Whether the length is all that there is to know of the body and of what follows it."""
    return (
        _stays(version, headers)
        and status >= _FINAL
        and status not in _BODILESS
        and "content-length" in headers
        and "transfer-encoding" not in headers
    )


def _joined(fields: list[tuple[str, str]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in fields:
        lower, text = name.lower(), value.rstrip(" \t")
        if headers.setdefault(lower, text) != text:
            if lower in _SINGLE:
                raise AnswerBroken(f"the answer has two values of {lower}")
            headers[lower] += f", {text}"
    return headers


def _size(length: str) -> int:
    if not (length.isascii() and length.isdecimal()) or len(length) > _MOST_DIGITS:
        raise AnswerBroken("the answer has no proper length")
    if (size := int(length)) > LARGEST_BODY:
        raise AnswerBroken("the answer is too long")
    return size


def _stays(version: str, headers: Mapping[str, str]) -> bool:
    words = headers.get("connection", "").lower()
    return version == "1" and "close" not in words


_FINAL = 200
_SWITCHING_PROTOCOLS = 101
_BODILESS = (204, 304)
_SINGLE = ("content-length", "transfer-encoding", "x-amz-crc32")
