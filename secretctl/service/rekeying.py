"""Giving a vault new keys: root key, access keys, key-encryption keys, data keys, the journal's.

The new vault is written beside the old one, checked, and put in its place by one rename: until then
nothing of the old one has changed, and from then on nothing of it is left. It is recorded as every
change is, and the journal goes on under its new key in the segment after the outcome's.

1. the new file is written; 2. the intent is recorded; 3. the file gets the number of the intent, is
synced and checked; 4. the rename; 5. what opens it is put in its place; 6. the state file of the
journal is told how the next segment begins, and synced; 7. the outcome is recorded; 8. that segment
is begun.

Killed before 4 there is the old vault, and the next change records that this one was not made; from
4 on there is the new one, and whatever its owner does next goes on with 5 to 8.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from secretctl.errors import (
    OutcomeUnknownError,
    SecretctlError,
    StoreError,
    VaultDamagedError,
)
from secretctl.model.shapes import Fields
from secretctl.record import NamedTuple
from secretctl.service.acts import Act, own_act
from secretctl.service.opening import new_key_of
from secretctl.service.recording import REKEY
from secretctl.service.rekey_survey import Survey
from secretctl.service.session import Session
from secretctl.store import directories, draft, replacing
from secretctl.store.sqlite import SqliteEngine
from secretctl.vault import fsck, layout, rekeying, vouching
from secretctl.vault.creation import write_first_records
from secretctl.vault.header import Header, Slot
from secretctl.vault.keyring import seal_access
from secretctl.vault.state import State, summed
from secretctl.vault.unlocked import Keys
from secretctl.vault.vault import FILE, Vault
from secretctl.vault.view import View


class Openers(NamedTuple):
    """What opens the new vault; all four are called while nobody else changes the vault."""

    slots: Callable[[bytes], tuple[Slot, ...]]
    """Given the new root key, returns the unlock slots; killed rekeys' drafts lie there still."""

    make: Callable[[str], None]
    """Given the folder in which the new vault has its header, makes what opens it."""

    put_in_place: Callable[[], None]
    """Is called once the new vault has its place: puts there what opens it."""

    discard: Callable[[], None]
    """Is called where anything failed: removes what was made, unless it opens the vault."""


_CHANGED = "the vault was changed meanwhile"


class Rekeyed(NamedTuple):
    """What was left after a rekey."""

    not_overwritten: str = ""
    """Why the bytes of the old file are not gone; empty if the disk keeps its word."""


class _Made(NamedTuple):
    """The new vault, before it has its place."""

    keys: Keys
    state: State
    file: os.stat_result


def rekey(session: Session, found: Survey, openers: Openers) -> Rekeyed:
    """Give the vault new keys.

    Args:
        session: Its owner's; good for nothing afterwards but to be closed.
        found: What `survey` found.
        openers: What opens the new vault.

    Raises:
        VaultDamagedError: The vault is not what was written.
        StoreError: The unlock slots were changed meanwhile, or the file system refuses; nothing was
            changed.
        OutcomeUnknownError: It has its place, but a loss of power may undo that.
        OutcomeNotRecordedError: It holds, and could not be recorded.
    """
    recorder = session.recorder
    said = _said(found)
    act = own_act(session, REKEY, said)
    with recorder.during(act):
        try:
            old = _locked(session, found, openers)
        except OSError as error:
            raise StoreError(f"cannot write the new vault: {error.strerror}") from None
    return Rekeyed(replacing.overwrite(old))


def _locked(session: Session, found: Survey, openers: Openers) -> int:
    """Do it while nobody else changes the vault; return the old file, open."""
    vault = session.vault
    place = os.path.join(vault.directory, "vault")
    with (
        vault.engine.held(),
        draft.beside(place, session.context.random, draft.REKEYING) as folder,
    ):
        session.recorder.reconcile(vault.state())
        try:
            return _exchanged(session, folder, found, openers)
        except BaseException:
            openers.discard()
            raise


def _said(found: Survey) -> Fields:
    return {
        "secrets": found.secrets,
        "values": found.values,
        "keys": found.keys,
        "users": found.users,
        "roles": found.roles,
        "endedSessions": found.sessions,
    }


