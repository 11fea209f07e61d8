"""What a verification finds, in four verdicts that are kept apart."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from secretctl.audit.line import NO_HASH, Head
from secretctl.audit.ratchet import Former, seed_of
from secretctl.errors import NoJournalFileError, SecretctlError

NOWHERE = Head(-1, NO_HASH)
"""The end of a journal without records."""


class Verdict(IntEnum):
    """What was found; the number is the exit status."""

    INTACT = 0
    TAMPERED = 1
    TRUNCATED = 2
    UNVERIFIABLE = 3


class Known(NamedTuple):
    """A record that somebody vouches for."""

    head: Head
    by: str
    """Who: ``the vault``, ``this machine``, a checkpoint's file."""

    may_be_pruned: bool = False
    """Whether it is no fault that the record went with those that its owner pruned."""


class Finding(NamedTuple):
    """One thing that is not as it must be."""

    verdict: Verdict
    message: str


class Report(NamedTuple):
    """What a verification found."""

    records: int
    """How many were ever written: those that were pruned are counted as well."""

    segments: int
    end: Head
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    """What is no fault but worth knowing: crashes that were seen to, what was pruned."""

    @property
    def verdict(self) -> Verdict:
        """The gravest finding: tampered, then truncated, then unverifiable."""
        found = {finding.verdict for finding in self.findings}
        for verdict in (Verdict.TAMPERED, Verdict.TRUNCATED, Verdict.UNVERIFIABLE):
            if verdict in found:
                return verdict
        return Verdict.INTACT


class Keys(NamedTuple):
    """What the vault's owner has."""

    journal: bytes
    vault_id: bytes
    former: tuple[Former, ...] = ()
    """Journal keys that were replaced, oldest first."""

    def seed(self, segment: int) -> bytes:
        """Return the seed of a segment."""
        return seed_of(self.journal, self.vault_id, segment, self.former)

    def from_then(self, segment: int) -> list[bytes]:
        """Return the journal key of a segment, and those that came after it."""
        return [*(key for key, through in self.former if segment <= through), self.journal]


def found_by(error: SecretctlError) -> Finding:
    """Return what an error tells that ended a verification.

    What stands in the place of a file of the journal was put there: that is no lack of access.
    """
    is_other = isinstance(error, NoJournalFileError)
    return Finding(Verdict.TAMPERED if is_other else Verdict.UNVERIFIABLE, error.message)


def unverifiable(why: str) -> Report:
    """Return the report of a verification that could not even begin."""
    return Report(0, 0, NOWHERE, (Finding(Verdict.UNVERIFIABLE, why),), ())
