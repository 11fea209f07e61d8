"""What is wrong with a document, and where."""

from __future__ import annotations

from secretctl.record import NamedTuple

Path = tuple["str | int", ...]
"""Names and numbers that lead from the whole document to a part of it."""

IDENTITY, RESOURCE, TRUST = "identity", "resource", "trust"
KINDS = (IDENTITY, RESOURCE, TRUST)

BAD_JSON = "This policy contains invalid Json"
BAD_VERSION = "This policy has invalid syntax."
BAD_SYNTAX = "This resource policy contains a syntax error."
BAD_PRINCIPAL = "This resource policy contains an unsupported principal."
BAD_SERVICE = "This resource policy contains an invalid (unsupported) service principal."


class Fault(NamedTuple):
    """A place at which a document leaves the grammar."""

    path: Path
    message: str
    """In lower case, static: a document that is none may be anything, a secret too."""

    is_key: bool = False
    """Whether the name of the part is wrong, and not what it holds."""

    sentence: str = BAD_SYNTAX
    """What AWS says of it."""


def pointer(path: Path) -> str:
    """Return *path* as a JSON pointer (RFC 6901); the whole is an empty text."""
    parts = [str(part).replace("~", "~0").replace("/", "~1") for part in path]
    return "".join([f"/{part}" for part in parts])
