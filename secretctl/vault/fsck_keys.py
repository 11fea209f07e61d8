"""Checking KMS keys: material is there, belongs to a key, is sealed to whom it is granted."""

from __future__ import annotations

from collections.abc import Iterator

from secretctl.domain.kms import Directory
from secretctl.domain.kms_grants import Grant
from secretctl.errors import VaultDamagedError
from secretctl.vault import grants, kms_granting, kms_grants, layout
from secretctl.vault.keyring import open_kek
from secretctl.vault.unlocked import Keys
from secretctl.vault.view import View


def problems(view: View, keys: Keys, stored: dict[bytes, bytes]) -> Iterator[str]:
    """Yield a sentence for each key, alias or grant that is damaged, missing or nobody's."""
    for key, value in stored.items():
        if key[:1] == layout.KEK:
            try:
                open_kek(keys.root, keys.vault_id, key[1:], value)
            except VaultDamagedError as error:
                yield f"{error.message}: {key[1:].hex()}"
    try:
        directory = view.kms_directory()
    except VaultDamagedError as error:
        yield error.message
        return
    yield from _directory_problems(directory, stored)
    yield from _grant_problems(view, directory, stored)


def _directory_problems(directory: Directory, stored: dict[bytes, bytes]) -> Iterator[str]:
    listed = {bytes.fromhex(each.id) for key in directory.keys.values() for each in key.materials}
    there = {key[1:] for key in stored if key[:1] == layout.KEK}
    for material in sorted(listed - there):
        yield f"a key of the key directory is missing: {material.hex()}"
    for material in sorted(there - listed):
        yield f"a key is missing in the key directory: {material.hex()}"
    for name, alias in sorted(directory.aliases.items()):
        if alias.key_id not in directory.keys:
            yield f"an alias stands for no key: {name}"


def _grant_problems(view: View, directory: Directory, stored: dict[bytes, bytes]) -> Iterator[str]:
    try:
        found = kms_grants.all_of(view)
    except VaultDamagedError as error:
        yield error.message
        return
    places = {kms_grants.place(view, grant) for grant in found}
    for stray in sorted({key for key in stored if key[:1] == layout.KMS_GRANT} - places):
        yield f"a grant stands at the place of another: {stray.hex()}"
    for grant in found:
        if grant.key_id not in directory.keys:
            yield f"a grant is on no key: {grant.id}"
        if not _has_grantee(view, grant):
            yield f"a grant is nobody's: {grant.id}"
    yield from _sealed_problems(view, directory, found, stored)


def _has_grantee(view: View, grant: Grant) -> bool:
    try:
        holder = kms_granting.grantee(view, grant.grantee)
    except VaultDamagedError:  # told of the principal
        return True
    return holder is not None and holder.id == grant.grantee_id


def _sealed_problems(
    view: View, directory: Directory, found: list[Grant], stored: dict[bytes, bytes]
) -> Iterator[str]:
    needed = kms_granting.sealed_places(view, found, directory)
    for where, (grant, _) in needed.items():
        if where not in stored:
            yield f"a key is not sealed to whom it is granted: {grant.id}"
    there = {key[1:] for key in stored if key[:1] == layout.KEK}
    for where in sorted(key for key in stored if key[:1] == layout.GRANT):
        if where[grants.KEY_ID] in there and where not in needed:
            yield f"a key is sealed to somebody without a grant: {where.hex()}"
