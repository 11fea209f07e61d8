"""``backup``, ``restore`` and ``accept-restore``: a copy elsewhere, and going on from it."""

from typing import Annotated

import typer

from secretctl.audit.records import own
from secretctl.cli import opening, outfile, places
from secretctl.cli.api import open_session, recording_for
from secretctl.cli.carried import carried
from secretctl.cli.config import Settings
from secretctl.cli.options import Globals
from secretctl.cli.people import Choose, ProfileOption, VaultOption, chooser, counted
from secretctl.cli.terminal import safe
from secretctl.context import Context, tell
from secretctl.errors import (
    JournalDamagedError,
    OwnerOnlyError,
    SecretctlError,
    ServiceError,
    StoreError,
    UsageError,
)
from secretctl.model.shapes import Fields
from secretctl.service import backup as backups
from secretctl.service import owner
from secretctl.service.older_copy import accept_restore
from secretctl.service.opening import Recording
from secretctl.service.restore import Place
from secretctl.service.restore import restore as put_back
from secretctl.vault.header import decode

_OLDER_SLOTS = (
    "secretctl: warning: the vault's state named another header: unlock slots may be older ones\n"
    "secretctl: hint: secretctl unlock-slot list\n"
)


def register(app: typer.Typer, context: Context, given: Globals) -> None:
    """Add the commands to *app*."""
    choose = chooser(context, given)
    _register_backup(app, context, choose)
    _register_restore(app, context, choose)
    _register_accept_restore(app, context, choose)


def _register_backup(app: typer.Typer, context: Context, choose: Choose) -> None:
    @app.command()
    def backup(
        file: Annotated[str, typer.Argument(help="File to write; it must not be there.")],
        vault: VaultOption = "",
        profile: ProfileOption = "",
    ) -> None:
        """Write vault, policies and journal to one encrypted file, and verify it.

        It is opened by what opens the vault: keep the key file, or the passphrase, elsewhere too.
        """
        chosen = choose(vault, profile)
        if file in ("", outfile.STDOUT):
            raise UsageError(
                "argument FILE: a backup is a file, which is verified where it lies",
                "name one; a file called - is ./-",
            )
        outfile.refuse_ours(file, places.ours(chosen.vault, context.environ))
        session = open_session(chosen, context, "backup")
        try:
            made = backups.back_up(session, file)
        except StoreError:  # which is on record by now, as is a caller who may not make one
            outfile.refuse_nowhere(file)
            raise
        finally:
            session.close()
        context.stdout.write(
            f"backed up to {safe(file)}: generation {made.generation}, "
            f"{counted(made.secrets, 'secret')}, {counted(made.versions, 'value')}, "
            f"{counted(made.records, 'record')} of the journal\n"
        )
        if made.left_out:
            tell(
                context,
                "secretctl: warning: left out, for no policy can be named so: "
                f"{', '.join(safe(name) for name in made.left_out)}\n",
            )
        if made.findings:
            raise JournalDamagedError(
                "the journal was backed up as it is, and does not verify: "
                f"{made.findings[0].message}",
                "secretctl audit verify --deep",
                "secretctl accept-restore, to go on with what verifies, and another backup",
            )


def _register_restore(app: typer.Typer, context: Context, choose: Choose) -> None:
    @app.command()
    def restore(
        file: Annotated[str, typer.Argument(help="File that backup wrote.")],
        replace: Annotated[
            bool, typer.Option("--replace", help="Move a vault that is there aside.")
        ] = False,
        vault: VaultOption = "",
        profile: ProfileOption = "",
    ) -> None:
        """Put a backup back, verified whole before it gets its place."""
        chosen = choose(vault, profile)
        outfile.refuse_nested(chosen.vault)
        _refuse_principals(chosen, context, "restore", "RestoreBackup")

        def unlock(header: bytes) -> tuple[bytes, Recording]:
            found = decode(header)
            recording = recording_for(chosen, context, found.vault_id, "restore")
            key, _ = opening.root_key_of(found, chosen.vault, context, opening.UNRECORDED)
            return key, recording

        place = Place(chosen.vault, chosen.region, replaces=replace)
        restored = put_back(context, file, place, unlock)
        for finding in restored.findings:
            tell(
                context,
                "secretctl: warning: the journal in the backup does not verify: "
                f"{safe(finding.message)}\n",
            )
        context.stdout.write(f"restored to {safe(chosen.vault)}\n")
        if restored.aside:
            context.stdout.write(f"what was there is in {safe(restored.aside)}\n")
        _tell_mended(restored.moved, restored.removed, context)


def _register_accept_restore(app: typer.Typer, context: Context, choose: Choose) -> None:
    @app.command("accept-restore")
    def accept(vault: VaultOption = "", profile: ProfileOption = "") -> None:
        """Go on from an older copy of vault or journal that was put back on purpose."""
        chosen = choose(vault, profile)
        _refuse_principals(chosen, context, "accept-restore", "AcceptRestore")
        opened = opening.open_chosen(chosen, context, "accept-restore", accepts=True)
        try:
            recording = recording_for(chosen, context, opened.keys.vault_id, "accept-restore")
            said = accept_restore(context, opened, chosen.region, recording)
        finally:
            opened.close()
        _tell_accepted(said, context)


def _refuse_principals(chosen: Settings, context: Context, command: str, event: str) -> None:
    """Refuse a principal's credential; recorded in the vault that is there, if it opens that.

    Raises:
        OwnerOnlyError: AccessDenied.
        ServiceError: The credential is good for nothing.
    """
    if chosen.credential is None:
        return
    try:
        session = open_session(chosen, context, command)
        try:
            owner.refuse_recorded(session, own(event, session.region, {}))
        finally:
            session.close()
    except ServiceError:
        raise
    except SecretctlError:  # there is none, or none whose journal could be gone on with
        raise OwnerOnlyError(event) from None


def _tell_accepted(said: Fields, context: Context) -> None:
    context.stdout.write(
        f"accepted: generation {said['vaultGeneration']} goes on as {said['newGeneration']}\n"
    )
    if "olderHeader" in said:
        tell(context, carried(_OLDER_SLOTS, context))
    moved, removed = said.get("movedAside"), said.get("prunedBefore")
    _tell_mended(
        moved if isinstance(moved, list) else [],
        removed if isinstance(removed, list) else [],
        context,
    )


def _tell_mended(moved: list[str], removed: list[str], context: Context) -> None:
    if removed:
        names = ", ".join(removed)
        context.stdout.write(f"removed what an interrupted pruning left: {names}\n")
    for name in moved:
        context.stdout.write(f"what did not verify was moved to audit/{safe(name)}\n")
