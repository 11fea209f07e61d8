"""Checking what the vault knows of principals: each record opens, and belongs to one of them."""

from __future__ import annotations

from collections.abc import Iterator

from secretctl.domain.principals import KINDS, Entity, Role, User
from secretctl.errors import VaultDamagedError
from secretctl.vault import credentials, fsck_escrow, grants, layout, principals
from secretctl.vault.lost_keys import access_keys, has_pair, is_other
from secretctl.vault.strays import credential_places
from secretctl.vault.unlocked import Keys
from secretctl.vault.view import View

KINDS_OF_RECORDS = (
    *(layout.PRINCIPAL, layout.PRIVATE_KEY, layout.CREDENTIAL, layout.ESCROW, layout.GRANT),
)


def problems(view: View, keys: Keys, stored: dict[bytes, bytes]) -> Iterator[str]:
    """Yield a sentence for each record of a principal that is damaged, missing or nobody's."""
    left = {key for key in stored if key[:1] in KINDS_OF_RECORDS}
    for kind in KINDS:
        try:
            found = principals.all_of(view, kind)
        except VaultDamagedError as error:
            yield f"{error.message}: a {kind}"
            continue
        for entity in found:
            left.discard(principals.place(view, kind, entity.name))
            if isinstance(entity, User | Role):
                if not has_pair(view, entity):
                    yield f"a principal's key is damaged: {entity.name}"
                left.discard(grants.private_place(view, entity.id))
                left -= set(view.stored_keys(grants.prefix(view, entity.id)))
            left -= credential_places(view, [entity])
            yield from _of_access_keys(view, entity, keys, stored)
        for key_id in fsck_escrow.wrong(view, found).values():
            yield f"the secret kept of an access key is not its own: {key_id}"
    for stray in sorted(left):
        yield f"a record belongs to no principal: {stray.hex()}"


def _of_access_keys(
    view: View, entity: Entity, keys: Keys, stored: dict[bytes, bytes]
) -> Iterator[str]:
    for key_id, is_aside in access_keys(entity):
        where = credentials.place(keys.vault_id, key_id)
        if where not in stored:
            yield f"an access key opens nothing: {key_id}"
        elif credentials.is_aside(keys, key_id, stored[where]) != is_aside:
            status = "Inactive" if is_aside else "Active"
            yield f"an access key is not {status}, as it should be: {key_id}"
        elif is_other(view, entity, key_id, stored[where]):
            yield f"an access key does not open what it did: {key_id}"
