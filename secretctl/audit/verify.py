"""Verifying a journal: is it, record by record, what was written, and is its end there?

Nothing is changed. Closed segments are checked by the digest that the next one's first record
authenticates, the last segment record by record; *deep* checks every record of all of them, which
also finds what was forged within a segment before it was closed.
See: docs/audit.md
"""

from __future__ import annotations

from hashlib import sha256

from secretctl.audit import closed_segment, segments, statements
from secretctl.audit import line as lines
from secretctl.audit.journal_end import Ending
from secretctl.audit.line import Head, Record
from secretctl.audit.ratchet import first_key, next_key
from secretctl.audit.recovery import begun
from secretctl.audit.snapshot import Snapshot
from secretctl.audit.statements import Pruned
from secretctl.audit.verdict import Finding, Keys, Known, Report, Verdict, found_by
from secretctl.audit.witnesses import Witnesses
from secretctl.errors import JournalDamagedError, SecretctlError, SegmentGoneError

_OUTCOME = b'"phase":"outcome"'
_MARK = b'"eventName":"Segment'
_OPENED = b'"eventName":"SegmentOpened"'
_CLOSED = b'"eventName":"SegmentClosed"'


def verify(snapshot: Snapshot, keys: Keys, known: list[Known], *, deep: bool = False) -> Report:
    """Verify the journal of *snapshot*, or of a later moment where segments were pruned meanwhile.

    Args:
        snapshot: One moment of the journal.
        keys: Of its vault.
        known: Records that must be there: the vault's, this machine's, those of checkpoints.
        deep: Check every record.
    """
    walk = _Walk(snapshot, keys, known, deep=deep)
    try:
        try:
            walk.run()
        except SegmentGoneError:
            if (later := snapshot.later()) is None:
                raise
            return verify(later, keys, known, deep=deep)
    except SecretctlError as error:
        walk.find(*found_by(error))
    except OSError as error:
        walk.find(Verdict.UNVERIFIABLE, f"the journal cannot be read: {error.strerror}")
    return walk.report()


