"""Checking the files of managed policies: each is the one in force, and there are no others.

Nothing is put right here, and a vault whose policies are not in force is a sound one: only whom
they are attached to may do nothing until somebody has looked at them.
"""

from __future__ import annotations

from collections.abc import Iterator

from secretctl.domain.principals import POLICY, ManagedPolicy
from secretctl.errors import PolicyFileError, UnsafePermissionsError, VaultDamagedError, VaultError
from secretctl.vault import policy_files, principals
from secretctl.vault.vault import Vault


def problems(vault: Vault) -> Iterator[VaultError]:
    """Yield an error for each file that is not the policy in force, and for each of no policy."""
    with vault.read() as view:
        try:
            known = principals.all_of(view, POLICY)
        except VaultDamagedError:  # told with the records
            return
    try:
        files = policy_files.names(vault.directory)
    except (PolicyFileError, UnsafePermissionsError) as error:
        yield error
        return
    for policy in known:
        if isinstance(policy, ManagedPolicy):
            yield from _problem(vault.directory, policy)
    for stray in sorted(set(files) - {policy.name for policy in known}):
        yield PolicyFileError(f"the file {stray}.json is of no policy and means nothing")


def _problem(directory: str, policy: ManagedPolicy) -> Iterator[VaultError]:
    try:
        policy_files.in_force(directory, policy.name, policy.digest)
    except (PolicyFileError, UnsafePermissionsError) as error:
        yield error
