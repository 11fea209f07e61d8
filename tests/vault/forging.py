"""What another program can write with the keys of any credential: all but what needs the root."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from secretctl.domain.principals import USER
from secretctl.vault.transaction import Transaction
from secretctl.vault.unlocked import Holder, Keys
from secretctl.vault.vault import Vault


@contextmanager
def forging(vault: Vault) -> Iterator[Transaction]:
    """Change records as no operation does; the digest fits, and the journal hears nothing of it."""
    owner = vault.keys
    holder = Holder("AKIA", USER, "eve", "/", "AIDA", bytes(32))
    access = owner.access._replace(journal=b"")
    keys = Keys(owner.vault_id, b"", access, holder, owner.journal)
    other = Vault(vault.directory, vault.engine, keys, os.urandom, "access-key")
    state = vault.state()
    same = state.journal_number, bytes.fromhex(state.journal_hash)
    with other.write(lambda _: same, lambda *_: None) as transaction:
        yield transaction
