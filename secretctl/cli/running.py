"""Run ``exec`` from the command line: open the vault, read secrets, become the command."""

from __future__ import annotations

from secretctl.audit.event import Event, Fields
from secretctl.audit.records import own
from secretctl.audit.surroundings import clean
from secretctl.cli import config
from secretctl.cli import exec as reader
from secretctl.cli.api import open_session
from secretctl.cli.argv import Globals, split_globals
from secretctl.cli.options import refuse_unused
from secretctl.cli.terminal import headed, report, wants_color
from secretctl.context import Context
from secretctl.errors import (
    CommandNotExecutableError,
    CommandNotFoundError,
    DeliveryError,
    ServiceError,
)
from secretctl.service.dispatch import read_all

_NOT_RUN = "The command was not run."
_MOST_NAMED = 64
"""Variables named in the record of a command."""


def run(words: list[str], given: Globals, context: Context) -> int:
    """Run ``exec``; returns only after help."""
    request = reader.split(words)
    later, _ = split_globals([*request.globals_words, "exec"])
    for each in (given, later):
        refuse_unused(each, "exec")
    flags = given._replace(
        vault=later.vault or given.vault,
        region=later.region or given.region,
        profile=later.profile or given.profile,
        color=given.color if later.color == "auto" else later.color,
        debug=given.debug or later.debug,
    )
    if request.help:
        colored = wants_color(flags.color, context.stdout, context.environ)
        context.stdout.write(headed(reader.HELP) if colored else reader.HELP)
        return 0
    settings = config.settings(config.load(context.environ), flags.profile, flags, context.environ)
    return _become(request, settings, context, flags)


def _become(
    request: reader.ExecRequest, settings: config.Settings, context: Context, flags: Globals
) -> int:
    session = open_session(settings, context, "exec")

    def announce(variables: list[str]) -> None:
        # NOTE: a variable may be named after its secret, so it is hidden where names are.
        shown = [session.recorder.names.shown(name) for name in variables]
        session.recorder.write([_exec_event(session.region, request.command[0], shown)])

    try:
        reader.perform(request, lambda given: read_all(session, given, "exec"), announce, context)
    except ServiceError as error:
        return report(error, "GetSecretValue", context, color=flags.color, debug=flags.debug)
    except (DeliveryError, CommandNotFoundError, CommandNotExecutableError) as error:
        failed = _exec_event(session.region, request.command[0], [])
        session.recorder.write(
            [failed._replace(error_code=type(error).__name__, error_message=_NOT_RUN)]
        )
        raise
    finally:
        session.close()


def _exec_event(region: str, command: str, variables: list[str]) -> Event:
    said: Fields = {
        "command": clean(command),
        "variables": [clean(name) for name in variables[:_MOST_NAMED]],
        "variableCount": len(variables),
    }
    return own("Exec", region, said, read_only=True)
