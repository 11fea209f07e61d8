"""Checking a vault whole: every record, every relation between records, the digest, the file.

What one read cannot know shows here: records added, dropped or put back from an older copy.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from typing import NamedTuple

from secretctl.domain import kms
from secretctl.domain.secret import DAY_MS, Secret, Version
from secretctl.errors import VaultDamagedError
from secretctl.vault import (
    counting,
    fsck_keys,
    fsck_principals,
    layout,
    lost_keys,
    strays,
    vouched,
    vouching,
)
from secretctl.vault.keyring import open_access
from secretctl.vault.kms_use import is_misnamed
from secretctl.vault.state import State, summed
from secretctl.vault.unlocked import Keys
from secretctl.vault.vault import Vault
from secretctl.vault.view import View

_CHECKED_APART = (layout.KEK, layout.KMS_GRANT, *fsck_principals.KINDS_OF_RECORDS)


DIGEST = "the digest does not match: a record was added, removed or put back"
"""What is told where that is so."""


class Report(NamedTuple):
    """What a check found."""

    secrets: int
    versions: int
    generation: int
    problems: tuple[str, ...]
    """One sentence each; empty for a sound vault."""

    is_droppable: bool = False
    """Whether there is what the owner does not vouch for, or a record that belongs to nothing."""

    is_former: bool = False
    """Whether an older secretctl made it, and the owner has not vouched for it since."""

    gone: int = 0
    """How many grants and sealed keys of the owner's are not there any more, which is no damage."""

    hints: tuple[str, ...] = ()
    """What to do where it is not known what the owner vouches for."""

    @property
    def is_miscounted(self) -> bool:
        """Whether all that is wrong is the digest: every record opens, and is as it should be."""
        return self.problems == (DIGEST,)


def check(vault: Vault, now_ms: int = 0) -> Report:
    """Check *vault* in one moment of it.

    Args:
        vault: Open; its owner's.
        now_ms: Milliseconds since 1970; 0 where no key's waiting period can be over.
    """
    problems = []
    if vault.engine.is_read_only():
        problems.append("the file: its head says that it is only to be read")
    with vault.engine.read():
        return within(vault, now_ms, problems)


def within(vault: Vault, now_ms: int, before: Collection[str] = ()) -> Report:
    """Check *vault* in the moment or the change that is held of it.

    Args:
        vault: As for `check`.
        now_ms: Likewise.
        before: What was found already.
    """
    problems = list(before)
    with vault.engine.read() as reader:
        problems += [f"the file: {problem}" for problem in vault.engine.structure_problems()]
        try:
            records = dict(vault.engine.records())
        except VaultDamagedError as error:
            return Report(0, 0, 0, (*problems, error.message))
        checker = _Checker(View(reader, vault.keys), vault.keys, records, now_ms)
        checker.view.directory = vault.directory
        problems += checker.problems()
        drops = bool(problems) and _has_droppable(checker.view, records)
    return Report(
        checker.secrets,
        checker.versions,
        checker.generation,
        tuple(problems),
        is_droppable=drops or not checker.is_vouched,
        is_former=checker.is_former,
        gone=checker.gone,
        hints=checker.hints,
    )


def _has_droppable(view: View, records: dict[bytes, bytes]) -> bool:
    if any(strays.found(view, records.items())):
        return True
    try:
        return any(lost_keys.found(view))
    except VaultDamagedError:  # told already
        return False


