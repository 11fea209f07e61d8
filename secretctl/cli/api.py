"""Run an AWS operation from the command line: read, open the vault, call, write."""

from __future__ import annotations

from secretctl.cli import argv, config, opening, output, paging, places
from secretctl.cli.terminal import headed, is_terminal, report, wants_color
from secretctl.context import Context, tell
from secretctl.domain.names import ends_like_suffix
from secretctl.errors import ServiceError
from secretctl.model.shapes import Operation, kebab
from secretctl.model.validate import check_client
from secretctl.service.dispatch import call, check_creation
from secretctl.service.opening import Recording, begin
from secretctl.service.session import Session
from secretctl.vault.vault import Vault


def run(
    operation: Operation,
    words: list[str],
    given: argv.Globals,
    context: Context,
    before: int = 1,
) -> int:
    """Run *operation* with the *words* behind its name; return the exit status.

    *before* is how many words of the command line stand before them.
    """
    request = argv.read(operation, words, context, given, before)
    flags = request.globals
    if flags.help or flags.version:
        context.stdout.write(_told(operation, flags, context))
        return 0
    settings = config.settings(config.load(context.environ), flags.profile, flags, context.environ)
    if request.skeleton in ("input", "yaml-input"):
        from secretctl.cli import skeleton

        context.stdout.write(skeleton.text(operation, request.skeleton))
        return 0
    check_client(operation, request.parameters)
    if flags.query:
        from secretctl.cli.query import check as check_query

        check_query(flags.query)
    if request.skeleton == "output":
        from secretctl.cli import skeleton

        _write([skeleton.sample_output(operation)], operation, request, settings, context)
        return 0
    try:
        answers = _called(operation, request, settings, context)
    except ServiceError as error:
        return report(error, operation.name, context, color=flags.color, debug=flags.debug)
    _write(answers, operation, request, settings, context)
    if operation.name == "CreateSecret":
        _warn(str(request.parameters.get("Name")), context)
    return 0


def _called(
    operation: Operation, request: argv.Request, settings: config.Settings, context: Context
) -> list[dict[str, object]]:
    command = kebab(operation.name)
    if operation.name == "CreateSecret":
        session = _session_to_create(request.parameters, settings, context, command)
    else:
        session = open_session(settings, context, command)
    try:
        return _answers(session, operation, request, settings.output)
    finally:
        session.close()


def _warn(name: str, context: Context) -> None:
    """Tell a person of a name that AWS advises against; scripts get no line AWS would not write."""
    if is_terminal(context.stderr) and ends_like_suffix(name):
        tell(
            context,
            "secretctl: warning: a name that ends in a hyphen and six letters or digits is not "
            "found by a partial ARN\n",
        )


def _write(
    answers: list[dict[str, object]],
    operation: Operation,
    request: argv.Request,
    settings: config.Settings,
    context: Context,
) -> None:
    output.write(
        answers,
        operation,
        output=settings.output,
        query=request.globals.query,
        context=context,
        color=request.globals.color,
        paginated=request.paging.paginate,
    )


def _told(operation: Operation, flags: argv.Globals, context: Context) -> str:
    if flags.help:
        from secretctl.cli.help import text

        colored = wants_color(flags.color, context.stdout, context.environ)
        return headed(text(operation)) if colored else text(operation)
    from secretctl import __version__

    return f"secretctl {__version__}\n"


def _answers(
    session: Session, operation: Operation, request: argv.Request, output_format: str
) -> list[dict[str, object]]:
    """Return one answer, or its pages for the formats that AWS writes page by page."""

    def one(parameters: dict[str, object]) -> dict[str, object]:
        return call(session, operation, parameters)

    arguments = (one, operation, request.parameters, request.paging)
    if output_format in ("text", "yaml-stream"):
        return list(paging.each_page(*arguments))
    return [paging.run(*arguments)]


def open_session(settings: config.Settings, context: Context, command: str) -> Session:
    """Open the vault of *settings* for *command*."""
    return session_of(opening.open_chosen(settings, context), settings, context, command)


def session_of(vault: Vault, settings: config.Settings, context: Context, command: str) -> Session:
    """Return a session of an open vault, which is closed if none can begin."""
    recording = Recording(command, places.trust_file(context.environ, vault.keys.vault_id.hex()))
    try:
        return begin(context, vault, settings.region, recording=recording)
    except BaseException:
        vault.close()
        raise


def _session_to_create(
    parameters: dict[str, object], settings: config.Settings, context: Context, command: str
) -> Session:
    """Open the vault; where the default one is missing, make it for what it would not refuse."""

    def check() -> None:
        check_creation(parameters, settings.region)

    vault = opening.open_or_make_vault(settings, context, check)
    return session_of(vault, settings, context, command)
