"""``sync``: the secrets of one Secrets Manager made those of another."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated

import typer

from secretctl.cli import config, endpoint
from secretctl.cli.api import open_supplier
from secretctl.cli.import_input import tell_first
from secretctl.cli.options import Globals
from secretctl.cli.output import deliver
from secretctl.cli.people import RegionOption, VaultOption, counted
from secretctl.cli.progress import bar
from secretctl.cli.supplier import OfEndpoint, Supplier
from secretctl.cli.terminal import report, safe
from secretctl.context import Context, uuid4
from secretctl.delivery.references import shown
from secretctl.errors import SecretctlError, ServiceError, UsageError
from secretctl.model.shapes import Operation, Parameters, Result
from secretctl.record import NamedTuple
from secretctl.service.copying import CHANGE, CREATE, SAME, TAGS, Copying, Finding
from secretctl.service.copying_held import Call, names

PLACES = ("aws", "vault")
"""What may stand in the place of a URL."""

_COMMAND = "sync"
_WORDS = {CREATE: "created", CHANGE: "changed", SAME: "unchanged"}
_GOES_ON = "the same command goes on from here"
_FORM = "secretctl sync --from aws --to vault --dry-run"


class Request(NamedTuple):
    """What is asked for."""

    source: str
    target: str
    prefix: str
    is_trial: bool
    has_policies: bool
    source_profile: str = ""
    target_profile: str = ""

    @property
    def places(self) -> tuple[tuple[str, str, str], ...]:
        """The option that names each of the two places, what it says, and the place's profile."""
        return (
            ("--from", self.source, self.source_profile),
            ("--to", self.target, self.target_profile),
        )


def register(app: typer.Typer, context: Context, given: Globals) -> None:
    """Add the command to *app*."""

    @app.command(name=_COMMAND)
    def sync(  # noqa: PLR0913 Typer reads the options here
        *,
        source: Annotated[
            str, typer.Option("--from", metavar="PLACE", help="aws, vault, or the URL of another.")
        ],
        target: Annotated[
            str,
            typer.Option(
                "--to", metavar="PLACE", help="aws, vault, or a URL; secrets are changed here."
            ),
        ],
        prefix: Annotated[str, typer.Option(help="Of the names of what is copied.")] = "",
        dry_run: Annotated[
            bool, typer.Option("--dry-run", help="Say what would be done; change nothing.")
        ] = False,
        without_policies: Annotated[
            bool, typer.Option("--without-policies", help="Leave resource policies alone.")
        ] = False,
        region: RegionOption = "",  # noqa: ARG001 in the help; it is read before Typer reads
        vault: VaultOption = "",
        profile: Annotated[str, typer.Option(help="Profile of AWS's files.")] = "",
        from_profile: Annotated[
            str, typer.Option(metavar="NAME", help="The same, for --from alone.")
        ] = "",
        to_profile: Annotated[
            str, typer.Option(metavar="NAME", help="The same, for --to alone.")
        ] = "",
    ) -> None:
        """Copy secrets to another place: values, descriptions, tags and policies.

        The current version and the one before it keep their ids and labels. What is
        there already stays as it is: a second sync changes nothing. What only the
        target has is left alone, and so are keys, rotation and replicas.

        Exit status: 0 all is the same now, 254 a secret could not be copied, the
        others were, 255 a place was not reached, 252 usage, 253 configuration.
        """
        profiles = from_profile, to_profile
        request = Request(source, target, prefix, dry_run, not without_policies, *profiles)
        flags = given._replace(vault=vault or None, profile=profile or None)
        try:
            _sync(request, _settings(request, flags, context), context)
        except ServiceError as error:
            status = report(error, None, context, color=given.color, debug=given.debug)
            raise typer.Exit(status) from None


def _settings(
    request: Request, flags: Globals, context: Context
) -> tuple[config.Settings, config.Settings]:
    """Return what holds for the two places.

    Raises:
        UsageError: They are one, or one is named wrongly.
    """
    for option, place, profile in request.places:
        if place not in PLACES and "://" not in place:
            raise UsageError(f"argument {option}: it is none of aws, vault and a URL", _FORM)
        if place == "vault" and profile:
            raise UsageError(
                f"argument {option}-profile: a vault has no profile of AWS's files", _FORM
            )
    if flags.vault and "vault" not in (request.source, request.target):
        raise UsageError("--vault is for a place that is called vault", _FORM)
    source, target = [
        _at(place, flags._replace(profile=profile or flags.profile), context)
        for _, place, profile in request.places
    ]
    is_of_one = request.source_profile == request.target_profile
    if is_of_one and _url(source) == _url(target):
        raise UsageError("--from and --to are one place", _FORM)
    return _beside(source, target, context), _beside(target, source, context)


