"""Where each request on a connection begins and ends, read in the one way all readers agree on.

What two readers of HTTP could understand differently is how requests are smuggled, so whatever
leaves room for that is refused before the parser proper sees a byte of it. A body has a
Content-Length: no AWS client sends any other.

See: https://www.rfc-editor.org/rfc/rfc9112 sections 3, 5, 6 and 11
"""

from __future__ import annotations

import re

MOST_HEAD_BYTES = 32 * 1024
MOST_HEADERS = 100
MOST_BODY_BYTES = 300 * 1024
"""A value of 64 KiB fits, also where every character beyond ASCII is escaped."""

_END = b"\r\n\r\n"
_REQUEST_LINE = re.compile(rb"[A-Z]{1,20} (/[!-~]*|[!-~]+) HTTP/1\.[01]")
_FIELDS = re.compile(rb"(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*\r\n)*")
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]+)[ \t]*\r\n")
_DIGITS = 9
_NOT_SERVED = (b"transfer-encoding", b"expect", b"upgrade")


class RefusedError(Exception):
    """A request is refused before its operation is looked at.

    Args:
        status: Of the answer.
        sentence: Its body; static.
    """

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


class Framing:
    """Follows the requests that one connection sends."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._left = 0
        self.begun = 0
        """How many requests have begun."""

    @property
    def is_between(self) -> bool:
        """Whether no request is half received."""
        return not self._head and not self._left

    def feed(self, data: bytes) -> bytes:
        """Return what may be passed on: heads that are whole and sound, and their bodies.

        Raises:
            RefusedError: From here on nothing that comes can be understood.
        """
        passed = []
        while data:
            if self._left:
                part, data = data[: self._left], data[self._left :]
                self._left -= len(part)
            else:
                part, data = self._take_head(data)
            passed.append(part)
        return b"".join(passed)

    def _take_head(self, data: bytes) -> tuple[bytes, bytes]:
        """Return a head, empty as long as it is not whole, and what came behind it."""
        if not self._head:
            self.begun += 1
        searched = max(0, len(self._head) - len(_END) + 1)
        self._head += data
        end = self._head.find(_END, searched)
        if max(end, 0 if end >= 0 else len(self._head)) > MOST_HEAD_BYTES:
            raise RefusedError(431, "the headers are too large")
        if end < 0:
            _refuse_bare_ends(bytes(self._head))
            return b"", b""
        head, rest = bytes(self._head[:end]), bytes(self._head[end + len(_END) :])
        self._head.clear()
        self._left = body_length(head)
        return head + _END, rest


def body_length(head: bytes) -> int:
    """Return how many bytes of body follow a head: its lines, without the empty one.

    Raises:
        RefusedError: It is not sound, or asks for what is not served.
    """
    line, _, rest = (head + _END[:2]).partition(b"\r\n")
    found = _REQUEST_LINE.fullmatch(line)
    if found is None:
        raise RefusedError(400, "the request line is not one of HTTP/1.1")
    if not found[1].startswith(b"/"):
        raise RefusedError(403, "the target must be a path")
    if rest.count(b"\r\n") > MOST_HEADERS:
        raise RefusedError(431, "there are too many headers")
    if not _FIELDS.fullmatch(rest):
        raise RefusedError(400, "a header cannot be read")
    fields = b"\r\n" + rest.lower()
    if fields.count(b"\r\nhost:") != 1:
        raise RefusedError(403, "there must be one Host header")
    for name in _NOT_SERVED:
        if b"\r\n%s:" % name in fields:
            raise RefusedError(400, f"{name.decode().title()} is not served")
    return _length(fields)


def _length(fields: bytes) -> int:
    """Return what the one Content-Length says; 0 where there is none."""
    times = fields.count(b"\r\ncontent-length:")
    if not times:
        return 0
    found = _LENGTH.search(fields)
    if found is None or times > 1:
        raise RefusedError(400, "the Content-Length cannot be read")
    if len(found[1]) > _DIGITS or int(found[1]) > MOST_BODY_BYTES:
        raise RefusedError(413, "the body is too large")
    return int(found[1])


def _refuse_bare_ends(head: bytes) -> None:
    """Refuse at once a head that never ends because its lines end with LF alone."""
    if b"\n" in head.replace(b"\r\n", b""):
        raise RefusedError(400, "lines must end with CR LF")
