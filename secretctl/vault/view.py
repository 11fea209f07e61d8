"""Reading one moment of an open vault: secrets by name or in order, and values.

Every record names the place it belongs to in its seal; a secret's record also names its region
and name, which are compared with what was asked for, and pins each version's value record by a
keyed hash. So a record that was changed, moved or swapped, or a value put back from the past,
is an error here. That an *older record of a secret* was put back whole is found by ``fsck``.
"""

from __future__ import annotations

from collections.abc import Iterator

from secretctl.crypto.keys import KEY_BYTES, equal
from secretctl.crypto.seal import SealError, sealed_length
from secretctl.domain.secret import Secret, Version
from secretctl.errors import ValueDamagedError, VaultDamagedError
from secretctl.record import TYPE_CHECKING
from secretctl.vault import codec, kms_keys, kms_use, layout
from secretctl.vault.codec import Value
from secretctl.vault.header import Header, check, decode
from secretctl.vault.keyring import open_kek
from secretctl.vault.state import State, check_header, leaf, opened, pin_of
from secretctl.vault.unlocked import Kek, Keys

if TYPE_CHECKING:
    from secretctl.domain.kms import Directory
    from secretctl.domain.kms_grants import Grant
    from secretctl.store.engine import Reader

WRAPPED_BYTES = layout.KEY_ID_BYTES + sealed_length(KEY_BYTES)
"""Of a value's record: which material wraps the data key, and the wrapped data key."""

_PAGE = 500
_ELSEWHERE = "a secret's record lies at the place of another"


