"""An answer is read to the byte, or refused; never guessed at."""

from __future__ import annotations

import random
import time
from contextlib import suppress
from http.client import HTTPException, HTTPResponse
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dynrepo.protocol import http
from dynrepo.protocol.http import AnswerReader, Message
from dynrepo.sending.outcomes import AnswerBroken, AnswerLost, InDoubt

if TYPE_CHECKING:
    from collections.abc import Iterable


def read(*pieces: bytes, reader: AnswerReader | None = None) -> Message:
    """What a reader makes of the pieces in which an answer comes, before the connection ends."""
    reader = reader or AnswerReader()
    for piece in pieces:
        if piece and (message := reader.feed(piece)):
            return message
    message = reader.feed(b"")
    assert message is not None
    return message


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("data", "body", "keep_alive"),
    [
        (OK + b"Content-Length: 2\r\n\r\n{}", b"{}", True),
        (OK + b"content-length:2\r\n\r\n{}", b"{}", True),
        (OK + b"Content-Length: 2 \t\r\n\r\n{}", b"{}", True),
        (OK + b"Content-Length: 0\r\n\r\n", b"", True),
        (OK + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", b"{}", True),
        (OK + b"Content-Length: 2\r\nConnection: close\r\n\r\n{}", b"{}", False),
        (OK + b"Content-Length: 2\r\nConnection: Keep-Alive\r\n\r\n{}", b"{}", True),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", b"{}", False),
        (b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}", b"{}", True),
        (OK + b"\r\n{}", b"{}", False),
        (OK + b"Content-Length: 2\r\n\r\n{}more", b"{}", False),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1;x=y\r\n}\r\n0\r\n\r\n", b"{}", True),
        (OK + b"Transfer-Encoding: Chunked\r\n\r\n02\r\n{}\r\n0\r\nA: b\r\n\r\n", b"{}", True),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\n{}", b"{}", True),
        (b"HTTP/1.1 103 Hints\r\nA: b\r\n\r\n" + OK + b"Content-Length: 1\r\n\r\n1", b"1", True),
    ],
)
def test_well_formed(data: bytes, body: bytes, keep_alive: bool) -> None:  # noqa: FBT001
    """It is read the same, whether it comes at once or byte by byte."""
    for pieces in ([data], byte_by_byte(data)):
        found = read(*pieces)
        assert (found.status, bytes(found.body)) == (200, body)
        assert found.keep_alive is keep_alive or data.endswith(b"more")


def byte_by_byte(data: bytes) -> Iterable[bytes]:
    """The pieces of an answer that comes as slowly as can be."""
    return (bytes([byte]) for byte in data)


def test_more_is_asked_for_until_an_answer_is_complete() -> None:
    """A message is given with its last byte, not before, and the next one may follow."""
    data = OK + b"Content-Length: 2\r\n\r\n{}"
    reader = AnswerReader()
    for _ in range(3):
        assert [reader.feed(piece) for piece in byte_by_byte(data[:-1])] == [None] * (len(data) - 1)
        assert reader.feed(data[-1:]) == (200, {"content-length": "2"}, b"{}", True)
        assert reader.feed(data) == (200, {"content-length": "2"}, b"{}", True)


def test_headers_by_lower_case_name() -> None:
    """Values are trimmed, and repeated ones are joined."""
    data = (
        OK + b"X-Amzn-RequestId: \t R1 \r\nVia: a\r\nvia: b\r\nEmpty:\r\nContent-Length: 0\r\n\r\n"
    )
    assert read(data).headers == {
        "x-amzn-requestid": "R1",
        "via": "a, b",
        "empty": "",
        "content-length": "0",
    }


