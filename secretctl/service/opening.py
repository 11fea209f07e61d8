"""Beginning a session: vault, journal and what this machine has seen are compared first."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress

from secretctl import __version__
from secretctl.audit import segments, surroundings
from secretctl.audit.event import Caller as Recorded
from secretctl.audit.event import Event
from secretctl.audit.journal import Journal
from secretctl.audit.ratchet import first_seed
from secretctl.audit.records import Records, own
from secretctl.audit.state import NO_INTENT
from secretctl.audit.state import State as JournalState
from secretctl.audit.state import exists as has_journal
from secretctl.audit.trust import Anchor, Trust
from secretctl.context import Context, tell_person
from secretctl.errors import (
    RolledBackError,
    SecretctlError,
    StoreBusyError,
    StoreError,
    VaultDamagedError,
)
from secretctl.model.shapes import Fields
from secretctl.record import TYPE_CHECKING, NamedTuple
from secretctl.service.agreement import OTHER_KEYS, RESTORED, check_known, compare
from secretctl.service.caller import Caller
from secretctl.service.newest_seen import NewestSeen
from secretctl.service.recording import Recorder
from secretctl.service.secrets import writing
from secretctl.service.session import Session, no_function
from secretctl.service.shown import Names
from secretctl.store.lock import LOCK_FILE, FileLock
from secretctl.vault.vault import CREATION

if TYPE_CHECKING:
    from secretctl.domain.kms import Use
    from secretctl.vault.state import State
    from secretctl.vault.unlocked import Keys
    from secretctl.vault.vault import Vault
    from secretctl.vault.view import View

_FIRST_USE = (
    "secretctl: note: first use of this vault on this machine; an older copy cannot be told from "
    "the newest yet\n"
)


class Recording(NamedTuple):
    """How a session is recorded."""

    command: str = ""
    """What the user called, for the userAgent."""

    trust_file: str = ""
    """Where this machine keeps what it has seen; nothing is kept if empty."""

    hidden_names: bool = False
    finishes: bool = True
    """Whether what a process that was killed left to do is done first, if it can be."""


UNNAMED = Recording()


def begin(
    context: Context,
    vault: Vault,
    region: str,
    lacks_function: Callable[[str, str], str] = no_function,
    recording: Recording = UNNAMED,
) -> Session:
    """Return a session in *region* of an open vault.

    Raises:
        RolledBackError: An older copy of vault or journal was put back.
        JournalDamagedError: The journal is not what was written.
        JournalUnavailableError: It cannot be used.
    """
    recorder = recorder_of(context, vault, region, recording)
    caller = Caller(vault)
    session = Session(context, vault, region, set(), {}, recorder, caller, lacks_function)
    bind(session)
    try:
        _compare(session, recording)
    except BaseException as error:
        if isinstance(error, RolledBackError | VaultDamagedError):
            from secretctl.service.failures import record_refusal

            record_refusal(session, error)
        recorder.release()
        raise
    return session


def bind(session: Session) -> None:
    """Let the use of KMS keys be asked of policies as what *session* does, by a principal."""

    def ask(view: View, use: Use) -> None:
        from secretctl.service.authorizing import on_key

        on_key(session, view, use)

    if session.caller.holder is not None:
        session.vault.keys.check_use = ask


def surrounded(context: Context, caller: Recorded, recording: Recording) -> Recorded:
    """Return *caller* with what is known of this process."""
    process: Fields = {"process": surroundings.process(), "host": surroundings.host()}
    terminal, ci_run = surroundings.terminal(), surroundings.ci_run(context.environ)
    if terminal:
        process["terminal"] = terminal
    if ci_run:
        process["ciRun"] = ci_run
    command = f" command/{recording.command}" if recording.command else ""
    return caller._replace(
        user_agent=f"secretctl/{__version__}{command}",
        surroundings=process,
    )


def recorder_of(context: Context, vault: Vault, region: str, recording: Recording) -> Recorder:
    """Return what writes the journal of *vault*; a vault that never had one gets it here."""
    keys, vault_id = vault.keys.journal, vault.keys.vault_id
    trust = None
    if recording.trust_file:
        trust = Trust(recording.trust_file, keys.trust, vault_id, keys.former_trust)
    records = Records(context, surrounded(context, Caller(vault).recorded(), recording), region)
    place = os.path.join(vault.directory, segments.DIRECTORY)
    journal = Journal(place, vault_id, records.describe, vault.engine.wait_s)
    names = Names(keys.names, hidden=recording.hidden_names)
    recorder = Recorder(journal, records, NewestSeen(trust), names, new_key_of(vault.keys))
    if not has_journal(journal.directory):
        try:
            _make_first(vault, trust, records)
        except BaseException:
            recorder.release()
            raise
    return recorder


def new_key_of(keys: Keys) -> tuple[int, bytes] | None:
    """Return from where on the journal has its present key, as a `Recorder` is told it.

    Returns:
        None for a principal, and for a vault that was never rekeyed.
    """
    if not keys.access.former:
        return None
    return keys.access.former[-1][1], first_seed(keys.journal_root, keys.vault_id)


def _compare(session: Session, recording: Recording) -> None:
    """Compare what must not be older than the other, each read before what may be newer."""
    recorder, vault = session.recorder, session.vault
    state, stands, seen = agreed(session)
    recorder.known.learn(state, proved(vault, state, seen))
    if vault.unlocked_by == CREATION:
        recorder.note(own("CreateVault", session.region, {"vaultId": vault.keys.vault_id.hex()}))
    else:
        said: Fields = {"method": vault.unlocked_by}
        recorder.note(own("UnlockVault", session.region, said, read_only=True))
    if seen is None and recording.trust_file:
        recorder.note(_first_seen(session.region, state, stands.number))
        if vault.unlocked_by != CREATION and not recorder.known.forgets:  # then that is warned of
            tell_person(session.context, _FIRST_USE)
    if not recording.finishes:
        return
    if stands.intent != NO_INTENT:
        _reconcile(session)
    recorder.hand_over()


def agreed(session: Session) -> tuple[State, JournalState, Anchor | None]:
    """Return how vault and journal stand, and what this machine has seen of both.

    Raises:
        RolledBackError: One of them is an old copy.
        JournalDamagedError: The journal is not what was written.
    """
    try:
        return _compared(session)
    except RolledBackError:
        with suppress(SecretctlError):  # waits for a restore that is about to tell this machine
            session.recorder.journal.settled()
        return _compared(session)


def _compared(session: Session) -> tuple[State, JournalState, Anchor | None]:
    session.recorder.known.seen()
    if session.recorder.known.is_of_other_keys:
        raise RolledBackError(OTHER_KEYS, RESTORED)
    stands = session.recorder.journal.glance()
    state = session.vault.state()
    seen = session.recorder.known.seen_of(state)
    compare(state, stands, seen)
    check_known(session.recorder.journal.directory, state, stands, seen)
    return state, stands, seen


def proved(vault: Vault, state: State, seen: Anchor | None) -> int:
    """Return how often what the owner vouches for was renewed, where that is news; else 0.

    The state is every principal's to write: only the record itself proves it, to the owner.
    """
    if vault.keys.holder is not None or state.vouched <= (seen.vouched if seen else 0):
        return 0
    from secretctl.vault import vouched

    with vault.read() as view:
        found = vouched.opened(view)
    return found.counter if found is not None and found.counter == state.vouched else 0


def _make_first(vault: Vault, trust: Trust | None, records: Records) -> None:
    """Make the journal of a vault that never had one; one that had must not be without."""
    from secretctl.audit import creation

    if vault.state().journal_number < 0 and (trust is None or trust.read() is None):
        directory = os.path.join(vault.directory, segments.DIRECTORY)
        keys = vault.keys
        creation.create(directory, keys.vault_id, keys.journal_root, records.describe)


def _first_seen(region: str, state: State, records: int) -> Event:
    said: Fields = {"storeGeneration": state.generation, "records": records}
    return own("TrustEstablished", region, said)


def _reconcile(session: Session) -> None:
    """See to a change whose outcome is not recorded, unless its process is still at it."""
    with suppress(StoreBusyError, StoreError):
        if is_free(session.vault):
            with writing(session):
                pass


def is_free(vault: Vault) -> bool:
    """Tell whether nobody is changing the vault just now."""
    lock = FileLock(os.path.join(vault.directory, LOCK_FILE), 0)
    try:
        lock.acquire()
        lock.release()
    except (StoreBusyError, StoreError):
        return False
    else:
        return True
    finally:
        lock.close()
