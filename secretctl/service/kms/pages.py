"""Pages of KMS's lists, and tokens of grants: what is given out to be shown again."""

from __future__ import annotations

from secretctl.errors import ServiceError
from secretctl.model.shapes import Result
from secretctl.record import NamedTuple
from secretctl.service import tokens
from secretctl.service.session import Session

_GRANT_SCOPE = "GrantToken"


class Pages(NamedTuple):
    """How many items a page of a list has."""

    usual: int
    """If none are asked for."""

    most: int


OF_KEYS = Pages(100, 1000)
OTHERS = Pages(50, 100)
"""Of aliases and grants.

See: https://docs.aws.amazon.com/kms/latest/APIReference/API_ListGrants.html
"""

_INVALID = {
    "InvalidMarkerException": "Could not deserialize marker",
    "InvalidGrantTokenException": "The grant token is not valid.",
}


def page(  # noqa: PLR0913 what a list is divided by
    session: Session,
    operation: str,
    member: str,
    items: list[Result],
    marker: str | None,
    limit: int | None,
    pages: Pages,
) -> Result:
    """Return a page of *items*, which stand in *member* of the answer.

    Raises:
        ServiceError: InvalidMarkerException.
    """
    scope = tokens.scope(operation, session.region, member)
    start = int(_opened(session, scope, marker, "InvalidMarkerException") or 0)
    end = start + min(limit or pages.usual, pages.most)
    result: Result = {member: items[start:end], "Truncated": end < len(items)}
    if end < len(items):
        result["NextMarker"] = tokens.token(session.vault, scope, str(end))
    return result


def grant_token(session: Session, grant_id: str) -> str:
    """Return a token of a grant; grants are in force at once, so it says no more than its id."""
    return tokens.token(session.vault, tokens.scope(_GRANT_SCOPE, ""), grant_id)


def check_grant_tokens(session: Session, given: list[str] | None) -> None:
    """Refuse what is no token of a grant of this vault.

    Raises:
        ServiceError: InvalidGrantTokenException.
    """
    for each in given or []:
        _opened(session, tokens.scope(_GRANT_SCOPE, ""), each, "InvalidGrantTokenException")


def _opened(session: Session, scope: bytes, given: str | None, code: str) -> str | None:
    try:
        return tokens.position(session.vault, scope, given)
    except ServiceError:
        raise ServiceError(code, _INVALID[code]) from None