@pytest.mark.parametrize(
    "data",
    [
        b"\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"HTTP/1.1 200OK\r\n\r\n",
        b"HTTP/1.1  200 OK\r\n\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 999 Far out\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 8 + OK + b"Content-Length: 0\r\n\r\n",
        OK + b"No colon\r\n\r\n",
        OK + b"Space before : colon\r\n\r\n",
        OK + b": no name\r\n\r\n",
        OK + b"Folded: line\r\n goes on\r\n\r\n",
        OK + b"Null: \x00\r\n\r\n",
        OK + b"Bare: \r x\r\n\r\n",
        OK + b"Bare: \n x\r\n\r\n",
        OK + b"Content-Length: -1\r\n\r\n",
        OK + b"Content-Length: +2\r\n\r\n{}",
        OK + b"Content-Length: 0x2\r\n\r\n{}",
        OK + b"Content-Length: 2, 2\r\n\r\n{}",
        OK + b"Content-Length: \xb2\r\n\r\n{}",
        OK + b"Content-Length: 99999999999\r\n\r\n{}",
        OK + b"Content-Length: 67108865\r\n\r\n{}",
        OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
        OK + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n\r\n0\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n\r\n{}\r\n0\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\nfffffffff\r\n{}\r\n0\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n7fffffff\r\n{}\r\n0\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\nnot a trailer\r\n\r\n",
        OK + b"A: b\r\n" * 10_000 + b"\r\n",
        OK + b"A: " + b"b" * 40_000 + b"\r\n\r\n",
        b"x" * 40_000,
    ],
    ids=lambda data: repr(data[:60]),
)
def test_malformed(data: bytes) -> None:
    """What is not HTTP/1.1 to the letter is no answer."""
    with pytest.raises(AnswerBroken):
        read(data)


KNOWN = b"HTTP/1.1 200 OK\r\nServer: S\r\nDate: now\r\nContent-Length: 1\r\n\r\n{"
KNOWN_HEADERS = {"server": "S", "date": "now", "content-length": "1"}


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        (b"now", b"later", {"date": "later"}),
        (b": now", b":now \t", {}),
        (b": now", b":", {"date": ""}),
        (b"Date", b"DATE", {}),
        (b"Date: now", b"X: y\r\nDate: now", {"x": "y"}),
        (b"Date: now\r\nContent-Length: 1", b"Content-Length: 1\r\nDate: now", {}),
        (b"Server: S", b"Date: then", {"date": "then, now", "server": None}),
        (b"OK", b"Fine", {}),
        (b" OK", b"", {}),
    ],
)
def test_a_head_much_like_the_last(old: bytes, new: bytes, changed: dict[str, str | None]) -> None:
    """What was read before makes no difference to what is read."""
    headers = {**KNOWN_HEADERS, **changed}
    reader = AnswerReader()
    assert read(KNOWN, reader=reader).headers == KNOWN_HEADERS
    for _ in range(3):
        found = read(KNOWN.replace(old, new), reader=reader)
        assert found.headers == {
            name: value for name, value in headers.items() if value is not None
        }
        assert (found.status, found.body) == (200, b"{")
    assert read(KNOWN, reader=reader).headers == KNOWN_HEADERS


KEPT = KNOWN.replace(b"Server: S", b"Connection: keep-alive")


@pytest.mark.parametrize(
    ("old", "new", "body", "keep_alive"),
    [
        (b"now", b"later", b"{", True),
        (b"keep-alive", b"close", b"{", False),
        (b"keep-alive", b"Keep-Alive", b"{", True),
        (b"keep-alive", b"keep-alive, close", b"{", False),
        (b"1.1", b"1.0", b"{", False),
        (b"{", b"{}", b"{", False),
        (b"1\r\n\r\n{", b"2\r\n\r\n{}", b"{}", True),
        (b"1\r\n\r\n{", b"01\r\n\r\n{", b"{", True),
        (b"200 OK", b"204 None", b"", False),
        (b"Content-Length: 1", b"Transfer-Encoding: chunked", b"", False),
    ],
)
def test_an_answer_much_like_the_last(
    old: bytes,
    new: bytes,
    body: bytes,
    keep_alive: bool,  # noqa: FBT001
) -> None:
    """Where its body ends, and whether another may follow, is read anew each time."""
    changed = KEPT.replace(old, new)
    if b"chunked" in new:
        changed = changed[:-1] + b"0\r\n\r\nmore"
    for pieces in ([changed], [changed[:-1], changed[-1:]]):
        reader = AnswerReader()
        assert read(KEPT, reader=reader).keep_alive
        found = read(*pieces, reader=reader)
        assert bytes(found.body) == body
        if len(pieces) == 1:
            assert found.keep_alive is keep_alive