class _Walk:
    """Goes through the segments in order."""

    def __init__(self, snapshot: Snapshot, keys: Keys, known: list[Known], *, deep: bool) -> None:
        self._snapshot = snapshot
        self._sizes = dict(snapshot.sizes)
        self._keys = keys
        self._deep = deep
        self._witnesses = Witnesses(known)
        self._findings: list[Finding] = []
        self._notes: list[str] = []
        self._number = 0
        self._hash = lines.NO_HASH
        self._digest = ""
        """What the segment at hand must have as the digest of the one before."""

        self._is_closed = False
        """Whether the segment at hand has its closing record."""

        self._generation: int | None = None
        """The vault's, after the newest change so far; None where that was not looked at."""

        self._more = False
        """Whether changes that were committed with the newest one are still to come."""

        self._is_broken = False
        self._passed: Head | None = None
        """The record before the segment that went before, where that was checked as a whole."""

    def report(self) -> Report:
        """Return what was found."""
        return Report(
            self._number,
            len(self._sizes),
            Head(self._number - 1, self._hash),
            (*self._findings, *self._witnesses.findings),
            (*self._notes, *self._witnesses.notes),
        )

    def find(self, verdict: Verdict, message: str) -> None:
        """Note something that is not as it must be."""
        self._findings.append(Finding(verdict, message))

    def run(self) -> None:
        """Go through everything."""
        if not self._sizes:
            self.find(Verdict.TRUNCATED, "no segment is there")
            return
        self._begin()
        if not self._sizes:
            return
        numbers = sorted(self._sizes)
        for before, number in zip([numbers[0] - 1, *numbers], numbers, strict=False):
            if number != before + 1:
                self.find(Verdict.TAMPERED, f"segment {segments.name_of(before + 1)} is missing")
                return
            self._segment(number, is_last=number == numbers[-1])
            if self._is_broken:
                return
        self._witnesses.finish()

    def _begin(self) -> None:
        """Begin behind what was pruned, if the segments before are not there any more."""
        pruned = statements.pruned(self._snapshot, self._keys)
        if pruned is not None:
            self._leave_out(pruned)
        first = min(self._sizes, default=0)
        if pruned is not None and not first:
            missing = segments.name_of(pruned.through + 1)
            self.find(Verdict.TAMPERED, f"segment {missing} is missing")
        elif pruned is not None and first == pruned.through + 1:
            self._number, self._hash = pruned.head.number + 1, pruned.head.hash
            self._witnesses.add(Known(pruned.said_behind, "the pruning"))
            self._notes.append(f"records before number {self._number} were pruned")
        elif first != 1:
            missing = segments.name_of(first - 1)
            self.find(Verdict.TAMPERED, f"segment {missing} is missing, and was not pruned")
            self._number, self._hash = self._first_of(first)

    def _leave_out(self, pruned: Pruned) -> None:
        """Leave out what was pruned and is still there: its removal was interrupted."""
        for segment in sorted(self._sizes):
            name = segments.name_of(segment)
            if segment > pruned.through:
                break
            if self._digest_of(segment) == pruned.digests.get(name):
                self._notes.append(f"{name} was pruned; the next audit prune removes it")
            else:
                self.find(Verdict.TAMPERED, f"{name} is there again, though it was pruned")
            del self._sizes[segment]

    def _first_of(self, segment: int) -> Head:
        """Return number and predecessor that a segment's first record names."""
        before = lines.before(next(self._snapshot.lines(segment), b""))
        if before is None:
            raise JournalDamagedError("the first record there is cannot be read")
        return Head(before.number + 1, before.hash)

    def _segment(self, segment: int, *, is_last: bool) -> None:
        if self._deep:
            self._each_record(segment, is_last=is_last)
            return
        first, last = closed_segment.ends(self._snapshot, segment)
        follows = self._follows(segment, first)
        if not follows and self._passed is not None:
            self._look_closer(segment - 1, self._passed)
            if self._is_broken:
                return
        self._passed = None
        closing = closed_segment.closing_of(last)
        if is_last or not follows or closing is None:
            self._each_record(segment, is_last=is_last)
        elif self._witnesses.know_any(self._number, closing.number):
            self._each_record(segment, is_last=False)
        else:
            self._passed = Head(self._number - 1, self._hash)
            self._number, self._hash = closing.number + 1, closing.hash
            self._generation = None
            self._digest = self._digest_of(segment)

    def _follows(self, segment: int, first: bytes) -> bool:
        """Tell whether *first* is the first record of a segment, and fits the segment before."""
        key = first_key(self._keys.seed(segment))
        fault = lines.fault(first, self._number, self._hash, key)
        return not fault and self._digest in ("", closed_segment.digest_in(first))

    def _look_closer(self, segment: int, before: Head) -> None:
        """Find out which record of a segment is to blame for what comes behind it, if one is."""
        self._number, self._hash = before.number + 1, before.hash
        self._digest, self._generation = "", None
        self._each_record(segment, is_last=False)

    def _each_record(self, segment: int, *, is_last: bool) -> None:
        seed, following = self._keys.seed(segment), self._keys.seed(segment + 1)
        before = Head(self._number - 1, self._hash)
        start = begun(seed, segment, before, self._keys.vault_id, self._snapshot.boot_id)
        ending = Ending(self._snapshot, start, following) if is_last else None
        key, offset, line = start.key, 0, b""
        self._is_closed = False
        for line in self._snapshot.lines(segment):
            if not line.endswith(b"\n"):
                break
            fault = self._record(segment, line, key, ending, is_first=offset == 0)
            if fault:
                if ending is None or not ending.is_torn():
                    self._tampered(segment, fault)
                    return
                break
            offset += len(line)
            key = next_key(key)
        if ending is None:
            if offset != self._sizes[segment] or closed_segment.closing_of(line) is None:
                self._tampered(segment, "the segment does not end with its closing")
            self._digest = self._digest_of(segment)
            return
        ending.check()
        self._findings += ending.findings
        self._notes += ending.notes

    def _record(
        self, segment: int, line: bytes, key: bytes, ending: Ending | None, *, is_first: bool
    ) -> str:
        """Go past a record; return what is wrong with it."""
        fault = lines.fault(line, self._number, self._hash, key, sha256)
        if fault:
            return fault
        is_mark = _MARK in line
        if is_first != (is_mark and _OPENED in line) or self._is_closed:
            return "it stands where no such record can"
        self._is_closed = is_mark and _CLOSED in line
        try:
            if is_first:
                self._check_digest(segment, line)
            if ending is not None or is_first or _OUTCOME in line:
                made = lines.record_of(line)
                self._check_generation(made, is_first=is_first)
                if ending is not None:
                    ending.follow(line, made)
        except (ValueError, TypeError, RecursionError):
            return "it is no record"
        self._hash = lines.hash_of(line)
        if self._number >= self._witnesses.next_number:
            self._witnesses.compare(Head(self._number, self._hash))
        self._number += 1
        return ""

    def _check_digest(self, segment: int, first: bytes) -> None:
        if self._digest not in ("", closed_segment.digest_in(first)):
            before = segments.name_of(segment - 1)
            self.find(Verdict.TAMPERED, f"{before} is not what it was when it was closed")
            self._is_broken = True

    def _check_generation(self, made: Record, *, is_first: bool) -> None:
        """See that the vault only ever went on: each change has a generation of its own."""
        newest = self._generation
        if made.generation is None or not (is_first or made.phase == "outcome"):
            return
        if is_first and newest is not None and made.generation != newest:
            why = f"record {self._number} names generation {made.generation}, not {newest}"
            self.find(Verdict.TAMPERED, why)
        elif not is_first and newest is not None and made.generation < newest + (not self._more):
            why = f"the change of record {self._number} was made to an older copy of the vault"
            self.find(Verdict.TAMPERED, f"{why}: generation {made.generation}")
        self._generation, self._more = made.generation, made.more

    def _tampered(self, segment: int, fault: str) -> None:
        name = segments.name_of(segment)
        self.find(Verdict.TAMPERED, f"record {self._number} in {name}: {fault}")
        self._is_broken = True

    def _digest_of(self, segment: int) -> str:
        return self._snapshot.digest(segment)
