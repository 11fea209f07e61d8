"""Run an AWS operation from the command line: read, open the vault, call, write."""

from secretctl.cli import argv, config, opening, output, paging, skeleton
from secretctl.cli.terminal import report
from secretctl.context import Context
from secretctl.errors import ServiceError
from secretctl.model.shapes import Operation
from secretctl.model.validate import check_client
from secretctl.service.dispatch import call
from secretctl.service.session import Session, begin


def run(operation: Operation, words: list[str], given: argv.Globals, context: Context) -> int:
    """Run *operation* with the *words* behind its name; return the exit status."""
    if "help" in words[:1] or "--help" in words:
        from secretctl.cli.help import text

        context.stdout.write(text(operation))
        return 0
    request = argv.read(operation, words, context, given)
    flags = request.globals
    settings = config.settings(config.load(context.environ), flags.profile, flags, context.environ)
    if request.skeleton is not None:
        context.stdout.write(skeleton.text(operation, request.skeleton))
        return 0
    check_client(operation, request.parameters)
    session = open_session(settings, context, make=operation.name == "CreateSecret")
    try:
        result = paging.run(
            lambda parameters: call(session, operation, parameters),
            operation,
            request.parameters,
            request.paging,
        )
    except ServiceError as error:
        return report(error, operation.name, context.stderr)
    finally:
        session.vault.close()
    output.write(
        result,
        operation,
        output=settings.output,
        query=flags.query,
        context=context,
        color=flags.color,
    )
    return 0


def open_session(settings: config.Settings, context: Context, *, make: bool = False) -> Session:
    """Open the vault of *settings*; where *make* is set, make it if there is none."""
    if make:
        vault = opening.open_or_make_vault(settings.vault, context, settings.account)
    else:
        vault = opening.open_vault(settings.vault, context)
    return begin(context, vault, settings.region)
