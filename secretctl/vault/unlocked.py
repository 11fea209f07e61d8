"""What unlocking a vault gave, and what has been worked out of it for many records."""

from __future__ import annotations

from secretctl.crypto.keys import derive
from secretctl.crypto.seal import SealError, framed, open_sealed, opener
from secretctl.errors import OwnerOnlyError
from secretctl.record import TYPE_CHECKING, NamedTuple
from secretctl.vault import layout
from secretctl.vault.remembered import Remembered

if TYPE_CHECKING:
    from collections.abc import Callable

    from secretctl.domain.kms import Use
    from secretctl.vault.keyring import AccessKeys
    from secretctl.vault.view import View


_MOST_REGIONS = 64


class Kek(NamedTuple):
    """An opened key-encryption key."""

    key: bytes
    open: Callable[[bytes, bytes], bytes]
    """Given the context and the sealed data key, returns the data key."""


class Holder(NamedTuple):
    """The principal whose credential opened the vault. Its ``repr`` shows no key."""

    key_id: str
    """The access key id."""

    kind: str
    """``user`` or ``role``."""

    name: str
    path: str
    id: str
    """Its unique id: AIDA… or AROA…"""

    private_key: bytes
    session: str = ""
    """Name of a role's session; what follows is known of sessions alone."""

    issued_ms: int = 0
    expires_ms: int = 0
    """When it ends; 0 for a user's credential, which does not."""

    policies: tuple[tuple[str, str], ...] = ()
    """Session policies, which must allow too: ARN, empty for one given in full, and JSON."""

    tags: tuple[tuple[str, str], ...] = ()
    source_identity: str = ""
    transitive: tuple[str, ...] = ()
    """Keys of the tags that pass on to sessions begun from this one."""

    def __repr__(self) -> str:
        """Name the principal."""
        return f"<{self.kind} {self.name}>"


class JournalKeys(NamedTuple):
    """Keys of the journal that every caller needs; its root is the owner's."""

    names: bytes
    trust: bytes
    former_names: tuple[bytes, ...] = ()
    """Those that a rekey replaced; only the owner has them."""

    former_trust: tuple[bytes, ...] = ()


class Keys:
    """The keys of a vault; kept while it is open."""

    def __init__(  # noqa: PLR0913 each is something that unlocking gave
        self,
        vault_id: bytes,
        root: bytes,
        access: AccessKeys,
        holder: Holder | None = None,
        journal: JournalKeys | None = None,
        escrow: bytes = b"",
    ) -> None:
        """Keep the keys.

        Args:
            vault_id: 16 bytes.
            root: The root key; empty where a principal's credential opened the vault.
            access: The access keys.
            holder: The principal; None for the vault's owner.
            journal: What a principal has of the journal's keys.
            escrow: What a principal knows of the owner's key pair, see the property.
        """
        self.vault_id = vault_id
        self._root = root
        self.access = access
        self.holder = holder
        self._journal = journal
        self._escrow = escrow
        self.open_metadata = opener(access.metadata)
        self.check_use: Callable[[View, Use], None] | None = None
        """Asks the policies, of which the vault knows nothing, before a principal uses a KMS key;
        raises KeyNotGrantedError."""

        self.remembered = Remembered()
        """What records of metadata say, for every moment of the vault in which they say it."""

        self.keks: dict[bytes, Kek] = {}
        self._heads: dict[bytes, bytes] = {}
        self._prefixes: dict[str, bytes] = {}

    def __repr__(self) -> str:
        """Name the vault, never a key."""
        return f"<keys of vault {self.vault_id.hex()}>"

    @property
    def root(self) -> bytes:
        """The root key.

        Raises:
            OwnerOnlyError: A principal's credential opened the vault.
        """
        if not self._root:
            raise OwnerOnlyError
        return self._root

    @property
    def escrow(self) -> bytes:
        """The owner's public key (32 bytes), to which secrets of access keys are sealed.

        Empty where a credential of an older program opened the vault.
        """
        if self._root and not self._escrow:
            from secretctl.crypto.recipients import public_key
            from secretctl.vault.escrow import private_key

            self._escrow = public_key(private_key(self))
        return self._escrow

    @property
    def journal_root(self) -> bytes:
        """The key of the whole journal: who has it can write it anew.

        Raises:
            OwnerOnlyError: A principal's credential opened the vault.
        """
        if not self.access.journal:
            raise OwnerOnlyError
        return self.access.journal

    @property
    def journal(self) -> JournalKeys:
        """The keys of the journal that are not its root."""
        if self._journal is None:
            *former, names = self._of_journal("journal/names")
            *former_trust, trust = self._of_journal("journal/trust")
            self._journal = JournalKeys(names, trust, tuple(former), tuple(former_trust))
        return self._journal

    def _of_journal(self, label: str) -> list[bytes]:
        """Return what *label* names under each journal key there was, the present one last."""
        roots = [*(key for key, _ in self.access.former), self.journal_root]
        return [derive(root, label, self.vault_id) for root in roots]

    def where(self, field: bytes, key: bytes) -> bytes:
        """Return the context in which the record under *key* is sealed."""
        head = self._heads.get(field)
        if head is None:
            head = self._heads[field] = layout.record_head(self.vault_id, field)
        return head + framed(key)

    def where_value(self, key: bytes, name: tuple[str, str]) -> bytes:
        """Return the context of the value under *key*, of the secret of that region and name."""
        return self.where(b"value", key) + b"".join([framed(each.encode()) for each in name])

    def open_value(
        self, data_key: bytes, key: bytes, name: tuple[str, str], sealed: bytes
    ) -> tuple[bytes, bool]:
        """Open the value under *key*; tell whether it is bound to the region and name of a secret.

        An older program bound none.

        Raises:
            SealError: It is not what was written, or is bound to another name.
        """
        try:
            return open_sealed(data_key, self.where_value(key, name), sealed), True
        except SealError:
            return open_sealed(data_key, self.where(b"value", key), sealed), False

    def prefix(self, region: str) -> bytes:
        """Return what the places of a region's secrets begin with."""
        prefix = self._prefixes.get(region)
        if prefix is None:
            if len(self._prefixes) >= _MOST_REGIONS:  # whoever asks a server names them
                self._prefixes.clear()
            prefix = layout.region_prefix(self.access.name_index, region)
            self._prefixes[region] = prefix
        return prefix

    def name_key(self, region: str, name: str) -> bytes:
        """Return the key under which the place of a secret is found."""
        index_key = self.access.name_index

        def hashed(_: tuple[str, str], index_key: bytes) -> bytes:
            return layout.name_key(index_key, region, name)

        return self.remembered.of((region, name), index_key, hashed)

    def remember_with(self, other: Keys) -> None:
        """Share what is remembered with *other*, if both open the same records by the same keys."""
        if self._of_metadata() == other._of_metadata():
            self.remembered = other.remembered

    def _of_metadata(self) -> tuple[bytes, bytes, bytes, bytes, str]:
        access = self.access
        return self.vault_id, access.name_index, access.metadata, access.state, access.account

    def keep_kek(self, key_id: bytes, kek: bytes) -> Kek:
        """Remember an opened key-encryption key."""
        self.keks[key_id] = Kek(kek, opener(kek))
        return self.keks[key_id]
