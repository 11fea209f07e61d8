"""Removing KMS keys whose waiting period is over, with their material, aliases and grants.

What is encrypted under them stays where it is, and nobody can read it any more.
"""

from __future__ import annotations

from secretctl.domain import kms
from secretctl.domain.kms import Key
from secretctl.record import TYPE_CHECKING
from secretctl.vault import kms_granting, rewrapping

if TYPE_CHECKING:
    from secretctl.vault.transaction import Transaction


def remove(transaction: Transaction, key: Key) -> None:
    """Remove a key for good; that it was there, and what material it had, stays known."""
    kms_granting.remove_all(transaction, key)
    for material in key.materials:
        rewrapping.remove_material(transaction, material.id)
    transaction.put_kms_directory(kms.without_key(transaction.kms_directory(), key))
