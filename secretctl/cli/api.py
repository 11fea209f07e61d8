"""Run an AWS operation from the command line: read, open the vault, call, write."""

from __future__ import annotations

from collections.abc import Callable

from secretctl.cli import argv, config, endpoint, opening, output, places
from secretctl.cli.notes import ended, tell_notes
from secretctl.cli.supplier import OfEndpoint, OfVault, Supplier
from secretctl.cli.terminal import headed, wants_color
from secretctl.context import Context
from secretctl.errors import ConfigError, SecretctlError
from secretctl.model.shapes import Operation, Parameters, command_of
from secretctl.model.validate import check_client
from secretctl.service.dispatch import check_creation
from secretctl.service.opening import Recording, begin
from secretctl.service.session import Session
from secretctl.vault.vault import Vault

Answer = Callable[[Operation, argv.Request, config.Settings, Context], None]
"""Does what a request asks for, and writes the answer."""


def run(  # noqa: PLR0913 as `_prepared`
    operation: Operation,
    words: list[str],
    given: argv.Globals,
    context: Context,
    before: int = 1,
    command: str = "",
    answer: Answer | None = None,
) -> int:
    """Run *operation* with the *words* behind its name; return the exit status.

    Args:
        operation: The operation, or a question that is declared like one.
        words: What stands behind its name.
        given: Global options before it.
        context: Streams, environment, clock and randomness.
        before: How many words of the command line stand before *words*.
        command: Its words, where those are not told by the operation's name.
        answer: What answers a question that no vault is opened for.
    """
    flags = given
    try:
        prepared = _prepared(operation, words, given, context, before, command)
        if prepared is None:
            return 0
        request, settings = prepared
        flags = request.globals
        (answer or _answer)(operation, request, settings, context)
    except SecretctlError as error:
        return ended(error, operation, words, flags, context)
    tell_notes(operation, request.parameters, context)
    return 0


def run_of_service(
    words: list[str], given: argv.Globals, context: Context, before: int
) -> int | None:
    """Run the operation that *words* name behind a service's name; return the exit status.

    *before* is how many words of the command line stand before them.

    Returns:
        None where the help of the service is asked for, which lists its operations.

    Raises:
        UsageError: The service has no such operation.
    """
    from secretctl.model.services import operations_of

    operations = operations_of(words[0])
    given, rest = argv.split_globals(words[1:], given)
    if rest and rest[0] in operations:
        place = before + len(words) - len(rest) + 1
        return run(operations[rest[0]], rest[1:], given, context, place)
    if given.version:
        context.stdout.write(_version())
        return 0
    if given.help or rest[:1] == ["help"]:
        return None
    from secretctl.cli.people_words import wrong_subcommand

    raise wrong_subcommand(words[0], rest)


def _prepared(  # noqa: PLR0913 the words, where they stand, and what they stand behind
    operation: Operation,
    words: list[str],
    given: argv.Globals,
    context: Context,
    before: int,
    command: str,
) -> tuple[argv.Request, config.Settings] | None:
    """Read the *words* behind the name of *operation*.

    Returns:
        What is asked for and what holds; None once help, the version or a skeleton was written,
        which is all that was asked for.
    """
    request = argv.read(operation, words, context, given, before)
    flags = request.globals
    if flags.help or flags.version:
        context.stdout.write(_told(operation, flags, context, command))
        return None
    settings = endpoint.settings_of(operation, flags, context, command)
    if request.skeleton in ("input", "yaml-input"):
        from secretctl.cli import skeleton

        context.stdout.write(skeleton.text(operation, request.skeleton))
        return None
    check_client(operation, request.parameters)
    if flags.query:
        from secretctl.cli.query import check as check_query

        check_query(flags.query)
    if request.skeleton == "output":
        from secretctl.cli import skeleton

        whole = request._replace(paging=None)
        write([skeleton.sample_output(operation)], operation, whole, settings, context)
        return None
    return request, settings


def _answer(
    operation: Operation, request: argv.Request, settings: config.Settings, context: Context
) -> None:
    """Call *operation* and write what it answers, or record that it was not delivered."""
    command = command_of(operation).replace(" ", ".")
    creating = request.parameters if operation.name == "CreateSecret" else None
    supplier = open_supplier(settings, context, command, creating)

    def one(parameters: dict[str, object]) -> dict[str, object]:
        if not parameters.get("Rewrap") or isinstance(supplier, OfEndpoint):
            return supplier.call(operation, parameters)
        from secretctl.cli.progress import bar

        with bar(context, "rewrapping") as progress:
            shown = OfVault(supplier.session._replace(progress=progress))
            return shown.call(operation, parameters)

    try:
        with supplier.delivering():
            answers = pages_of(one, operation, request, settings.output)
            supplier.flush()
            write(answers, operation, request, settings, context)
        waits = operation.name == "RotateSecret" and request.local.get("Wait") is not False
        if waits and isinstance(supplier, OfVault):
            from secretctl.cli.rotating import finish

            finish(supplier.session, request.parameters, answers, context)
    finally:
        supplier.close()


