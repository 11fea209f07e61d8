"""Verifying a journal: is it, record by record, what was written, and is its end there?

Nothing is changed. Closed segments are checked by the digest that the next one's first record
authenticates, the last segment record by record; *deep* checks every record of all of them, which
also finds what was forged within a segment before it was closed.
See: docs/audit.md
"""

from __future__ import annotations

from hashlib import sha256

from secretctl.audit import line as lines
from secretctl.audit import segments, statements
from secretctl.audit.line import Head
from secretctl.audit.ratchet import first_key, next_key, next_seed, seed_of
from secretctl.audit.recovery import SEGMENT_CLOSED, recover
from secretctl.audit.snapshot import Snapshot
from secretctl.audit.state import State
from secretctl.audit.verdict import Finding, Keys, Known, Report, Verdict
from secretctl.errors import JournalDamagedError, SecretctlError


def verify(snapshot: Snapshot, keys: Keys, known: list[Known], *, deep: bool = False) -> Report:
    """Verify the journal of *snapshot*.

    Args:
        snapshot: One moment of the journal.
        keys: Of its vault.
        known: Records that must be there: the vault's, this machine's, those of checkpoints.
        deep: Check every record.
    """
    walk = _Walk(snapshot, keys, known, deep=deep)
    try:
        walk.run()
    except SecretctlError as error:
        walk.find(Verdict.UNVERIFIABLE, error.message)
    except OSError as error:
        walk.find(Verdict.UNVERIFIABLE, f"the journal cannot be read: {error.strerror}")
    return walk.report()


