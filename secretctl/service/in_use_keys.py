"""KMS keys, aliases and grants there are, for completion; no key is opened.

For the vault's owner alone, as are principals.
"""

from __future__ import annotations

from secretctl.domain import kms
from secretctl.record import TYPE_CHECKING
from secretctl.vault import kms_grants

if TYPE_CHECKING:
    from secretctl.service.session import Session

_AWS_OWN = "alias/aws/"


def listed(session: Session, kind: str, prefix: str, key_id: str) -> list[str]:
    """Return what may stand where something of *kind* is asked for.

    Args:
        session: Of the owner; nobody else is told anything.
        kind: ``key-id``, ``key``, ``alias`` or ``grant``; see `Member.completer`.
        prefix: What it begins with: ARNs where that is one.
        key_id: What the command line says of the key whose grants are asked for.
    """
    if session.caller.holder is not None:
        return []
    account, region = session.vault.account, session.region
    with session.vault.read() as view:
        directory = view.kms_directory()
        if kind == "grant":
            key = kms.find(directory, key_id, account) if key_id else None
            return [] if key is None else [grant.id for grant in kms_grants.on(view, key.id)]
    keys = list(directory.keys)
    if kind == "alias":
        return [name for name in directory.aliases if not name.startswith(_AWS_OWN)]
    aliases = [name for name in directory.aliases if kind == "key" or name.startswith(_AWS_OWN)]
    if not prefix.startswith("arn:"):
        return [*keys, *aliases]
    shown = [kms.arn(each, region, account) for each in keys]
    return [*shown, *(kms.alias_arn(name, region, account) for name in aliases)]