def _at(place: str, flags: Globals, context: Context) -> config.Settings:
    if place == "vault":  # beside it is an endpoint, so that a profile is one of AWS's files
        return endpoint.at(None, flags._replace(profile=None), context)
    flags = flags._replace(vault=None)
    found = endpoint.at(place, flags, context)
    if place != "aws":
        return found
    from secretctl.cli.reaching import url_of_aws

    return endpoint.at(url_of_aws(flags, found, context), flags, context)


def _url(settings: config.Settings) -> str | None:
    """Return the URL of an endpoint in one form, so that one place is seen to be one."""
    from secretctl.remote.address import parse

    url = None if settings.endpoint is None else settings.endpoint.endpoint_url
    return None if url is None else parse(url, may_be_plain=True).url


def _beside(settings: config.Settings, other: config.Settings, context: Context) -> config.Settings:
    """Let a vault, where nothing says which region, have that of the endpoint beside it."""
    if settings.endpoint is not None or settings.region_chosen != "default":
        return settings
    from secretctl.cli.reaching import region_of

    return settings._replace(region=region_of(other, context))


def _sync(
    request: Request, settings: tuple[config.Settings, config.Settings], context: Context
) -> None:
    found: list[Finding] = []
    source = open_supplier(settings[0], context, _COMMAND)
    try:
        target = open_supplier(settings[1], context, _COMMAND)
        try:
            _copy(request, source, target, found, context)
        except SecretctlError as error:
            _list(found, context)
            error.hints = (*error.hints, _GOES_ON) if found else error.hints
            raise
        except KeyboardInterrupt:
            _list(found, context)
            raise
        finally:
            target.close()
    finally:
        source.close()
    _list(found, context)
    _tell(found, request, context)


def _copy(
    request: Request,
    source: Supplier,
    target: Supplier,
    found: list[Finding],
    context: Context,
) -> None:
    """Copy one secret after the other, and add to *found* what became of each."""
    from secretctl.remote.refusals import is_of_the_caller

    (option, _, _), (other, _, _) = request.places
    copying = Copying(
        _asking(option, source),
        _asking(other, target),
        lambda: uuid4(context.random(16)),
        has_policies=request.has_policies,
    )
    copied = copying.found if request.is_trial else copying.made
    with bar(context, "copying") as progress:
        every = list(names(_asking(option, source), request.prefix))
        for number, name in enumerate(every):
            progress(number, len(every))
            with source.delivering(), target.delivering():
                made = copied(name)
            if made.error is not None and is_of_the_caller(made.error):
                raise made.error  # the others would be refused likewise
            found.append(made)
            source.flush()
            target.flush()


def _asking(option: str, place: Supplier) -> Call:
    """Return what asks *place*, and says so where that knows nobody by the credential."""
    from secretctl.remote.refusals import is_of_the_caller

    def ask(operation: Operation, parameters: Parameters) -> Result:
        try:
            return place.call(operation, parameters)
        except ServiceError as error:
            if is_of_the_caller(error) and isinstance(place, OfEndpoint):
                error.hints = (
                    *error.hints,
                    f"that is what {option} answers: {option}-profile NAME",
                )
            raise

    return ask


def _list(found: Sequence[Finding], context: Context) -> None:
    """Write what became of each secret that is not the same, or would."""
    for each in found:
        if each.error is None and each.what != SAME:
            said = [f"tags ({' '.join(each.tags)})" if it == TAGS else it for it in each.differs]
            differs = f": {', '.join(said)}" if said else ""
            deliver(f"{each.what:<10}{safe(each.name + differs)}\n", context)


def _tell(found: Sequence[Finding], request: Request, context: Context) -> None:
    """Write how many secrets are what, and name those that could not be copied.

    Raises:
        ServiceError: There is one.
    """
    counts = Counter(each.what for each in found if each.error is None)
    told = ", ".join(f"{counts[what]} {word}" for what, word in _WORDS.items() if counts[what])
    told = told or (f"none of {counted(len(found), 'secret')}" if found else "no secrets")
    deliver(
        f"nothing was changed; it would be: {told}\n" if request.is_trial else f"{told}\n", context
    )
    bad = [(each, each.error) for each in found if each.error is not None]
    if not bad:
        return
    tell_first([_reason(each, why) for each, why in bad], context)
    how_many = f"{counted(len(bad), 'secret')} of {len(found)} cannot be copied."
    raise ServiceError(bad[0][1].code, how_many, *bad[0][1].hints)


def _reason(found: Finding, why: ServiceError) -> str:
    """Say why a secret could not be copied, and what of it was."""
    copied = f" Copied before that: {', '.join(found.copied)}." if found.copied else ""
    return f"'{safe(shown(found.name))}': {safe(why.message)}{copied}"
