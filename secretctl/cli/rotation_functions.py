"""``rotation functions``: the user's own functions in the configuration file."""

import os
from typing import Annotated

import typer

from secretctl.cli import config_change
from secretctl.cli.audit_table import draw
from secretctl.cli.functions import registered
from secretctl.cli.options import Globals
from secretctl.context import Context
from secretctl.errors import ConfigError, UsageError
from secretctl.rotation import registry
from secretctl.rotation.functions import BUILTINS
from secretctl.rotation.registry import Registered

_HEADINGS = ("NAME", "FILE", "HANDLER", "TIMEOUT", "MAY READ")
_LISTED = "secretctl rotation functions list"
NameArgument = Annotated[str, typer.Argument(help="Name of the function.")]


def register(above: typer.Typer, context: Context, given: Globals) -> None:
    """Add the commands to the group *above*."""
    group = typer.Typer(help="Register rotation functions of your own.")
    above.add_typer(group, name="functions")

    @group.command("list")
    def list_() -> None:
        """List the functions that can be run: those that come with secretctl, and your own."""
        rows: list[tuple[str, ...]] = [(name, "", "", "", "") for name in BUILTINS]
        rows += [_row(each) for each in registered(context).values()]
        draw(_HEADINGS, rows, given.color, context)

    @group.command()
    def add(  # noqa: PLR0913 Typer reads the options here
        name: NameArgument,
        path: Annotated[str, typer.Option(help="File of the function, in Python.")],
        handler: Annotated[str, typer.Option(help="Function in it.")] = "lambda_handler",
        python: Annotated[
            str, typer.Option(help="Interpreter that has what it needs.")
        ] = "python3",
        pin: Annotated[
            bool, typer.Option("--pin", help="Refuse the file once it is another.")
        ] = False,
        timeout: Annotated[int, typer.Option(help="Seconds for a step.")] = registry.TIMEOUT_S,
        env: Annotated[list[str] | None, typer.Option(help="NAME=VALUE it is given.")] = None,
        read: Annotated[list[str] | None, typer.Option(help="Secret it may read.")] = None,
    ) -> None:
        """Register a function under a name, in the place of one that has it.

        It runs as you, with an environment of its own, and is answered by an endpoint that lets it
        change the secret that is rotated, and read those of --read.
        """
        where = os.path.abspath(os.path.expanduser(path))
        digest = _digest(where)
        table: dict[str, object] = {
            "path": where,
            "handler": handler,
            "python": python,
            "timeout": timeout,
            "sha256": digest if pin else "",
            "env": dict([_pair(each) for each in env or []]),
            "read": read or [],
        }
        (made,) = registry.read({name: table}, "").values()
        config_change.edit(context.environ, lambda content: _put(content, made))
        context.stdout.write(f"registered: secretctl rotate-secret --rotation-lambda-arn {name}\n")

    @group.command()
    def remove(name: NameArgument) -> None:
        """Forget a function; secrets that it rotates keep its name."""
        if name not in registered(context):
            raise UsageError("no function of that name is registered", _LISTED)
        config_change.edit(context.environ, lambda content: _drop(content, name))
        context.stdout.write(f"forgotten: {name}\n")


def _row(function: Registered) -> tuple[str, ...]:
    pinned = function.path + (" (pinned)" if function.sha256 else "")
    seconds = f"{function.timeout_s} s"
    return function.name, pinned, function.handler, seconds, ", ".join(function.read)


def _pair(word: str) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    if not (name and equals):
        raise UsageError("argument --env: expected NAME=VALUE")
    return name, value


def _digest(path: str) -> str:
    try:
        return registry.digest_of(path)
    except OSError as error:
        why = os.strerror(error.errno or 0).lower()
        raise ConfigError(f"the file of the function cannot be read: {why}") from None


def _functions(content: dict[str, object]) -> dict[str, object]:
    return config_change.table_in(config_change.table_in(content, "rotation"), "functions")


def _put(content: dict[str, object], made: Registered) -> None:
    _functions(content)[made.name] = registry.written(made)


def _drop(content: dict[str, object], name: str) -> None:
    _functions(content).pop(name, None)
