"""What can be told of a journal without any key: its chain of hashes, and where its state ends.

That finds accidents and clumsy changes. Whoever makes the hashes anew goes unnoticed, so the best
that comes of it is *cannot be verified*.
"""

from __future__ import annotations

from hashlib import sha256

from secretctl.audit import line as lines
from secretctl.audit import segments
from secretctl.audit.line import Head
from secretctl.audit.recovery import recover
from secretctl.audit.snapshot import Snapshot
from secretctl.audit.verdict import NOWHERE, Finding, Known, Report, Verdict
from secretctl.audit.witnesses import Witnesses


def check(there: Snapshot, why: str, known: tuple[Known, ...] = ()) -> Report:
    """Go through the journal *there*, which cannot be verified because of *why*.

    Args:
        there: One moment of it.
        why: For want of which key.
        known: Records that must be there.

    Raises:
        OSError: It cannot be read.
    """
    witnesses = Witnesses(list(known))
    numbers = sorted(there.sizes)
    findings = [Finding(Verdict.UNVERIFIABLE, why)]
    end: Head | None = None
    for before, segment in zip([*numbers[:1], *numbers], numbers, strict=False):
        if segment > before + 1:
            missing = segments.name_of(before + 1)
            findings.append(Finding(Verdict.TAMPERED, f"segment {missing} is missing"))
            end = None
        end, fault = _followed(there, segment, end, witnesses)
        if fault:
            findings.append(Finding(Verdict.TAMPERED, fault))
            break
    if _is_cut_short(there):
        findings.append(Finding(Verdict.TRUNCATED, "the journal was cut short"))
    witnesses.finish()
    findings += witnesses.findings
    notes: tuple[str, ...] = ()
    if len(findings) == 1 and end is not None:
        notes = (
            f"the hashes chain up to record {end.number}; without a key of the vault that does not "
            "tell who wrote them",
        )
    found = end or NOWHERE
    return Report(found.number + 1, len(numbers), found, tuple(findings), notes)


def goes_on(there: Snapshot, known: tuple[Known, ...]) -> bool:
    """Tell whether nothing speaks against a journal, as far as no key is needed, nor is missing.

    Its hashes chain, what is *known* is there, and it ends where its state says, or with what a
    crash can have left behind that.

    Raises:
        JournalDamagedError: What stands at its end was not left by a crash.
        OSError: It cannot be read.
    """
    report, state = check(there, "", known), there.state
    if report.verdict != Verdict.UNVERIFIABLE or state is None:
        return False
    if state.segment != max(there.sizes):
        return False
    tail = there.read(state.segment, state.offset, there.sizes[state.segment])
    if tail or state.pending_offset:
        state = recover(state, tail, there.boot_id).state
    return state.head == report.end


def _followed(
    there: Snapshot, segment: int, end: Head | None, witnesses: Witnesses
) -> tuple[Head | None, str]:
    """Return the last record of a segment, and what is wrong with the one behind it."""
    for line in there.lines(segment):
        if not line.endswith(b"\n"):
            break  # torn, or being written
        before = end or lines.before(line)
        if before is None:
            return end, f"the first record of {segments.name_of(segment)} cannot be read"
        number = before.number + 1
        fault = lines.chain_fault(line, number, before.hash, sha256)
        if fault:
            return end, f"record {number} in {segments.name_of(segment)}: {fault}"
        end = Head(number, lines.hash_of(line))
        witnesses.compare(end)
    return end, ""


def _is_cut_short(there: Snapshot) -> bool:
    state = there.state
    last = max(there.sizes, default=0)
    end = last, there.sizes.get(last, 0)
    return state is not None and (state.segment, state.offset) > end
