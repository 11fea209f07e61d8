"""What a session passes on to the sessions that are begun from it: role chaining.

Its source identity stays for good; tags that were set as transitive stay and cannot be set anew.
See: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
See: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html
"""

from __future__ import annotations

from secretctl.domain.principals import ROLE, Pairs, Role
from secretctl.errors import ServiceError
from secretctl.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from secretctl.vault.unlocked import Holder

HOUR_S = 3600
INVALID = "InvalidParameterValue"


class Passed(NamedTuple):
    """What a session is begun with, besides its policies."""

    tags: Pairs
    transitive: tuple[str, ...]
    """Keys of the tags that pass on to sessions begun from this one."""

    source_identity: str


def passed(caller: Holder, given: Pairs, transitive: list[str], source_identity: str) -> Passed:
    """Return what a session has that *caller* begins.

    Args:
        caller: Whose credential begins it; a user's passes nothing on.
        given: Tags in the request.
        transitive: Keys of those of them that are to pass on.
        source_identity: In the request; empty if it has none.

    Raises:
        ServiceError: InvalidParameterValue, a tag is inherited and given, or is to pass on and is
            not given; ValidationError, the source identity is another one already.
    """
    if caller.source_identity and source_identity not in ("", caller.source_identity):
        raise ServiceError(
            "ValidationError", "The source identity is already set for this assume role session"
        )
    inherited = tuple([pair for pair in caller.tags if pair[0] in caller.transitive])
    kept, named = _folded(inherited), _folded(given)
    passing = {key.lower() for key in transitive}
    if kept & named:
        raise ServiceError(
            INVALID,
            "One of the specified transitive tag keys can't be set because it conflicts with a "
            "transitive tag key from the calling session.",
        )
    if not passing <= named:
        raise ServiceError(
            INVALID, "The specified transitive tag key must be included in the requested tags."
        )
    tags = (*inherited, *given)
    keys = tuple([key for key, _ in tags if key.lower() in kept | passing])
    return Passed(tags, keys, caller.source_identity or source_identity)


def check_duration(caller: Holder, role: Role, duration_s: int) -> None:
    """Refuse a session that is longer than the role lets it be, or than an hour in a chain.

    See: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html

    Raises:
        ServiceError: ValidationError.
    """
    if caller.kind == ROLE and duration_s > HOUR_S:
        raise ServiceError(
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by "
            "role chaining",
        )
    if duration_s > role.longest_session_s:
        raise ServiceError(
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        )


def _folded(tags: Pairs) -> set[str]:
    return {key.lower() for key, _ in tags}
