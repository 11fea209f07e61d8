"""``backup``, ``restore`` and ``accept-restore``: a copy elsewhere, and going on from it."""

import os
from typing import Annotated

import typer

from secretctl.cli import opening, outfile
from secretctl.cli.api import open_session, recording_of
from secretctl.cli.people import Choose, ProfileOption, VaultOption, counted
from secretctl.cli.terminal import safe
from secretctl.context import Context
from secretctl.errors import StoreError, VaultExistsError
from secretctl.service import backup as backups
from secretctl.service.restoring import accept_restore
from secretctl.vault.header import decode


def register(app: typer.Typer, context: Context, choose: Choose) -> None:
    """Add the commands to *app*."""

    @app.command(rich_help_panel="Vault")
    def backup(
        file: Annotated[str, typer.Argument(help="File to write; it must not be there.")],
        vault: VaultOption = "",
        profile: ProfileOption = "",
    ) -> None:
        """Write vault, policies and journal to one encrypted file, and verify it.

        It is opened by what opens the vault: keep the key file, or the passphrase, elsewhere too.
        """
        chosen = choose(vault, profile)
        outfile.refuse_within(file, chosen.vault)
        session = open_session(chosen, context, "backup")
        try:
            made = backups.back_up(session, file)
        finally:
            session.close()
        context.stdout.write(
            f"backed up to {safe(file)}: generation {made.generation}, "
            f"{counted(made.secrets, 'secret')}, {counted(made.versions, 'value')}, "
            f"{counted(made.records, 'record')} of the journal\n"
        )

    @app.command(rich_help_panel="Vault")
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
        aside = _cleared(chosen.vault, replace=replace)

        def unlock(header: bytes) -> bytes:
            attempt = opening.UNRECORDED
            return opening.root_key_of(decode(header), chosen.vault, context, attempt)[0]

        try:
            opened = backups.restore(file, chosen.vault, unlock, context.random)
        except BaseException:
            if aside:
                os.rename(aside, chosen.vault)
            raise
        try:
            recording = recording_of(chosen, context, opened, "restore")
            accept_restore(context, opened, chosen.region, recording, "RestoreBackup")
        finally:
            opened.close()
        context.stdout.write(f"restored to {safe(chosen.vault)}\n")
        if aside:
            context.stdout.write(f"what was there is in {safe(aside)}\n")

    @app.command("accept-restore", rich_help_panel="Vault")
    def accept(vault: VaultOption = "", profile: ProfileOption = "") -> None:
        """Go on from an older copy of vault or journal that was put back on purpose."""
        chosen = choose(vault, profile)
        opened = opening.open_chosen(chosen, context, "accept-restore")
        try:
            recording = recording_of(chosen, context, opened, "accept-restore")
            said = accept_restore(context, opened, chosen.region, recording)
        finally:
            opened.close()
        context.stdout.write(
            f"accepted: generation {said['vaultGeneration']} goes on as {said['newGeneration']}\n"
        )
        moved = said.get("movedAside")
        for name in moved if isinstance(moved, list) else ():
            context.stdout.write(f"what did not verify was moved to audit/{safe(str(name))}\n")


def _cleared(directory: str, *, replace: bool) -> str:
    """Make way for a vault; return where what was there was moved to, if anything was."""
    if not os.path.lexists(directory):
        return ""
    if os.path.isdir(directory) and not os.listdir(directory):
        os.rmdir(directory)
        return ""
    if not replace:
        raise VaultExistsError(
            "there is something already where the vault is to be restored",
            "add --replace to move it aside",
        )
    number = 1
    while os.path.lexists(aside := f"{directory}.replaced-{number}"):
        number += 1
    try:
        os.rename(directory, aside)
    except OSError as error:
        raise StoreError(f"cannot move the vault aside: {error.strerror}") from None
    return aside
