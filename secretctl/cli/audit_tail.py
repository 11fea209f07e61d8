"""``audit tail``: the last events as a line each, and those that follow."""

import select as select_
import sys
import time
from collections.abc import Iterable
from itertools import chain, islice

from secretctl.audit.following import Follower
from secretctl.audit.query import Query, Record, select
from secretctl.audit.ratchet import FIRST_SEGMENT
from secretctl.audit.reader import Place, Reader
from secretctl.cli import audit_table
from secretctl.cli.output import deliver
from secretctl.cli.terminal import is_terminal
from secretctl.context import Context

_WAIT_S = 0.2
_LINES = 1000
"""Lines that are written at a time."""


def tail(reader: Reader, count: int, context: Context, asked: Query) -> Place:
    """Write the last *count* events; return where the next one will begin.

    Args:
        reader: Of the journal.
        count: How many.
        context: Gives standard output: a terminal gets lines to read, anything else JSON Lines.
        asked: Which events count.
    """
    raws = reader.backward()
    last = next(raws, None)
    if last is None:
        return Place(FIRST_SEGMENT, 0)
    count = min(count, sys.maxsize)
    start = None
    for record in islice(select(reader, chain([last], raws), asked), count):
        start = record.raw.place
    if start is not None:
        again = Reader(reader.directory)  # what cannot be read was counted on the way back
        newest = select(again, Follower(again, start).new(), asked)
        _write(islice(newest, count), context)
    return Place(last.place.segment, last.place.offset + len(last.line))


def follow(reader: Reader, place: Place, context: Context, asked: Query) -> None:
    """Write what is appended behind *place* as it comes, until interrupted.

    Raises:
        BrokenPipeError: Whoever reads has gone.
    """
    follower = Follower(reader, place)
    while True:
        _write(select(reader, follower.new(), asked), context)
        _wait(context)


def _wait(context: Context) -> None:
    """Wait a little, or until nobody reads standard output any more."""
    poll = select_.poll()
    poll.register(context.stdout.fileno(), 0)
    states = poll.poll(_WAIT_S * 1000)
    if any(state & (select_.POLLERR | select_.POLLHUP) for _, state in states):
        raise BrokenPipeError
    if states:  # what cannot be watched
        time.sleep(_WAIT_S)


def _write(records: Iterable[Record], context: Context) -> None:
    shown = is_terminal(context.stdout)
    lines = (
        audit_table.line(record.fields) if shown else record.raw.line.decode() for record in records
    )
    while text := "".join(islice(lines, _LINES)):
        deliver(text, context)
