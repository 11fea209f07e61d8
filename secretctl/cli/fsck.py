"""``fsck``: check the vault whole, its journal, and the files of its policies."""

import shlex

import typer

from secretctl.cli import opening, places
from secretctl.cli.carried import carried
from secretctl.cli.options import Globals
from secretctl.cli.people import ProfileOption, VaultOption, chooser, counted
from secretctl.cli.terminal import safe
from secretctl.context import Context, tell
from secretctl.errors import (
    JournalDamagedError,
    PolicyFileError,
    SecretctlError,
    VaultDamagedError,
    VaultError,
)
from secretctl.service.proof import never_had_one, verified
from secretctl.vault import fsck_policies
from secretctl.vault.fsck import Report, check
from secretctl.vault.state import GO_ON
from secretctl.vault.vault import Vault
from secretctl.vault.vouching import told_gone

_APPLY = "secretctl policy apply"
_FSCK = "secretctl fsck"
_RESTORE = "secretctl restore FILE --replace puts a backup in its place"
_FORMER = (
    "secretctl: note: made by an older secretctl: the owner's next change vouches for the users, "
    "roles, policies, grants and keys that are there; look at them first\n"
)


def register(app: typer.Typer, context: Context, given: Globals) -> None:
    """Add the command to *app*."""
    choose = chooser(context, given)

    @app.command()
    def fsck(vault: VaultOption = "", profile: ProfileOption = "") -> None:
        """Check every record and relation of the vault, its digest, journal and policies."""
        chosen = choose(vault, profile)
        try:
            opened = opening.open_chosen(chosen, context, "fsck")
        except VaultDamagedError as error:
            error.hints = (*(hint for hint in error.hints if hint != _FSCK), _RESTORE)
            raise
        try:
            report = check(opened, context.now_ms())
            journal = _journal_problems(opened, context)
            policies = list(fsck_policies.problems(opened))
        finally:
            opened.close()
        for problem in (*report.problems, *journal):
            context.stdout.write(f"damage: {safe(problem)}\n")
        for each in policies:
            context.stdout.write(f"policy: {safe(each.message)}\n")
        _judge(report, journal, policies, opened.directory)
        context.stdout.write(
            f"sound: {counted(report.secrets, 'secret')}, {counted(report.versions, 'version')}, "
            f"generation {report.generation}\n"
        )
        if report.is_former:
            tell(context, _FORMER)
        if report.gone:
            listed = carried("secretctl vouching list", context)
            tell(context, f"secretctl: note: {told_gone(report.gone)}: {listed}\n")


def _judge(report: Report, journal: list[str], policies: list[VaultError], directory: str) -> None:
    """Raise an error for the gravest of what was found, if anything was."""
    found = f"{counted(len(report.problems) + len(journal), 'problem')} found"
    if report.problems:
        vouching = f"secretctl vouching {{}} --vault {shlex.quote(directory)}"
        hints = [vouching.format("list")] if report.is_droppable else []
        if report.is_miscounted:
            hints = [vouching.format("recount")]
        hints = [*hints, *report.hints] or [_RESTORE]
        raise VaultDamagedError(f"the vault is damaged: {found}", *hints)
    if journal:
        raise JournalDamagedError(
            f"the vault itself is sound, its journal does not verify: {found}",
            "secretctl audit verify --deep",
            GO_ON,
        )
    if policies:
        hints = [hint for error in policies for hint in error.hints]
        others = [hint for hint in hints if not hint.startswith(_APPLY)]
        raise PolicyFileError(
            f"the vault itself is sound, its policies are not: {counted(len(policies), 'problem')} "
            "found",
            *dict.fromkeys(others),
            f"{_APPLY}, which shows what differs and asks before it changes anything",
        )


def _journal_problems(opened: Vault, context: Context) -> list[str]:
    """Return what is wrong with the journal of a vault; one that never had any is sound."""
    trust = places.trust_file(context.environ, opened.keys.vault_id.hex())
    if never_had_one(opened, trust):
        return []
    try:
        findings = verified(opened, trust, [], deep=False).findings
    except SecretctlError as error:
        return [f"the journal: {error.message}"]
    return [f"the journal: {finding.message}" for finding in findings]
