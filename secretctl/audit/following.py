"""Following the journal: what is appended, by whichever process, as it comes."""

from __future__ import annotations

import os
from collections.abc import Iterator

from secretctl.audit import segments
from secretctl.audit.events import Place, Raw, Reader, is_record

_BLOCK_BYTES = 1024 * 1024


class Follower:
    """Stands at a place in the journal and moves on over what was appended behind it.

    A segment is left for the next one only once that is there: its predecessor is complete by then.
    """

    def __init__(self, reader: Reader, place: Place) -> None:
        self._reader = reader
        self._place = place

    def new(self) -> Iterator[Raw]:
        """Yield the records appended since; a line that is still being written comes next time.

        Raises:
            JournalUnavailableError, UnsafePermissionsError: See `Reader`.
        """
        while True:
            behind = self._next_segment()  # looked for before the end of this one is read
            yield from self._rest()
            if behind is None:
                return
            self._place = Place(behind, 0)

    def _rest(self) -> Iterator[Raw]:
        path = os.path.join(self._reader.directory, segments.name_of(self._place.segment))
        try:
            handle = segments.open_checked(path, os.O_RDONLY)
        except FileNotFoundError:  # pruned
            return
        try:
            # A group of records that could not be written whole was taken back.
            self._place = self._place._replace(
                offset=min(self._place.offset, os.fstat(handle).st_size)
            )
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
        if is_record(line):
            yield Raw(line, place)
        else:
            self._reader.unreadable += 1

    def _next_segment(self) -> int | None:
        numbers = segments.numbers(self._reader.directory)
        return next((number for number in numbers if number > self._place.segment), None)
