"""``audit verify``, ``checkpoint`` and ``prune``: proving the journal, and what may go of it."""

from io import TextIOWrapper
from typing import Annotated

import typer

from secretctl.audit import checkpoint as checkpoints
from secretctl.audit.event import Event
from secretctl.audit.records import own
from secretctl.audit.statements import PRUNED
from secretctl.audit.verdict import NOWHERE, Finding, Keys, Known, Report, Verdict, found_by
from secretctl.cli import opening, outfile, places
from secretctl.cli.api import open_session
from secretctl.cli.output import deliver
from secretctl.cli.people import Choose, OutOption, ProfileOption, VaultOption
from secretctl.cli.terminal import safe
from secretctl.context import Context
from secretctl.errors import JournalDamagedError, OwnerOnlyError, SecretctlError, UsageError
from secretctl.model import timestamps
from secretctl.service import owner, pruning
from secretctl.service.acts import OWNERS_ALONE
from secretctl.service.failures import failing
from secretctl.service.proof import intact_end, keys_of, verified, without_keys
from secretctl.service.session import Session
from secretctl.store.inputs import open_input
from secretctl.vault.vault import Vault

_NOT_PRUNED = "Nothing was pruned, or not all of what was to be."
_NOT_SIGNED = "No checkpoint was given out."
_SAID = {
    Verdict.INTACT: "intact",
    Verdict.TAMPERED: "tampered",
    Verdict.TRUNCATED: "truncated",
    Verdict.UNVERIFIABLE: "cannot be verified",
}


def register(group: typer.Typer, context: Context, choose: Choose) -> None:
    """Add the commands to the group ``audit``."""
    _register_verify(group, context, choose)
    _register_checkpoint(group, context, choose)
    _register_prune(group, context, choose)


def _register_verify(group: typer.Typer, context: Context, choose: Choose) -> None:
    @group.command()
    def verify(
        checkpoint: Annotated[
            list[str] | None, typer.Option(help="File of checkpoints; may be given again.")
        ] = None,
        deep: Annotated[
            bool, typer.Option("--deep", help="Check every record, not closed segments whole.")
        ] = False,
        vault: VaultOption = "",
        profile: ProfileOption = "",
    ) -> None:
        """Tell whether the journal is what was written; changes nothing of it.

        Exit status: 0 intact, 1 tampered, 2 truncated, 3 cannot be verified.
        """
        chosen = choose(vault, profile)
        try:
            opened = opening.open_chosen(chosen, context, "audit-verify", is_recorded=False)
            try:
                report = _report(opened, checkpoint or [], context, deep=deep)
            finally:
                opened.close()
        except SecretctlError as error:
            is_owners = isinstance(error, OwnerOnlyError)
            report = without_keys(chosen.vault, OWNERS_ALONE if is_owners else error.message)
        _write(report, context)
        raise typer.Exit(int(report.verdict))


def _register_checkpoint(group: typer.Typer, context: Context, choose: Choose) -> None:
    @group.command()
    def checkpoint(
        out: OutOption = "",
        key: Annotated[
            bool, typer.Option("--key", help="Print the public key that verifies checkpoints.")
        ] = False,
        vault: VaultOption = "",
        profile: ProfileOption = "",
    ) -> None:
        """Sign the journal's head, to be kept where this machine cannot reach it."""
        chosen = choose(vault, profile)
        if outfile.is_file(out):
            outfile.refuse_ours(out, places.ours(chosen.vault, context.environ))
        session = open_session(chosen, context, "audit-checkpoint")
        try:
            owner.refuse_recorded(session, _signing(session))
            if key:
                public = checkpoints.verifier_key(keys_of(session.vault))
                _hand_out(f"{public}\n", out, session, context)
            else:
                _sign(session, out, context)
        finally:
            session.close()


def _register_prune(group: typer.Typer, context: Context, choose: Choose) -> None:
    @group.command()
    def prune(
        before: Annotated[str, typer.Option(help="A time, or a span such as 400d.")],
        vault: VaultOption = "",
        profile: ProfileOption = "",
    ) -> None:
        """Remove closed segments that are older; what went stays on record for ever."""
        try:
            before_ms = timestamps.since(before, context.now_ms())
        except ValueError:
            raise UsageError("argument --before: no time", "--before 2025-01-01") from None
        session = open_session(choose(vault, profile), context, "audit-prune")
        try:
            event = own(PRUNED, session.region, {})
            with failing(session.recorder, lambda: event, _NOT_PRUNED):
                owner.refuse_principals(session, event.name)
                _prune(session, before_ms, context)
        finally:
            session.close()


def _report(opened: Vault, files: list[str], context: Context, *, deep: bool) -> Report:
    keys, known, bad = keys_of(opened), [], []
    trust = places.trust_file(context.environ, opened.keys.vault_id.hex())
    for path in files:
        try:
            known += _known(path, keys)
        except JournalDamagedError as error:
            bad.append(Finding(Verdict.UNVERIFIABLE, error.message))
    try:
        report = verified(opened, trust, known, deep=deep)
    except SecretctlError as error:
        report = Report(0, 0, NOWHERE, (found_by(error),), ())
    return report._replace(findings=(*report.findings, *bad))


def _known(path: str, keys: Keys) -> list[Known]:
    name = f"the checkpoint '{path}'"
    try:
        with TextIOWrapper(open_input(path), "utf-8-sig") as file:
            text = file.read(checkpoints.LARGEST_FILE + 1)
        return [Known(head, name) for head in checkpoints.read_all(text, keys)]
    except OSError as error:
        raise JournalDamagedError(f"{name} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise JournalDamagedError(f"{name}: it is no checkpoint") from None
    except JournalDamagedError as error:
        raise JournalDamagedError(f"{name}: {error.message}") from None


def _write(report: Report, context: Context) -> None:
    if report.verdict == Verdict.INTACT:
        context.stdout.write(
            f"intact: {report.records} records in {report.segments} "
            f"segment{'' if report.segments == 1 else 's'}; the last is number "
            f"{report.end.number}, {report.end.hash.hex()[:16]}\n"
        )
    for finding in report.findings:
        context.stdout.write(f"{_SAID[finding.verdict]}: {safe(finding.message)}\n")
    for note in report.notes:
        context.stdout.write(f"note: {safe(note)}\n")


def _sign(session: Session, out: str, context: Context) -> None:
    event = _signing(session)
    with failing(session.recorder, lambda: event, _NOT_SIGNED):
        keys = keys_of(session.vault)
        intact_end(session.vault)
        head = session.recorder.write([event])
        _hand_out(checkpoints.note(head, keys), out, session, context)


def _signing(session: Session) -> Event:
    return own("SignCheckpoint", session.region, {}, read_only=True)


def _hand_out(text: str, out: str, session: Session, context: Context) -> None:
    if outfile.is_file(out):
        ours = places.ours(session.vault.directory, context.environ)
        outfile.write(out, iter([text]), ours)
    else:
        deliver(text, context)


def _prune(session: Session, before_ms: int, context: Context) -> None:
    is_done = False
    for removed in pruning.prune(session, before_ms):
        names = ", ".join(removed.names)
        if removed.through < 0:
            context.stdout.write(f"removed what an interrupted pruning left: {names}\n")
        else:
            context.stdout.write(f"pruned through record {removed.through}: {names}\n")
        is_done = True
    if not is_done:
        context.stdout.write("nothing to prune: no closed segment is older\n")
