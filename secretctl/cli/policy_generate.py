"""``policy generate``: the least policy for what the journal saw."""

from typing import Annotated

import typer

from secretctl import json_text
from secretctl.audit import query
from secretctl.audit.query import Query, select
from secretctl.cli import audit_asking
from secretctl.cli.options import Globals
from secretctl.cli.output import deliver
from secretctl.cli.people import Choose, ProfileOption, VaultOption
from secretctl.cli.terminal import escaped_json, is_terminal
from secretctl.context import Context
from secretctl.errors import UsageError
from secretctl.service import generating


def register(group: typer.Typer, context: Context, given: Globals, choose: Choose) -> None:
    """Add the command to the group ``policy``."""

    @group.command()
    def generate(
        from_audit: Annotated[
            bool, typer.Option("--from-audit", help="From the journal; there is no other source.")
        ] = False,
        principal: Annotated[
            str, typer.Option(metavar="WHO", help="Name, ARN or id of a user or role.")
        ] = "",
        since: Annotated[
            str | None, typer.Option(help="Only what came after: 2h, 3d or a time.")
        ] = None,
        vault: VaultOption = "",
        profile: ProfileOption = "",
    ) -> None:
        """Write the least identity policy for what a principal was allowed.

        Each action is allowed on the resources it was seen on, and on no others.
        A secret that the principal made is named NAME-??????, since the next one of
        that name has another suffix. What failed is left out. Like the questions
        of audit it reads the journal, needs no key and is not recorded.

        Exit status: 0 the policy was written, 1 there is none: nothing was allowed,
        several principals go by that name, or names of secrets are hidden.
        """
        if not from_audit or not principal:
            missing = "--from-audit" if not from_audit else "--principal"
            raise UsageError(
                f"the following arguments are required: {missing}",
                "secretctl policy generate --from-audit --principal root",
            )
        start_ms = None if since is None else audit_asking.begun(since, context)
        reader = audit_asking.reader_of(choose(vault, profile))
        conditions = (query.principal(principal), *query.in_region(given.region or ""))
        found = select(reader, reader.forward(), Query(conditions, start_ms))
        try:
            made = generating.policy(record.fields for record in found)
        finally:
            audit_asking.warn_unreadable(reader, context)
        for left_out in made.left_out:
            context.stderr.write(f"secretctl: warning: {left_out}\n")
        text = json_text.indented(made.document)
        deliver((escaped_json(text) if is_terminal(context.stdout) else text) + "\n", context)
