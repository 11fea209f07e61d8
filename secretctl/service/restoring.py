"""Going on from an older copy that was put back on purpose: the owner says so, recorded."""

from __future__ import annotations

import os

from secretctl.audit import creation, repair, segments
from secretctl.audit.event import Fields
from secretctl.audit.snapshot import Snapshot
from secretctl.context import Context
from secretctl.errors import SecretctlError
from secretctl.record import TYPE_CHECKING
from secretctl.service.acts import Act
from secretctl.service.opening import Recording, recorder_of
from secretctl.service.proof import keys_of
from secretctl.service.secrets import writing
from secretctl.service.session import Session, no_function

if TYPE_CHECKING:
    from secretctl.vault.vault import Vault


def accept_restore(
    context: Context, vault: Vault, region: str, recording: Recording, name: str = "AcceptRestore"
) -> Fields:
    """Go on from *vault* and its journal as they lie there, whatever was seen before.

    What of the journal does not verify is moved aside, never thrown away, and its state is made
    anew from what does. The vault's generation goes beyond every one that was seen, so that the
    copy that was replaced is older from now on.

    Args:
        context: Streams, environment, clock and randomness.
        vault: Open.
        region: For the record.
        recording: How it is recorded.
        name: What the record is called.

    Returns:
        What was recorded.

    Raises:
        JournalUnavailableError: The journal cannot be written.
    """
    keys = keys_of(vault)
    directory = os.path.join(vault.directory, segments.DIRECTORY)
    named = _named_generation(directory)
    before = repair.aside(directory) if os.path.isdir(directory) else []
    moved = repair.repair(directory, keys) if os.path.isdir(directory) else []
    recorder = recorder_of(context, vault, region, recording)
    session = Session(context, vault, region, set(), {}, recorder, no_function)
    if not creation.exists(directory):
        creation.create(directory, keys.vault_id, keys.journal, recorder.describe)
    try:
        return _recorded(session, name, {"movedAside": moved, "asideBefore": before}, named)
    finally:
        recorder.close()


def _named_generation(directory: str) -> int:
    """Return the generation that the state file names, before the state is made anew."""
    try:
        there = Snapshot(directory).state
    except SecretctlError:
        return 0
    return there.generation if there and there.generation < repair.MOST_COMMITS else 0


def _recorded(session: Session, name: str, aside: Fields, named: int) -> Fields:
    recorder, vault = session.recorder, session.vault
    seen, stands = recorder.seen(), recorder.journal.settled()
    before = vault.state()
    told = max(stands.generation, named)
    newest = max(before.generation, told, seen.generation if seen else 0)
    said: Fields = {
        "vaultGeneration": before.generation,
        "journalGeneration": told,
        "journalRecords": stands.number,
        "newGeneration": newest + 1,
    }
    if seen is not None:
        said |= {"seenGeneration": seen.generation, "seenRecords": seen.head.number + 1}
    said |= {member: files for member, files in aside.items() if files}
    act = Act(name, session.region, recorder.names, read_only=False, parameters=said, is_own=True)
    with recorder.during(act), writing(session) as transaction:
        transaction.go_beyond(newest)
    return said
