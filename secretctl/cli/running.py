"""Run ``exec`` from the command line: open the vault, read secrets, become the command."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from secretctl.audit.event import Event
from secretctl.audit.records import own
from secretctl.audit.surroundings import clean
from secretctl.cli import config, endpoint
from secretctl.cli import exec as reader
from secretctl.cli.api import open_supplier
from secretctl.cli.argv import Globals, split_globals
from secretctl.cli.options import refuse_unused
from secretctl.cli.supplier import OfVault, Supplier
from secretctl.cli.terminal import report, write_help
from secretctl.context import Context
from secretctl.delivery.execute import resolved
from secretctl.delivery.references import spelled
from secretctl.errors import DeliveryError, ServiceError, UsageError
from secretctl.model.shapes import Fields
from secretctl.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TypeVar

    from secretctl.delivery.manifest import Need
    from secretctl.delivery.references import Source
    from secretctl.delivery.supervise_start import Running

    Done = TypeVar("Done")

Announce = Callable[[list[str], list[str]], None]
"""Given names of variables, and which of them are paths of files."""

_NOT_RUN = "The command was not run."
_MOST_NAMED = 64
"""Variables named in the record of a command."""


def run(words: list[str], given: Globals, context: Context) -> int:
    """Run ``exec``; returns only after help and errors."""
    request = reader.split(words)
    flags, _ = split_globals([*request.globals_words, "exec"], given)
    refuse_unused(flags, "exec")
    if request.help:
        from secretctl.cli.exec_help import HELP

        write_help(HELP, flags.color, context)
        return 0
    if request.options.aws_endpoint:
        from secretctl.cli.exec_endpoint_options import refuse_picked

        refuse_picked(request.sources)
    if request.options.ask_manifest(request.sources):
        from secretctl.cli.exec_manifest import completed

        request = completed(request, context)
    settings = endpoint.settings(flags, context)
    if request.options.aws_endpoint:
        from secretctl.cli.exec_endpoint import serve

        return serve(request, settings, context)
    return _become(request, settings, context, flags)


def _become(
    request: reader.ExecRequest, settings: config.Settings, context: Context, flags: Globals
) -> int:
    def perform(program: bytes, read: reader.Read, announce: Announce) -> Running:
        return reader.perform(request, program, read, announce, context)

    watched = None
    if request.options.watch is not None:
        if settings.endpoint is not None:
            raise UsageError("an endpoint cannot be watched, a vault can", "leave out --watch")
        from secretctl.cli.exec_watching import Watched

        watched = Watched(request, settings, context)
    supplier = open_supplier(settings, context, "exec")
    try:
        if watched is not None and isinstance(supplier, OfVault):
            running = handed_over(supplier, request, watched.first(supplier.session))
        else:
            running = handed_over(supplier, request, perform)
    except ServiceError as error:
        return report(error, "GetSecretValue", context, color=flags.color, debug=flags.debug)
    finally:
        supplier.close()
    if watched is not None:
        return watched.run(running)
    from secretctl.delivery import supervise

    return supervise.wait(running, context)


def handed_over(
    supplier: Supplier,
    request: reader.ExecRequest,
    perform: Callable[[bytes, reader.Read, Announce], Done],
    failure: str = _NOT_RUN,
) -> Done:
    """Have *perform* read the secrets and hand them over, and record both; raises as it does.

    It is given the program's absolute path, what reads, and what records names of variables.
    *failure* is what is recorded where it raises.
    """
    said: Fields = {}
    options = request.options
    beside = len(request.sources) - sum(need.is_required for need in options.needs)

    def announce(variables: list[str], in_files: list[str]) -> None:
        # NOTE: a variable may be named after its secret, so it is hidden where names are.
        shown = supplier.shown
        said.update(variables_said([shown(name) for name in variables]))
        if in_files and options.files:
            said["fileVariables"] = [clean(shown(name)) for name in in_files[:_MOST_NAMED]]
            said["fileKind"] = options.files.kind
        supplier.record(_event(supplier.region, said))

    def read(requests: list[dict[str, object]]) -> list[dict[str, object] | ServiceError]:
        return supplier.read_all(requests, "exec")

    with (
        supplier.failing(lambda: _event(supplier.region, said), failure),
        supplier.delivering(),
        hinting(options.needs, options.manifest, options.environment, request.sources[:beside]),
    ):
        program = resolved(request.command[0], supplier.context.environ)
        said["command"] = clean(os.fsdecode(program))
        return perform(program, read, announce)


@contextmanager
def hinting(
    needs: Sequence[Need],
    manifest: str | None,
    environment: str | None,
    beside: Iterable[Source],
) -> Iterator[None]:
    """Let errors about what a manifest names say how to see all that is wrong with it.

    Args:
        needs: Of the manifest; none where it has no say.
        manifest: Its path, where an option named it.
        environment: As an option named it.
        beside: Sources that were named besides.
    """
    try:
        yield
    except (DeliveryError, ServiceError) as error:
        if needs:
            from shlex import join

            chosen = (("--manifest", manifest), ("--environment", environment))
            words = [each for name, said in chosen if said is not None for each in (name, said)]
            words += [(f"{one.variable}=" if one.variable else "") + spelled(one) for one in beside]
            check = join(["secretctl", "check", *words])
            error.hints = (*error.hints, f"{check} lists all that is missing, refused or wrong")
        raise


def variables_said(names: list[str]) -> Fields:
    """Return what a record says of variables that are handed out."""
    said: Fields = {
        "variables": [clean(name) for name in names[:_MOST_NAMED]],
        "variableCount": len(names),
    }
    if len(names) > _MOST_NAMED:
        said["variablesOmitted"] = len(names) - _MOST_NAMED
    return said


def _event(region: str, said: Fields) -> Event:
    return own("Exec", region, dict(said), read_only=True)
