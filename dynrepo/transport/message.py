"""HTTP/1.1 answers, read strictly: what is not well formed is `AnswerBroken`, never guessed at.

https://www.rfc-editor.org/rfc/rfc9112 (messages) and https://www.rfc-editor.org/rfc/rfc9110.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dynrepo.transport.failures import AnswerBroken, AnswerLost

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LARGEST_HEAD = 32 * 1024
"""Bytes that a status line and its headers may have."""

LARGEST_BODY = 64 * 1024 * 1024
"""Bytes that a body may have: four times what DynamoDB ever answers."""

_STATUS_LINE = re.compile(r"HTTP/1\.([01]) ([1-5][0-9][0-9])(?: [^\x00\r\n]*)?")
# Possessive, so that no head, however odd, takes more than one pass.
_FIELD = r"([!#$%&'*+.^_`|~0-9A-Za-z-]++):[ \t]*+([^\x00\r\n]*+)"
_FIELDS = re.compile(rf"(?:\r\n{_FIELD})*+")
_EACH_FIELD = re.compile(rf"\r\n{_FIELD}")
_LENGTH = re.compile(r"[0-9]{1,10}")
_CHUNK_SIZE = re.compile(r"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\x00\r\n]*)?")
_INTERIM = 8


@dataclass(frozen=True, slots=True)
class Message:
    """An answer: status, headers by lower-case name, body; whether another may follow it."""

    status: int
    headers: Mapping[str, str]
    body: bytes | bytearray
    keep_alive: bool


class Reader:
    """Reads one answer from a function that returns the next bytes, and none at the end."""

    def __init__(self, receive: Callable[[], bytes]) -> None:
        self._receive = receive
        self._buffer = b""

    def message(self) -> Message:
        """The answer; interim ones (`100 Continue`) before it are skipped."""
        for _ in range(_INTERIM):
            version, status, headers = self._head()
            if status == _SWITCHING_PROTOCOLS:
                break
            if status >= _FINAL:
                body, delimited = self._body(status, headers)
                # Bytes after the end belong to no request of ours: nothing may follow them.
                alone = delimited and not self._buffer
                return Message(status, headers, body, alone and _stays(version, headers))
        raise AnswerBroken("a status that nobody asked for")

    def _more(self) -> None:
        received = self._receive()
        if not received:
            raise AnswerLost("the connection was closed before the answer was complete")
        self._buffer = self._buffer + received if self._buffer else received

    def _until(self, mark: bytes, most: int) -> str:
        """Everything up to a mark, which is left out; the buffer goes on behind it."""
        while (end := self._buffer.find(mark, 0, most)) < 0:
            if len(self._buffer) >= most:
                raise AnswerBroken("a head or line of the answer is too long")
            self._more()
        found = self._buffer[:end]
        self._buffer = self._buffer[end + len(mark) :]
        return found.decode("latin-1")  # each byte a character, whatever it is

    def _head(self) -> tuple[str, int, dict[str, str]]:
        head = self._until(b"\r\n\r\n", LARGEST_HEAD)
        line = _STATUS_LINE.match(head)
        if line is None or _FIELDS.fullmatch(head, line.end()) is None:
            raise AnswerBroken("the head of the answer is not HTTP/1.1")
        headers: dict[str, str] = {}
        for name, value in _EACH_FIELD.findall(head, line.end()):
            lower, text = name.lower(), value.rstrip(" \t")
            if headers.setdefault(lower, text) != text:
                if lower in _SINGLE:
                    raise AnswerBroken(f"the answer has two values of {lower}")
                headers[lower] += f", {text}"
        return line[1], int(line[2]), headers

    def _body(self, status: int, headers: Mapping[str, str]) -> tuple[bytes | bytearray, bool]:
        """The body, and whether its end was marked by more than the end of the connection."""
        coding, length = headers.get("transfer-encoding"), headers.get("content-length")
        if status in _BODILESS:
            return b"", True
        if coding is not None:
            if coding.lower() != "chunked" or length is not None:
                raise AnswerBroken("the answer has a transfer coding that was not asked for")
            return self._chunks(), True
        if length is None:
            return self._rest(), False
        if _LENGTH.fullmatch(length) is None or int(length) > LARGEST_BODY:
            raise AnswerBroken("the answer has no proper length")
        return self._exactly(int(length)), True

    def _exactly(self, length: int) -> bytes | bytearray:
        if len(self._buffer) >= length:
            body, self._buffer = self._buffer[:length], self._buffer[length:]
            return body
        whole = bytearray(self._buffer)
        while len(whole) < length:
            self._buffer = b""
            self._more()
            whole += self._buffer
        self._buffer = bytes(whole[length:])
        del whole[length:]
        return whole

    def _rest(self) -> bytearray:
        whole = bytearray(self._buffer)
        self._buffer = b""
        while received := self._receive():
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


def _stays(version: str, headers: Mapping[str, str]) -> bool:
    words = headers.get("connection", "").lower()
    return version == "1" and "close" not in words


_FINAL = 200
_SWITCHING_PROTOCOLS = 101
_BODILESS = (204, 304)
_SINGLE = ("content-length", "transfer-encoding", "x-amz-crc32")
