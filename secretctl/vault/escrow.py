"""Secrets of access keys, kept for the vault's owner alone.

A server checks a signature of AWS's kind with the secret it was made with. So whoever makes a
credential, a principal that begins a role's session too, seals its secret to a key pair of the
owner's. The public key is in every credential, sealed together with the private key of its
principal: nobody who has not that one can put another in its place.

    place       = "e" | the hash of the access key id in the credential's place
    private key = derive(root key, "escrow", vault id)
    record      = the secret access key, sealed to that pair

Whoever has the public key can write such a record, so one proves nothing: a secret is believed
once it opens its credential, and that is as its owner vouches for (`proven`). A credential of an
older program has no such record.
"""

from __future__ import annotations

from secretctl.crypto.keys import derive
from secretctl.crypto.seal import SealError
from secretctl.errors import VaultDamagedError
from secretctl.record import TYPE_CHECKING
from secretctl.vault import layout

if TYPE_CHECKING:
    from secretctl.vault.transaction import Transaction
    from secretctl.vault.unlocked import Keys
    from secretctl.vault.view import View

_FIELD = b"escrow"


def place(credential: bytes) -> bytes:
    """Return the key of the record that goes with the one of a credential."""
    return layout.ESCROW + credential[1:]


def keep(transaction: Transaction, keys: Keys, credential: bytes, secret: str) -> None:
    """Keep the secret of the credential whose record has the key *credential*.

    Not where whoever makes it does not know the owner's public key, or there is no secret to keep.
    """
    if not keys.escrow or not secret:
        return
    from secretctl.crypto.recipients import seal_to

    where = place(credential)
    sealed = seal_to(keys.escrow, keys.where(_FIELD, where), secret.encode())
    transaction.put_record(where, sealed)


def opened(view: View, credential: bytes) -> str:
    """Return the secret that was kept of a credential, empty if none was; the root key opens it.

    Raises:
        VaultDamagedError: It was not sealed to the owner.
        OwnerOnlyError: A principal's credential opened the vault.
    """
    from secretctl.crypto.hpke import open_with

    keys, where = view.keys, place(credential)
    stored = view.stored_record(where)
    if stored is None:
        return ""
    try:
        return open_with(private_key(keys), keys.where(_FIELD, where), stored).decode()
    except (SealError, UnicodeDecodeError):
        raise VaultDamagedError(
            "the secret kept of an access key cannot be read", "secretctl fsck"
        ) from None


def private_key(keys: Keys) -> bytes:
    """Return the owner's private key, 32 bytes.

    Raises:
        OwnerOnlyError: A principal's credential opened the vault.
    """
    return derive(keys.root, "escrow", keys.vault_id)
