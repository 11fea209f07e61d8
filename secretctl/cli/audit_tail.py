"""``audit tail``: the last events as a line each, and those that follow."""

import time
from collections.abc import Callable, Iterable
from itertools import chain, islice

from secretctl.audit.events import Place, Reader
from secretctl.audit.following import Follower
from secretctl.audit.query import Query, Record, select
from secretctl.audit.ratchet import FIRST_SEGMENT
from secretctl.cli import audit_table
from secretctl.cli.output import deliver
from secretctl.cli.terminal import is_terminal
from secretctl.context import Context

_WAIT_S = 0.2


def tail(reader: Reader, count: int, context: Context, *, intents: bool) -> Place:
    """Write the last *count* events; return where the next one will begin.

    Args:
        reader: Of the journal.
        count: How many.
        context: Gives standard output: a terminal gets lines to read, anything else JSON Lines.
        intents: Whether announcements of changes count.
    """
    raws = reader.backward()
    last = next(raws, None)
    if last is None:
        return Place(FIRST_SEGMENT, 0)
    newest = select(reader, chain([last], raws), Query(intents=intents))
    _write(reversed(list(islice(newest, count))), context)
    return Place(last.place.segment, last.place.offset + len(last.line))


def follow(
    reader: Reader,
    place: Place,
    context: Context,
    *,
    intents: bool,
    wait: Callable[[float], None] = time.sleep,
) -> None:
    """Write what is appended behind *place* as it comes, until interrupted."""
    follower = Follower(reader, place)
    while True:
        _write(select(reader, follower.new(), Query(intents=intents)), context)
        wait(_WAIT_S)


def _write(records: Iterable[Record], context: Context) -> None:
    shown = is_terminal(context.stdout)
    text = "".join(
        audit_table.line(record.fields) if shown else record.raw.line.decode() for record in records
    )
    if text:
        deliver(text, context)