def write(
    answers: list[dict[str, object]],
    operation: Operation,
    request: argv.Request,
    settings: config.Settings,
    context: Context,
) -> None:
    """Write what was answered, as the options of *request* say."""
    output.write(
        answers,
        operation,
        output=settings.output,
        query=request.globals.query,
        context=context,
        color=request.globals.color,
        paginated=request.paging is not None,
    )


def _told(operation: Operation, flags: argv.Globals, context: Context, command: str) -> str:
    if flags.help:
        from secretctl.cli.help import text

        shown = text(operation, command)
        return headed(shown) if wants_color(flags.color, context.stdout, context.environ) else shown
    return _version()


def _version() -> str:
    from secretctl import __version__

    return f"secretctl {__version__}\n"


def pages_of(
    one: Callable[[dict[str, object]], dict[str, object]],
    operation: Operation,
    request: argv.Request,
    output_format: str,
) -> list[dict[str, object]]:
    """Return one answer, or its pages for the formats that AWS writes page by page."""
    if request.paging is None:
        return [one(dict(request.parameters))]
    from secretctl.service import paging

    arguments = (one, operation, request.parameters, request.paging)
    if output_format == "yaml-stream":
        return list(paging.each_page_as_served(*arguments))
    if output_format == "text":
        return list(paging.each_page(*arguments))
    return [paging.run(*arguments)]


def open_supplier(
    settings: config.Settings, context: Context, command: str, creating: Parameters | None = None
) -> Supplier:
    """Open the vault of *settings*, or reach their endpoint, for *command*.

    Where the default vault is missing, it is made for *creating*, a CreateSecret.
    """
    if settings.endpoint is None and creating is not None:
        return OfVault(_session_to_create(creating, settings, context, command))
    if settings.endpoint is None:
        return OfVault(open_session(settings, context, command))
    from secretctl.cli.reaching import reach

    return OfEndpoint(reach(settings, context))


def open_session(
    settings: config.Settings, context: Context, command: str, *, finishes: bool = True
) -> Session:
    """Open the vault of *settings* for *command*.

    *finishes* says whether what a command that was killed left to do is done first.
    """
    vault = opening.open_chosen(settings, context, command, finishes=finishes)
    return session_of(vault, settings, context, command, finishes=finishes)


def session_of(
    vault: Vault,
    settings: config.Settings,
    context: Context,
    command: str,
    *,
    finishes: bool = True,
) -> Session:
    """Return a session of an open vault, which is closed if none can begin."""
    try:
        recording = recording_for(settings, context, vault.keys.vault_id, command)
        recording = recording._replace(finishes=finishes)
        return begin(context, vault, settings.region, _lacks(context), recording)
    except BaseException:
        vault.close()
        raise


def _lacks(context: Context) -> Callable[[str, str], str]:
    """Return what tells what to type before a function can rotate a secret; see `Session`."""

    def lacks_function(name: str, secret_name: str) -> str:
        from secretctl.cli.functions import lacking

        return lacking(context, name, secret_name)

    return lacks_function


def recording_for(
    settings: config.Settings, context: Context, vault_id: bytes, command: str
) -> Recording:
    """Return how what *command* does to the vault of *settings* is recorded.

    Raises:
        ConfigError: What this machine has seen would be kept where the vault is.
    """
    trust = places.trust_file(context.environ, vault_id.hex())
    if places.is_below(trust, settings.vault):
        raise ConfigError(
            "XDG_STATE_HOME lies in the vault's directory: it would be put back with the vault",
            "set XDG_STATE_HOME to a folder elsewhere",
        )
    return Recording(
        command,
        trust,
        hidden_names=settings.names == "hmac",
    )


def _session_to_create(
    parameters: dict[str, object], settings: config.Settings, context: Context, command: str
) -> Session:
    """Open the vault; where the default one is missing, make it for what it would not refuse."""
    from secretctl.cli import making

    def check() -> None:
        check_creation(parameters, settings.region)

    vault = making.open_or_make_vault(settings, context, command, check)
    return session_of(vault, settings, context, command)
