"""``policy explain``: why something was refused, and what would have to change."""

from typing import Annotated

import typer

from secretctl import json_text
from secretctl.audit import query, refusals
from secretctl.audit.query import Query, select
from secretctl.audit.reader import Reader
from secretctl.cli import audit_asking, config
from secretctl.cli.carried import carried
from secretctl.cli.options import Globals
from secretctl.cli.output import deliver
from secretctl.cli.people import Choose, ProfileOption, VaultOption
from secretctl.cli.terminal import escaped_json, is_terminal
from secretctl.context import Context
from secretctl.errors import UsageError
from secretctl.model.shapes import Fields
from secretctl.service import explained_changes, explaining
from secretctl.service.explained_commands import Shell
from secretctl.service.explaining import Refusal

_NONE = "no refusal is in the journal"
_NONE_SUCH = "no such refusal is in the journal"


def register(group: typer.Typer, context: Context, given: Globals, choose: Choose) -> None:
    """Add the command to the group ``policy``."""

    @group.command()
    def explain(
        event_id: Annotated[str, typer.Option(metavar="ID", help="Of that event.")] = "",
        principal: Annotated[
            str, typer.Option(metavar="WHO", help="The last one of that user name or ARN.")
        ] = "",
        secret_id: Annotated[
            str, typer.Option(metavar="SECRET", help="The last one about that name or ARN.")
        ] = "",
        vault: VaultOption = "",
        profile: ProfileOption = "",
    ) -> None:
        """Say why the last refusal was one, and what would have to change.

        Which policy denies, which condition failed on which key, or which key is
        not granted; with the statement to add and the commands to type. Like the
        questions of audit it reads the journal, needs no key and is not recorded.
        Sentences on a terminal, JSON elsewhere and with --output json.
        """
        if given.output not in (None, "json", "text"):
            raise UsageError("'policy explain' answers as text or json", "--output json")
        chosen = choose(vault, profile)
        reader = audit_asking.reader_of(chosen)
        conditions = [refusals.refused(), *query.in_region(given.region or "")]
        if event_id:
            conditions.append(query.member("eventID", event_id))
        if principal:
            conditions.append(query.principal(principal))
        if secret_id:
            names = (
                None
                if query.is_hash(secret_id)
                else audit_asking.names_of(chosen, context, "policy-explain")
            )
            conditions.append(query.secret(secret_id, None if names is None else names.hashes))
        fields = _last(reader, Query(tuple(conditions)))
        audit_asking.warn_unreadable(reader, context)
        is_text = given.output == "text" or (given.output is None and is_terminal(context.stdout))
        if fields is not None:
            options = _options(vault, profile, chosen)
            shell = Shell(options, "" if given.region else chosen.region, chosen.vault)
            said = _told(explaining.refusal(fields), shell, context, is_text=is_text)
        elif is_text:
            said = f"{_NONE_SUCH if len(conditions) > 1 else _NONE}\n"
        else:
            said = _as_json(None)
        deliver(said, context)


def _last(reader: Reader, asked: Query) -> Fields | None:
    return next((record.fields for record in select(reader, reader.backward(), asked)), None)


def _options(vault: str, profile: str, chosen: config.Settings) -> tuple[str, ...]:
    """Return what chooses the same vault for its owner, whose profile holds no credential."""
    if chosen.credential is not None and profile:
        vault, profile = chosen.vault, ""
    named = (("--vault", vault), ("--profile", profile))
    return tuple([word for each in named if each[1] for word in each])


def _told(found: Refusal, shell: Shell, context: Context, *, is_text: bool) -> str:
    from secretctl.cli import policy_explain_words

    needed, changes = explained_changes.changes(found, shell)
    if is_text:
        return carried(policy_explain_words.text(found, needed, changes), context)
    if note := policy_explain_words.note(found, changes):
        context.stderr.write(f"secretctl: warning: {note}\n")
    return _as_json({**explaining.told(found), "needed": needed, "changes": changes})


def _as_json(refusal: Fields | None) -> str:
    return escaped_json(json_text.indented({"refusal": refusal})) + "\n"
