"""Going on from an older copy that was put back on purpose: the owner says so, recorded."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from secretctl.audit import creation, repair, segments
from secretctl.audit.ratchet import first_seed
from secretctl.audit.snapshot import Snapshot
from secretctl.audit.state import exists as has_journal
from secretctl.audit.trust import MOST_COMMITS, Anchor, Trust
from secretctl.context import Context
from secretctl.errors import SecretctlError
from secretctl.model.shapes import Fields
from secretctl.record import TYPE_CHECKING, NamedTuple
from secretctl.service.acts import own_act
from secretctl.service.agreement import digest_of
from secretctl.service.caller import Caller
from secretctl.service.opening import Recording, recorder_of
from secretctl.service.proof import keys_of
from secretctl.service.secrets import writing
from secretctl.service.session import Session, no_function
from secretctl.vault import counting, former_vouching, layout, vouching_anew
from secretctl.vault.keyring import seal_access, up_to

if TYPE_CHECKING:
    from secretctl.vault.keyring import AccessKeys
    from secretctl.vault.unlocked import Keys
    from secretctl.vault.vault import Vault


class _Seen(NamedTuple):
    """What this machine knows of a vault."""

    anchor: Anchor | None
    """None if there is nothing that can be believed."""

    told_generation: int
    """The newest under keys that the vault has not: of one that was rekeyed since; else 0."""


class Mended(NamedTuple):
    """What was done to a journal before anybody goes on with it."""

    generation: int
    """That the state file named, before it was made anew."""

    moved: list[str]
    """Files into which what did not verify was moved."""

    before: list[str]
    """Files into which such was moved earlier."""

    removed: list[str]
    """Segments whose pruning had been interrupted."""

    is_lost: bool
    """Whether no record is left, and a journal has to be made anew."""


def mend(vault: Vault) -> Mended:
    """Let the journal of *vault* end behind its last sound record.

    What does not verify is moved aside, never thrown away, and the state is made anew. A pruning
    that was interrupted is finished.

    Raises:
        JournalUnavailableError: The file system refuses.
    """
    directory = os.path.join(vault.directory, segments.DIRECTORY)
    named = _named_generation(directory)
    if not os.path.lexists(directory):
        return Mended(named, [], [], [], is_lost=True)
    repaired = repair.repair(directory, keys_of(vault))
    is_lost = not has_journal(directory)
    return Mended(named, repaired.moved, repaired.before, repaired.removed, is_lost)


def accept_restore(context: Context, vault: Vault, region: str, recording: Recording) -> Fields:
    """Go on from *vault* and its journal as they lie there, whatever was seen before.

    The vault's generation goes beyond every one that was seen, so that the copy that was replaced
    is older from now on.

    Args:
        context: Streams, environment, clock and randomness.
        vault: Open.
        region: For the record.
        recording: How it is recorded.

    Returns:
        What was recorded.

    Raises:
        JournalUnavailableError: The journal cannot be written.
    """
    mended = mend(vault)
    session = _session(context, vault, region, recording)
    try:
        return _recorded(session, "AcceptRestore", mended, _seen(recording, vault.keys))
    finally:
        session.recorder.close()


def record_restore(
    context: Context, vault: Vault, region: str, recording: Recording, mended: Mended
) -> Anchor:
    """Record in a restored vault that it is one, before it has its place.

    Returns:
        What this machine is to have seen of the vault once it is there; until then it knows the
        one that is replaced.

    Raises:
        JournalUnavailableError: The journal cannot be written.
    """
    session = _session(context, vault, region, recording._replace(trust_file=""))
    try:
        _recorded(session, "RestoreBackup", mended, _seen(recording, vault.keys))
        state = vault.state()
        head = session.recorder.journal.settled().head
        return Anchor(state.generation, digest_of(state), head, state.vouched)
    finally:
        session.recorder.close()


@contextmanager
def announced(recording: Recording, keys: Keys, anchor: Anchor) -> Iterator[Callable[[], None]]:
    """Announce *anchor* to this machine, of a vault that gets its place in the block.

    Until it is told that the place is certain, both vaults are known to it, the one that goes until
    it is used, and the one that comes: a kill or a loss of power leaves one of them there.

    Yields:
        What tells that.
    """
    trust = _trust(recording, keys)
    if trust is None:
        yield lambda: None
        return
    try:
        before = trust.read()
        trust.announce(anchor)
        try:
            yield lambda: trust.write(anchor)
        except (OSError, SecretctlError):
            if before is not None:
                trust.write(before)
            raise
    finally:
        trust.close()


def _trust(recording: Recording, keys: Keys) -> Trust | None:
    path = recording.trust_file
    journal = keys.journal
    return Trust(path, journal.trust, keys.vault_id, journal.former_trust) if path else None


def _seen(recording: Recording, keys: Keys) -> _Seen:
    trust = _trust(recording, keys)
    if trust is None:
        return _Seen(None, 0)
    try:
        trust.read()
        told = trust.told_generation
        return _Seen(trust.newest(), _believed(told))
    finally:
        trust.close()


def _session(context: Context, vault: Vault, region: str, recording: Recording) -> Session:
    """Return a session of a vault that is compared with nothing; a journal is made if need be."""
    recorder, keys = recorder_of(context, vault, region, recording), keys_of(vault)
    directory = recorder.journal.directory
    if not has_journal(directory):
        creation.create(directory, keys.vault_id, keys.journal, recorder.describe)
    return Session(context, vault, region, set(), {}, recorder, Caller(vault), no_function)


def _named_generation(directory: str) -> int:
    """Return the generation that the state file names, before the state is made anew."""
    try:
        there = Snapshot(directory).state
    except SecretctlError:
        return 0
    return _believed(there.generation) if there else 0


def _believed(generation: int) -> int:
    """Return a generation as far as it can be one; 0 where somebody made it up."""
    return generation if 0 <= generation < MOST_COMMITS else 0


def _seen_records(known: _Seen) -> Fields:
    """Return how many records this machine has seen, as the journal tells it."""
    return {} if known.anchor is None else {"seenRecords": known.anchor.head.number + 1}


def _files(mended: Mended) -> Fields:
    """Return which files of the journal were moved or removed, as the journal tells it."""
    files = {
        "movedAside": mended.moved,
        "asideBefore": mended.before,
        "prunedBefore": mended.removed,
    }
    return {member: names for member, names in files.items() if names}


def _recorded(session: Session, name: str, mended: Mended, known: _Seen) -> Fields:
    recorder, vault = session.recorder, session.vault
    stands = recorder.journal.settled()
    access = _with_key_of(session, stands.segment, mended)
    before = vault.state()
    told = max(stands.generation, mended.generation)
    seen = known.anchor.generation if known.anchor else known.told_generation
    newest = max(map(_believed, (before.generation, told, seen)))
    said: Fields = {
        "vaultGeneration": before.generation,
        "journalGeneration": told,
        "journalRecords": stands.number,
        "newGeneration": newest + 1,
        **({"seenGeneration": seen} if seen else {}),
        **_seen_records(known),
        **_files(mended),
    }
    with recorder.during(own_act(session, name, said)), writing(session) as transaction:
        transaction.go_beyond(newest)
        if transaction.takes_header():
            said["olderHeader"] = True
        counting.mend(transaction, session.context.now_ms())
        vouching_anew.go_beyond(transaction, known.anchor.vouched if known.anchor else 0)
        if access != vault.keys.access:
            level = former_vouching.level(transaction)
            stored = seal_access(
                vault.keys.root, vault.keys.vault_id, access._replace(vouches=level)
            )
            transaction.put_record(layout.ACCESS, stored)
    return said


def _with_key_of(session: Session, segment: int, mended: Mended) -> AccessKeys:
    """Let a journal from before a rekey have the present key from its next segment on.

    Else what is recorded now would be under a key that somebody may have kept. A journal that is
    made anew has the present key from its beginning.

    Returns:
        The access keys that tell of it.
    """
    keys = session.vault.keys
    former = () if mended.is_lost else up_to(keys.access.former, segment)
    if former != keys.access.former:
        seed = first_seed(keys.journal_root, keys.vault_id)
        session.recorder.rekeyed((segment, seed) if former else None, keys.journal.trust)
        session.recorder.hand_over()
    return keys.access._replace(former=former)
