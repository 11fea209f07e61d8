"""Changing the vault: one writer, one atomic commit, the digest kept with every record."""

from __future__ import annotations

from collections.abc import Callable

from secretctl.crypto.keys import KEY_BYTES
from secretctl.crypto.seal import seal
from secretctl.domain.secret import DAY_MS, Secret
from secretctl.errors import VaultDamagedError
from secretctl.record import TYPE_CHECKING
from secretctl.vault import codec, kms_keys, kms_use, layout
from secretctl.vault.codec import Value
from secretctl.vault.state import State, leaf, pin_of, sealed_state, with_record, without_record
from secretctl.vault.unlocked import Keys
from secretctl.vault.view import View

if TYPE_CHECKING:
    from collections.abc import Collection

    from secretctl.domain.kms import Directory
    from secretctl.domain.principals import Entity
    from secretctl.store.engine import Writer
    from secretctl.vault.vouching import Watch

MEND = "secretctl accept-restore, which counts anew"
Prove = Callable[[State], tuple[int, bytes]]
"""Given the state about to be committed, returns number and hash of its record in the journal."""

_WATCHED = frozenset(
    (
        *(layout.PRINCIPAL, layout.PRIVATE_KEY, layout.CREDENTIAL, layout.ESCROW),
        *(layout.GRANT, layout.KMS_GRANT, layout.KEY_DIRECTORY),
    )
)
"""Kinds of records that decide to whom keys are sealed, or are keys that are sealed to somebody."""


