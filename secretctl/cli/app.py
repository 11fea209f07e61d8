"""The Typer application: lists every command, and runs those made for people.

AWS operations are registered with their words passed through untouched; the model-driven reader
reads them, here and on the direct way in ``__main__``, so there is one grammar for each command.
"""

import os
from collections.abc import Callable, MutableMapping
from importlib import import_module
from shutil import get_terminal_size

import typer

from secretctl.cli import people
from secretctl.cli.options import Globals
from secretctl.context import Context
from secretctl.model.operations import BY_COMMAND
from secretctl.model.services import SERVICES, operations_of

NARROWEST = 60
"""Columns of help at least: in fewer, names of options are cut."""

_WIDEST = 500
_MODULES = {
    "people": ("init", "status", "unlock-slot", "configure", "completion"),
    "fsck": ("fsck",),
    "rekey": ("rekey",),
    "rotation": ("rotation",),
    "safekeeping": ("backup", "restore", "accept-restore"),
    "vouching": ("vouching",),
    "audit": ("audit",),
    "policy": ("policy",),
    "export": ("export",),
    "importing": ("import",),
    "inject": ("inject",),
    "syncing": ("sync",),
    "serve": ("serve",),
}
"""Which module registers which commands for people."""

_EPILOG = (
    "Options of every command, before it or behind it: --vault DIR, --profile NAME, "
    "--region NAME, --color on|off|auto, --debug; of AWS operations, audit lookup-events, audit "
    "exposure and audit stats also --output json|text|table|yaml|yaml-stream|off and --query "
    "EXPRESSION; of operations of Secrets Manager, exec, get, set, unset, check, export and "
    "inject also --endpoint-url URL.\n\n"
    "Exit status: 0 success; 251 a change holds but is not recorded yet; 252 usage or parameters; "
    "253 configuration or vault; 254 the service refused; 255 anything else; 130 interrupted; 141 "
    "the reader has gone. 'secretctl COMMAND --help' explains a command."
)


def build(
    context: Context, given: Globals, direct: Callable[[list[str]], int], command: str = ""
) -> typer.Typer:
    """Return the application.

    Args:
        context: Streams, environment, clock and randomness for the commands.
        given: Global options of the command line but vault and profile.
        direct: Runs a command line that the model-driven reader or ``exec`` reads.
        command: What is asked for. Of a command for people its module alone is loaded; of any other
            word all are, which takes 70 ms more.
    """
    app = typer.Typer(
        name="secretctl",
        help="A secrets manager on your own machine, with the commands of AWS Secrets Manager.",
        epilog=_EPILOG,
        add_completion=False,
        context_settings={"help_option_names": ["--help", "-h"]},
        pretty_exceptions_enable=False,
        pretty_exceptions_show_locals=False,
        rich_markup_mode="rich",
    )
    app.callback(invoke_without_command=True)(_root)
    is_one_of_these = any(command in each for each in _MODULES.values())
    for module, commands in _MODULES.items():
        if command in commands or not is_one_of_these:
            import_module(f"secretctl.cli.{module}").register(app, context, given)
    if not is_one_of_these:
        _register_direct(app, direct)
    return app


def _register_direct(app: typer.Typer, direct: Callable[[list[str]], int]) -> None:
    """Add the commands that Typer does not read, for the help that lists them."""
    _pass_through(app, ("exec",), "Run a command with secrets in its environment.", direct)
    _pass_through(app, ("get",), "Write the value of a secret, or of one key.", direct)
    _pass_through(app, ("set",), "Give a secret a new value, or one key of it.", direct)
    _pass_through(app, ("unset",), "Take one key out of a secret.", direct)
    _pass_through(app, ("check",), "Verify that needed secrets are there.", direct)
    for service, summary in SERVICES.items():
        _register_service(app, service, summary, direct)
    for name, operation in BY_COMMAND.items():
        _pass_through(app, (name,), operation.summary, direct)


def _register_service(
    app: typer.Typer, service: str, summary: str, direct: Callable[[list[str]], int]
) -> None:
    group = typer.Typer(help=summary)
    app.add_typer(group, name=service)
    for name, operation in operations_of(service).items():
        _pass_through(group, (service, name), operation.summary, direct)


def _bound_width(environ: MutableMapping[str, str]) -> None:
    """Keep from Rich a width that is none, or one whose lines would fill the memory."""
    for name in ("COLUMNS", "TERMINAL_WIDTH"):
        digits = environ.get(name, "").lstrip("0")
        if digits.isascii() and digits.isdigit():
            width = _WIDEST if len(digits) > len(str(_WIDEST)) else int(digits)
            environ[name] = str(min(max(width, NARROWEST), _WIDEST))
        else:
            environ.pop(name, None)


def dress_help(*, colored: bool) -> None:
    """Tell Typer, which looks for itself, whether help is colored and how narrow it may get."""
    _bound_width(os.environ)
    from typer import rich_utils

    rich_utils.COLOR_SYSTEM = "standard" if colored else None
    rich_utils.FORCE_TERMINAL = colored
    rich_utils.STYLE_USAGE = rich_utils.STYLE_TYPES = "bold"  # yellow is not seen on white
    if get_terminal_size().columns < NARROWEST:
        rich_utils.MAX_WIDTH = NARROWEST


def _root(version: bool = typer.Option(False, "--version", help="Print the version.")) -> None:  # noqa: FBT001, FBT003 Typer reads the signature
    if version:
        from secretctl import __version__

        typer.echo(f"secretctl {__version__}")
        raise typer.Exit


def _pass_through(
    app: typer.Typer,
    words: tuple[str, ...],
    summary: str,
    direct: Callable[[list[str]], int],
) -> None:
    def command(ctx: typer.Context) -> None:
        raise typer.Exit(direct([*words, *ctx.args]))

    app.command(
        words[-1],
        help=summary,
        context_settings=dict(people.PASSED_THROUGH),
        add_help_option=False,
    )(command)
