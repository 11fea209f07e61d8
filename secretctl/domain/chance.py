"""A number below a bound, each equally likely, from bytes that are passed in."""

from __future__ import annotations

from collections.abc import Callable


def below(random: Callable[[int], bytes], bound: int) -> int:
    """Draw an integer from 0 to *bound* - 1 without bias.

    Draws that fall into the last, incomplete multiple of *bound* are thrown away: a plain
    remainder would make the small numbers likelier.

    Args:
        random: Gives that many unpredictable bytes.
        bound: At least 1.
    """
    size = (bound.bit_length() + 7) // 8
    fair = (1 << 8 * size) // bound * bound
    while True:
        drawn = int.from_bytes(random(size), "big")
        if drawn < fair:
            return drawn % bound
