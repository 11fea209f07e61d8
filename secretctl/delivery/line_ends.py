"""Line ends that programs add to what they print, and that are no part of a value."""

from __future__ import annotations


def of_one_line(plain: bytes) -> bytes:
    """Return *plain* without its line end if it is one line; several lines stay as they stand."""
    head, _, rest = plain.partition(b"\n")
    return plain if rest else head
