r"""Properties files of Java, in ASCII: others are read in one of two encodings.

See: java.util.Properties, load(Reader)
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from secretctl.delivery.readers.entry import Entry, distinct, refused

_BLANKS = " \t\f"
_ENDS = re.compile(r"\r\n|\n|\r")
_KEY = re.compile(r"(?P<key>(?:[^\\=: \t\f]|\\.)*)[ \t\f]*[=:]?[ \t\f]*(?P<value>.*)", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u(?P<unit>[0-9a-fA-F]{4})|(?P<letter>[^u]))|(?P<bad>\\)", re.DOTALL)
_LETTERS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}


def read(text: str, where: str) -> list[Entry]:
    """Return an entry for each key.

    Raises:
        DeliveryError: a character is not ASCII, an escape is none, or a key stands twice.
    """
    return distinct(_entries(text, where), where)


def _entries(text: str, where: str) -> Iterator[Entry]:
    for line, written in _logical(text, where):
        if not written.isascii():
            raise refused(where, line, "it is not ASCII: Java may read it as Latin 1 or as UTF-8")
        found = _KEY.fullmatch(written)
        if found is None:
            raise refused(where, line, "an escape is none")
        yield Entry(_plain(found["key"], where, line), _plain(found["value"], where, line), line)


def _logical(text: str, where: str) -> Iterator[tuple[int, str]]:
    """Yield the lines, with those that go on in the next one put together, and their numbers.

    NOTE: behind a backslash that stands alone, Java 17 finds a remark where the description of
    ``load`` has a part of the line.
    """
    begun, first = "", 0
    for line, natural in enumerate(_ENDS.split(text), 1):
        written = natural.lstrip(_BLANKS)
        if not first and (not written or written[0] in "#!"):
            continue
        if first and not begun and written[:1] in ("#", "!"):
            raise refused(where, line, "a backslash alone stands in the line before a remark")
        first = first or line
        if (len(written) - len(written.rstrip("\\"))) % 2:
            begun += written[:-1]
            continue
        yield first, begun + written
        begun, first = "", 0
    if first:
        yield first, begun


def _plain(written: str, where: str, line: int) -> str:
    def letter(found: re.Match[str]) -> str:
        if found["bad"] is not None:
            raise refused(where, line, "an escape is none")
        if found["unit"] is not None:
            return chr(int(found["unit"], 16))
        return _LETTERS.get(found["letter"], found["letter"])

    units = _ESCAPE.sub(letter, written)
    try:
        return units.encode("utf-16-be", "surrogatepass").decode("utf-16-be")
    except UnicodeDecodeError:
        raise refused(where, line, "it holds half a surrogate pair and is no text") from None
