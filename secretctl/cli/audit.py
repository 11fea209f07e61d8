"""``audit``: the commands that ask the journal.

Those that are declared (`model.journal`) are read by the model-driven reader and only listed here.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Annotated

import typer

from secretctl.audit.export import FORMATS, exported
from secretctl.audit.query import Query, in_region
from secretctl.audit.records import own
from secretctl.cli import audit_asking, audit_proof, audit_tail, outfile, places, suggest
from secretctl.cli.api import open_session
from secretctl.cli.options import Globals
from secretctl.cli.output import deliver
from secretctl.cli.people import (
    PASSED_THROUGH,
    Choose,
    OutOption,
    ProfileOption,
    VaultOption,
    chooser,
)
from secretctl.cli.terminal import is_terminal, safe_lines
from secretctl.context import Context
from secretctl.errors import UsageError
from secretctl.model.journal import QUESTIONS
from secretctl.model.shapes import Fields, Operation

_LINES = 1000
"""Lines that are written at a time."""


def register(app: typer.Typer, context: Context, given: Globals) -> typer.Typer:
    """Add ``audit`` to *app*; return its group, to which others add their commands."""
    group = typer.Typer(help="Ask the journal who did what, and check it.")
    app.add_typer(group, name="audit")
    for name, operation in QUESTIONS.items():
        _pass_through(group, name, operation, context, given)
    choose = chooser(context, given)
    region = given.region or ""
    _register_tail(group, context, choose, region)
    _register_export(group, context, choose, region)
    _register_hash(group, context, choose)
    audit_proof.register(group, context, choose)
    return group


def _register_tail(group: typer.Typer, context: Context, choose: Choose, region: str) -> None:
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
            asked = Query(in_region(region), intents=intents)
            end = audit_tail.tail(reader, lines, context, asked)
            if follow:
                audit_tail.follow(reader, end, context, asked)
        finally:
            audit_asking.warn_unreadable(reader, context)


def _register_export(group: typer.Typer, context: Context, choose: Choose, region: str) -> None:
    @group.command()
    def export(
        form: Annotated[str, typer.Option("--format", help="jsonl, csv or ocsf.")] = "jsonl",
        since: Annotated[
            str | None, typer.Option(help="Only what came after: 2h, 3d or a time.")
        ] = None,
        out: OutOption = "",
        vault: VaultOption = "",
        profile: ProfileOption = "",
    ) -> None:
        """Write the journal as its own lines, as a table, or as OCSF events."""
        if form not in FORMATS:
            near = suggest.choice(form, FORMATS, "jsonl")
            raise UsageError(f"the format is none of {', '.join(FORMATS)}", f"--format {near}")
        start_ms = None if since is None else audit_asking.begun(since, context)
        query = Query(in_region(region), start_ms=start_ms)
        chosen = choose(vault, profile)
        reader = audit_asking.reader_of(chosen)
        lines = exported(reader, form, query)
        try:
            if outfile.is_file(out):
                outfile.write(out, lines, places.ours(chosen.vault, context.environ))
            else:
                _deliver(lines, context)
        finally:
            audit_asking.warn_unreadable(reader, context)


def _register_hash(group: typer.Typer, context: Context, choose: Choose) -> None:
    @group.command("hash")
    def hash_(name: str, vault: VaultOption = "", profile: ProfileOption = "") -> None:
        """Print the hash by which a name is found in the journal; recorded, without the name."""
        session = open_session(choose(vault, profile), context, "audit-hash")
        try:
            found = session.recorder.names.hashed(name)
            said: Fields = {"hash": found}
            session.recorder.write([own("HashName", session.region, said, read_only=True)])
        finally:
            session.close()
        context.stdout.write(f"{found}\n")


def _deliver(lines: Iterator[str], context: Context) -> None:
    """Write *lines* to standard output as they come; a terminal gets no line that steers it."""
    shown = is_terminal(context.stdout)
    while part := list(islice(lines, _LINES)):
        deliver("".join(map(safe_lines, part) if shown else part), context)


def _pass_through(
    group: typer.Typer, name: str, operation: Operation, context: Context, given: Globals
) -> None:
    def command(ctx: typer.Context) -> None:
        raise typer.Exit(audit_asking.run(operation, ctx.args, given, context, 2))

    group.command(
        name,
        help=operation.summary,
        context_settings=dict(PASSED_THROUGH),
        add_help_option=False,
    )(command)