class Transaction(View):
    """The only writer at this time; reads see its own changes."""

    def __init__(self, writer: Writer, keys: Keys, random: Callable[[int], bytes]) -> None:
        super().__init__(writer, keys)
        self._writer = writer
        self._random = random
        self.begun = self._state = self.state()
        self._changed = False
        self._watch: Watch | None = None
        self.proved = 0
        """How often what the owner vouches for was renewed, if the root key proved it; else 0."""
        self.now_ms = 0
        """When it was begun (ms since 1970); 0 where no waiting period is to be over."""

        self.purged: list[Secret] = []
        """Secrets whose recovery window had ended and that go with this commit."""

        self.afterwards: list[Callable[[bool], None]] = []
        """Called behind the commit, before anybody else may change the vault, and told whether
        the change is known to hold: for what lies in files of its own."""
        self.changed_principals: list[Entity] = []
        """Entities that were kept or removed, as they are or were."""

        self.purged_keys: list[str] = []
        """Ids of KMS keys whose waiting period was over and that go with it."""

    def next_number(self) -> int:
        """Return a number for a new secret; each is given once.

        Raises:
            VaultDamagedError: None is left, or somebody wrote what is no number.
        """
        number = self._state.next_number
        if not 0 < number < codec.MOST_NUMBERS:
            raise VaultDamagedError("the number of the next secret is none", MEND)
        self._state = self._state._replace(next_number=number + 1)
        return number

    def put(self, secret: Secret, before: Secret | None = None) -> None:
        """Keep *secret*; *before* is what it was, None when it is new.

        Raises:
            VaultDamagedError: The place of a new secret is another's: numbers were counted back.
        """
        where = self.place(secret)
        key = layout.SECRET + where
        if before is None:
            if self._writer.get(key) is not None:
                message = "an older state record of the vault was put back"
                raise VaultDamagedError(message, "secretctl fsck", MEND)
            name = layout.name_key(self.keys.access.name_index, secret.region, secret.name)
            self.put_record(name, where)
        self._move_due(where, _due_day(before), _due_day(secret))
        stored = self._seal(b"secret", key, codec.encode(secret.counted()))
        self.put_record(key, stored, is_new=before is None)

    def put_value(
        self, secret: Secret, serial: int, kms_key_id: str, value: Value, version_id: str
    ) -> bytes:
        """Keep *value* as the version with *serial*; return the pin its version is to carry.

        Raises:
            ServiceError: The KMS key cannot be used, or no grant lets the caller use it.
            VaultDamagedError: The owner does not vouch for the KMS keys that are there.
        """
        key = layout.value_key(self.place(secret), serial)
        wrapping = kms_use.wrapping(self, self._random, secret, kms_key_id, version_id)
        material = bytes.fromhex(wrapping)
        bound = self.keys.where_value(key, (secret.region, secret.name))
        return self.put_value_under(key, material, value, bound)

    def put_value_under(self, key: bytes, material: bytes, value: Value, bound: bytes) -> bytes:
        """Keep *value* under *key*, its data key wrapped by *material*; return the pin.

        The value is sealed in the context *bound*.
        """
        data_key = self._random(KEY_BYTES)
        mark = b"s" if value.is_text else b"b"
        where = self.keys.where(b"data-key/" + material, key)
        wrapped = material + seal(self.kek(material).key, where, data_key)
        sealed = seal(data_key, bound, mark + value.plain)
        self.put_record(key, wrapped + sealed)
        return pin_of(self.keys.access.state, key, sealed)

    def delete_value(self, secret: Secret, serial: int) -> None:
        """Remove the value of one version."""
        self.delete_record(layout.value_key(self.place(secret), serial))

    def purge(self, secret: Secret) -> None:
        """Remove *secret* with everything that belongs to it."""
        where = self.place(secret)
        for version in secret.versions:
            if version.pin:
                self.delete_value(secret, version.serial)
        self._move_due(where, _due_day(secret), None)
        self.delete_record(layout.name_key(self.keys.access.name_index, secret.region, secret.name))
        self.delete_record(layout.SECRET + where)

    def sweep(self, now_ms: int) -> None:
        """Purge secrets whose recovery window ended on an earlier day, and keys that are due."""
        self.now_ms = now_ms
        if now_ms // DAY_MS > self._state.swept_day + 1:
            from secretctl.vault import sweeping

            sweeping.sweep(self, now_ms)

    @property
    def swept_day(self) -> int:
        """Secrets due on days up to this one have been purged (days since 1970)."""
        return self._state.swept_day

    def recount(self, next_number: int, swept_day: int) -> None:
        """Let the state's counts be others."""
        self._state = self._state._replace(next_number=next_number, swept_day=swept_day)

    def note_swept(self, day: int, *, changed: bool) -> None:
        """Note that *day* has been swept; whether that is to be kept by itself."""
        self._state = self._state._replace(swept_day=day)
        self._changed = self._changed or changed

    def put_record(self, key: bytes, value: bytes, *, is_new: bool = False) -> None:
        """Keep a record and count it in the digest; one that *is_new* replaces none.

        Raises:
            VaultDamagedError: It bears on to whom keys are sealed, and the owner does not vouch
                for what is there.
        """
        self._touch(key)
        if not is_new:
            self._subtract(key)
        self._state = with_record(self._state, leaf(self.keys.access.state, key, value))
        self._writer.put(key, value)
        self._changed = True

    def replace_record(self, key: bytes, old: bytes, new: bytes) -> None:
        """Keep *new* in the place of *old*, which was read in this transaction."""
        state_key = self.keys.access.state
        state = without_record(self._state, leaf(state_key, key, old))
        self._state = with_record(state, leaf(state_key, key, new))
        self._writer.put(key, new)
        self._changed = True

    def put_sealed(self, field: bytes, key: bytes, plain: bytes) -> None:
        """Keep a record of metadata."""
        self.put_record(key, self._seal(field, key, plain))

    def put_kms_directory(self, directory: Directory) -> None:
        """Keep the KMS keys and their aliases."""
        self.put_sealed(b"key-directory", layout.KEY_DIRECTORY, kms_keys.encode(directory))
        self._kms = directory

    def put_header(self, stored: bytes) -> None:
        """Keep the header, and in the state that it is the latest."""
        hashed = leaf(self.keys.access.state, layout.HEADER, stored)
        self._state = self._state._replace(header=hashed.hex())
        self.put_record(layout.HEADER, stored)

    def takes_header(self) -> bool:
        """Let the header that is there be the latest; tell whether the state named another."""
        stored = self.stored_record(layout.HEADER) or b""
        named = self._state.header
        self.put_header(stored)
        return named not in ("", self._state.header)

    def put_vouched(self, counter: int, stored: bytes) -> None:
        """Keep what the owner vouches for, if it is known, and in the state which is the latest."""
        self._state = self._state._replace(vouched=counter)
        if stored:
            self.put_record(layout.VOUCHED, stored)

    def delete_record(self, key: bytes) -> None:
        """Remove a record and take it out of the digest; raises as `put_record`."""
        self._touch(key)
        if self._subtract(key):
            self._writer.delete(key)
            self._changed = True

    def count_anew(self, total: State) -> None:
        """Let the digest be that of *total*, over all records that are there."""
        self._state = self._state._replace(records=total.records, digest=total.digest)
        self._changed = True

    def go_beyond(self, generation: int) -> None:
        """Let this commit be the one behind *generation*, whatever the vault's own is."""
        self._state = self._state._replace(generation=generation)
        self._changed = True

    def finish(self, prove: Prove) -> State | None:
        """Write the new state, if anything was changed; the commit follows.

        Args:
            prove: Records in the journal what is about to be committed, and tells where.

        Returns:
            The new state; None if nothing was changed.
        """
        if not self._changed:
            return None
        if self._watch is not None:
            self._watch.renew()
        state = self._state._replace(generation=self._state.generation + 1)
        number, record_hash = prove(state)
        state = state._replace(journal_number=number, journal_hash=record_hash.hex())
        self._writer.put(layout.STATE, sealed_state(self.keys, state))
        return state

    def watch(self, dropping: Collection[bytes] = ()) -> Watch:
        """See that what is there is what the owner vouches for, before any of it is changed.

        Args:
            dropping: Places of records that are about to be taken away; others may be left then.

        Raises:
            VaultDamagedError: It is not.
        """
        if self._watch is None:
            from secretctl.vault.vouching import Watch

            self._watch = Watch(self, dropping)
        return self._watch

    def check_keys(self) -> None:
        """See that the KMS keys, their material and aliases are the owner's, before one is used.

        A principal cannot tell.

        Raises:
            VaultDamagedError: They are not.
        """
        if self.keys.holder is None and self._watch is None and not self.proved:
            from secretctl.vault.vouching import check_directory

            self.proved = check_directory(self, self.now_ms)
            if not self.proved:
                self.watch()

    def _touch(self, key: bytes) -> None:
        if key[:1] in _WATCHED and self.keys.holder is None:
            self.watch().touched.add(key)

    def _subtract(self, key: bytes) -> bool:
        old = self._writer.get(key)
        if old is None:
            return False
        self._state = without_record(self._state, leaf(self.keys.access.state, key, old))
        return True

    def _move_due(self, where: bytes, old_day: int | None, new_day: int | None) -> None:
        if old_day != new_day:
            from secretctl.vault import sweeping

            sweeping.move(self, where, old_day, new_day)

    def _seal(self, field: bytes, key: bytes, plain: bytes) -> bytes:
        return seal(self.keys.access.metadata, self.keys.where(field, key), plain)


def _due_day(secret: Secret | None) -> int | None:
    if secret is None or secret.delete_after_ms is None:
        return None
    return secret.delete_after_ms // DAY_MS
