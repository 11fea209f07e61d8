"""Line ends that programs add to what they print, and that are no part of a value."""

from __future__ import annotations


def of_one_line(plain: bytes) -> bytes:
    """Return *plain* without its line end if it is one line; several lines stay as they stand.

    A line may end as on Windows, by CR LF.
    """
    head, end, rest = plain.partition(b"\n")
    if rest:
        return plain
    return head.removesuffix(b"\r") if end else head
