"""Commands made for people: init, status, unlock-slot, configure, completion."""

import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from secretctl.cli import (
    complete,
    config,
    config_values,
    endpoint,
    keyfile,
    making,
    opening,
    silently,
    suggest,
    unlock_slots,
)
from secretctl.cli.api import open_session, session_of
from secretctl.cli.carried import carried
from secretctl.cli.complete import SUBCOMMANDS
from secretctl.cli.notes import MAY_HAVE_KEPT
from secretctl.cli.options import WITH_ENDPOINT, Globals
from secretctl.cli.terminal import report, safe
from secretctl.context import Context, tell
from secretctl.errors import ServiceError, UsageError
from secretctl.service import unlocking
from secretctl.service.session import Session
from secretctl.vault.header import Header

VaultOption = Annotated[str, typer.Option("--vault", help="Directory of the vault.")]
RegionOption = Annotated[str, typer.Option("--region", help="Region of the secrets.")]
EndpointOption = Annotated[
    str, typer.Option("--endpoint-url", help="A remote Secrets Manager in the vault's place.")
]
ProfileOption = Annotated[str, typer.Option("--profile", help="Profile of config.toml.")]
PASSED_THROUGH = {
    "allow_extra_args": True,
    "ignore_unknown_options": True,
    "allow_interspersed_args": False,
    "help_option_names": [],
}
"""Settings of a command whose words Typer leaves as they are, for the model-driven reader."""

_ELSEWHERE = f"operations, {', '.join(WITH_ENDPOINT)} ask the endpoint, not this vault"


def _no_empty_out(ctx: typer.Context, value: str) -> str:
    """Refuse the name of a file that a variable was to hold: what is written could be a secret."""
    source = ctx.get_parameter_source("out")
    if not value and source is not None and source.name == "COMMANDLINE":
        raise UsageError("argument --out: the name is empty", "without --out: standard output")
    return value


OutOption = Annotated[
    str,
    typer.Option(
        "--out", help="File to write, 0600; - or none: standard output.", callback=_no_empty_out
    ),
]
Choose = Callable[[str, str], config.Settings]
"""Given what --vault and --profile say, tells what holds."""


def register(app: typer.Typer, context: Context, given: Globals) -> None:
    """Add the commands to *app*."""
    choose = chooser(context, given)
    _register_init(app, context, choose)
    _register_status(app, context, choose)
    _register_slots(app, context, choose)
    _register_configure(app, context, given)

    @app.command()
    def completion(shell: Annotated[str, typer.Argument(help="bash, zsh or fish.")]) -> None:
        """Print the completion script of a shell."""
        if shell not in SUBCOMMANDS["completion"]:
            near = suggest.choice(shell, SUBCOMMANDS["completion"], "bash")
            raise UsageError("the shell is none of bash, zsh, fish", f"secretctl completion {near}")
        context.stdout.write(complete.script(shell))


@contextmanager
def asking(
    chosen: config.Settings, context: Context, given: Globals, command: str
) -> Iterator[Session]:
    """Open the vault for a question; where the service refuses it, that is told, and the end."""
    session = open_session(chosen, context, command)
    try:
        yield session
    except ServiceError as error:
        status = report(error, None, context, color=given.color, debug=given.debug)
        raise typer.Exit(status) from None
    finally:
        session.close()


def chooser(context: Context, given: Globals, *, may_be_remote: bool = False) -> Choose:
    """Return what tells which settings hold for a command, which may run at an endpoint or not."""

    def choose(vault: str, profile: str) -> config.Settings:
        flags = given._replace(vault=vault or None, profile=profile or None)
        if may_be_remote:
            return endpoint.settings(flags, context)
        loaded = config.load(context.environ)
        return config.settings(loaded, flags.profile, flags, context.environ)

    return choose


def _register_init(app: typer.Typer, context: Context, choose: Choose) -> None:
    @app.command()
    def init(
        account_id: Annotated[str, typer.Option(help="Account id, twelve digits.")] = "",
        with_passphrase: Annotated[
            bool, typer.Option("--passphrase", help="Open it by a passphrase, not by a key file.")
        ] = False,
        key_file: Annotated[
            str, typer.Option(help="Where the key file lies, or is to be made.")
        ] = "",
        vault: VaultOption = "",
        profile: ProfileOption = "",
    ) -> None:
        """Make a vault; asks nothing unless a passphrase is wanted."""
        if with_passphrase and key_file:
            raise UsageError(
                "--passphrase and --key-file exclude each other", "secretctl init --passphrase"
            )
        chosen = choose(vault, profile)
        account = account_id or chosen.account or making.DEFAULT_ACCOUNT
        if not config_values.is_account(account):
            raise UsageError("an account id has twelve digits", "secretctl init --account-id N")
        made = making.make_vault(
            chosen.vault,
            context,
            account=account,
            key_file=key_file,
            with_passphrase=with_passphrase,
        )
        session_of(made.vault, chosen, context, "init").close()
        context.stdout.write(_made(chosen.vault, made.key_file, is_elsewhere=bool(key_file)))


