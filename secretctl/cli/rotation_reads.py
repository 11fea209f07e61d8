"""``rotation allow``: which other secrets builtins may read, in the configuration file."""

from typing import Annotated

import typer

from secretctl.cli import config_change
from secretctl.cli.audit_table import draw
from secretctl.cli.functions import allowed
from secretctl.cli.options import Globals
from secretctl.context import Context
from secretctl.errors import UsageError

_HEADINGS = ("SECRETS", "MAY READ")


def register(group: typer.Typer, context: Context, given: Globals) -> None:
    """Add the command to *group*."""

    @group.command()
    def allow(
        pattern: Annotated[
            str, typer.Argument(help="Name of the secret that is rotated, or a pattern: prod/db/*")
        ] = "",
        read: Annotated[
            list[str] | None, typer.Option(help="Secret of a master or an authority.")
        ] = None,
        remove: Annotated[bool, typer.Option("--remove", help="Take it away again.")] = False,
    ) -> None:
        """Let the rotation of a secret read another, which its value names.

        It holds for all that rotates with your configuration file. Whoever may change the value of
        such a secret may have the other one used. Without words it shows what may be read; with
        --remove alone, all of the pattern goes.
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


def _rows(found: dict[str, list[str]]) -> list[tuple[str, ...]]:
    return [(pattern, ", ".join(ids)) for pattern, ids in found.items()]


def _check(before: dict[str, list[str]], pattern: str, ids: list[str], *, remove: bool) -> None:
    if not (ids or remove):
        raise UsageError("--read is missing: the secret that may be read")
    if remove and not (pattern in before and set(ids) <= set(before[pattern])):
        raise UsageError("nothing of that is allowed", "secretctl rotation allow")


def _put(content: dict[str, object], pattern: str, ids: list[str], *, remove: bool) -> None:
    table = config_change.table_in(config_change.table_in(content, "rotation"), "reads")
    found = table.get(pattern)
    before = found if isinstance(found, list) else []
    kept = [each for each in before if each not in (ids or before)] if remove else [*before, *ids]
    table[pattern] = list(dict.fromkeys(kept))
    if not kept:
        del table[pattern]
