"""``rotation allow``: which other secrets builtins may read, in the configuration file."""

from shlex import quote
from typing import Annotated

import typer

from secretctl.cli import config_change
from secretctl.cli.api import open_session
from secretctl.cli.audit_table import draw
from secretctl.cli.completing import silent
from secretctl.cli.config import Settings
from secretctl.cli.functions import allowed
from secretctl.cli.options import Globals
from secretctl.cli.people import Choose, ProfileOption, RegionOption, VaultOption
from secretctl.context import Context, tell
from secretctl.errors import SecretctlError, ServiceError, UsageError
from secretctl.model.operations import BY_NAME
from secretctl.rotation.reads import Reads, ids_of, is_id
from secretctl.service.dispatch import call
from secretctl.service.session import Session

_HEADINGS = ("SECRETS", "MAY READ")
_LISTED = "secretctl list-secrets shows both"
_NOT_THERE = "there is no such secret in this vault and region yet"


def register(group: typer.Typer, context: Context, given: Globals, choose: Choose) -> None:
    """Add the command to *group*."""

    @group.command()
    def allow(  # noqa: PLR0913 Typer reads the options here
        pattern: Annotated[
            str, typer.Argument(help="Name of the secret that is rotated, or a pattern: prod/db/*")
        ] = "",
        read: Annotated[
            list[str] | None, typer.Option(help="Secret of a master or an authority.")
        ] = None,
        remove: Annotated[bool, typer.Option("--remove", help="Take it away again.")] = False,
        region: RegionOption = "",  # noqa: ARG001 in the help; it is read before Typer reads
        vault: VaultOption = "",
        profile: ProfileOption = "",
    ) -> None:
        """Let the rotation of a secret read another, which its value names.

        It holds for all that rotates with your configuration file. Whoever may change the value of
        such a secret may have the other one used. A vault that is open without asking is looked
        into, and a warning given of what is not there. Without words it shows what may be read;
        with --remove alone, all of the pattern goes.
        """
        before = allowed(context)
        if not pattern:
            if read or remove:
                raise UsageError("the name of the secret that is rotated, or a pattern, is missing")
            draw(_HEADINGS, _rows(before), given.color, context)
            return
        _check(before, pattern, read or [], remove=remove)
        config_change.edit(
            context.environ, lambda content: _put(content, pattern, read or [], remove=remove)
        )
        context.stdout.write(f"{'allowed no more' if remove else 'allowed'}: {pattern}\n")
        if not remove:
            _warn_of_missing(read or [], choose(vault, profile), context)


def _rows(found: Reads) -> list[tuple[str, ...]]:
    return [(pattern, ", ".join(ids_of(found, pattern))) for pattern in found]


def _check(before: Reads, pattern: str, ids: list[str], *, remove: bool) -> None:
    if not (ids or remove):
        raise UsageError(
            "--read is missing: the secret that may be read",
            f"secretctl rotation allow {quote(pattern)} --read SECRET",
        )
    there = set(ids_of(before, pattern)) if ids and pattern in before else set()
    if remove and not (pattern in before and set(ids) <= there):
        raise UsageError("nothing of that is allowed", "secretctl rotation allow")
    if not (remove or all(map(is_id, ids))):
        raise UsageError("argument --read: neither a name nor an ARN of a secret", _LISTED)


def _warn_of_missing(ids: list[str], chosen: Settings, context: Context) -> None:
    """Warn of those that are no secret yet, if the vault opens without asking anybody."""
    try:
        session = open_session(chosen, silent(context), "rotation.allow")
    except SecretctlError:
        return
    try:
        for each in ids:
            if _is_missing(session, each):
                tell(context, f"secretctl: warning: {_NOT_THERE}: {each}\n")
    finally:
        session.close()


def _is_missing(session: Session, secret_id: str) -> bool:
    try:
        call(session, BY_NAME["DescribeSecret"], {"SecretId": secret_id})
    except ServiceError as error:
        return error.code == "ResourceNotFoundException"
    return False


def _put(content: dict[str, object], pattern: str, ids: list[str], *, remove: bool) -> None:
    table = config_change.table_in(config_change.table_in(content, "rotation"), "reads")
    found = table.get(pattern)
    before = found if isinstance(found, list) else []
    kept = [each for each in before if each not in (ids or before)] if remove else [*before, *ids]
    table[pattern] = list(dict.fromkeys(kept))
    if not kept:
        del table[pattern]
