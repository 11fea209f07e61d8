"""``rotation``: what is due, run when it is due, tried again or given up."""

import shlex
from typing import Annotated

import typer

from secretctl import json_text
from secretctl.cli import rotation_functions, rotation_reads, rotation_settings, rotation_timer
from secretctl.cli.carried import carried
from secretctl.cli.functions import known
from secretctl.cli.options import Globals
from secretctl.cli.people import Choose, ProfileOption, RegionOption, VaultOption, asking, chooser
from secretctl.cli.rotating import check, run, run_if_due
from secretctl.cli.rotation_table import status_rows, write_table
from secretctl.cli.terminal import hint_line
from secretctl.context import Context, tell
from secretctl.domain import retries, staging
from secretctl.domain.secret import Secret
from secretctl.errors import SecretctlError, UsageError, ValueDamagedError
from secretctl.model.operations import BY_NAME
from secretctl.model.shapes import Parameters
from secretctl.service import rotating
from secretctl.service.dispatch import call
from secretctl.service.secrets import arn, meant
from secretctl.service.session import Session
from secretctl.vault.resealing import check_pending

_SOME_FAILED = 1
_ELSEWHERE: dict[str, object] = {"Result": "elsewhere", "Reason": "another process sees to it"}
SecretArgument = Annotated[str, typer.Argument(help="Name or ARN of the secret.")]


def register(app: typer.Typer, context: Context, given: Globals) -> None:
    """Add the commands to *app*."""
    choose = chooser(context, given)
    group = typer.Typer(help="Show, run, retry and give up rotations.")
    app.add_typer(group, name="rotation")
    rotation_functions.register(group, context, given, choose)
    rotation_reads.register(group, context, given, choose)
    rotation_settings.register(group, context, given)
    rotation_timer.register(group, context, choose)
    for each in (_register_status, _register_run_due, _register_test, _register_incomplete):
        each(group, context, given, choose)


def _register_status(group: typer.Typer, context: Context, given: Globals, choose: Choose) -> None:
    @group.command()
    def status(
        region: RegionOption = "",  # noqa: ARG001 in the help; it is read before Typer reads
        vault: VaultOption = "",
        profile: ProfileOption = "",
    ) -> None:
        """Show each secret that is rotated: last, next, and what fails and why.

        A table on a terminal, else JSON.
        """
        with asking(choose(vault, profile), context, given, "rotation.status") as session:
            rows = status_rows(session, rotating.rotated(session), known(context))
        if context.stdout.isatty():
            write_table(rows, given.color, context)
        else:
            context.stdout.write(json_text.indented({"Rotations": rows}) + "\n")


def _register_run_due(group: typer.Typer, context: Context, given: Globals, choose: Choose) -> None:
    @group.command("run-due")
    def run_due(
        dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list what is due.")] = False,
        region: RegionOption = "",  # noqa: ARG001 in the help; it is read before Typer reads
        vault: VaultOption = "",
        profile: ProfileOption = "",
    ) -> None:
        """Rotate every secret of the region that is due, and try again what failed.

        Writes a line of JSON for each. Exit status: 0 all went well, 1 a rotation failed.
        """
        with asking(choose(vault, profile), context, given, "rotation.run-due") as session:
            went = [_seen_to(session, each, context, dry_run=dry_run) for each in _due(session)]
        if not all(went):
            raise typer.Exit(_SOME_FAILED)


def _register_test(group: typer.Typer, context: Context, given: Globals, choose: Choose) -> None:
    @group.command()
    def test(
        secret: SecretArgument,
        function: Annotated[
            str, typer.Option("--function", help="Another one than the secret has.")
        ] = "",
        region: RegionOption = "",  # noqa: ARG001 in the help; it is read before Typer reads
        vault: VaultOption = "",
        profile: ProfileOption = "",
    ) -> None:
        """Tell what is missing for a rotation of a secret; nothing is changed."""
        with asking(choose(vault, profile), context, given, "rotation.test") as session:
            check(session, secret, function, context)


