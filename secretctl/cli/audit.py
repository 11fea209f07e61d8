"""``audit``: the commands that ask the journal.

Those that are declared (`model.journal`) are read by the model-driven reader and only listed here.
"""

from typing import Annotated

import typer

from secretctl.cli import audit_asking, audit_tail
from secretctl.cli.options import Globals
from secretctl.cli.people import Choose, ProfileOption, VaultOption, chooser
from secretctl.context import Context
from secretctl.model.journal import QUESTIONS
from secretctl.model.shapes import Operation

_PASSED_THROUGH = {
    "allow_extra_args": True,
    "ignore_unknown_options": True,
    "allow_interspersed_args": False,
    "help_option_names": [],
}


def register(app: typer.Typer, context: Context, given: Globals) -> typer.Typer:
    """Add ``audit`` to *app*; return its group, to which others add their commands."""
    group = typer.Typer(help="Ask the journal who did what, and check it.")
    app.add_typer(group, name="audit", rich_help_panel="Vault")
    for name, operation in QUESTIONS.items():
        _pass_through(group, name, operation, context, given)
    _register_tail(group, context, chooser(context, given))
    return group


def _register_tail(group: typer.Typer, context: Context, choose: Choose) -> None:
    @group.command()
    def tail(
        lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="How many.")] = 10,
        follow: Annotated[
            bool, typer.Option("--follow", "-f", help="Go on with what is appended.")
        ] = False,
        intents: Annotated[
            bool, typer.Option("--intents", help="Show announcements of changes as well.")
        ] = False,
        vault: VaultOption = "",
        profile: ProfileOption = "",
    ) -> None:
        """Show the last events, one a line; as JSON Lines where it is piped."""
        reader = audit_asking.reader_of(choose(vault, profile))
        try:
            end = audit_tail.tail(reader, lines, context, intents=intents)
            if follow:
                audit_tail.follow(reader, end, context, intents=intents)
        finally:
            audit_asking.warn_unreadable(reader, context)


def _pass_through(
    group: typer.Typer, name: str, operation: Operation, context: Context, given: Globals
) -> None:
    def command(ctx: typer.Context) -> None:
        raise typer.Exit(audit_asking.run(operation, ctx.args, given, context))

    group.command(
        name,
        help=operation.summary,
        context_settings=dict(_PASSED_THROUGH),
        add_help_option=False,
    )(command)
