"""Ask the journal: read the question, answer it, write the answer.

The questions are declared like operations, so their options, skeletons, ``--query`` and formats
are those of the operations. Neither a key nor a lock is needed, and asking is not recorded.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from secretctl.audit import segments
from secretctl.audit.events import Reader
from secretctl.audit.exposure import exposure
from secretctl.audit.lookup import lookup_events
from secretctl.audit.query import Hashed
from secretctl.audit.stats import stats
from secretctl.cli import api, argv, config, silently
from secretctl.cli.terminal import is_terminal, report
from secretctl.context import Context
from secretctl.errors import NoVaultError, SecretctlError, ServiceError
from secretctl.model.journal import EXPOSURE, LOOKUP_EVENTS, STATS
from secretctl.model.shapes import Operation, kebab
from secretctl.service.shown import Names
from secretctl.vault.vault import FILE, check_directory

Parameters = dict[str, object]
Result = dict[str, object]
Answer = Callable[[Reader, Parameters, int, Hashed | None], Result]
_ANSWERS: dict[str, Answer] = {
    LOOKUP_EVENTS.name: lookup_events,
    EXPOSURE.name: exposure,
    STATS.name: stats,
}
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
    prepared = api.prepare(operation, words, given, context, before, command)
    if prepared is None:
        return 0
    request, settings = prepared
    shown = is_shown(request.globals, context)
    if shown and request.paging.paginate and request.paging.max_items is None:
        request = request._replace(paging=request.paging._replace(max_items=SHOWN_EVENTS))
    reader = reader_of(settings)
    hashed = _hashed(request.parameters, settings, context)
    now_ms = context.now_ms()

    def one(parameters: Parameters) -> Result:
        return _ANSWERS[operation.name](reader, parameters, now_ms, hashed)

    try:
        answers = api.pages_of(one, operation, request, "json" if shown else settings.output)
    except ServiceError as error:
        flags = request.globals
        return report(error, operation.name, context, color=flags.color, debug=flags.debug)
    page = request.parameters.get("Html")
    if isinstance(page, str):
        from secretctl.cli import audit_page, outfile

        outfile.write(page, [audit_page.page(answers[0], now_ms)], settings.vault)
    elif shown:
        _show(operation, answers[0], request.globals.color, context)
    else:
        api.write(answers, operation, request, settings, context)
    warn_unreadable(reader, context)
    return 0


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
    check_directory(settings.vault)
    directory = os.path.join(settings.vault, segments.DIRECTORY)
    there = os.path.lexists(directory) or os.path.lexists(os.path.join(settings.vault, FILE))
    if not there:
        raise NoVaultError(f"there is no vault in '{settings.vault}'", "secretctl init")
    return Reader(directory)


def warn_unreadable(reader: Reader, context: Context) -> None:
    """Tell of lines that were left out because they are no records."""
    if reader.unreadable:
        lines = "1 line" if reader.unreadable == 1 else f"{reader.unreadable} lines"
        context.stderr.write(
            f"secretctl: warning: {lines} of the journal cannot be read: secretctl audit verify\n"
        )


def names_of(settings: config.Settings, context: Context) -> Names | None:
    """Return how names are hashed, if the vault's key file is at hand; nothing is read or asked."""
    try:
        vault = silently.open_by_key_file(settings.vault, context)
    except SecretctlError:
        return None
    if vault is None:
        return None
    vault.close()
    return Names(vault.keys.access.journal, vault.keys.vault_id, hidden=False)


def _hashed(parameters: Parameters, settings: config.Settings, context: Context) -> Hashed | None:
    """Return the hash of names where a question is about a secret and the key file is at hand."""
    if "SecretId" not in parameters and "LookupAttributes" not in parameters:
        return None
    names = names_of(settings, context)
    return None if names is None else names.hashed