class _Checker:
    """The records of one moment, and what is known of them while they are gone through."""

    def __init__(self, view: View, keys: Keys, records: dict[bytes, bytes], now_ms: int) -> None:
        self.view = view
        self._now_ms = now_ms
        self._keys = keys
        self._records = records
        self._expected: Counter[bytes] = Counter(
            (layout.HEADER, layout.ACCESS, layout.STATE, layout.KEY_DIRECTORY, layout.VOUCHED)
        )
        self.secrets = self.versions = self.generation = 0
        self.is_vouched = True
        self.is_former = False
        self._state: State | None = None
        self._seen: list[Secret] = []
        self.gone = 0
        self.hints: tuple[str, ...] = ()

    def problems(self) -> Iterator[str]:
        """Yield a sentence for each thing that is not as it was written."""
        yield from self._check_state()
        yield from self._check_access()
        yield from self._check_vouched()
        yield from fsck_keys.problems(self.view, self._keys, self._records)
        for key in self._records:
            if key[:1] == layout.SECRET:
                yield from self._check_secret(key)
        if self._state is not None:
            yield from counting.problems(self._state, self._seen)
        yield from fsck_principals.problems(self.view, self._keys, self._records)
        for key in self._records:
            if key not in self._expected and key[:1] not in _CHECKED_APART:
                yield f"a record belongs to nothing: {_kind(key)}"

    def _check_state(self) -> Iterator[str]:
        try:
            state = self.view.state()
        except VaultDamagedError as error:
            yield error.message
            return
        self._state, self.generation = state, state.generation
        total = summed(self._records.items(), self._keys.access.state)
        if (total.records, total.digest) != (state.records, state.digest):
            yield DIGEST

    def _check_access(self) -> Iterator[str]:
        try:
            self.view.header()
        except VaultDamagedError as error:
            yield error.message
        try:
            access = open_access(
                self._keys.root, self._keys.vault_id, self._records.get(layout.ACCESS, b"")
            )
            if access != self._keys.access:
                yield "the access keys were replaced"
        except VaultDamagedError as error:
            yield error.message

    def _check_vouched(self) -> Iterator[str]:
        try:
            known, there = vouching.read(self.view), vouching.digests(self.view)
            self.is_former = vouched.opened(self.view) is None
            self.gone = vouching.gone(known, there)
            for found in vouching.differences(self.view, known, there, self._now_ms):
                self.is_vouched = False
                yield f"the owner does not vouch for it: {found.told} ({found.place.hex()})"
        except VaultDamagedError as error:
            self.hints = tuple(each for each in error.hints if each != "secretctl fsck")
            yield error.message

    def _check_secret(self, key: bytes) -> Iterator[str]:
        self._expected[key] += 1
        try:
            secret = self.view.secret_at(key, self._records[key])
        except VaultDamagedError as error:
            yield f"{error.message}: a secret at {key[1:].hex()}"
            return
        if not strays.can_be_named(secret):
            yield f"a secret has a name that none can have: a secret at {key[1:].hex()}"
        self.secrets += 1
        self._seen.append(secret)
        where = self.view.place(secret)
        name = layout.name_key(self._keys.access.name_index, secret.region, secret.name)
        if (leads := self._records.get(name)) != where:
            but = f" but to {leads[: layout.PLACE_BYTES].hex()}" if leads else ""
            yield f"the name of a secret does not lead to it{but}: {secret.name}"
        self._expected[name] += 1
        if secret.delete_after_ms is not None:
            day = secret.delete_after_ms // DAY_MS
            due = layout.due_prefix(self._keys.access.name_index, day) + where
            self._expected[due] += 1
            if due not in self._records:
                yield f"a scheduled deletion is not on record: {secret.name}"
        yield from self._check_versions(secret, where)

    def _check_versions(self, secret: Secret, where: bytes) -> Iterator[str]:
        labels = Counter(stage for version in secret.versions for stage in version.stages)
        if any(count > 1 for count in labels.values()):
            yield f"a staging label is attached twice: {secret.name}"
        if secret != secret.counted():
            yield f"numbers of versions were counted back, which any change mends: {secret.name}"
        for version in secret.versions:
            self.versions += 1
            if not version.pin:
                continue
            self._expected[layout.value_key(where, version.serial)] += 1
            try:
                self._check_value(secret, version)
            except VaultDamagedError as error:
                yield f"{error.message}: {secret.name}, version {version.id}"

    def _check_value(self, secret: Secret, version: Version) -> None:
        """Open a value; of one whose key was deleted only the record is there to be checked."""
        key, stored = self.view.checked_value(secret, version)
        if self._is_deleted(stored):
            return
        self.view.opened_value(secret, key, stored)
        if self._is_misnamed(version, stored):
            raise VaultDamagedError("a value is under another key than its version names")

    def _is_misnamed(self, version: Version, stored: bytes) -> bool:
        try:
            return is_misnamed(self.view, version, stored)
        except VaultDamagedError:  # of the key directory: told already
            return False

    def _is_deleted(self, stored: bytes) -> bool:
        try:
            directory = self.view.kms_directory()
        except VaultDamagedError:  # told already
            return False
        return bool(kms.deleted_with(directory, stored[: layout.KEY_ID_BYTES].hex()))


def _kind(key: bytes) -> str:
    names = {
        layout.NAME: "a name",
        layout.VALUE: "a value",
        layout.DUE: "a scheduled deletion",
    }
    return names.get(key[:1], "of no known kind")