def test_a_known_head_is_read_by_its_pattern() -> None:
    """The second answer of a server needs no pass over each of its header fields."""
    reader = AnswerReader()
    read(KEPT, reader=reader)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(http, "_head", None)
        for pieces in ([KEPT], [KEPT[:-1], KEPT[-1:]]):
            assert read(*pieces, reader=reader).body == b"{"


def test_names_are_taken_to_the_letter() -> None:
    """One that would mean something else in a pattern stands for itself."""
    reader = AnswerReader()
    for name in (b"a.b", b"axb", b"a.b", b"a+", b"aa", b"a|b", b"a"):
        found = read(OK + name + b": 1\r\nContent-Length: 0\r\n\r\n", reader=reader)
        assert found.headers == {name.decode(): "1", "content-length": "0"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"now", b"n\x00w"),
        (b"now", b"n\rw"),
        (b"now", b"n\nw"),
        (b"Date: now", b"Date now"),
        (b"Date: now", b"Date : now"),
        (b"Date: now", b"Content-Length: 2"),
        (b"200", b"20"),
        (b"200 OK", b"200OK"),
        (b"1.1", b"1.2"),
        (b"Length: 1", b"Length: x"),
    ],
)
def test_a_broken_head_much_like_the_last(old: bytes, new: bytes) -> None:
    """It is refused as if it were the first."""
    reader = AnswerReader()
    read(KNOWN, reader=reader)
    with pytest.raises(AnswerBroken):
        read(KNOWN.replace(old, new), reader=reader)


@pytest.mark.parametrize(
    "data",
    [
        OK + b"Content-Length: 20\r\n\r\n{'cut': ",
        OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{}",
        OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
    ],
)
def test_cut(data: bytes) -> None:
    """An answer that ends early is lost, wherever it ends."""
    for end in range(len(data) + 1):
        with pytest.raises(AnswerLost):
            read(data[:end])