class _Walk:
    """Goes through the segments in order."""

    def __init__(self, snapshot: Snapshot, keys: Keys, known: list[Known], *, deep: bool) -> None:
        self._snapshot = snapshot
        self._keys = keys
        self._deep = deep
        self._known = sorted(known)
        self._findings: list[Finding] = []
        self._notes: list[str] = []
        self._number = 0
        self._hash = lines.NO_HASH
        self._digest = ""
        """What the segment at hand must have as the digest of the one before."""

        self._is_broken = False

    def report(self) -> Report:
        """Return what was found."""
        return Report(
            self._number,
            len(self._snapshot.sizes),
            Head(self._number - 1, self._hash),
            tuple(self._findings),
            tuple(self._notes),
        )

    def find(self, verdict: Verdict, message: str) -> None:
        """Note something that is not as it must be."""
        self._findings.append(Finding(verdict, message))

    def run(self) -> None:
        """Go through everything."""
        numbers = sorted(self._snapshot.sizes)
        if not numbers:
            self.find(Verdict.TRUNCATED, "no segment is there")
            return
        self._begin_at(numbers[0])
        for before, number in zip([numbers[0] - 1, *numbers], numbers, strict=False):
            if number != before + 1:
                self.find(Verdict.TAMPERED, f"segment {segments.name_of(before + 1)} is missing")
                return
            self._segment(number, is_last=number == numbers[-1])
            if self._is_broken:
                return
        self._check_known_left()

    def _begin_at(self, first: int) -> None:
        """Begin behind what was pruned, if the first segment is not there any more."""
        if first == 1:
            return
        pruned = statements.pruned_before(self._snapshot, self._keys, first)
        if pruned is None:
            missing = segments.name_of(first - 1)
            self.find(Verdict.TAMPERED, f"segment {missing} is missing, and was not pruned")
            self._number, self._hash = self._first_of(first)
            return
        self._number, self._hash = pruned.number + 1, pruned.hash
        self._notes.append(f"records before number {self._number} were pruned")

    def _first_of(self, segment: int) -> Head:
        """Return number and predecessor that a segment's first record names."""
        line = next(self._snapshot.lines(segment), b"")
        fields = lines.fields_of(line)
        number, previous = fields.get("index"), fields.get("prev")
        if not isinstance(number, int) or not isinstance(previous, str):
            raise JournalDamagedError("the first record there is cannot be read")
        return Head(number, bytes.fromhex(previous))

    def _segment(self, segment: int, *, is_last: bool) -> None:
        size = self._snapshot.sizes[segment]
        wanted = [each for each in self._known if each.head.number >= self._number]
        if is_last or self._deep:
            self._each_record(segment, size, is_last=is_last)
            return
        start = self._number
        first, last = self._ends(segment, size)
        key = first_key(seed_of(self._keys.journal, self._keys.vault_id, segment))
        fault = lines.fault(first, self._number, self._hash, key)
        if fault:
            self._tampered(segment, self._number, fault)
            return
        self._check_digest(segment, first)
        closing = _closing_of(last)
        if closing is None:
            self._tampered(segment, self._number, "the segment does not end with its closing")
            return
        if any(start <= each.head.number <= closing.number for each in wanted):
            self._each_record(segment, size, is_last=False)
            return
        self._number, self._hash = closing.number + 1, closing.hash
        self._digest = self._digest_of(segment)

    def _each_record(self, segment: int, size: int, *, is_last: bool) -> None:
        seed = seed_of(self._keys.journal, self._keys.vault_id, segment)
        key, offset, line = first_key(seed), 0, b""
        for line in self._snapshot.lines(segment):
            if not line.endswith(b"\n"):
                break
            if is_last:
                self._check_state(segment, offset, key, seed)
            fault = lines.fault(line, self._number, self._hash, key, sha256)
            if fault:
                if not self._is_excused(segment, offset, size):
                    self._tampered(segment, self._number, fault)
                return
            if offset == 0:
                self._check_digest(segment, line)
            self._hash = lines.hash_of(line)
            self._check_known()
            self._number += 1
            offset += len(line)
            key = next_key(key)
        if is_last:
            self._check_state(segment, offset, key, seed)
            self._check_end(segment, offset, size)
            return
        if offset != size or _closing_of(line) is None:
            self._tampered(segment, self._number, "the segment does not end with its closing")
        self._digest = self._digest_of(segment)

    def _check_digest(self, segment: int, first: bytes) -> None:
        said = lines.fields_of(first).get("requestParameters")
        digest = said.get("sha256") if isinstance(said, dict) else None
        if self._digest and digest != self._digest:
            before = segments.name_of(segment - 1)
            self.find(Verdict.TAMPERED, f"{before} is not what it was when it was closed")
            self._is_broken = True

    def _check_state(self, segment: int, offset: int, key: bytes, seed: bytes) -> None:
        """Compare the state file with the journal where it says that the journal ends."""
        state = self._snapshot.state
        if state is None or (state.segment, state.offset) != (segment, offset):
            return
        due = (self._number, self._hash, key, next_seed(seed))
        if (state.number, state.hash, state.key, state.next_seed) != due:
            self.find(Verdict.TAMPERED, "the state file is not that of this journal")

    def _check_end(self, segment: int, offset: int, size: int) -> None:
        state = self._snapshot.state
        if state is None:
            what = "damaged" if self._snapshot.has_state else "missing"
            self.find(Verdict.TAMPERED, f"the state file is {what}")
        elif state.vault_id != self._keys.vault_id:
            self.find(Verdict.TAMPERED, "the state file is that of another vault")
        elif state.segment > segment or (state.segment == segment and state.offset > size):
            self.find(
                Verdict.TRUNCATED, f"the journal was cut short behind record {self._number - 1}"
            )
        elif state.segment < segment:
            if not (state.segment == segment - 1 and state.closed):
                self.find(Verdict.TAMPERED, "the state file is older than the journal")
        elif state.offset < size:
            self._check_tail(segment, state, size)
        elif offset != size:
            self._tampered(segment, self._number, "it is torn")

    def _check_tail(self, segment: int, state: State, size: int) -> None:
        """See whether what stands behind the state's end can be a crash's."""
        tail = self._snapshot.read(segment, state.offset, size)
        try:
            found = recover(state, tail, self._snapshot.boot_id)
        except JournalDamagedError as error:
            self.find(Verdict.TAMPERED, error.message)
            return
        if found.records:
            self._notes.append(f"{found.records} records of a crash wait for the next command")
        if found.torn:
            self._notes.append(
                f"{len(found.torn)} bytes of a torn record wait for the next command"
            )

    def _is_excused(self, segment: int, offset: int, size: int) -> bool:
        """Tell whether a record that does not verify is one that a crash tore."""
        state = self._snapshot.state
        if state is None or state.segment != segment or state.offset > offset:
            return False
        self._check_end(segment, offset, size)
        return True

    def _check_known(self) -> None:
        """Compare the record at hand with what others know of it."""
        while self._known and self._known[0].head.number <= self._number:
            known = self._known.pop(0)
            if known.head.number < self._number:
                why = f"record {known.head.number}, which {known.by} knows, was pruned"
                if known.may_be_pruned:
                    self._notes.append(why)
                else:
                    self.find(Verdict.UNVERIFIABLE, why)
            elif known.head.hash != self._hash:
                why = f"record {self._number} is not the one that {known.by} knows"
                self.find(Verdict.TAMPERED, why)

    def _check_known_left(self) -> None:
        for known in self._known:
            why = f"record {known.head.number}, which {known.by} knows, is not there"
            self.find(Verdict.TRUNCATED, why)

    def _tampered(self, segment: int, number: int, fault: str) -> None:
        self.find(Verdict.TAMPERED, f"record {number} in {segments.name_of(segment)}: {fault}")
        self._is_broken = True

    def _ends(self, segment: int, size: int) -> tuple[bytes, bytes]:
        """Return the first and the last record of a segment."""
        head = self._snapshot.read(segment, 0, min(size, lines.LARGEST_BYTES))
        tail = self._snapshot.read(segment, max(0, size - lines.LARGEST_BYTES), size)
        return head[: head.find(b"\n") + 1], tail[tail[:-1].rfind(b"\n") + 1 :]

    def _digest_of(self, segment: int) -> str:
        return segments.digest_of(self._snapshot.path(segment))


def _closing_of(line: bytes) -> Head | None:
    """Return the place of a segment's closing record, None if *line* is none."""
    try:
        fields = lines.fields_of(line)
        number = fields.get("index")
        if fields.get("eventName") != SEGMENT_CLOSED or not isinstance(number, int):
            return None
        return Head(number, lines.hash_of(line))
    except (ValueError, TypeError, RecursionError):
        return None
