"""``rotation settings``: what builtins do for which secrets, in the configuration file."""

import os
from shlex import quote
from typing import Annotated

import typer

from secretctl.cli import config_change
from secretctl.cli.audit_table import draw
from secretctl.cli.config_file import shown_name
from secretctl.cli.functions import Known, check_startable, known
from secretctl.cli.options import Globals
from secretctl.cli.toml_text import parsed
from secretctl.context import Context
from secretctl.errors import ConfigError, UsageError
from secretctl.rotation.functions import WITH_SETTINGS
from secretctl.rotation.registry import BUILTIN, SettingError, written
from secretctl.rotation.settings import at, of_table

_HEADINGS = ("SECRETS", "BUILTIN", "SETTINGS", "TIMEOUT")
_LARGEST_FILE = 64 * 1024


def register(group: typer.Typer, context: Context, given: Globals) -> None:
    """Add the command to *group*."""

    @group.command("settings")
    def settings(
        pattern: Annotated[
            str, typer.Argument(help="Name of the secret that is rotated, or a pattern: prod/api-*")
        ] = "",
        builtin: Annotated[str, typer.Option(help=f"One of {', '.join(WITH_SETTINGS)}.")] = "",
        file: Annotated[str, typer.Option(help="File of its settings, in TOML.")] = "",
        remove: Annotated[bool, typer.Option("--remove", help="Take them away again.")] = False,
    ) -> None:
        """Say which commands, or which requests, a builtin rotates a secret with.

        They are copied into your configuration file, and hold for all that rotates with it.
        Whoever may make a secret of such a name and have it rotated has them run, on that secret.
        No two patterns may mean one secret. Without words it shows what is set.
        """
        found = known(context)
        if not pattern:
            if builtin or file or remove:
                raise UsageError("the name of the secret that is rotated, or a pattern, is missing")
            draw(_HEADINGS, _rows(found), given.color, context)
            return
        if remove:
            _remove(found, pattern, builtin or file, context)
            return
        _check_words(pattern, builtin, file)
        _set(found, pattern, {**in_file(file), BUILTIN: builtin}, context)


def in_file(path: str) -> dict[str, object]:
    """Return what stands in a file of settings.

    Raises:
        ConfigError: It cannot be read, or is not TOML.
    """
    try:
        with open(os.path.expanduser(path), "rb") as file:
            return parsed(file.read(_LARGEST_FILE), shown_name(path))
    except OSError as error:
        why = os.strerror(error.errno or 0).lower()
        raise ConfigError(f"the file of settings cannot be read: {why}") from None


def _rows(found: Known) -> list[tuple[str, ...]]:
    every = {pattern: at(found.settings, pattern, found.home) for pattern in found.settings}
    return [
        (pattern, each.path, ", ".join(each.settings), f"{each.timeout_s} s")
        for pattern, each in every.items()
    ]


def _check_words(pattern: str, builtin: str, file: str) -> None:
    named = builtin if builtin in WITH_SETTINGS else "BUILTIN"
    hint = f"secretctl rotation settings {quote(pattern)} --builtin {named} --file FILE"
    if builtin and builtin not in WITH_SETTINGS:
        raise UsageError(f"argument --builtin: none of {', '.join(WITH_SETTINGS)}", hint)
    if not (builtin and file):
        raise UsageError(f"{'--file' if builtin else '--builtin'} is missing", hint)


def _set(found: Known, pattern: str, table: dict[str, object], context: Context) -> None:
    try:
        made = of_table(table, found.home)
    except SettingError as error:
        raise ConfigError(f"the file of settings {error}") from None
    check_startable(context, made)
    config_change.edit(context.environ, lambda content: _put(content, pattern, written(made)))
    named = f"--secret-id {quote(pattern)}" if _is_name(pattern) else "--secret-id NAME"
    command = f"secretctl rotate-secret {named} --rotation-lambda-arn {made.path}"
    context.stdout.write(f"set for {pattern}: {command}\n")


def _remove(found: Known, pattern: str, more: str, context: Context) -> None:
    if more:
        raise UsageError("--remove takes away all of a pattern: nothing is said besides")
    if pattern not in found.settings:
        raise UsageError("nothing is set for that pattern", "secretctl rotation settings")
    config_change.edit(context.environ, lambda content: _put(content, pattern, None))
    context.stdout.write(f"set no more: {pattern}\n")


def _is_name(pattern: str) -> bool:
    return not set("*?") & set(pattern)


def _put(content: dict[str, object], pattern: str, said: dict[str, object] | None) -> None:
    table = config_change.table_in(config_change.table_in(content, "rotation"), "settings")
    if said is None:
        table.pop(pattern, None)
    else:
        table[pattern] = said
