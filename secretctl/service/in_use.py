"""Names, staging labels and version ids there are, for completion; never a value."""

from __future__ import annotations

from secretctl.domain import names
from secretctl.errors import ServiceError
from secretctl.record import TYPE_CHECKING
from secretctl.service.secrets import find
from secretctl.service.session import Session

if TYPE_CHECKING:
    from secretctl.domain.secret import Secret
    from secretctl.vault.view import View


def names_in_use(session: Session, prefix: str) -> list[str]:
    """Return the names, or ARNs, of the region's secrets that begin with *prefix*."""
    with session.vault.read() as view:
        _check(session, view, "ListSecrets", None)
        found = list(view.names(session.region))
    if not prefix.startswith("arn:"):
        return [name for name, _ in found if name.startswith(prefix)]
    head = names.arn(session.region, session.vault.account, "", "").removesuffix("-")
    if not head.startswith(prefix[: len(head)]):
        return []
    begun = prefix[len(head) :]
    endings = (f"{name}-{suffix}" for name, suffix in found)
    return [head + ending for ending in endings if ending.startswith(begun)]


def stages_in_use(session: Session, secret_id: str) -> list[str]:
    """Return the staging labels that are attached to versions of a secret."""
    with session.vault.read() as view:
        secret = find(session, view, secret_id)
        _check(session, view, "ListSecretVersionIds", secret)
    return [stage for version in secret.versions for stage in version.stages]


def versions_in_use(session: Session, secret_id: str) -> list[str]:
    """Return the ids of a secret's versions."""
    with session.vault.read() as view:
        secret = find(session, view, secret_id)
        _check(session, view, "ListSecretVersionIds", secret)
    return [version.id for version in secret.versions]


def _check(session: Session, view: View, action: str, secret: Secret | None) -> None:
    """Refuse a principal the completions of what it may not list.

    Raises:
        ServiceError: AccessDeniedException.
    """
    if session.caller.holder is None:
        return
    from secretctl.service.permitted import may

    if not may(session, view, action, secret):
        raise ServiceError("AccessDeniedException", "")
