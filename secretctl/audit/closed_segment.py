"""A closed segment as a whole: what its two ends say, without what lies between."""

from __future__ import annotations

from secretctl.audit import line as lines
from secretctl.audit.line import Head
from secretctl.audit.recovery import SEGMENT_CLOSED
from secretctl.audit.snapshot import Snapshot


def ends(there: Snapshot, segment: int) -> tuple[bytes, bytes]:
    """Return the first and the last record of a segment, or what stands in their place.

    Raises:
        SegmentGoneError, StoreError, OSError: As for `Snapshot.read`.
    """
    size = there.sizes[segment]
    head = there.read(segment, 0, min(size, lines.LARGEST_BYTES))
    tail = there.read(segment, max(0, size - lines.LARGEST_BYTES), size)
    return head[: head.find(b"\n") + 1], tail[tail[:-1].rfind(b"\n") + 1 :]


def digest_in(first: bytes) -> object:
    """Return the digest of the segment before that the first record of one names."""
    said = lines.fields_or_nothing(first).get("requestParameters")
    return said.get("sha256") if isinstance(said, dict) else None


def closing_of(line: bytes) -> Head | None:
    """Return the place of a segment's closing record, None if *line* is none."""
    fields = lines.fields_or_nothing(line)
    number = fields.get("index")
    if fields.get("eventName") != SEGMENT_CLOSED or type(number) is not int:
        return None
    try:
        return Head(number, lines.hash_of(line))
    except ValueError:
        return None
