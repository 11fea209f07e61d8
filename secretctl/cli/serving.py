"""A server at work: it answers until a signal ends it, from whichever vault lies in its place."""

import gc
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from secretctl.cli import config
from secretctl.cli.api import open_session
from secretctl.cli.carried import carried
from secretctl.cli.reopening import Manner, opener_of, reopened
from secretctl.cli.serving_rotations import Rotations
from secretctl.context import Context, tell_person
from secretctl.domain.credential import Given
from secretctl.server.endpoint import Endpoint, take_turns
from secretctl.service.session import Session
from secretctl.store.lock import WAIT_S

_COMMAND = "serve"
_MANNER = Manner(_COMMAND, WAIT_S, "if the vault was given new keys, start the server again")
_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_HOW = (
    "secretctl: note: clients need AWS_ENDPOINT_URL_SECRETS_MANAGER={} and an access key: "
    "secretctl iam create-access-key\n"
)
_GARBAGE = 10_000
"""After how many new objects the garbage among them is looked for: some dozens of requests."""


def serve(
    endpoint: Endpoint, rotations: Rotations, url: str, chosen: config.Settings, context: Context
) -> None:
    """Answer from the vault of *chosen*, also where another is put in its place: rekeyed, restored.

    Raises:
        SecretctlError: It cannot be opened, or not any more.
    """
    session = open_session(chosen, context, _COMMAND)
    opener = opener_of(session, chosen, _MANNER)
    gc.enable()  # a process that lives for more than a moment
    gc.freeze()  # what there is by now stays, and is not looked through again
    gc.set_threshold(_GARBAGE, 10, 10)
    take_turns()

    def end() -> None:
        endpoint.stop()
        rotations.end(endpoint.drain_s)

    with _ended_by_signals(end), endpoint:
        context.stdout.write(f"listening on {url}\n")
        context.stdout.flush()
        tell_person(context, carried(_HOW.format(url), context))
        while not _answered(endpoint, rotations, session, chosen.credential):
            session = reopened(opener)


def _answered(
    endpoint: Endpoint, rotations: Rotations, session: Session, given: Given | None
) -> bool:
    try:
        return rotations.answer(endpoint, session, given)
    finally:
        session.close()


@contextmanager
def _ended_by_signals(end: Callable[[], None]) -> Iterator[None]:
    """Have *end* called for SIGINT, SIGTERM and SIGHUP; one that is ignored stays so."""
    usual = {each: signal.getsignal(each) for each in _ENDINGS}
    taken = [each for each, handler in usual.items() if handler != signal.SIG_IGN]
    try:
        for each in taken:
            signal.signal(each, lambda _number, _frame: end())
        yield
    finally:
        for each in taken:
            signal.signal(each, usual[each])
