"""Following the journal: what is appended, by whichever process, as it comes."""

from __future__ import annotations

import os
from collections.abc import Iterator

from secretctl.audit import attributes, segments
from secretctl.audit import line as lines
from secretctl.audit.line import is_record
from secretctl.audit.reader import Place, Raw, Reader

_BLOCK_BYTES = 1024 * 1024


class Follower:
    """Stands at a place in the journal and moves on over what was appended behind it.

    A segment is left for the next one only once that is there: its predecessor is complete by then.
    Where another journal was put in the place of this one (``restore``), or what was shown last is
    not there any more, it goes on with what is later than that.
    """

    def __init__(self, reader: Reader, place: Place) -> None:
        self._reader = reader
        self._place = place
        before = Reader(reader.directory).backward(place) if self._is_there() else ()
        self._last = next((raw.line for raw in before), b"") if place.offset else b""
        """The line before the place."""

    def new(self) -> Iterator[Raw]:
        """Yield the records appended since; a line that is still being written comes next time.

        Raises:
            JournalUnavailableError, UnsafePermissionsError: See `Reader`.
        """
        if not self._is_there():
            return
        segments.checked_directory(self._reader.directory)
        if self._is_another():
            self._find_again()
        while True:
            behind = self._next_segment()  # looked for before the end of this one is read
            yield from self._rest()
            if behind is None:
                return
            self._place, self._last = Place(behind, 0), b""

    def _is_there(self) -> bool:
        """Tell whether anything is where the journal lies; a restore moves it aside."""
        return os.path.lexists(self._reader.directory)

    def _is_another(self) -> bool:
        """Tell whether the last line is not where it was."""
        try:
            handle = segments.open_checked(self._path(), os.O_RDONLY)
        except FileNotFoundError:
            return self._next_segment() is None  # else it was pruned
        try:
            at = self._place.offset - len(self._last)
            return os.pread(handle, len(self._last), at) != self._last
        finally:
            os.close(handle)

    def _find_again(self) -> None:
        """Find where what is later than the last line begins."""
        reader, last_ms = Reader(self._reader.directory), self._time_ms(self._last)
        self._last = b""
        place = None
        for raw in reader.backward():
            place = place or Place(raw.place.segment, raw.place.offset + len(raw.line))
            if not last_ms or self._time_ms(raw.line) <= last_ms:
                self._last = raw.line
                break
            place = raw.place
        self._place = place or self._place

    def _time_ms(self, line: bytes) -> int:
        return attributes.time_ms(lines.fields_or_nothing(line))

    def _path(self) -> str:
        return os.path.join(self._reader.directory, segments.name_of(self._place.segment))

    def _rest(self) -> Iterator[Raw]:
        try:
            handle = segments.open_checked(self._path(), os.O_RDONLY)
        except FileNotFoundError:  # pruned
            return
        try:
            while block := os.pread(handle, _BLOCK_BYTES, self._place.offset):
                whole = block[: block.rfind(b"\n") + 1]
                if not whole:
                    return
                for line in whole.splitlines(keepends=True):
                    yield from self._passed(line)
        finally:
            os.close(handle)

    def _passed(self, line: bytes) -> Iterator[Raw]:
        place = self._place
        self._place = place._replace(offset=place.offset + len(line))
        self._last = line
        if is_record(line):
            yield Raw(line, place)
        else:
            self._reader.unreadable += 1

    def _next_segment(self) -> int | None:
        numbers = segments.numbers(self._reader.directory)
        return next((number for number in numbers if number > self._place.segment), None)
