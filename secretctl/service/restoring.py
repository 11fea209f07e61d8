"""Going on from an older copy that was put back on purpose: the owner says so, recorded."""

from __future__ import annotations

import os

from secretctl.audit import creation, repair, segments
from secretctl.audit.event import Fields
from secretctl.audit.snapshot import Snapshot
from secretctl.audit.verdict import Keys, Verdict
from secretctl.audit.verify import verify
from secretctl.context import Context
from secretctl.errors import SecretctlError
from secretctl.record import TYPE_CHECKING
from secretctl.service.acts import Act
from secretctl.service.opening import Recording, recorder_of
from secretctl.service.secrets import writing
from secretctl.service.session import Session, no_function

if TYPE_CHECKING:
    from secretctl.vault.vault import Vault


def accept_restore(
    context: Context, vault: Vault, region: str, recording: Recording, name: str = "AcceptRestore"
) -> Fields:
    """Go on from *vault* and its journal as they lie there, whatever was seen before.

    What of the journal does not verify is moved aside, never thrown away. The vault's generation
    goes beyond every one that was seen, so that the copy that was replaced is older from now on.

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
    keys = Keys(vault.keys.access.journal, vault.keys.vault_id)
    directory = os.path.join(vault.directory, segments.DIRECTORY)
    moved = _mended(directory, keys)
    recorder = recorder_of(context, vault, region, recording)
    session = Session(context, vault, region, set(), {}, recorder, no_function)
    if not creation.exists(directory):
        creation.create(directory, keys.vault_id, keys.journal, recorder.describe)
    try:
        return _recorded(session, name, moved)
    finally:
        recorder.close()


def _mended(directory: str, keys: Keys) -> list[str]:
    """Make the journal end behind its last sound record, unless it is sound."""
    if not os.path.isdir(directory):
        return []
    try:
        if verify(Snapshot(directory), keys, [], deep=True).verdict == Verdict.INTACT:
            return []
    except SecretctlError:
        pass  # what cannot be read is moved aside
    return repair.repair(directory, keys)


def _recorded(session: Session, name: str, moved: list[str]) -> Fields:
    recorder, vault = session.recorder, session.vault
    seen, stands = recorder.seen(), recorder.journal.settled()
    with vault.read() as view:
        before = view.state()
    newest = max(before.generation, stands.generation, seen.generation if seen else 0)
    said: Fields = {
        "vaultGeneration": before.generation,
        "journalGeneration": stands.generation,
        "journalRecords": stands.number,
        "newGeneration": newest + 1,
    }
    if seen is not None:
        said |= {"seenGeneration": seen.generation, "seenRecords": seen.head.number + 1}
    if moved:
        said["movedAside"] = moved
    act = Act(name, session.region, recorder.names, read_only=False, parameters=said, is_own=True)
    with recorder.during(act), writing(session) as transaction:
        transaction.go_beyond(newest)
    return said
