"""``export``: secrets as text in the format of what is to read them."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated

import typer

from secretctl.audit.event import Event
from secretctl.audit.records import own
from secretctl.cli import manifest_file, outfile, places, suggest
from secretctl.cli.api import open_supplier
from secretctl.cli.config import Settings
from secretctl.cli.exec import read_sources
from secretctl.cli.exec_options import asks_manifest
from secretctl.cli.options import Globals
from secretctl.cli.output import deliver
from secretctl.cli.people import (
    EndpointOption,
    OutOption,
    ProfileOption,
    RegionOption,
    VaultOption,
    chooser,
)
from secretctl.cli.running import hinting, variables_said
from secretctl.cli.supplier import Supplier
from secretctl.cli.terminal import report
from secretctl.context import Context, tell
from secretctl.delivery import environment, references
from secretctl.delivery.environment import Variable
from secretctl.delivery.formats import DOCUMENTS, FORMATS, github, kubernetes, writer
from secretctl.delivery.manifest import Need
from secretctl.delivery.references import Source
from secretctl.errors import OutputError, ServiceError, UsageError
from secretctl.model.shapes import Fields
from secretctl.record import NamedTuple
from secretctl.store.parents import check_above

_COMMAND = "export"
_FORM = "secretctl export SOURCE... --format FORMAT"
_NOT_EXPORTED = "Nothing was exported, or not all of it."


class Request(NamedTuple):
    """What is asked for."""

    sources: tuple[Source, ...]
    """In words of the command line."""

    form: str
    out: str
    """File to write; ``-`` for standard output; empty for that, or what ``$GITHUB_ENV`` names."""

    name: str
    """Of the Secret, for ``k8s``."""

    manifest: str | None
    environment: str | None
    needs: tuple[Need, ...] = ()
    """Of the manifest, if it has a say."""

    def all_sources(self) -> tuple[Source, ...]:
        """Return those of the manifest as well."""
        return (*self.sources, *(need.source for need in self.needs))


def register(app: typer.Typer, context: Context, given: Globals) -> None:
    """Add the command to *app*."""
    choose = chooser(context, given, may_be_remote=True)

    @app.command()
    def export(  # noqa: PLR0913 Typer reads the options here
        form: Annotated[str, typer.Option("--format", help=f"One of: {', '.join(FORMATS)}.")],
        sources: Annotated[
            list[str] | None,
            typer.Argument(metavar="SOURCE", help="As exec takes them; none: of the manifest."),
        ] = None,
        out: OutOption = "",
        name: Annotated[str, typer.Option(help="Name of the Secret, for k8s.")] = "",
        manifest: Annotated[
            str | None, typer.Option(help="This file, besides SOURCE; - is standard input.")
        ] = None,
        environment: Annotated[
            str | None, typer.Option(help="Environment of the manifest, besides SOURCE.")
        ] = None,
        vault: VaultOption = "",
        region: RegionOption = "",  # noqa: ARG001 in the help; it is read before Typer reads
        endpoint_url: EndpointOption = "",  # noqa: ARG001 likewise
        profile: ProfileOption = "",
    ) -> None:
        """Write secrets in the format of what is to read them, to the byte or not at all.

        Sources and names are those of exec; what a format cannot carry is refused.
        Without a source, or with --manifest or --environment, those that the
        manifest of the project names are written, if their values are as it asks.
        github masks values on standard output, and appends to the file that
        GITHUB_ENV names unless there is --out.

        Exit status: 0 all was written, 252 usage, or what the format cannot carry,
        253 configuration or vault, 254 a secret could not be read, 255 anything else.
        """
        parsed = tuple(references.parse(word) for word in sources or ())
        request = _completed(Request(parsed, form, out, name, manifest, environment), context)
        chosen = choose(vault, profile)
        _check(request, chosen, context)
        supplier = open_supplier(chosen, context, _COMMAND)
        try:
            _export(supplier, request, context)
        except ServiceError as error:
            status = report(error, "GetSecretValue", context, color=given.color, debug=given.debug)
            raise typer.Exit(status) from None
        finally:
            supplier.close()


def _completed(request: Request, context: Context) -> Request:
    """Return *request* with what the manifest asks for, if it has a say; raises as its loading."""
    has_sources = bool(request.sources)
    if not asks_manifest(request.manifest, request.environment, has_others=has_sources):
        return request
    found = manifest_file.load(request.manifest, request.environment, context, _FORM)
    return request._replace(needs=found.needs)


def _check(request: Request, chosen: Settings, context: Context) -> None:
    """Refuse what could not be delivered before anything is read: a read is recorded.

    Raises:
        UsageError: The format is none, an option is missing or for another format, or the file
            would lie in the vault or among keys and settings.
        OutputError: What is there is no file, or what GITHUB_ENV names cannot be appended to.
        UnsafePermissionsError: Others could replace the file.
        DeliveryError: A source asks for a variable that steers programs.
    """
    ours = places.ours(chosen.vault, context.environ)
    if request.form not in FORMATS:
        near = suggest.choice(request.form, FORMATS, "dotenv")
        raise UsageError(f"the format is none of {', '.join(FORMATS)}", f"--format {near}")
    if request.form == "k8s":
        kubernetes.check_name(request.name)
    elif request.name:
        raise UsageError("--name is for --format k8s", "NAME=SECRET-ID names a variable")
    if request.form == "github" and request.out == outfile.STDOUT:
        raise UsageError(
            "argument --out: standard output has the masks, which are no part of the file",
            "--out FILE, or no --out for the file that GITHUB_ENV names",
        )
    if outfile.is_file(request.out):
        outfile.refuse(request.out, ours)
        check_above(request.out)
    elif request.form == "github":
        _check_appending(context.environ.get("GITHUB_ENV", ""), ours)
    for source in request.all_sources():
        environment.refuse_dangerous(source)


def _check_appending(path: str, ours: Sequence[str]) -> None:
    if not path:
        raise UsageError(
            "GITHUB_ENV names no file for the variables", "--out FILE, outside of a workflow"
        )
    try:
        outfile.refuse_appending(path, ours)
    except (OutputError, UsageError) as error:
        error.hints = ("the file is the one that GITHUB_ENV names", *error.hints)
        raise


def _export(supplier: Supplier, request: Request, context: Context) -> None:
    """Read, write and hand over; recorded before, and once more if that fails."""
    said: Fields = {"format": request.form}

    def event() -> Event:
        return own("Export", supplier.region, dict(said), read_only=True)

    with supplier.failing(event, _NOT_EXPORTED):
        variables = _read(supplier, request)
        if request.form not in DOCUMENTS:
            environment.refuse_reserved(variables)
        text = _written(variables, request)
        # NOTE: a variable may be named after its secret, so it is hidden where names are.
        names = [supplier.shown(variable.name) for variable in variables]
        said.update(variables_said(names))
        supplier.record(event())
        if request.form == "github":
            _mask(variables, context)
        _hand_over(text, request, supplier.directory, context)


def _read(supplier: Supplier, request: Request) -> list[Variable]:
    optional = frozenset(need.source for need in request.needs if not need.is_required)
    read = partial(supplier.read_all, via=_COMMAND)
    with hinting(request.needs, request.manifest, request.environment, request.sources):
        results = read_sources(request.all_sources(), optional, read, request.needs)
        return environment.named(results, optional=optional)


def _written(variables: Sequence[Variable], request: Request) -> str:
    if request.form == "k8s":
        return kubernetes.written(variables, name=request.name)
    return writer(request.form)(variables)


def _mask(variables: Sequence[Variable], context: Context) -> None:
    """Have the runner hide the values, before they are where a step could print them."""
    deliver(github.masks(variables), context)
    short = github.unmasked(variables)
    if short:
        names = ", ".join(short)
        tell(context, f"secretctl: warning: too short to be masked in the log: {names}\n")


def _hand_over(text: str, request: Request, vault: str, context: Context) -> None:
    ours = places.ours(vault, context.environ)
    if request.form == "github" and not request.out:
        outfile.append(context.environ["GITHUB_ENV"], text, ours)
    else:
        outfile.hand_over(text.encode(), request.out, ours, context)
