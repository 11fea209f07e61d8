"""``inject``: a text file with secrets in the place of its references."""

import os
from contextlib import suppress
from functools import partial
from typing import Annotated

import typer

from secretctl.audit.event import Event
from secretctl.audit.records import own
from secretctl.cli import outfile, places, suggest
from secretctl.cli.api import open_supplier
from secretctl.cli.config import Settings
from secretctl.cli.exec import read_sources
from secretctl.cli.options import Globals
from secretctl.cli.people import (
    EndpointOption,
    OutOption,
    ProfileOption,
    RegionOption,
    VaultOption,
    chooser,
)
from secretctl.cli.supplier import Supplier
from secretctl.cli.terminal import report
from secretctl.context import Context, stdin_bytes, tell
from secretctl.delivery import escape_places, escapes, templates
from secretctl.delivery.environment import value_of
from secretctl.delivery.escape_places import Expected
from secretctl.delivery.references import shown
from secretctl.delivery.templates import Template
from secretctl.errors import ServiceError, UsageError
from secretctl.model.shapes import Fields
from secretctl.record import NamedTuple
from secretctl.store.inputs import open_input
from secretctl.store.parents import check_above

_COMMAND = "inject"
_NOT_INJECTED = "Nothing was written, or not all of it."
_STDIN = "-"


class Request(NamedTuple):
    """What is asked for."""

    template: Template
    form: str
    """How values are escaped."""

    expected: Expected | None
    out: str
    """File to write; empty or ``-`` for standard output."""


def register(app: typer.Typer, context: Context, given: Globals) -> None:
    """Add the command to *app*."""
    choose = chooser(context, given, may_be_remote=True)

    @app.command()
    def inject(  # noqa: PLR0913 Typer reads the options here
        template: Annotated[
            str, typer.Argument(metavar="TEMPLATE", help="A text file; - is standard input.")
        ],
        out: OutOption = "",
        escape: Annotated[
            str, typer.Option(help=f"How values are written: {', '.join(escapes.CHOICES)}.")
        ] = escapes.NONE,
        vault: VaultOption = "",
        region: RegionOption = "",  # noqa: ARG001 in the help; it is read before Typer reads
        endpoint_url: EndpointOption = "",  # noqa: ARG001 likewise
        profile: ProfileOption = "",
    ) -> None:
        """Write a text file with secrets in the place of its references.

        References are {{secretctl://SECRET-ID#KEY}}, secretctl://SECRET-ID#KEY and
        {{resolve:secretsmanager:ID:SecretString:KEY}}. All else stays to the byte;
        {{secretctl://}} and {{resolve:}} give the beginnings of these as text. If a
        reference cannot be read or its value cannot be escaped, nothing is written.
        --escape auto goes by the name of the file.
        """
        chosen = choose(vault, profile)
        request = _asked(template, out, escape, chosen, context)
        supplier = open_supplier(chosen, context, _COMMAND)
        try:
            _inject(supplier, request, context)
        except ServiceError as error:
            status = report(error, "GetSecretValue", context, color=given.color, debug=given.debug)
            raise typer.Exit(status) from None
        finally:
            supplier.close()


def _asked(path: str, out: str, escape: str, chosen: Settings, context: Context) -> Request:
    """Read the template, and refuse what could not be delivered: a read of a secret is recorded.

    Raises:
        UsageError: The template cannot be read, an option is wrong, or the file to write would
            replace the template or a part of the vault.
        UnsafePermissionsError: Others could replace the file.
        DeliveryError: A reference cannot be read, or stands where it may not.
    """
    form = _form(escape, out if outfile.is_file(out) else path)
    if outfile.is_file(out):
        outfile.refuse(out, places.ours(chosen.vault, context.environ))
        check_above(out)
        _refuse_same(path, out)
    name = "standard input" if path == _STDIN else f"'{shown(path)}'"
    template = templates.parse(_content(path, name, context), name)
    return Request(template, form, escape_places.check(template, form), out)


def _form(escape: str, file: str) -> str:
    if escape not in escapes.CHOICES:
        near = suggest.choice(escape, escapes.CHOICES, "json")
        raise UsageError(f"the escape is none of {', '.join(escapes.CHOICES)}", f"--escape {near}")
    if escape != escapes.AUTO:
        return escape
    form = escapes.by_name(file)
    if form is None:
        raise UsageError(
            "argument --escape: the name of the file does not say of what type it is",
            f"name it: --escape {'|'.join(escapes.ESCAPES)}",
        )
    return form


def _refuse_same(path: str, out: str) -> None:
    with suppress(OSError):  # one of them is not there
        if path != _STDIN and os.path.samefile(path, out):
            raise UsageError("argument --out: that is the template itself", "name another file")


def _content(path: str, name: str, context: Context) -> bytes:
    try:
        if path == _STDIN:
            content = stdin_bytes(context, templates.LARGEST + 1)
        else:
            with open_input(path) as file:
                content = file.read(templates.LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no path"
        raise UsageError(f"the template {name} cannot be read: {reason}") from None
    if len(content) > templates.LARGEST:
        raise UsageError(f"the template {name} is larger than {templates.LARGEST} bytes")
    return content


def _inject(supplier: Supplier, request: Request, context: Context) -> None:
    """Read, write and hand over; recorded before, and once more if that fails."""
    template = request.template
    if not template.sources:
        tell(context, f"secretctl: note: {template.name} holds no reference\n")
    said: Fields = {"escape": request.form, "referenceCount": len(template.sources)}

    def event() -> Event:
        return own("Inject", supplier.region, dict(said), read_only=True)

    with supplier.failing(event, _NOT_INJECTED):
        content = _injected(supplier, request)
        supplier.record(event())
        ours = places.ours(supplier.directory, context.environ)
        outfile.hand_over(content, request.out, ours, context)


def _injected(supplier: Supplier, request: Request) -> bytes:
    """Return the template with the values, each secret read once."""
    template, form = request.template, request.form
    read = read_sources(template.sources, frozenset(), partial(supplier.read_all, via=_COMMAND))
    values = [value_of(source, result) for source, result in read]
    pairs = zip(template.sources, values, strict=True)
    content = templates.filled(
        template, [escapes.escaped(value, form, source) for source, value in pairs]
    )
    if request.expected is not None:
        escape_places.verify(template, content, values, request.expected)
    return content
