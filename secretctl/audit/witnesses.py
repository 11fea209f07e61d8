"""Who else knows what the journal holds: the vault, this machine, checkpoints kept elsewhere."""

from __future__ import annotations

from secretctl.audit.line import Head
from secretctl.audit.verdict import Finding, Known, Verdict

_NEVER = 1 << 64


class Witnesses:
    """Compares records with what others know of them, in the order of the journal."""

    def __init__(self, known: list[Known]) -> None:
        self.findings: list[Finding] = []
        self.notes: list[str] = []
        self._left = sorted(known)

    @property
    def next_number(self) -> int:
        """Number of the next record that somebody knows."""
        return self._left[0].head.number if self._left else _NEVER

    def add(self, known: Known) -> None:
        """Have one more record compared, which is still to come."""
        self._left = sorted([*self._left, known])

    def know_any(self, first: int, last: int) -> bool:
        """Tell whether one of the records with these numbers is to be compared."""
        return any(first <= each.head.number <= last for each in self._left)

    def compare(self, at_hand: Head) -> None:
        """Compare the record at hand with what others know of it."""
        while self._left and self._left[0].head.number <= at_hand.number:
            known = self._left.pop(0)
            if known.head.number < at_hand.number:
                why = f"record {known.head.number}, which {known.by} knows, was pruned"
                if known.may_be_pruned:
                    self.notes.append(why)
                else:
                    self.findings.append(Finding(Verdict.UNVERIFIABLE, why))
            elif known.head.hash != at_hand.hash:
                why = f"record {at_hand.number} is not the one that {known.by} knows"
                self.findings.append(Finding(Verdict.TAMPERED, why))

    def finish(self) -> None:
        """Note what others know and the journal does not hold: it ended before."""
        for known in self._left:
            why = f"record {known.head.number}, which {known.by} knows, is not there"
            self.findings.append(Finding(Verdict.TRUNCATED, why))
