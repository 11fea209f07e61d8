"""``rotation functions``: the user's own functions in the configuration file."""

import os
from typing import Annotated

import typer

from secretctl.cli import config_change
from secretctl.cli.audit_table import draw
from secretctl.cli.functions import Known, check_set, check_startable, known, own
from secretctl.cli.options import Globals
from secretctl.cli.people import Choose, ProfileOption, RegionOption, VaultOption, asking
from secretctl.cli.rotating import check
from secretctl.cli.rotation_settings import in_file
from secretctl.context import Context
from secretctl.errors import UsageError
from secretctl.rotation import registry
from secretctl.rotation.functions import BUILTINS, WITH_SETTINGS
from secretctl.rotation.registry import Registered
from secretctl.rotation.settings import of_builtin

_HEADINGS = ("NAME", "KIND", "RUNS", "TIMEOUT", "MAY READ", "FOR")
_SHOWN = {
    registry.PYTHON: "python",
    registry.EXECUTABLE: "executable",
    registry.BUILTIN: "builtin",
}
"""What the list calls a kind."""

_BARE = "needs settings"
NameArgument = Annotated[str, typer.Argument(help="Name of the function.")]


def register(above: typer.Typer, context: Context, given: Globals, choose: Choose) -> None:
    """Add the commands to the group *above*."""
    group = typer.Typer(help="Register rotation functions of your own.")
    above.add_typer(group, name="functions")
    _register_list(group, context, given)
    _register_add(group, context)
    _register_remove(group, context)
    _register_test(group, context, given, choose)


def _register_list(group: typer.Typer, context: Context, given: Globals) -> None:
    @group.command("list")
    def list_() -> None:
        """List the functions that can be run: those that come with secretctl, and your own."""
        found = known(context)
        rows: list[tuple[str, ...]] = [
            (name, _SHOWN[registry.BUILTIN], "", "", "", "") for name in BUILTINS
        ]
        rows += [_row_by_secret(name, found) for name in WITH_SETTINGS]
        rows += [_row(each) for each in found.own.values()]
        draw(_HEADINGS, rows, given.color, context)


def _register_add(group: typer.Typer, context: Context) -> None:
    @group.command()
    def add(  # noqa: PLR0913 Typer reads the options here
        name: NameArgument,
        path: Annotated[str, typer.Option(help="File of a function in Python.")] = "",
        executable: Annotated[str, typer.Option(help="Program that does each step.")] = "",
        builtin: Annotated[str, typer.Option(help="One that comes with secretctl.")] = "",
        handler: Annotated[
            str | None, typer.Option(help="Function in the file; else lambda_handler.")
        ] = None,
        python: Annotated[
            str | None, typer.Option(help="Interpreter that has what it needs; else python3.")
        ] = None,
        pin: Annotated[
            bool, typer.Option("--pin", help="Refuse the file once it is another.")
        ] = False,
        timeout: Annotated[
            int | None, typer.Option(help=f"Seconds for a step; else {registry.TIMEOUT_S}.")
        ] = None,
        env: Annotated[list[str] | None, typer.Option(help="NAME=VALUE it is given.")] = None,
        read: Annotated[list[str] | None, typer.Option(help="Secret it may read.")] = None,
        secrets: Annotated[
            list[str] | None, typer.Option(help="Names it may rotate, such as prod/*; else any.")
        ] = None,
        settings: Annotated[str, typer.Option(help="File of a builtin's settings, in TOML.")] = "",
    ) -> None:
        """Register a function under a name, in the place of one that has it.

        One of --path, --executable and --builtin says what it is. A file runs as you, with an
        environment of its own, and is answered by an endpoint that lets it change the secret that
        is rotated, and read those of --read. Whoever may set the rotation of a secret that
        --secrets names may have it run.
        """
        said: dict[str, object] = {
            registry.PYTHON: _file(path),
            registry.EXECUTABLE: _file(executable),
            registry.BUILTIN: builtin or None,
            "handler": handler,
            "python": _interpreter(python),
            "timeout": timeout,
            "sha256": "" if pin else None,
            "env": dict([_pair(each) for each in env]) if env else None,
            "read": read,
            "secrets": secrets,
        }
        table = {key: value for key, value in said.items() if value is not None}
        _check_words(table)
        table |= _settings(settings, table)
        made = _made(name, table)
        check_startable(context, made)
        if pin:
            made = made._replace(sha256=registry.digest_of(made.path))
        config_change.edit(context.environ, lambda content: _put(content, made))
        context.stdout.write(f"registered: secretctl rotate-secret --rotation-lambda-arn {name}\n")


