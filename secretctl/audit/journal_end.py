"""The end of a journal: does the state file say what the records of the last segment say?"""

from __future__ import annotations

from secretctl.audit.line import Record
from secretctl.audit.recovery import LONGEST_TAIL, Recovered, after, begun, recover
from secretctl.audit.snapshot import Snapshot
from secretctl.audit.state import NO_INTENT, State
from secretctl.audit.verdict import Finding, Verdict
from secretctl.errors import JournalDamagedError


class Ending:
    """Follows the records of the last segment, and compares the state file with them."""

    def __init__(self, snapshot: Snapshot, start: State, following: bytes) -> None:
        """Begin before the first record.

        Args:
            snapshot: The journal.
            start: The state of the last segment without a record.
            following: The seed of the segment to come. After a rekey it is not the one that the
                ratchet gives, and until that is finished the state may have either.
        """
        self.findings: list[Finding] = []
        self.notes: list[str] = []
        self._snapshot = snapshot
        self._begun = self._now = start
        self._following = following
        self._is_placed = False
        """Whether the state file names the end of a record that there is."""

    def follow(self, line: bytes, record: Record) -> None:
        """Go past a record that was verified, and what is kept of it."""
        self._now = after(self._now, line, record)
        self._compare()

    def is_torn(self) -> bool:
        """Tell whether what follows lies behind the end that the state file names."""
        state = self._snapshot.state
        return state is not None and self._is_placed and state.offset <= self._now.offset

    def check(self) -> None:
        """Compare what there is in all with what the state file says."""
        stored, now = self._snapshot.state, self._now
        size = self._snapshot.sizes[now.segment]
        if stored is None:
            what = "damaged" if self._snapshot.has_state else "missing"
            self._tampered(f"the state file is {what}")
        elif stored.vault_id != now.vault_id:
            self._tampered("the state file is that of another vault")
        elif (stored.segment, stored.offset) > (now.segment, size):
            where = f"behind record {now.number - 1}" if now.number else "before its first record"
            self.findings.append(Finding(Verdict.TRUNCATED, f"the journal was cut short {where}"))
        elif stored.segment < now.segment:
            if not self._is_just_begun(stored):
                self._tampered("the state file is older than the journal")
        elif not self._is_placed:
            self._tampered("the state file does not name the end of a record")
        elif stored.offset < size:
            self._check_tail(stored, size)

    def _compare(self) -> None:
        """Compare the state file with the journal where it says that the journal ends."""
        stored, now = self._snapshot.state, self._now
        if stored is None or (stored.segment, stored.offset) != (now.segment, now.offset):
            return
        self._is_placed = True
        has_new_key = stored.next_seed == self._following
        due = now._replace(
            next_seed=self._following if has_new_key else now.next_seed,
            boot_id=stored.boot_id,
            pending_offset=stored.pending_offset,
            pending_hash=stored.pending_hash,
        )
        if stored != due:
            self._tampered("the state file is not that of this journal")

    def _is_just_begun(self, stored: State) -> bool:
        """Tell whether the state is of the segment before: a crash began this one.

        After a loss of power it may be any number of records before the closing one.
        """
        found = self._closed(stored)
        if found is None:
            return False
        state, due, now = found.state, self._begun, self._now
        opened = begun(state.next_seed, state.segment + 1, state.head, due.vault_id, due.boot_id)
        is_newest = now.number == due.number or state.generation == now.generation
        if opened != due or now.number > due.number + 1 or not is_newest:
            return False
        self._note(found)
        return True

    def _closed(self, stored: State) -> Recovered | None:
        """Return what a crash left of the segment of *stored*, up to its closing record."""
        if stored.closed:
            return Recovered(stored, 0, b"") if stored.intent == NO_INTENT else None
        size = self._snapshot.sizes.get(stored.segment, 0)
        if not 0 <= size - stored.offset <= LONGEST_TAIL:
            return None
        try:
            tail = self._snapshot.read(stored.segment, stored.offset, size) if size else b""
            found = recover(stored, tail, self._snapshot.boot_id)
        except JournalDamagedError:
            return None
        is_whole = found.state.closed and not found.torn and found.state.intent == NO_INTENT
        return found if is_whole else None

    def _check_tail(self, stored: State, size: int) -> None:
        """See whether what stands behind the state's end can be a crash's."""
        if size - stored.offset > LONGEST_TAIL:
            self._tampered("there is more in the journal than a crash can leave")
            return
        tail = self._snapshot.read(stored.segment, stored.offset, size)
        try:
            found = recover(stored, tail, self._snapshot.boot_id)
        except JournalDamagedError as error:
            self._tampered(error.message)
            return
        self._note(found)

    def _note(self, found: Recovered) -> None:
        if found.records == 1:
            self.notes.append("1 record of a crash waits for the next command")
        elif found.records:
            self.notes.append(f"{found.records} records of a crash wait for the next command")
        if found.torn:
            self.notes.append(f"{len(found.torn)} bytes of a torn record wait for the next command")

    def _tampered(self, why: str) -> None:
        self.findings.append(Finding(Verdict.TAMPERED, why))