def _register_incomplete(
    group: typer.Typer, context: Context, given: Globals, choose: Choose
) -> None:
    @group.command()
    def retry(
        secret: SecretArgument,
        region: RegionOption = "",  # noqa: ARG001 in the help; it is read before Typer reads
        vault: VaultOption = "",
        profile: ProfileOption = "",
    ) -> None:
        """Try a rotation that is not complete again, now."""
        with asking(choose(vault, profile), context, given, "rotation.retry") as session:
            secret_id, token = _incomplete(session, secret, also_current=True)
            _rotate(session, secret_id, token, context)
        context.stdout.write(f"rotated: version {token} is current\n")

    @group.command()
    def abandon(
        secret: SecretArgument,
        region: RegionOption = "",  # noqa: ARG001 in the help; it is read before Typer reads
        vault: VaultOption = "",
        profile: ProfileOption = "",
    ) -> None:
        """Give up a rotation that is not complete: its version is pending no more."""
        with asking(choose(vault, profile), context, given, "rotation.abandon") as session:
            secret_id, token = _incomplete(session, secret)
            doubt = _doubt(session, secret_id, token)
            _give_up(session, secret_id, token)
        context.stdout.write(f"given up: version {token}\n")
        if doubt:
            named = f"--secret-id {shlex.quote(secret)} --version-id {token}"
            tell(context, f"secretctl: warning: the version stays: {doubt}\n")
            hint = f"secretctl delete-secret-version {named} removes it"
            tell(context, hint_line(hint, context))


def _due(session: Session) -> list[Secret]:
    now_ms = session.context.now_ms()
    return [each for each in rotating.rotated(session) if retries.is_due(each, now_ms)]


def _seen_to(session: Session, secret: Secret, context: Context, *, dry_run: bool) -> bool:
    """Rotate a secret that is due, and write how that ended; return whether it went well."""
    secret_id = arn(session, secret)
    said: dict[str, object] = {"Result": "due"}
    if not dry_run:
        try:
            token = run_if_due(session, secret_id, context)
            said = {"Result": "rotated", "VersionId": token} if token else _ELSEWHERE
        except SecretctlError as error:
            said = {"Result": "failed", "Reason": error.message}
            hints = [carried(hint, context) for hint in error.hints]
            said |= {"Hints": hints} if hints else {}
        except Exception as error:  # noqa: BLE001 the other secrets are due all the same
            said = {"Result": "failed", "Reason": f"unexpected {type(error).__name__}"}
    context.stdout.write(json_text.compact({"ARN": secret_id, **said}) + "\n")
    context.stdout.flush()
    return said["Result"] != "failed"


def _rotate(session: Session, secret_id: str, token: str, context: Context) -> None:
    """Rotate a secret, with the permission that this needs; raises as `cli.rotating.run`."""
    request: Parameters = {"SecretId": secret_id, "ClientRequestToken": token}
    call(session, BY_NAME["RotateSecret"], request)
    run(session, secret_id, token, context)


def _give_up(session: Session, secret_id: str, token: str) -> None:
    removed: Parameters = {"VersionStage": staging.PENDING, "RemoveFromVersionId": token}
    call(session, BY_NAME["UpdateSecretVersionStage"], {"SecretId": secret_id, **removed})


def _doubt(session: Session, secret_id: str, token: str) -> str:
    """Return why no rotation wrote the value of a version; empty where one may have, or none is."""
    with session.vault.read() as view:
        secret = meant(session, view, secret_id)
        version = None if secret is None else staging.by_id(secret.versions, token)
        if secret is not None and version is not None and version.pin:
            try:
                check_pending(view, secret, version)
            except ValueDamagedError as error:
                return error.message
    return ""


def _incomplete(session: Session, secret_id: str, *, also_current: bool = False) -> tuple[str, str]:
    """Return the ARN of a secret and the version that its rotation has not finished.

    One that is current already is only to be labelled and noted so.
    """
    found = call(session, BY_NAME["DescribeSecret"], {"SecretId": secret_id})
    stages = found.get("VersionIdsToStages")
    for version_id, labels in (stages if isinstance(stages, dict) else {}).items():
        if staging.PENDING in labels and (also_current or staging.CURRENT not in labels):
            return str(found["ARN"]), version_id
    raise UsageError("no rotation of this secret is incomplete", "secretctl rotation status")