def _register_remove(group: typer.Typer, context: Context) -> None:
    @group.command()
    def remove(name: NameArgument) -> None:
        """Forget a function; secrets that it rotates keep its name."""
        own(context, name)
        config_change.edit(context.environ, lambda content: _drop(content, name))
        context.stdout.write(f"forgotten: {name}\n")


def _register_test(group: typer.Typer, context: Context, given: Globals, choose: Choose) -> None:
    @group.command()
    def test(
        name: NameArgument,
        secret: Annotated[str, typer.Argument(help="Secret that it is to rotate.")] = "",
        region: RegionOption = "",  # noqa: ARG001 in the help; it is read before Typer reads
        vault: VaultOption = "",
        profile: ProfileOption = "",
    ) -> None:
        """Tell what a function is missing; nothing is changed.

        With a secret, as rotation test does; without, only whether what it runs is there.
        """
        if secret:
            with asking(choose(vault, profile), context, given, "rotation.test") as session:
                check(session, secret, name, context)
            return
        if name in WITH_SETTINGS:
            check_set(context, name)
        elif name not in BUILTINS:
            check_startable(context, own(context, name))
        context.stdout.write(f"{name} can be started\n")


def _row_by_secret(builtin: str, found: Known) -> tuple[str, ...]:
    patterns = ", ".join(of_builtin(found.settings, builtin, found.home))
    runs = "" if patterns else _BARE
    return builtin, _SHOWN[registry.BUILTIN], runs, "", "", patterns


def _row(function: Registered) -> tuple[str, ...]:
    is_other = function.handler != registry.HANDLER
    runs = f"{function.path}: {function.handler}" if is_other else function.path
    runs += " (pinned)" if function.sha256 else ""
    is_alias = function.kind == registry.BUILTIN and function.path in BUILTINS
    timeout = "" if is_alias else f"{function.timeout_s} s"
    others, secrets = ", ".join(function.read), ", ".join(function.secrets)
    return function.name, _SHOWN[function.kind], runs, timeout, others, secrets


def _file(path: str) -> str | None:
    return os.path.abspath(os.path.expanduser(path)) if path else None


def _interpreter(python: str | None) -> str | None:
    """Return an interpreter as it is written down; PATH finds what is no path."""
    return _file(python) if python and (os.sep in python or python[0] == "~") else python


def _made(name: str, table: dict[str, object]) -> Registered:
    """Return the function of that table; what is wrong stands on the command line."""
    builtin = table.get(registry.BUILTIN)
    more = f"{name} --builtin {builtin} --settings FILE" if builtin in WITH_SETTINGS else "--help"
    source = registry.Source("", f"secretctl rotation functions add {more}")
    return registry.read({name: table}, "", source)[name]


def _check_words(table: dict[str, object]) -> None:
    """Refuse options that say nothing of such a function."""
    kinds = [each for each in registry.KEYS if each in table]
    if len(kinds) != 1:
        raise UsageError(
            "one of --path, --executable and --builtin says what the function is",
            "secretctl rotation functions add --help",
        )
    for key in table:
        if key not in registry.keys_of(kinds[0], str(table[kinds[0]])):
            option = "pin" if key == "sha256" else key
            raise UsageError(f"--{option} says nothing of a function with --{kinds[0]}")


def _pair(word: str) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    if not (name and equals):
        raise UsageError("argument --env: expected NAME=VALUE")
    return name, value


def _settings(path: str, table: dict[str, object]) -> dict[str, object]:
    """Return what stands in a file of settings, but for what was said already."""
    if not path:
        return {}
    if table.get(registry.BUILTIN) not in WITH_SETTINGS:
        raise UsageError("--settings says nothing of such a function")
    return {key: value for key, value in in_file(path).items() if key not in table}


def _functions(content: dict[str, object]) -> dict[str, object]:
    return config_change.table_in(config_change.table_in(content, "rotation"), "functions")


def _put(content: dict[str, object], made: Registered) -> None:
    _functions(content)[made.name] = registry.written(made)


def _drop(content: dict[str, object], name: str) -> None:
    _functions(content).pop(name, None)
