"""Names, staging labels and version ids there are, for completion; never a value."""

from __future__ import annotations

from secretctl.domain import names
from secretctl.service.secrets import find
from secretctl.service.session import Session


def names_in_use(session: Session, prefix: str) -> list[str]:
    """Return the names, or ARNs, of the region's secrets that begin with *prefix*."""
    with session.vault.read() as view:
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
    return [stage for version in secret.versions for stage in version.stages]


def versions_in_use(session: Session, secret_id: str) -> list[str]:
    """Return the ids of a secret's versions."""
    with session.vault.read() as view:
        secret = find(session, view, secret_id)
    return [version.id for version in secret.versions]
