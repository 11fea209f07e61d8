"""Files with a second name: whoever has that can change them."""

from __future__ import annotations


def unlink_hint(path: str) -> str:
    """Return the command that gives *path* a file of its own, with what is in it."""
    from shlex import quote

    copy = quote(f"{path}.copy")
    return f"cp -p {quote(path)} {copy} && mv {copy} {quote(path)}"
