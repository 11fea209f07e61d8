"""What can be told of a journal without any key: its chain of hashes, and where its state ends.

That finds accidents and clumsy changes. Whoever makes the hashes anew goes unnoticed, so the best
that comes of it is *cannot be verified*.
"""

from __future__ import annotations

from hashlib import sha256

from secretctl.audit import line as lines
from secretctl.audit import segments
from secretctl.audit.line import Head
from secretctl.audit.snapshot import Snapshot
from secretctl.audit.verdict import NOWHERE, Finding, Report, Verdict


def check(there: Snapshot, why: str) -> Report:
    """Go through the journal *there*, which cannot be verified because of *why*.

    Raises:
        OSError: It cannot be read.
    """
    numbers = sorted(there.sizes)
    findings = [Finding(Verdict.UNVERIFIABLE, why)]
    end: Head | None = None
    for before, segment in zip([*numbers[:1], *numbers], numbers, strict=False):
        if segment > before + 1:
            missing = segments.name_of(before + 1)
            findings.append(Finding(Verdict.TAMPERED, f"segment {missing} is missing"))
            end = None
        end, fault = _followed(there, segment, end)
        if fault:
            findings.append(Finding(Verdict.TAMPERED, fault))
            break
    if _is_cut_short(there):
        findings.append(Finding(Verdict.TRUNCATED, "the journal was cut short"))
    notes: tuple[str, ...] = ()
    if len(findings) == 1 and end is not None:
        notes = (
            f"the hashes chain up to record {end.number}; without a key of the vault that does not "
            "tell who wrote them",
        )
    found = end or NOWHERE
    return Report(found.number + 1, len(numbers), found, tuple(findings), notes)


def _followed(there: Snapshot, segment: int, end: Head | None) -> tuple[Head | None, str]:
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
    return end, ""


def _is_cut_short(there: Snapshot) -> bool:
    state = there.state
    last = max(there.sizes, default=0)
    end = last, there.sizes.get(last, 0)
    return state is not None and (state.segment, state.offset) > end
