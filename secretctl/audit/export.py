"""The journal in other shapes: its own lines, a table (CSV), and OCSF for what collects logs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from secretctl import json_text
from secretctl.audit import attributes, ocsf
from secretctl.audit.query import Query, select
from secretctl.audit.reader import Reader
from secretctl.model.shapes import Fields
from secretctl.model.timestamps import moment

FORMATS = ("jsonl", "csv", "ocsf")
COLUMNS = (
    *("eventTime", "index", "eventID", "requestID", "eventName", "eventSource", "awsRegion"),
    *("readOnly", "userName", "userArn", "accessKeyId", "sourceIPAddress", "command"),
    *("operation", "host", "terminal", "ciSystem", "ciRepository", "ciRunId", "secret"),
    *("resourceARN", "versionId", "errorCode", "errorMessage", "hash"),
)
"""The header of a CSV file; columns are only ever added, at the end."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a cell begins with that a spreadsheet takes for a formula."""


def exported(reader: Reader, form: str, query: Query) -> Iterator[str]:
    """Yield the journal line by line, oldest first, in one of `FORMATS`.

    JSON Lines are the records themselves, announcements of changes included, so that they can be
    verified elsewhere; the others have each change once.

    Args:
        reader: Of the journal.
        form: One of `FORMATS`.
        query: What is wanted.

    Raises:
        JournalDamagedError, JournalUnavailableError, UnsafePermissionsError: See `Reader`.
    """
    if form == "csv":
        yield _row(COLUMNS)
    wanted = query._replace(intents=form == "jsonl")
    for record in select(reader, reader.forward(), wanted):
        if form == "jsonl":
            yield record.raw.line.decode()
        elif form == "csv":
            yield _row(_cells(record.fields))
        else:
            yield json_text.compact(ocsf.event(record.fields)) + "\n"


def _cells(fields: Fields) -> tuple[str, ...]:
    text = attributes.text
    additional = fields.get("additionalEventData")
    version = text(additional, "versionId") or text(fields, "responseElements", "versionId")
    when = moment(attributes.time_ms(fields)).isoformat(timespec="milliseconds")
    return (
        when.replace("+00:00", "Z"),
        str(fields.get("index", "")),
        text(fields, "eventID"),
        text(fields, "requestID"),
        text(fields, "eventName"),
        text(fields, "eventSource"),
        text(fields, "awsRegion"),
        "true" if fields.get("readOnly") is True else "false",
        attributes.username(fields),
        text(fields, "userIdentity", "arn"),
        text(fields, "userIdentity", "accessKeyId"),
        text(fields, "sourceIPAddress"),
        attributes.command(fields),
        text(additional, "operation"),
        text(additional, "host"),
        text(additional, "terminal"),
        text(additional, "ciRun", "system"),
        text(additional, "ciRun", "repository"),
        text(additional, "ciRun", "runId"),
        attributes.secret_name(fields),
        attributes.arn(fields),
        version,
        text(fields, "errorCode"),
        text(fields, "errorMessage"),
        text(fields, "hash"),
    )


def _row(cells: tuple[str, ...]) -> str:
    """Return a line of RFC 4180; what a spreadsheet would run gets an apostrophe in front.

    See: https://owasp.org/www-community/attacks/CSV_Injection
    """
    line = io.StringIO()
    csv.writer(line).writerow([f"'{c}" if c.startswith(_FORMULA) else c for c in cells])
    return line.getvalue()
