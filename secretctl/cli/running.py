"""Run ``exec`` from the command line: open the vault, read secrets, become the command."""

from typing import NoReturn

from secretctl.cli import config
from secretctl.cli import exec as reader
from secretctl.cli.api import open_session
from secretctl.cli.argv import Globals, split_globals
from secretctl.context import Context
from secretctl.model.operations import BY_NAME
from secretctl.service.dispatch import call_unrecorded, record


def run(words: list[str], given: Globals, context: Context) -> int:
    """Run ``exec``; returns only after help."""
    request = reader.split(words)
    if request.help:
        context.stdout.write(reader.HELP)
        return 0
    later, _ = split_globals([*request.globals_words, "exec"])
    flags = given._replace(
        vault=later.vault or given.vault,
        region=later.region or given.region,
        profile=later.profile or given.profile,
    )
    settings = config.settings(config.load(context.environ), flags.profile, flags, context.environ)
    return _become(request, settings, context)


def _become(request: reader.ExecRequest, settings: config.Settings, context: Context) -> NoReturn:
    session = open_session(settings, context)
    try:
        reader.perform(
            request,
            lambda name, parameters: call_unrecorded(session, BY_NAME[name], parameters),
            lambda: record(session),
            context,
        )
    finally:
        session.vault.close()
