"""``audit``: the commands that ask the journal.

Those that are declared (`model.journal`) are read by the model-driven reader and only listed here.
"""

import typer

from secretctl.cli import audit_asking
from secretctl.cli.options import Globals
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
    return group


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
