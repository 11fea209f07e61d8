"""Ask the journal: read the question, answer it, write the answer.

The questions are declared like operations, so their options, skeletons, ``--query`` and formats
are those of the operations. Neither a key nor a lock is needed, and asking is not recorded; that a
key which is at hand does not open the vault is.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from secretctl.audit import segments
from secretctl.audit.exposure import exposure
from secretctl.audit.lookup import lookup_events
from secretctl.audit.query import Scope, is_hash
from secretctl.audit.reader import Reader
from secretctl.audit.stats import stats
from secretctl.cli import api, argv, config, output, places, silently
from secretctl.cli.opening import Attempt, hinting
from secretctl.cli.terminal import is_terminal
from secretctl.context import Context
from secretctl.errors import SecretctlError, UsageError
from secretctl.model import timestamps
from secretctl.model.journal import EXPOSURE, LOOKUP_EVENTS, STATS
from secretctl.model.shapes import Operation, Parameters, Result, kebab
from secretctl.service import paging
from secretctl.service.shown import Names
from secretctl.vault.vault import check_directory, check_reach

Answer = Callable[[Reader, Parameters, int, Scope], Result]
_ANSWERS: dict[str, Answer] = {
    LOOKUP_EVENTS.name: lookup_events,
    EXPOSURE.name: exposure,
    STATS.name: stats,
}
_NOT_LOOKED_FOR = (
    "secretctl: warning: no key of the vault is at hand: records that hold a hash in the place of "
    "the name were not looked for\n"
)
SHOWN_EVENTS = 50
"""Most events in a table for which no number was asked."""


def run(
    operation: Operation,
    words: list[str],
    given: argv.Globals,
    context: Context,
    before: int,
) -> int:
    """Answer the question *operation* with the *words* behind its name; return the exit status.

    *before* is how many words of the command line stand before them.
    """
    command = f"audit {kebab(operation.name)}"
    return api.run(operation, words, given, context, before, command, _ask)


def _ask(
    operation: Operation, request: argv.Request, settings: config.Settings, context: Context
) -> None:
    flags = request.globals
    if "Html" in request.parameters and (flags.output or flags.query):
        raise UsageError(
            "--html writes a page: it takes no --output and no --query",
            "leave out --html for the numbers themselves",
        )
    reader = reader_of(settings)
    names = None
    if _is_of_a_secret(request.parameters):
        names = names_of(settings, context, f"audit-{kebab(operation.name)}")
    scope = Scope(None if names is None else names.hashes, flags.region or "")
    now_ms = context.now_ms()

    def one(parameters: Parameters) -> Result:
        return _ANSWERS[operation.name](reader, parameters, now_ms, scope)

    _answer(one, operation, request, settings, context)
    warn_unreadable(reader, context)
    if names is None and _is_of_a_secret(request.parameters):
        context.stderr.write(_NOT_LOOKED_FOR)


def _answer(
    one: Callable[[Parameters], Result],
    operation: Operation,
    request: argv.Request,
    settings: config.Settings,
    context: Context,
) -> None:
    """Ask, and write what is answered; a list page by page: it may be larger than memory."""
    flags, wanted = request.globals, request.paging
    file = request.parameters.get("Html")
    if isinstance(file, str):
        _write_page(file, one(request.parameters), settings, context)
    elif is_shown(flags, context):
        _show(operation, _of_table(one, operation, request), flags.color, context)
    elif wanted is not None and settings.output == "json" and not flags.query:
        pages = paging.each_page(one, operation, request.parameters, wanted)
        output.write_list(pages, operation, context)
    elif wanted is not None and settings.output in ("text", "yaml-stream"):
        is_text = settings.output == "text"
        each_page = paging.each_page if is_text else paging.each_page_as_served
        for page in each_page(one, operation, request.parameters, wanted):
            api.write([page], operation, request, settings, context)
    else:
        answers = api.pages_of(one, operation, request, settings.output)
        api.write(answers, operation, request, settings, context)


def _write_page(file: str, answer: Result, settings: config.Settings, context: Context) -> None:
    from secretctl.cli import audit_page, outfile

    drawn = audit_page.page(answer, context.now_ms())
    if outfile.is_file(file):
        outfile.write(file, [drawn], places.ours(settings.vault, context.environ))
    else:
        outfile.show(drawn.encode(), context)


def _of_table(
    one: Callable[[Parameters], Result], operation: Operation, request: argv.Request
) -> Result:
    """Return the answer for a table: of a list what was asked for, else `SHOWN_EVENTS` items."""
    wanted = request.paging
    if wanted is None:
        return one(request.parameters)
    most = SHOWN_EVENTS if wanted.max_items is None else wanted.max_items
    return paging.run(one, operation, request.parameters, wanted._replace(max_items=most))


def _show(operation: Operation, answer: Result, color: str, context: Context) -> None:
    from secretctl.cli import audit_chart, audit_table

    if operation is STATS:
        audit_chart.write(answer, color, context)
    else:
        audit_table.write(operation, answer, color, context)


def is_shown(flags: argv.Globals, context: Context) -> bool:
    """Tell whether a person is to see a table: on a terminal, unless a format was asked for."""
    return is_terminal(context.stdout) and flags.output is None and flags.query is None


def reader_of(settings: config.Settings) -> Reader:
    """Return a reader of the journal of the vault in use.

    Raises:
        NoVaultError: There is neither a journal nor a vault.
        UnsafePermissionsError: Others could have changed it.
    """
    directory = os.path.join(settings.vault, segments.DIRECTORY)
    if os.path.lexists(directory):
        check_reach(settings.vault)
    else:
        with hinting(settings):
            check_directory(settings.vault)
    return Reader(directory)


def begun(given: str, context: Context) -> int:
    """Return when a span of time began, milliseconds since 1970.

    Raises:
        UsageError: It is none, and no time.
    """
    try:
        return timestamps.since(given, context.now_ms())
    except ValueError:
        raise UsageError("argument --since: no span of time and no time", "--since 2h") from None


def warn_unreadable(reader: Reader, context: Context) -> None:
    """Tell of lines that were left out because they are no records."""
    if reader.unreadable:
        from secretctl.cli.carried import carried

        lines = "1 line" if reader.unreadable == 1 else f"{reader.unreadable} lines"
        verify = carried("secretctl audit verify", context)
        context.stderr.write(
            f"secretctl: warning: {lines} of the journal cannot be read: {verify}\n"
        )


def names_of(settings: config.Settings, context: Context, command: str) -> Names | None:
    """Return how names are hashed, if a key of the vault is at hand; nobody is asked for one.

    One that does not open the vault is recorded, as one of *command*.
    """
    attempt = Attempt(command, settings.region)
    for opened in (silently.open_by_key_file, silently.open_by_passphrase):
        try:
            vault = opened(settings.vault, context, attempt)
        except SecretctlError:
            continue
        if vault is not None:
            vault.close()
            keys = vault.keys.journal
            return Names(keys.names, hidden=False, former=keys.former_names)
    return None


def _is_of_a_secret(parameters: Parameters) -> bool:
    """Tell whether a question is about a secret by its name, not by the hash of it."""
    listed = parameters.get("LookupAttributes")
    pairs = listed if isinstance(listed, list) else []
    asked = [each["AttributeValue"] for each in pairs if each["AttributeKey"] == "ResourceName"]
    asked.append(parameters.get("SecretId"))
    return any(isinstance(each, str) and not is_hash(each) for each in asked)
