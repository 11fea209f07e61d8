"""Members that several of KMS's operations are given or answer, and how their lists are divided."""

from __future__ import annotations

from secretctl.model import types as t
from secretctl.model.kms import types as k
from secretctl.model.shapes import Member, Pages

# Given.
KEY_ID = Member("KeyId", k.KEY_ID, "Id or ARN of the key.", required=True, completer="key-id")
KEY_ID_OR_ALIAS = Member(
    "KeyId", k.KEY_ID, "Id, ARN or alias of the key.", required=True, completer="key"
)
MARKER = Member("Marker", k.MARKER, "Where to go on, from the page before.")
LIMIT = Member("Limit", k.LIMIT, "Most items in one page, up to 1000.")
PAGE = (LIMIT, MARKER)

# Answered.
KEY_METADATA = Member("KeyMetadata", k.KEY_METADATA, "What is known of the key.")
ANSWERED_KEY_ID = Member("KeyId", k.KEY_ID, "ARN of the key.")
NEXT_PAGE = (
    Member("NextMarker", k.MARKER, "Where to go on, if there is more."),
    Member("Truncated", t.BOOLEAN, "Whether there is more."),
)

KEY_ERRORS = (
    *("NotFoundException", "InvalidArnException"),
    *("DependencyTimeoutException", "KMSInternalException"),
)
"""Errors of all operations that are given a key."""


def pages(result: str) -> Pages:
    """Return how a list whose items stand in *result* is divided."""
    return Pages(result, "Marker", "NextMarker", "Limit", "Truncated")