def _exchanged(session: Session, folder: str, found: Survey, openers: Openers) -> int:
    """Write the new vault, put it in the place of the old one and record it; return the old one."""
    recorder, vault = session.recorder, session.vault
    path, new = os.path.join(vault.directory, FILE), os.path.join(folder, FILE)
    made: _Made | None = None
    old = -1
    failure: BaseException | None = None
    try:
        made = _written(session, folder, found, openers)
        _check(session, folder, made.keys)
        old = replacing.put_in_place(new, path)
        _make_durable(folder, vault.directory)
        openers.put_in_place()
    except BaseException as error:
        failure = error
        if old >= 0:
            os.close(old)
        raise
    finally:
        if made is not None and os.path.samestat(made.file, os.lstat(path)):
            recorder.rekeyed(new_key_of(made.keys), made.keys.journal.trust)
            recorder.known.learn(made.state, made.state.vouched)
            recorder.settle(made.state, [], failure)
        else:
            state = vault.state()
            recorder.known.learn(state)
            recorder.settle(state, [], failure)
    with suppress(SecretctlError):  # the next command of the owner's begins the segment
        recorder.hand_over()
    return old


def _make_durable(before: str, directory: str) -> None:
    try:
        directories.sync(before)
        directories.sync(directory)
    except OSError as error:
        raise OutcomeUnknownError(
            f"the vault has new keys, but a loss of power may undo that: {error.strerror}",
            "secretctl fsck",
        ) from None


def _written(session: Session, folder: str, found: Survey, openers: Openers) -> _Made:
    """Write the new vault, and record in the journal that it is about to take its place."""
    vault, recorder, context = session.vault, session.recorder, session.context
    with vault.engine.read() as reader:
        view = View(reader, vault.keys)
        begun = _check_unchanged(vault, view, found.header)
        vouching.check(view, context.now_ms())
        through = recorder.journal.glance().segment
        keys = rekeying.new_keys(vault.keys, context.random, through)
        header = found.header._replace(slots=openers.slots(keys.root))
        draft.clear_rekeying(vault.directory)
        _tell_dropped(recorder.act, found.header, header)
        new_path = os.path.join(folder, FILE)
        with _drafting():
            write_first_records(new_path, keys, header, begun)
        openers.make(folder)
        new = Vault(folder, SqliteEngine(new_path), keys, context.random, "")
        try:
            with _drafting(), new.write(lambda _: head, lambda *_: None) as transaction:
                progress = _progress(session, found.values)
                rekeying.write(view, transaction, context.random, context.now_ms(), progress)
                head = recorder.prove(begun._replace(generation=begun.generation + 1))
                keys = _with_end(keys, recorder.journal.glance().segment)
                access = seal_access(keys.root, keys.vault_id, keys.access)
                transaction.put_record(layout.ACCESS, access)
            return _Made(keys, new.state(), os.lstat(new_path))
        finally:
            new.close()


@contextmanager
def _drafting() -> Iterator[None]:
    """Let a commit that failed be told as that of a file which is nobody's vault yet."""
    try:
        yield
    except OutcomeUnknownError:
        raise StoreError(
            "the disk failed as the new vault was written; nothing was changed", "secretctl fsck"
        ) from None


def _tell_dropped(act: Act | None, before: Header, after: Header) -> None:
    """Let the record say which unlock slots were given up."""
    kept = {slot.id for slot in after.slots}
    dropped: list[object] = [slot.id.hex() for slot in before.slots if slot.id not in kept]
    if act is not None and dropped:
        act.parameters["droppedSlots"] = dropped


def _with_end(keys: Keys, through: int) -> Keys:
    """Return *keys*, *through* being the segment of the journal in which the rekey is announced.

    No segment is begun before its outcome is recorded, so that is the last one under the old key.
    """
    *earlier, (key, _) = keys.access.former
    access = keys.access._replace(former=(*earlier, (key, through)))
    return Keys(keys.vault_id, keys.root, access)


def _check_unchanged(vault: Vault, view: View, header: Header) -> State:
    """See that every record is what was written, and the unlock slots are those of *header*.

    Returns:
        The vault's state.
    """
    state = view.state()
    total = summed(vault.engine.records(), vault.keys.access.state)
    if (total.records, total.digest) != (state.records, state.digest):
        raise VaultDamagedError("the vault is damaged; nothing was changed", "secretctl fsck")
    if view.header() != header:
        raise StoreError(f"{_CHANGED}: its unlock slots", "type the command again")
    return state


def _check(session: Session, folder: str, keys: Keys) -> None:
    """Check the new vault as a whole before anything depends on it."""
    engine = SqliteEngine(os.path.join(folder, FILE))
    try:
        problems = fsck.check(Vault(folder, engine, keys, session.context.random, "")).problems
    finally:
        engine.close()
    if problems:
        raise VaultDamagedError(
            f"the new vault is not sound, and was not put in place: {problems[0]}",
            "secretctl fsck",
        )


def _progress(session: Session, total: int) -> Callable[[int], None]:
    """Return what tells how many of *total* values are written, given how many more are."""
    done = 0

    def more(values: int) -> None:
        nonlocal done
        done += values
        session.progress(done, total)

    return more
