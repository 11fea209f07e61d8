"""What unlocking a vault gave, and what has been worked out of it for many records."""

from __future__ import annotations

from secretctl.crypto.seal import framed, opener
from secretctl.record import TYPE_CHECKING, NamedTuple
from secretctl.vault import layout

if TYPE_CHECKING:
    from collections.abc import Callable

    from secretctl.vault.keyring import AccessKeys


class Kek(NamedTuple):
    """An opened key-encryption key."""

    key: bytes
    open: Callable[[bytes, bytes], bytes]
    """Given the context and the sealed data key, returns the data key."""


class Keys:
    """The keys of a vault; kept while it is open."""

    def __init__(self, vault_id: bytes, root: bytes, access: AccessKeys) -> None:
        self.vault_id = vault_id
        self.root = root
        self.access = access
        self.open_metadata = opener(access.metadata)
        self.keks: dict[bytes, Kek] = {}
        self._heads: dict[bytes, bytes] = {}
        self._prefixes: dict[str, bytes] = {}

    def __repr__(self) -> str:
        """Name the vault, never a key."""
        return f"<keys of vault {self.vault_id.hex()}>"

    def where(self, field: bytes, key: bytes) -> bytes:
        """Return the context in which the record under *key* is sealed."""
        head = self._heads.get(field)
        if head is None:
            head = self._heads[field] = layout.record_head(self.vault_id, field)
        return head + framed(key)

    def prefix(self, region: str) -> bytes:
        """Return what the places of a region's secrets begin with."""
        prefix = self._prefixes.get(region)
        if prefix is None:
            prefix = layout.region_prefix(self.access.name_index, region)
            self._prefixes[region] = prefix
        return prefix

    def keep_kek(self, key_id: bytes, kek: bytes) -> Kek:
        """Remember an opened key-encryption key."""
        self.keks[key_id] = Kek(kek, opener(kek))
        return self.keks[key_id]
