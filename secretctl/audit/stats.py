"""Reads, changes and errors: for each day and for each secret. Days are those of a time zone.

A read whose value could not be decrypted is an error, and no read.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo

from secretctl.audit import attributes, lookup, query
from secretctl.audit.query import EVERYWHERE, Condition, Query, Scope
from secretctl.audit.reader import Reader
from secretctl.audit.undone_reads import READ, Undone
from secretctl.model.journal import STATS
from secretctl.model.shapes import Fields, Parameters, Result
from secretctl.model.timestamps import moment
from secretctl.model.validate import check_service

_DEFAULT_SPAN = "30d"
_MOST_DAYS = 3660
_COUNTED = (b'"eventName":"GetSecretValue"', b'"readOnly":false', b'"errorCode":"')
_PURGED = "EndSecretVersionDelete"
"""A change with one record: it is made along with another."""


class _Count:
    """How often something was read and changed, and how often that failed."""

    def __init__(self) -> None:
        self.reads = self.changes = self.errors = 0
        self.last_ms = 0

    def take(self, kind: str, now_ms: int) -> None:
        """Count an event of that kind (``read``, ``change`` or ``error``) and time."""
        self.reads += kind == "read"
        self.changes += kind == "change"
        self.errors += kind == "error"
        self.last_ms = max(self.last_ms, now_ms)

    def add(self, other: _Count) -> None:
        """Count what *other* has counted."""
        self.reads += other.reads
        self.changes += other.changes
        self.errors += other.errors
        self.last_ms = max(self.last_ms, other.last_ms)

    def told(self) -> Result:
        """Return the counts, as ``audit stats`` answers them."""
        return {"Reads": self.reads, "Changes": self.changes, "Errors": self.errors}


def stats(
    reader: Reader,
    parameters: Parameters,
    now_ms: int,
    scope: Scope = EVERYWHERE,
    zone: tzinfo | None = None,
) -> Result:
    """Return how much was read and changed, by day and by secret.

    Args:
        reader: Of the journal.
        parameters: Wire parameters.
        now_ms: What ``Since`` counts from, and the last day.
        scope: Keys to hidden names, and whether one region alone is asked about.
        zone: Whose days; the local ones if left out.

    Raises:
        ServiceError: A parameter has no meaning.
        JournalDamagedError, JournalUnavailableError, UnsafePermissionsError: See `Reader`.
    """
    check_service(STATS, parameters)
    asked = lookup.asked({"Since": _DEFAULT_SPAN, **parameters}, now_ms, scope)
    counted = Condition(_COUNTED, lambda fields: bool(_kind(fields)))
    days: dict[date, _Count] = {}
    secrets: dict[tuple[str, str], _Count] = {}
    wanted = Query((*asked.conditions, counted), asked.start_ms, asked.end_ms)
    undone = Undone(reader.directory, asked.start_ms)
    for record in query.select(reader, reader.forward(), wanted):
        fields = record.fields
        kind, then_ms = _kind(fields), attributes.time_ms(fields)
        if kind == "read" and undone.take(fields):
            continue
        days.setdefault(_day(then_ms, zone), _Count()).take(kind, then_ms)
        if name := attributes.secret_name(fields):
            secrets.setdefault((name, attributes.arn(fields)), _Count()).take(kind, then_ms)
    return {
        "Days": _days(days, _day(now_ms, zone)),
        "Secrets": [
            _secret(*key, count) for key, count in sorted(_joined(secrets).items(), key=_busiest)
        ],
    }


def _joined(counts: dict[tuple[str, str], _Count]) -> dict[tuple[str, str], _Count]:
    """Count what is known by name alone to the one secret of that name, if there is one."""
    arns: dict[str, list[str]] = {}
    for name, arn in counts:
        arns.setdefault(name, []).extend([arn] if arn else [])
    joined = {key: count for key, count in counts.items() if key[1] or len(arns[key[0]]) != 1}
    for (name, arn), count in counts.items():
        if (name, arn) not in joined:
            joined[name, arns[name][0]].add(count)
    return joined


def _kind(fields: Fields) -> str:
    """Return what a record counts as: ``read``, ``change``, ``error``, or nothing."""
    if fields.get("errorCode"):
        return "error"
    if fields.get("readOnly") is True:
        return "read" if fields.get("eventName") == READ else ""
    # A change without an outcome changed nothing: it had been made before, or there was nothing.
    is_made = attributes.text(fields, "additionalEventData", "phase") == "outcome"
    return "change" if is_made or fields.get("eventName") == _PURGED else ""


def _day(then_ms: int, zone: tzinfo | None) -> date:
    return datetime.fromtimestamp(then_ms / 1000, zone).date()


def _days(counts: dict[date, _Count], today: date) -> list[Result]:
    """Return every day from the first with an event to *today*, those without any included.

    Where a clock was wrong by years, only the days with events.
    """
    if not counts:
        return []
    first, last = min(counts), max(today, *counts)
    every = [first + timedelta(days=n) for n in range(min((last - first).days + 1, _MOST_DAYS))]
    listed = every if every[-1] == last else sorted(counts)
    return [{"Day": day.isoformat(), **counts.get(day, _Count()).told()} for day in listed]


def _busiest(item: tuple[tuple[str, str], _Count]) -> tuple[int, str, str]:
    (name, arn), count = item
    return (-(count.reads + count.changes + count.errors), name, arn)


def _secret(name: str, arn: str, count: _Count) -> Result:
    told: Result = {"Name": name, "SecretARN": arn} if arn else {"Name": name}
    return told | count.told() | {"LastEventDate": moment(count.last_ms)}
