"""Reading the journal as it lies on the disk: record by record, from either end.

Needs no key and no lock, and changes nothing. Blocks are read one after another, so memory stays
the same however long the journal is, and the last records cost the same in any journal. What is
read is believed: whether it is what was written is for ``audit verify`` to say.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager

from secretctl import json_text
from secretctl.audit import attributes, segments
from secretctl.audit import line as lines
from secretctl.errors import JournalDamagedError, JournalUnavailableError
from secretctl.model.shapes import Fields
from secretctl.model.timestamps import is_moment
from secretctl.record import NamedTuple

_BLOCK_BYTES = 64 * 1024
_ESCAPE = b"\\u"
_TRIES, _WAIT_S = 10, 0.01
"""How long a line that another process is writing is waited for."""


class Place(NamedTuple):
    """Where a line of the journal begins."""

    segment: int
    offset: int


class Raw(NamedTuple):
    """A record as it lies on the disk."""

    line: bytes
    """With its newline."""

    place: Place


class Reader:
    """Reads the journal in a directory, and counts the lines that cannot be read."""

    def __init__(self, directory: str) -> None:
        self.directory = directory
        self.unreadable = 0

    def forward(self) -> Iterator[Raw]:
        """Yield the records, oldest first.

        Raises:
            JournalDamagedError: There is no journal, or something in it is no segment.
            UnsafePermissionsError: Others can reach it.
            JournalUnavailableError: The file system refuses.
        """
        for segment, handle, end in self._opened(self._segments()):
            for offset, line in _lines(handle, end):
                if self._counted(line):
                    yield Raw(line, Place(segment, offset))

    def backward(self, before: Place | None = None) -> Iterator[Raw]:
        """Yield the records, newest first, or those *before* a place; raises as `forward`."""
        numbers = self._segments()
        if before is not None:
            numbers = [number for number in numbers if number <= before.segment]
        for segment, handle, size in self._opened(reversed(numbers)):
            is_cut = before is not None and segment == before.segment
            end = min(size, before.offset) if before is not None and is_cut else size
            for offset, line in _lines_backward(handle, end):
                if self._counted(line):
                    yield Raw(line, Place(segment, offset))

    def fields(self, raw: Raw) -> Fields | None:
        """Return the members of a record; None, and it is counted, if it is none or of no time.

        Where a name of this machine was no text, its bytes are replaced.
        """
        try:
            fields = lines.fields_of(raw.line)
            if _ESCAPE in raw.line:
                fields = json_text.read(_of_characters(json_text.compact(fields)))
        except (ValueError, TypeError, RecursionError):
            fields = None
        if fields is None or not is_moment(attributes.time_ms(fields)):
            self.unreadable += 1
            return None
        return fields

    def _counted(self, line: bytes) -> bool:
        """Tell whether *line* looks like a record; one that does not is counted."""
        if lines.is_record(line):
            return True
        self.unreadable += 1
        return False

    def _segments(self) -> list[int]:
        segments.checked_directory(self.directory)
        numbers = segments.numbers(self.directory)
        # Its first record is written as it is made.
        if not any(map(self._has_bytes, numbers)):
            raise JournalDamagedError("the vault's journal is empty", "secretctl audit verify")
        return numbers

    def _has_bytes(self, number: int) -> bool:
        try:
            there = os.lstat(os.path.join(self.directory, segments.name_of(number)))
        except OSError:  # pruned meanwhile, or refused once it is opened
            return os.path.lexists(self.directory)
        return there.st_size > 0 or not stat.S_ISREG(there.st_mode)  # refused by its kind then

    def _opened(self, numbers: Iterator[int] | list[int]) -> Iterator[tuple[int, int, int]]:
        """Yield number, handle and size of each segment, one open at a time."""
        for number in numbers:
            path = os.path.join(self.directory, segments.name_of(number))
            try:
                handle = segments.open_checked(path, os.O_RDONLY)
            except FileNotFoundError:  # pruned meanwhile
                continue
            try:
                with _refusals():
                    size = size_of(handle)
                    self.unreadable += not size
                    yield number, handle, size
            finally:
                os.close(handle)


def _of_characters(text: str) -> str:
    """Replace halves of surrogate pairs, which UTF-8 cannot hold."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def size_of(handle: int) -> int:
    """Return the size of a segment, once a line that is being written has its end."""
    for _ in range(_TRIES):
        size = os.fstat(handle).st_size
        if size and os.pread(handle, 1, size - 1) in (b"\n", b""):
            break
        time.sleep(_WAIT_S)
    return size


def _lines(handle: int, end: int) -> Iterator[tuple[int, bytes]]:
    """Yield the lines before *end* with their offsets; one longer than a block in pieces."""
    at = 0
    while at < end:
        block = os.pread(handle, min(_BLOCK_BYTES, end - at), at)
        if not block:
            return
        cut = block.rfind(b"\n") + 1
        if cut and at + len(block) < end:
            block = block[:cut]
        for line in block.split(b"\n")[:-1]:
            yield at, line + b"\n"
            at += len(line) + 1
        torn = block[block.rfind(b"\n") + 1 :]
        if torn:
            yield at, torn
            at += len(torn)


def _lines_backward(handle: int, end: int) -> Iterator[tuple[int, bytes]]:
    """Yield the lines before *end* from the last on; one longer than a block in pieces."""
    while end > 0:
        start = max(0, end - _BLOCK_BYTES)
        block = os.pread(handle, end - start, start)
        if not block:
            return
        if start:  # the line in which the block begins is read with the block before it
            cut = block.find(b"\n", 0, len(block) - 1) + 1
            block, start = block[cut:], start + cut
        at = start + len(block)
        end = start
        *whole, torn = block.split(b"\n")
        if torn:
            at -= len(torn)
            yield at, torn
        for line in reversed(whole):
            at -= len(line) + 1
            yield at, line + b"\n"


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise JournalUnavailableError(f"cannot read the journal: {error.strerror}") from None
