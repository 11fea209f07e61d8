"""How the help that Typer draws is ordered and worded: by what is done first, not by registration.

Only imported for help, once `app.dress_help` has said how wide it is.
"""

from __future__ import annotations

from collections.abc import Mapping

import typer
from rich.text import Text
from typer import rich_utils
from typer.core import TyperCommand, TyperGroup, TyperOption

from secretctl.cli import people_examples, people_words
from secretctl.cli.complete import SUBCOMMANDS
from secretctl.cli.terminal import headed

GROUPS: Mapping[str, tuple[str, ...]] = {
    "Begin": ("init", "status", "configure", "completion"),
    "Secrets in programs": (
        *("get", "set", "unset", "exec", "check", "export", "inject", "import", "sync", "serve"),
    ),
    "Secrets": (
        *("create-secret", "get-secret-value", "put-secret-value", "update-secret"),
        *("list-secrets", "describe-secret", "batch-get-secret-value", "get-random-password"),
        *("tag-resource", "untag-resource", "delete-secret", "restore-secret"),
    ),
    "Versions": (
        *("list-secret-version-ids", "update-secret-version-stage", "delete-secret-version"),
    ),
    "Rotation": ("rotate-secret", "cancel-rotate-secret", "rotation"),
    "Who may do what": (
        *("iam", "kms", "sts", "policy", "put-resource-policy", "get-resource-policy"),
        *("list-resource-policies", "validate-resource-policy", "delete-resource-policy"),
    ),
    "Replicas in other regions": (
        *("replicate-secret-to-regions", "remove-regions-from-replication"),
        *("stop-replication-to-replica", "associate-cross-account-replica"),
        *("disassociate-cross-account-replica",),
    ),
    "The vault": (
        *("audit", "backup", "restore", "accept-restore", "unlock-slot", "rekey", "fsck"),
        *("vouching",),
    ),
}
"""The commands in the order of ``secretctl --help``, under their headings."""

_VALUES = {
    **dict.fromkeys(("--vault",), "DIR"),
    **dict.fromkeys(("--profile", "--environment", "--handler", "--function"), "NAME"),
    **dict.fromkeys(("--region",), "REGION"),
    **dict.fromkeys(("--endpoint-url",), "URL"),
    **dict.fromkeys(
        (
            *("--out", "--key-file", "--manifest", "--checkpoint", "--input", "--tls-cert"),
            *("--tls-key", "--agent-token-file", "--path", "--executable", "--python"),
            "--settings",
        ),
        "FILE",
    ),
    **dict.fromkeys(("--format",), "FORMAT"),
    **dict.fromkeys(("--since", "--before"), "TIME"),
    **dict.fromkeys(("--principal",), "WHO"),
    **dict.fromkeys(("--read", "--secrets"), "SECRET"),
    **dict.fromkeys(("--drop-slot",), "ID"),
    **dict.fromkeys(("--lines", "--timeout"), "N"),
    **dict.fromkeys(("--listen",), "IP:PORT"),
    **dict.fromkeys(("--env",), "NAME=VALUE"),
}
"""What stands behind an option; TEXT behind the others that take a value."""


def as_help(
    app: typer.Typer, words: list[str], *, colored: bool
) -> tuple[TyperCommand | TyperGroup, str]:
    """Return what shows the help of the command that *words* name, and the examples behind it."""
    names = [word for word in words if not word.startswith("-")]
    examples = people_examples.text(people_words.command_of(names))
    return dressed(app), headed(examples) if colored else examples


def dressed(app: typer.Typer) -> TyperCommand | TyperGroup:
    """Return the command of *app* as its help is to show it."""
    rich_utils.types_highlighter = _WithoutTypes()
    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)
    places = {name: panel for panel, names in GROUPS.items() for name in names}
    for name, panel in places.items():
        command = root.commands[name]
        assert isinstance(command, TyperCommand | TyperGroup)
        command.rich_help_panel = panel
    root.commands = {name: root.commands[name] for name in places}
    _dress(root, "")
    return root


def _dress(command: object, name: str) -> None:
    assert isinstance(command, TyperCommand | TyperGroup)
    command.help = joined(command.help or "")
    for param in command.params:
        if isinstance(param, TyperOption) and param.metavar is None:
            param.metavar = "" if param.is_flag else _VALUES.get(param.opts[0], "TEXT")
    if isinstance(command, TyperGroup):
        order = [each for each in SUBCOMMANDS.get(name, ()) if each in command.commands]
        command.commands = {each: command.commands[each] for each in (*order, *command.commands)}
        for each, below in command.commands.items():
            _dress(below, f"{name} {each}".strip())


def joined(text: str) -> str:
    """Return *text* with its sentences on one line each: it is broken as wide as it is shown."""
    lines: list[str] = []
    for line in text.split("\n"):
        if lines and line.strip() and lines[-1].strip() and lines[-1][-1] not in ".:":
            lines[-1] += " " + line.strip()
        else:
            lines.append(line.strip())
    return "\n".join(lines)


class _WithoutTypes(rich_utils.TypesHighlighter):
    """Leaves out what Typer says of Python's types, as behind arguments and ``--help``."""

    def __call__(self, text: str | Text) -> Text:
        return Text("") if str(text).startswith("<") else super().__call__(text)
