"""Checking what the vault knows of principals: each record opens, and belongs to one of them."""

from __future__ import annotations

from collections.abc import Iterator

from secretctl.domain.principals import KINDS, Entity, Role, User
from secretctl.errors import VaultDamagedError
from secretctl.vault import credentials, grants, layout, principals
from secretctl.vault.unlocked import Keys
from secretctl.vault.view import View

KINDS_OF_RECORDS = (layout.PRINCIPAL, layout.PRIVATE_KEY, layout.CREDENTIAL, layout.GRANT)


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
                try:
                    grants.private_of(view, keys, entity.id)
                except VaultDamagedError as error:
                    yield f"{error.message}: {entity.name}"
                left.discard(grants.private_place(view, entity.id))
                left -= set(view.stored_keys(grants.prefix(view, entity.id)))
            for key_id in _access_keys(entity):
                where = credentials.place(keys.vault_id, key_id)
                if where not in stored:
                    yield f"an access key opens nothing: {key_id}"
                left.discard(where)
    for stray in sorted(left):
        yield f"a record belongs to no principal: {stray.hex()}"


def _access_keys(entity: Entity) -> list[str]:
    if isinstance(entity, User):
        return [key.id for key in entity.access_keys]
    return [key_id for key_id, _ in entity.sessions] if isinstance(entity, Role) else []