class View:
    """One moment of the vault."""

    def __init__(self, reader: Reader, keys: Keys) -> None:
        self._reader = reader
        self.keys = keys
        self._kms: Directory | None = None
        self.granted: dict[str, list[Grant]] = {}  # to whoever holds the keys, by KMS key
        self.sealed_to: set[str] = set()  # material that was found to be sealed to them
        self.directory = ""  # where the vault lies, if that is known

    @property
    def account(self) -> str:
        """The account id, twelve digits."""
        return self.keys.access.account

    def find(self, region: str, name: str) -> Secret | None:
        """Return the secret of that name in *region*, deleted ones included.

        Raises:
            VaultDamagedError: A record is not what was written.
        """
        where = self._reader.get(self.keys.name_key(region, name))
        if where is None:
            return None
        stored = self._reader.get(layout.SECRET + where)
        if stored is None:
            raise VaultDamagedError("a secret's record is missing", "secretctl fsck").at(where)
        secret = self.keys.remembered.of(layout.SECRET + where, stored, self.secret_at)
        if secret.name != name or secret.region != region:
            raise VaultDamagedError("a secret's record stands under another name").at(where)
        return secret

    def secrets(
        self, region: str, after: int = 0, limit: int = _PAGE, *, newest_first: bool = False
    ) -> list[Secret]:
        """Return up to *limit* secrets of *region* in the order of creation, either way round.

        Args:
            region: Where to look.
            after: Number of the last secret seen; 0 to begin.
            limit: Most secrets to return.
            newest_first: Go backwards.
        """
        prefix = layout.SECRET + self.keys.prefix(region)
        mark = prefix + after.to_bytes(8, "big") if after else b""
        scan = self._reader.scan_back if newest_first else self._reader.scan
        return [self.secret_at(key, stored) for key, stored in scan(prefix, mark, limit)]

    def all_secrets(self, region: str = "") -> Iterator[Secret]:
        """Yield every secret of *region* in the order of creation; of all regions if none is."""
        for key, stored in self._all_stored(region):
            yield self.secret_at(key, stored)

    def names(self, region: str) -> Iterator[tuple[str, str]]:
        """Yield name and suffix of every secret of *region* that is not to be deleted."""
        found = (codec.name_of(self._open_secret(*each)) for each in self._all_stored(region))
        yield from filter(None, found)

    def _all_stored(self, region: str) -> Iterator[tuple[bytes, bytes]]:
        return self.stored_records(layout.SECRET + (self.keys.prefix(region) if region else b""))

    def stored_records(self, prefix: bytes, after: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        """Yield the records, as they are stored, whose keys begin with *prefix* and follow *after*.

        What is written meanwhile behind the present page is seen.
        """
        more = True
        while more:
            page = self._reader.scan(prefix, after, _PAGE)
            yield from page
            more = len(page) == _PAGE
            after = page[-1][0] if page else b""

    def value(self, secret: Secret, version: Version) -> Value:
        """Return the value of a version that has one, for whoever may use its key.

        Raises:
            ServiceError: Its key is disabled or deleted, or no grant lets the caller decrypt.
            ValueDamagedError: The stored value is not the one the secret's record pins.
        """
        self.check_decrypt(secret, version)
        return self.stored_value(secret, version)

    def check_decrypt(self, secret: Secret, version: Version) -> None:
        """See whether the caller may use the key of a version's value; nothing is opened.

        That the value is missing or damaged is found by whoever opens it.

        Raises:
            ServiceError: Its key is disabled or deleted, or no grant lets the caller decrypt.
        """
        stored = self._reader.get(layout.value_key(self.place(secret), version.serial)) or b""
        kms_use.check_decrypt(self, secret, version.id, stored[: layout.KEY_ID_BYTES].hex())

    def stored_value(self, secret: Secret, version: Version) -> Value:
        """Return the value of a version whose key was asked for before, or for the vault's check.

        Raises:
            ValueDamagedError: It is not the one the secret's record pins, or not under its key.
        """
        key, stored = self.checked_value(secret, version)
        value, _ = self.opened_value(secret, key, stored)
        kms_use.check_named(self, secret, version, stored)
        return value

    def checked_value(self, secret: Secret, version: Version) -> tuple[bytes, bytes]:
        """Return key and bytes of the record of a version's value, which is the one pinned.

        Raises:
            ValueDamagedError: It is missing or another.
        """
        key = layout.value_key(self.place(secret), version.serial)
        stored = self._reader.get(key)
        if stored is None:
            raise ValueDamagedError("a version's value is missing", "secretctl fsck")
        if not self.is_pinned(key, stored, version.pin):
            raise ValueDamagedError("a version's value was changed", "secretctl fsck")
        return key, stored

    def is_pinned(self, key: bytes, stored: bytes, pin: bytes) -> bool:
        """Tell whether a value's record is the one that *pin*, of either kind, is about."""
        state_key = self.keys.access.state
        return equal(pin_of(state_key, key, stored[WRAPPED_BYTES:]), pin) or equal(
            leaf(state_key, key, stored), pin
        )

    def opened_value(self, secret: Secret, key: bytes, stored: bytes) -> tuple[Value, bool]:
        """Return the value in a record of which `checked_value` gave key and bytes.

        And whether it is bound to the name of *secret*: an older secretctl bound none.
        """
        key_id = stored[: layout.KEY_ID_BYTES]
        try:
            data_key = self.kek(key_id).open(
                self.keys.where(b"data-key/" + key_id, key),
                stored[layout.KEY_ID_BYTES : WRAPPED_BYTES],
            )
            name = secret.region, secret.name
            plain, is_bound = self.keys.open_value(data_key, key, name, stored[WRAPPED_BYTES:])
        except SealError:
            raise ValueDamagedError("a version's value is damaged", "secretctl fsck") from None
        return Value(plain[1:], is_text=plain[:1] == b"s"), is_bound

    @property
    def index_key(self) -> bytes:
        """The key of the keyed hashes under which records are found."""
        return self.keys.access.name_index

    def stored_record(self, key: bytes) -> bytes | None:
        """Return a record as it is stored."""
        return self._reader.get(key)

    def sealed_record(self, field: bytes, key: bytes) -> bytes | None:
        """Return what is sealed in a record of metadata; None if there is none.

        Raises:
            VaultDamagedError: It is not what was written.
        """
        stored = self._reader.get(key)
        return None if stored is None else self._open(self.keys.where(field, key), stored)

    def stored_keys(self, prefix: bytes) -> Iterator[bytes]:
        """Return the keys of the records that begin with *prefix*, one after the other."""
        return (key for key, _ in self.stored_records(prefix))

    def sealed_records(self, field: bytes, prefix: bytes) -> Iterator[bytes]:
        """Yield what is sealed in the records of metadata whose keys begin with *prefix*."""
        for key, stored in self.stored_records(prefix):
            yield self._open(self.keys.where(field, key), stored)

    def state(self) -> State:
        """Return the state that the last commit left.

        Raises:
            VaultDamagedError: The state record is missing or was changed.
        """
        stored = self._reader.get(layout.STATE)
        if stored is None:
            raise VaultDamagedError("the vault's state record is missing", "secretctl fsck")
        return self.keys.remembered.of(layout.STATE, stored, lambda _, it: opened(self.keys, it))

    def kms_directory(self) -> Directory:
        """Return the KMS keys, their aliases, and what material each has.

        Raises:
            VaultDamagedError: It is not what was written.
        """
        if self._kms is None:
            key, stored = layout.KEY_DIRECTORY, self._reader.get(layout.KEY_DIRECTORY)
            self._kms = self.keys.remembered.of(key, stored, self._directory_at)
        return self._kms

    def _directory_at(self, key: bytes, stored: bytes | None) -> Directory:
        where = self.keys.where(b"key-directory", key)
        try:
            return kms_keys.decode(stored and self._open(where, stored), self.account)
        except VaultDamagedError:
            raise kms_keys.damaged() from None

    def header(self) -> Header:
        """Return the header, checked.

        Raises:
            VaultDamagedError: It was changed, or is an older one.
        """
        stored = self._reader.get(layout.HEADER)
        # Who has no root key believes the state, which names the header that was written last.
        is_owner = self.keys.holder is None
        header = check(stored, self.keys.root) if is_owner else decode(stored)
        self.check_latest(stored or b"")
        return header

    def check_latest(self, header: bytes) -> None:
        """Refuse a *header* that is not the one last written.

        Raises:
            VaultDamagedError: It is an older one, or the state record was changed.
        """
        check_header(self.state(), leaf(self.keys.access.state, layout.HEADER, header))

    def generation(self) -> int:
        """Return the number of commits so far."""
        return self.state().generation

    def place(self, secret: Secret) -> bytes:
        """Return where *secret* lies in the store."""
        return layout.place(self.keys.prefix(secret.region), secret.number)

    def kek(self, key_id: bytes) -> Kek:
        """Return a key-encryption key, opened.

        Raises:
            KeyNotGrantedError: A principal asks, and it is not sealed to that principal.
            VaultDamagedError: It is missing or not what was written.
        """
        return self.keys.keks.get(key_id) or self.keys.keep_kek(key_id, self._opened_kek(key_id))

    def _opened_kek(self, key_id: bytes) -> bytes:
        if self.keys.holder is not None:
            from secretctl.vault.grants import opened

            return opened(self, self.keys, key_id)
        stored = self._reader.get(layout.KEK + key_id)
        return open_kek(self.keys.root, self.keys.vault_id, key_id, stored)

    def secret_at(self, key: bytes, stored: bytes) -> Secret:
        """Open the record of a secret that lies under *key*; an error says where that is."""
        try:
            secret = codec.decode(self._open_secret(key, stored))
        except VaultDamagedError as error:
            raise error.at(key[1:]) from None
        if self.place(secret) != key[1:]:  # else it would lead to the values of another
            raise VaultDamagedError(_ELSEWHERE, "secretctl fsck").at(key[1:])
        return secret

    def _open_secret(self, key: bytes, stored: bytes) -> bytes:
        return self._open(self.keys.where(b"secret", key), stored)

    def _open(self, where: bytes, stored: bytes) -> bytes:
        try:
            return self.keys.open_metadata(where, stored)
        except SealError:
            raise VaultDamagedError("a record of the vault is damaged", "secretctl fsck") from None