def _register_status(app: typer.Typer, context: Context, choose: Choose) -> None:
    @app.command()
    def status(vault: VaultOption = "", profile: ProfileOption = "") -> None:
        """Show which vault is used and what opens it; needs no key."""
        chosen = choose(vault, profile)
        header, doubt = _header(chosen, context)
        key_path = opening.key_file_path(header, context)
        rows = [
            ("vault", chosen.vault),
            ("vault id", header.vault_id.hex()),
            ("region", chosen.region),
            ("unlock slots", ", ".join(slot.type for slot in header.slots)),
            ("key file", key_path if keyfile.exists(key_path) else "none here"),
            ("header", f"not verified: {doubt}" if doubt else "verified"),
        ]
        for name, value in rows:
            context.stdout.write(f"{name:<14}{safe(value)}\n")
        if context.environ.get(endpoint.VARIABLE) and not vault:
            tell(context, f"secretctl: note: {endpoint.VARIABLE} is set: {_ELSEWHERE}\n")


def _header(chosen: config.Settings, context: Context) -> tuple[Header, str]:
    """Return the header of a vault, and why it is not verified (empty: it is)."""
    locked = opening.lock_chosen(chosen)
    try:
        return locked.header, silently.why_unverified(locked, context)
    finally:
        locked.close()


def _made(directory: str, key_file: str, *, is_elsewhere: bool) -> str:
    lines = [f"made the vault {safe(directory)}"]
    if key_file:
        lines.append(f"it is opened by the key file {safe(key_file)}")
        lines.append(making.KEEP_A_COPY)
    if is_elsewhere:
        lines.append("it is not looked for there by itself:")
        lines.append(f"export SECRETCTL_KEY_FILE={shlex.quote(safe(key_file))}")
    return "\n".join(lines) + "\n"


def _register_slots(app: typer.Typer, context: Context, choose: Choose) -> None:
    group = typer.Typer(help="List, add and remove the ways to open the vault.")
    app.add_typer(group, name="unlock-slot")
    _register_list_slots(group, context, choose)
    _register_add_slot(group, context, choose)
    _register_remove_slot(group, context, choose)


def _register_list_slots(group: typer.Typer, context: Context, choose: Choose) -> None:
    @group.command("list")
    def list_slots(vault: VaultOption = "", profile: ProfileOption = "") -> None:
        """List the unlock slots; needs no key."""
        header, doubt = _header(choose(vault, profile), context)
        _show_slots(context, header)
        if doubt:
            context.stderr.write(f"secretctl: warning: not verified: {safe(doubt)}\n")


def _register_add_slot(group: typer.Typer, context: Context, choose: Choose) -> None:
    @group.command()
    def add(
        with_passphrase: Annotated[
            bool, typer.Option("--passphrase", help="Add a passphrase.")
        ] = False,
        key_file: Annotated[str, typer.Option(help="Add a key file (made if not there).")] = "",
        vault: VaultOption = "",
        profile: ProfileOption = "",
    ) -> None:
        """Add a way to open the vault."""
        if with_passphrase == bool(key_file):
            raise UsageError(
                "give one of --passphrase and --key-file FILE",
                "secretctl unlock-slot add --passphrase",
            )
        session = open_session(choose(vault, profile), context, "unlock-slot")
        try:
            if with_passphrase:
                header = unlock_slots.add_passphrase(session, context)
            else:
                header = unlock_slots.add_key_file(session, key_file, context)
        finally:
            session.close()
        _show_slots(context, header)


def _register_remove_slot(group: typer.Typer, context: Context, choose: Choose) -> None:
    @group.command()
    def remove(
        slot_id: Annotated[str, typer.Argument(help="Slot id, from unlock-slot list.")],
        vault: VaultOption = "",
        profile: ProfileOption = "",
    ) -> None:
        """Remove a way to open the vault; never the last.

        Whoever opened the vault this way may have kept the root key.
        """
        try:
            wanted = bytes.fromhex(slot_id)
        except ValueError:
            raise UsageError("that is no slot id", "secretctl unlock-slot list") from None
        session = open_session(choose(vault, profile), context, "unlock-slot")
        try:
            header = unlocking.remove_slot(session, wanted)
        finally:
            session.close()
        _show_slots(context, header)
        tell(context, f"secretctl: note: {carried(MAY_HAVE_KEPT, context)}\n")


def _register_configure(app: typer.Typer, context: Context, given: Globals) -> None:
    group = typer.Typer(help="Read and write config.toml.")
    app.add_typer(group, name="configure")

    @group.command()
    def get(key: str, profile: ProfileOption = "") -> None:
        """Print one setting of config.toml; exit status 1 when it is not set."""
        value = config.get(context.environ, key, profile or None)
        if value is None:
            raise typer.Exit(1)
        context.stdout.write(f"{value}\n")

    @group.command("set")
    def set_(key: str, value: str, profile: ProfileOption = "") -> None:
        """Write one setting; comments in the file are not kept."""
        config.set_(context.environ, key, value, profile or None)

    @group.command("list")
    def list_(profile: ProfileOption = "") -> None:
        """List every setting, its value and where that comes from."""
        rows = [("NAME", "VALUE", "TYPE", "LOCATION")]
        rows += config.listing(context.environ, profile or None, given)
        for name, value, kind, location in rows:
            context.stdout.write(f"{name:<21} {safe(value):<28} {kind:<14} {safe(location)}\n")


def counted(number: int, thing: str) -> str:
    """Return how many of a thing there are, in words."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _show_slots(context: Context, header: Header) -> None:
    for slot in header.slots:
        cost = ""
        if slot.kdf is not None:
            cost = f"Argon2id {slot.kdf.memory_kib // 1024} MiB, {slot.kdf.iterations} passes"
        context.stdout.write(f"{slot.id.hex()}  {slot.type:<12}{cost}".rstrip() + "\n")