def test_a_body_without_an_end_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that goes on and on is refused before it fills the memory."""
    monkeypatch.setattr(http, "LARGEST_BODY", 100)
    with pytest.raises(AnswerBroken):
        read(OK + b"\r\n", b"x" * 60, b"x" * 60)
    with pytest.raises(AnswerBroken):
        read(OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"20\r\n" + b"x" * 32 + b"\r\n" * 5)
    chunk = b"20\r\n" + b"x" * 32 + b"\r\n"
    with pytest.raises(AnswerBroken):
        read(OK + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 5)


def test_odd_heads_take_one_pass() -> None:
    """A head made to confuse a pattern is refused at once."""
    fields = (b"A:" + b" \t" * 200 + b"\r\n") * 50
    start = time.process_time()
    with pytest.raises(AnswerBroken):
        read(OK + fields + b"no colon\r\n\r\n")
    assert time.process_time() - start < 1


names = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,20}", fullmatch=True)
values = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40)


@given(
    status=st.integers(200, 599).filter(lambda status: status not in (204, 304)),
    fields=st.lists(st.tuples(names, values), max_size=10),
    body=st.binary(max_size=3000),
    cuts=st.lists(st.integers(1, 700), min_size=1, max_size=20),
    chunked=st.booleans(),
)
def test_the_same_as_http_client(
    status: int,
    fields: list[tuple[str, str]],
    body: bytes,
    cuts: list[int],
    chunked: bool,  # noqa: FBT001
) -> None:
    """A well-formed answer is what `http.client` takes it for, however it is cut on its way."""
    own = ("content-length", "transfer-encoding", "connection", "x-amz-crc32")
    lines = [f"{name}: {value}" for name, value in fields if name.lower() not in own]
    coding = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(body)}"
    head = "\r\n".join([f"HTTP/1.1 {status} Reason", *lines, coding, "", ""]).encode()
    data = head + (_chunked(body, cuts) if chunked else body)
    pieces, rest = [], data
    while rest:
        size = cuts[len(pieces) % len(cuts)]
        pieces.append(rest[:size])
        rest = rest[size:]
    found = read(*pieces)
    theirs = HTTPResponse(_Socket(data))  # type: ignore[arg-type]
    theirs.begin()
    assert (found.status, bytes(found.body)) == (theirs.status, theirs.read()) == (status, body)
    for name in {name for name, _ in fields} - set(own):
        if len(values := theirs.headers.get_all(name, [])) == 1:
            assert found.headers[name.lower()] == values[0]


ANSWERS = [
    KNOWN,
    KEPT,
    KEPT.replace(b"1\r\n\r\n{", b"3000\r\n\r\n" + b"x" * 3000),
    KEPT.replace(b"200 OK", b"400 Bad Request"),
    KEPT.replace(b"{", b"{}"),
    OK + b"\r\n" + b"no length" * 20,
    OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n40\r\n" + b"x" * 64 + b"\r\n0\r\n\r\n",
    OK + b"Transfer-Encoding: chunked\r\n\r\n1;a=b\r\n{\r\n1\r\n}\r\n0\r\nA: b\r\nC: d\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nA: b\r\n\r\n" + KEPT,
    b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n",
    b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
]


def _changed(data: bytes, chance: random.Random) -> bytes:
    """The answer as it is, cut, with a byte of it changed, or with more behind it."""
    place = chance.randrange(len(data))
    return chance.choice(
        [
            data,
            data[:place],
            data[:place] + bytes([chance.choice(b" \r\n:0fz\x00\xff")]) + data[place + 1 :],
            data + b"more",
        ]
    )


def _cut(data: bytes, chance: random.Random) -> list[bytes]:
    """The answer in up to a dozen pieces."""
    places = sorted(chance.randrange(len(data) + 1) for _ in range(chance.randrange(12)))
    return [data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True)]


def _outcome(pieces: list[bytes]) -> tuple[object, ...]:
    reader = AnswerReader()
    read(KEPT, reader=reader)
    try:
        return read(*pieces, reader=reader)
    except InDoubt as error:
        return (type(error),)


def test_cut_answers_are_read_like_those_in_one_piece() -> None:
    """A thousand answers, sound and broken, give the same message or fail alike however cut."""
    chance = random.Random(14)  # noqa: S311 - the same answers each time
    outcomes: set[object] = set()
    for _ in range(100):
        for answer in ANSWERS:
            data = _changed(answer, chance)
            expected = _outcome([data])
            outcomes.add(expected[0])
            # Bytes behind an answer are seen if they came with its last ones.
            assert _outcome(_cut(data, chance)) in (expected, (*expected[:3], True))
    assert {200, 204, 400, AnswerLost, AnswerBroken} <= outcomes


@given(st.binary(max_size=300))
@example(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n")
def test_noise(data: bytes) -> None:
    """Any bytes are an answer, or a failure of ours: nothing else comes out."""
    with suppress(InDoubt):
        assert isinstance(read(data), Message)


@given(st.binary(max_size=200), st.integers(0, 60))
def test_noise_within(noise: bytes, place: int) -> None:
    """So it is when the noise begins in the middle of an answer; what is read is what is there."""
    data = OK + b"Content-Length: 2\r\nConnection: keep-alive\r\n\r\n{}"
    try:
        found = read(data[:place] + noise)
    except InDoubt:
        return
    theirs = HTTPResponse(_Socket(data[:place] + noise))  # type: ignore[arg-type]
    with suppress(HTTPException):
        theirs.begin()
        assert bytes(found.body) == theirs.read()


def _chunked(body: bytes, sizes: list[int]) -> bytes:
    chunks = b""
    for number in range(len(body) + 1):
        size = sizes[number % len(sizes)]
        piece, body = body[:size], body[size:]
        chunks += f"{len(piece):x}\r\n".encode() + piece + b"\r\n"
        if not piece:
            break
    return chunks


class _Socket:
    """What `http.client` wants of a socket."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, *_: Any) -> BytesIO:
        """The bytes."""
        return BytesIO(self._data)
