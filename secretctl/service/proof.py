"""Verifying the journal of a vault against all that vouches for it; nothing is changed."""

from __future__ import annotations

import os

from secretctl.audit import segments
from secretctl.audit.line import Head
from secretctl.audit.snapshot import Snapshot
from secretctl.audit.trust import Trust
from secretctl.audit.verdict import Finding, Keys, Known, Report, Verdict
from secretctl.audit.verify import verify
from secretctl.record import TYPE_CHECKING

if TYPE_CHECKING:
    from secretctl.vault.vault import Vault


def keys_of(vault: Vault) -> Keys:
    """Return what verifies the journal of an open vault."""
    return Keys(vault.keys.access.journal, vault.keys.vault_id)


def verified(vault: Vault, trust_file: str, checkpoints: list[Known], *, deep: bool) -> Report:
    """Verify the journal of an open vault.

    Args:
        vault: Its owner's, open.
        trust_file: What this machine has seen; empty for nothing.
        checkpoints: Records that were signed earlier.
        deep: Check every record.

    Raises:
        JournalUnavailableError: It cannot be read.
    """
    keys = keys_of(vault)
    state = vault.state()
    known = list(checkpoints)
    if state.journal_number >= 0:
        head = Head(state.journal_number, bytes.fromhex(state.journal_hash))
        known.append(Known(head, "the vault", may_be_pruned=True))
    seen = Trust(trust_file, keys.journal, keys.vault_id).read() if trust_file else None
    if seen is not None and seen.head.number >= 0:
        known.append(Known(seen.head, "this machine", may_be_pruned=True))
    there = Snapshot(os.path.join(vault.directory, segments.DIRECTORY))
    report = verify(there, keys, known, deep=deep)
    newest = max(there.state.generation if there.state else 0, seen.generation if seen else 0)
    generation = vault.state().generation  # others may have changed it since
    if generation < newest:
        older = f"the vault is an older copy: generation {generation}, {newest} was seen"
        return report._replace(findings=(*report.findings, Finding(Verdict.TAMPERED, older)))
    return report
