"""The journal of one vault: append records, durable when that returns.

Many processes append at once: a lock is held from reading the state until the records are on the
disk. The order of one append:

1. the state says where the records will end; 2. the records are written; 3. they are synced;
4. the state moves on behind them.

The state itself is synced only where a segment begins or a rekey hands over. It may be one append
behind after a kill, and any number after a loss of power; it is never ahead of what is on the disk.
See: docs/audit.md
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress

from secretctl.audit import line as lines
from secretctl.audit import recovery, segments, state
from secretctl.audit.files import Files, refusals
from secretctl.audit.line import Head, Record
from secretctl.audit.ratchet import first_key, next_seed
from secretctl.audit.state import State
from secretctl.errors import JournalDamagedError
from secretctl.model.shapes import Fields
from secretctl.store.lock import WAIT_S, FileLock

LOCK_FILE = "lock"
_HINT = "secretctl audit verify"
Describe = Callable[[str, Fields, int | None], Record]
"""Given an event's name, what it is to say and the vault's generation where it is to say that,
returns a record of the journal itself."""

Look = Callable[[State], None]
"""Is shown where the journal stands, and may refuse by raising."""


def _pass(_state: State) -> None:
    """Have nothing against it."""


class Journal:
    """An open journal; for one process, one of its threads at a time."""

    def __init__(
        self, directory: str, vault_id: bytes, describe: Describe, wait_s: float = WAIT_S
    ) -> None:
        """Open the journal in *directory*.

        Args:
            directory: ``audit`` in the vault's directory.
            vault_id: Whose journal it must be.
            describe: Makes the records in which the journal tells of itself.
            wait_s: How long its lock is waited for.
        """
        self.directory = directory
        self._describe = describe
        self._vault_id = vault_id
        self._lock = FileLock(
            os.path.join(directory, LOCK_FILE), wait_s, "journal", checks_place=False
        )
        self._files = Files(directory)
        self._boot_id = state.boot_id()
        self._kept: tuple[bytes, State | None] = b"", None
        """What was written last, so that it need not be read again."""

    def append(self, records: list[Record], before: Look = _pass, after: Look = _pass) -> Head:
        """Append records; they are durable when this returns.

        Args:
            records: One at least.
            before: Looks at the journal before anything is written.
            after: Looks at it afterwards. Nobody else appends in between.

        Returns:
            The place of the last of them.

        Raises:
            JournalUnavailableError: They could not be written; none of them is there.
            JournalDamagedError: The journal is not what was written.
        """
        with refusals():
            self._files.check_there()
            with self._turn():
                now = self._settled(self._read_state())
                before(now)
                written = self._write(self._with_room(now), records)
                after(written)
                return written.head

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep all others from appending, and from putting another vault in the place of this one.

        Raises:
            StoreError: Another one is in its place already.
        """
        with refusals():
            self._files.check_there()
            with self._lock:
                self._read_state()
                self._files.check_state_in_place()
                yield

    def glance(self) -> State:
        """Return where the journal stands, without waiting unless something is to be seen to.

        Raises:
            JournalDamagedError: It is not what was written.
        """
        with refusals():
            self._files.check_there()
            found = self._stored_state()
        unsettled = found is None or found.pending_offset or found.boot_id != self._boot_id
        return self.settled() if found is None or unsettled else found

    def records_of(self, stands: State) -> list[bytes]:
        """Return the records from the open intent of *stands*, which is settled, to the end."""
        with refusals():
            content = self._files.read(stands.intent, stands.offset - stands.intent)
        return content.splitlines(keepends=True)

    def settled(self) -> State:
        """Return where the journal stands, after any crash was seen to.

        Raises:
            JournalDamagedError: It is not what was written.
        """
        with refusals():
            self._files.check_there()
            with self._turn():
                return self._settled(self._read_state())

    def hand_over(self, through: int, seed: bytes) -> None:
        """Let *through* be the last segment under the journal key before a rekey.

        From now on whoever begins the next one does so with *seed*. It is begun at once, unless the
        outcome of a change is still to be recorded.

        Raises:
            JournalUnavailableError: It cannot be written.
            JournalDamagedError: It is not what was written.
        """
        with refusals():
            self._files.check_there()
            with self._turn():
                now = self._settled(self._read_state())
                if now.segment != through:
                    return
                if now.next_seed != seed:
                    now = now._replace(next_seed=seed)
                    self._keep(now)
                    self._files.sync_state()  # the outcome of the rekey may not be there without it
                if now.intent == state.NO_INTENT:
                    self._next_segment(now)

    def close(self) -> None:
        """Give the files back."""
        self._files.close()
        self._lock.close()

    def _turn(self) -> AbstractContextManager[None]:
        return nullcontext() if self._lock.is_held else self._lock

    def _settled(self, found: State) -> State:
        """Return the state once all that a crash left is seen to."""
        now, told = self._recovered(found)
        if now.closed:
            now = self._opened(now)
        if told:
            return self._write(now, [self._describe("JournalRecovered", told, None)])
        return now

    def _read_state(self) -> State:
        found = self._stored_state()
        if found is None:
            raise JournalDamagedError("the journal's state file is damaged", _HINT)
        return found

    def _stored_state(self) -> State | None:
        stored = self._files.stored_state()
        found = self._kept[1] if stored == self._kept[0] else state.decode(stored)
        if found is not None and found.vault_id != self._vault_id:
            raise JournalDamagedError("the journal is that of another vault", _HINT)
        return found

    def _recovered(self, found: State) -> tuple[State, Fields]:
        """Return the state with the records of a crash, and what is to be told of it, if anything.

        Raises:
            JournalDamagedError: What there is was not left by a crash.
        """
        size = self._files.size_of(found.segment)
        is_as_left = size == found.offset and not found.pending_offset
        if is_as_left and found is self._kept[1]:
            return found, {}
        self._files.check_state_in_place()
        if size < found.offset:
            raise JournalDamagedError("the journal was cut short", _HINT)
        if is_as_left:
            self._files.check_last(found)
            self._files.check_newest(found)
            same_boot = found.boot_id == self._boot_id
            return (found if same_boot else found._replace(boot_id=self._boot_id)), {}
        self._files.check_last(found)
        if size - found.offset > recovery.LONGEST_TAIL:
            raise JournalDamagedError("there is more in the journal than a crash can leave", _HINT)
        tail = self._files.read(found.offset, size - found.offset)
        recovered = recovery.recover(found, tail, self._boot_id)
        self._files.check_newest(recovered.state)
        told: Fields = {"records": recovered.records}
        if recovered.torn:
            aside = recovery.set_aside(self.directory, recovered.state.number, recovered.torn)
            told["torn"] = aside
            self._files.cut(recovered.state.offset)
        self._files.sync()
        self._keep(recovered.state)
        announced = recovered.state.offset == found.pending_offset or not recovered.records
        return recovered.state, told if recovered.torn or not announced else {}

    def _write(self, before: State, records: list[Record]) -> State:
        written, after = [], before
        for record in records:
            line = lines.written(after.number, after.hash, record.text, after.key)
            after = recovery.after(after, line, record)
            written.append(line)
        announced = recovery.announcing(before, after)
        # Both at once: what runs after a sync runs from cold caches.
        announcement, settled = state.encode(announced), state.encode(after)
        self._store(announcement, announced)
        try:
            self._files.append(b"".join(written))
        except OSError:
            # Nothing was acknowledged and the lock is ours: take back what there is of it.
            with suppress(OSError):
                self._files.cut(before.offset)
                self._keep(before)
            raise
        self._store(settled, after)
        return after

    def _keep(self, now: State) -> None:
        self._store(state.encode(now), now)

    def _store(self, encoded: bytes, now: State) -> None:
        self._kept = encoded, now
        self._files.store_state(encoded)

    def _with_room(self, before: State) -> State:
        """Return the state in a segment with room; none ends between an intent and its outcome."""
        if before.offset < segments.LARGEST_BYTES or before.intent != state.NO_INTENT:
            return before
        return self._next_segment(before)

    def _next_segment(self, before: State) -> State:
        told: Fields = {"segment": segments.name_of(before.segment), "records": before.number}
        closed = self._write(before, [self._describe(recovery.SEGMENT_CLOSED, told, None)])
        return self._opened(closed)

    def _opened(self, closed: State) -> State:
        """Begin the segment behind a closed one; its first record holds the digest of that one.

        A file that stands there already was left by a crash: nobody appends to a segment before
        the state says that it was begun.
        """
        digest = self._files.digest()
        begun = closed._replace(
            segment=closed.segment + 1,
            offset=0,
            key=first_key(closed.next_seed),
            next_seed=next_seed(closed.next_seed),
            closed=0,
        )
        told: Fields = {"previous": segments.name_of(closed.segment), "sha256": digest}
        record = self._describe(recovery.SEGMENT_OPENED, told, begun.generation)
        line = lines.written(begun.number, begun.hash, record.text, begun.key)
        self._files.begin(begun.segment, line)
        after = recovery.after(begun, line, record)
        self._keep(after)
        self._files.sync_state()
        return after
