"""Verifying the journal of a vault against all that vouches for it; nothing is changed."""

from __future__ import annotations

import os

from secretctl.audit import chain, segments
from secretctl.audit.line import Head
from secretctl.audit.snapshot import Snapshot
from secretctl.audit.trust import Anchor, Trust
from secretctl.audit.verdict import (
    NOWHERE,
    Finding,
    Keys,
    Known,
    Report,
    Verdict,
    found_by,
    unverifiable,
)
from secretctl.audit.verify import verify
from secretctl.errors import JournalDamagedError, NoJournalFileError, SecretctlError
from secretctl.record import TYPE_CHECKING
from secretctl.service.agreement import OTHER_KEYS, VOUCHED, digest_of

if TYPE_CHECKING:
    from secretctl.vault.vault import Vault

_IS = {
    Verdict.TAMPERED: "was tampered with",
    Verdict.TRUNCATED: "was cut short",
    Verdict.UNVERIFIABLE: "cannot be verified",
}


def keys_of(vault: Vault) -> Keys:
    """Return what verifies the journal of an open vault."""
    return Keys(vault.keys.journal_root, vault.keys.vault_id, vault.keys.access.former)


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
    if never_had_one(vault, trust_file):
        return unverifiable("the vault has no journal yet; the next command begins it")
    keys = keys_of(vault)
    known = [*checkpoints, *_known(vault)]
    seen, findings, notes = _seen(vault, trust_file)
    if seen is not None and seen.head.number >= 0:
        known.append(Known(seen.head, "this machine", may_be_pruned=True))
    directory = _directory(vault)
    if not os.path.lexists(directory):
        return _missing(known)
    there = Snapshot(directory)
    report = verify(there, keys, known, deep=deep)
    newest = max(there.state.generation if there.state else 0, seen.generation if seen else 0)
    state = vault.state()  # others may have changed it since
    if state.generation < newest:
        older = f"the vault is an older copy: generation {state.generation}, {newest} was seen"
        findings.append(Finding(Verdict.TAMPERED, older))
    if seen is not None and state.vouched < seen.vouched:
        findings.append(Finding(Verdict.TAMPERED, f"{VOUCHED} is older than it was seen"))
    return report._replace(findings=(*report.findings, *findings), notes=(*report.notes, *notes))


def intact_end(vault: Vault) -> Head:
    """Return the last record of a journal that is intact in depth.

    Raises:
        JournalDamagedError: It is not.
    """
    report = verified(vault, "", [], deep=True)
    if report.verdict != Verdict.INTACT:
        raise JournalDamagedError(
            f"the journal {_IS[report.verdict]}: {report.findings[0].message}",
            "secretctl audit verify --deep",
        )
    return report.end


def never_had_one(vault: Vault, trust_file: str) -> bool:
    """Tell whether a vault is without a journal and nobody knows of one."""
    if os.path.lexists(_directory(vault)) or _known(vault):
        return False
    seen, findings, _ = _seen(vault, trust_file)
    return seen is None and not findings


def without_keys(directory: str, why: str) -> Report:
    """Return what can be told of the journal of a vault that cannot be opened because of *why*."""
    report = unverifiable(why)
    try:
        return chain.check(Snapshot(os.path.join(directory, segments.DIRECTORY)), why)
    except NoJournalFileError as error:
        return report._replace(findings=(*report.findings, found_by(error)))
    except (SecretctlError, OSError):
        return report


def _directory(vault: Vault) -> str:
    return os.path.join(vault.directory, segments.DIRECTORY)


def _known(vault: Vault) -> list[Known]:
    """Return the record that the vault vouches for, if there is one."""
    state = vault.state()
    if state.journal_number < 0:
        return []
    head = Head(state.journal_number, bytes.fromhex(state.journal_hash))
    return [Known(head, "the vault", may_be_pruned=True)]


def _seen(vault: Vault, trust_file: str) -> tuple[Anchor | None, list[Finding], list[str]]:
    """Return what this machine has seen, None if it knows nothing, what is wrong, and notes."""
    if not trust_file:
        return None, [], []
    keys = vault.keys.journal
    trust = Trust(trust_file, keys.trust, vault.keys.vault_id, keys.former_trust)
    try:
        trust.read()
        state = vault.state()
        seen = trust.seen_of(state.generation, digest_of(state))
    finally:
        trust.close()
    findings = [Finding(Verdict.TAMPERED, OTHER_KEYS)] if trust.is_of_other_keys else []
    if not trust.is_unusable:
        return seen, findings, []
    because = f": {trust.why}" if trust.why else ""
    return seen, findings, [f"what this machine has seen of the vault cannot be read{because}"]


def _missing(known: list[Known]) -> Report:
    """Return the report on a journal that is not there, of which somebody knows."""
    who = list(dict.fromkeys(each.by for each in known)) or ["this machine"]
    knows = f"{' and '.join(who)} {'knows' if len(who) == 1 else 'know'}"
    finding = Finding(Verdict.TRUNCATED, f"the journal is missing, which {knows}")
    return Report(0, 0, NOWHERE, (finding,), ())
