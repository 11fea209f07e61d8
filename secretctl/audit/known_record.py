"""A record that somebody knows by number and hash, looked for where its place in the journal is.

Found by halving, in a few reads however long the journal is. What cannot be read, or breaks the
chain, is for ``audit verify`` to find: it does not go away.
"""

from __future__ import annotations

import os

from secretctl.audit import line as lines
from secretctl.audit import segments
from secretctl.errors import SecretctlError
from secretctl.record import TYPE_CHECKING

if TYPE_CHECKING:
    from secretctl.audit.line import Head
    from secretctl.audit.state import State

_BEGINNING = b'{"index":'
_DIGITS = 20
_FEW_BYTES = 4 * lines.LARGEST_BYTES
"""Looked through line by line."""


def is_another(directory: str, stands: State, known: Head) -> bool:
    """Tell whether the journal has another record in the place of the one that is *known*.

    Args:
        directory: The journal's.
        stands: Where it ends.
        known: An earlier record; that it was pruned is no fault.
    """
    for segment in range(stands.segment, 0, -1):
        path = os.path.join(directory, segments.name_of(segment))
        try:
            handle = segments.open_checked(path, os.O_RDONLY)
        except (OSError, SecretctlError):
            return False
        try:
            is_last = segment == stands.segment
            end = stands.offset if is_last else os.fstat(handle).st_size
            if _number_at(handle, 0) <= known.number:
                return _is_another_in(handle, end, known)
        except (OSError, ValueError):
            return False
        finally:
            os.close(handle)
    return False


def _is_another_in(handle: int, end: int, known: Head) -> bool:
    start, stop = 0, end
    while stop - start > _FEW_BYTES:
        middle = (start + stop) // 2
        begins = _line_behind(handle, middle)
        if _number_at(handle, begins) <= known.number:
            start = begins
        else:
            stop = middle
    wanted = b"%s%d," % (_BEGINNING, known.number)
    read = os.pread(handle, min(end - start, _FEW_BYTES + lines.LARGEST_BYTES), start)
    found = [line for line in read.splitlines(keepends=True) if line.startswith(wanted)]
    return bool(found) and not lines.names_hash(found[0], known.hash)


def _line_behind(handle: int, offset: int) -> int:
    """Return where the first line begins behind *offset*."""
    return offset + os.pread(handle, lines.LARGEST_BYTES, offset).index(b"\n") + 1


def _number_at(handle: int, offset: int) -> int:
    """Return the number of the record that begins at *offset*."""
    beginning = os.pread(handle, len(_BEGINNING) + _DIGITS, offset)
    return int(beginning.removeprefix(_BEGINNING).partition(b",")[0])
