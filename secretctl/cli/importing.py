"""``import``: files of other tools, and what ``export`` wrote, as secrets."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated

import typer

from secretctl.audit.records import own
from secretctl.cli import import_input, suggest
from secretctl.cli.api import open_session
from secretctl.cli.endpoint import refuse_variable
from secretctl.cli.import_input import Wanted
from secretctl.cli.options import Globals
from secretctl.cli.output import deliver
from secretctl.cli.people import ProfileOption, RegionOption, VaultOption, chooser, counted
from secretctl.cli.progress import bar
from secretctl.cli.terminal import report, safe
from secretctl.context import Context
from secretctl.delivery.readers import FORMATS
from secretctl.delivery.references import shown
from secretctl.errors import ServiceError, UsageError
from secretctl.model.shapes import Parameters
from secretctl.record import NamedTuple
from secretctl.service import importing
from secretctl.service.failures import failing
from secretctl.service.importing import CHANGE, CONFLICT, CREATE, KEPT, POLICIES, REFUSED, SAME
from secretctl.service.one_commit import EXISTS
from secretctl.service.session import Session

_COMMAND = "import"
_NOT_IMPORTED = "Nothing was imported, or not all of it."
_WAY_OUT = "--on-conflict skip leaves it as it is, overwrite gives it a new version"


class Choice(NamedTuple):
    """What is to become of secrets that are there, and of new ones."""

    on_conflict: str
    dry_run: bool
    tags: tuple[str, ...]
    kms_key_id: str


def register(app: typer.Typer, context: Context, given: Globals) -> None:
    """Add the command to *app*."""
    choose = chooser(context, given)

    @app.command(name=_COMMAND)
    def import_(  # noqa: PLR0913 Typer reads the options here
        *,
        file: Annotated[str, typer.Argument(metavar="FILE", help="- is standard input.")],
        form: Annotated[str, typer.Option("--format", help=f"One of: {', '.join(FORMATS)}.")],
        prefix: Annotated[str, typer.Option(help="In front of the name of each secret.")] = "",
        name: Annotated[
            str | None,
            typer.Option(metavar="TEMPLATE", help="Name of each secret; {} is the entry's."),
        ] = None,
        into: Annotated[
            str | None,
            typer.Option(metavar="NAME", help="All entries as one secret, a JSON object."),
        ] = None,
        on_conflict: Annotated[
            str, typer.Option(help="Where a secret has another value: error, skip or overwrite.")
        ] = "error",
        dry_run: Annotated[
            bool, typer.Option("--dry-run", help="Say what would be done; change nothing.")
        ] = False,
        tag: Annotated[
            list[str] | None, typer.Option(metavar="KEY=VALUE", help="Of each new secret.")
        ] = None,
        kms_key_id: Annotated[str, typer.Option(help="Key of each new secret.")] = "",
        first_line: Annotated[
            bool, typer.Option("--first-line", help="Of each entry of pass, the password alone.")
        ] = False,
        region: RegionOption = "",  # noqa: ARG001 in the help; it is read before Typer reads
        vault: VaultOption = "",
        profile: ProfileOption = "",
    ) -> None:
        """Make a secret of each entry of a file, all of them or none.

        A secret that is there with the same value stays as it is: a second import
        changes nothing. A file that leaves open what an entry means is refused.
        """
        refuse_variable(given._replace(vault=vault or None), context, _COMMAND)
        wanted = Wanted(file, form, prefix, name, into, first_line)
        choice = Choice(on_conflict, dry_run, tuple(tag or ()), kms_key_id)
        besides = _besides(choice)
        import_input.check(wanted)
        wishes = import_input.wishes(wanted, context)
        session = open_session(choose(vault, profile), context, _COMMAND)
        try:
            _import(session, wanted, wishes, choice, besides, context)
        except ServiceError as error:
            status = report(error, None, context, color=given.color, debug=given.debug)
            raise typer.Exit(status) from None
        finally:
            session.close()


def _besides(choice: Choice) -> Parameters:
    """Return what new secrets have besides name and value.

    Raises:
        UsageError: An option says what it may not.
    """
    if choice.on_conflict not in POLICIES:
        near = suggest.choice(choice.on_conflict, POLICIES, "skip")
        raise UsageError(
            f"argument --on-conflict: it is none of {', '.join(POLICIES)}", f"--on-conflict {near}"
        )
    pairs = [tag.partition("=") for tag in choice.tags]
    if not all(key and equals for key, equals, _ in pairs):
        raise UsageError("argument --tag: it is not KEY=VALUE", "--tag team=payments")
    besides: Parameters = {}
    if pairs:
        besides["Tags"] = [{"Key": key, "Value": value} for key, _, value in pairs]
    if choice.kms_key_id:
        besides["KmsKeyId"] = choice.kms_key_id
    return besides


def _import(  # noqa: PLR0913 what the command line says, read
    session: Session,
    wanted: Wanted,
    wishes: Sequence[importing.Wish],
    choice: Choice,
    besides: Parameters,
    context: Context,
) -> None:
    event = own(
        "Import",
        session.region,
        {
            "format": wanted.form,
            "secrets": len(wishes),
            "onConflict": choice.on_conflict,
            "dryRun": choice.dry_run,
        },
    )
    with failing(session.recorder, lambda: event, _NOT_IMPORTED):
        session.recorder.note(event)
        with bar(context, "importing") as progress:
            found = importing.bring_in(
                session._replace(progress=progress),
                wishes,
                besides,
                choice.on_conflict,
                is_trial=choice.dry_run,
            )
        if choice.dry_run:
            deliver("".join(f"{each.what:<10}{safe(each.name)}\n" for each in found), context)
        _refuse_bad(found, context, is_listed=choice.dry_run)
    deliver(_said(found, choice), context)


def _refuse_bad(found: Sequence[importing.Finding], context: Context, *, is_listed: bool) -> None:
    """Name the secrets that keep the others from being imported.

    Args:
        found: What becomes of each.
        context: Where it is told.
        is_listed: A list that was shown says which are in conflict; why others are refused it does
            not.

    Raises:
        ServiceError: There is one.
    """
    bad = [each for each in found if each.what in (CONFLICT, REFUSED)]
    if not bad:
        return
    told = [each for each in bad if each.what == REFUSED or not is_listed]
    import_input.tell_first(
        [f"'{safe(shown(each.name))}': {safe(_why(each))}" for each in told], context
    )
    refusal = next((each.error for each in bad if each.error is not None), None)
    code, hints = (EXISTS, (_WAY_OUT,)) if refusal is None else (refusal.code, refusal.hints)
    what = f"{counted(len(bad), 'secret')} of {len(found)} cannot be imported; "
    written = sum(each.is_written for each in found)
    if not written:
        raise ServiceError(code, f"{what}nothing was changed.", *hints)
    what += f"{counted(written, 'other')} had been written before, and nothing else was."
    raise ServiceError(code, what, *hints, "once that is settled, the same command makes the rest")


def _why(finding: importing.Finding) -> str:
    return finding.error.message if finding.error else "it is there with another value"


def _said(found: Sequence[importing.Finding], choice: Choice) -> str:
    """Return how many were made, changed or left, or would be."""
    counts = Counter(each.what for each in found)
    words = {CREATE: "created", CHANGE: "changed", SAME: "unchanged", KEPT: "skipped"}
    told = ", ".join(f"{counts[what]} {word}" for what, word in words.items() if counts[what])
    return f"nothing was changed; it would be: {told}\n" if choice.dry_run else f"{told}\n"
