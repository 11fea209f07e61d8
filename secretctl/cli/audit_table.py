"""Events for a person: a table, or a line for each. Times are those of the local time zone.

What stands in the journal was said by anybody: every text is made harmless before it is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from secretctl import json_text
from secretctl.audit import attributes
from secretctl.cli.output_table import columns_of, width_of
from secretctl.cli.terminal import safe, wants_color
from secretctl.context import Context, tell_person
from secretctl.model.journal import EXPOSURE
from secretctl.model.shapes import Fields, Operation
from secretctl.model.timestamps import milliseconds
from secretctl.record import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

_HEADINGS = ("TIME", "EVENT", "WHO", "SECRET", "FROM", "RESULT")
_EXPOSED = ("SECRET", "VERSION", "LAST CHANGED", "READ BY", "TIMES", "LAST READ", "VIA")
_VERSION_DIGITS = 8
_WHOLE = ("TIME", "EVENT", "WHO", "VERSION", "TIMES", "NAME")
"""Columns that are not folded as long as the terminal has room for them."""

_WIDTHS = (19, 20, 8, 20, 24)
"""Columns of a line's cells but the last; longer ones push the rest to the right."""


def write(operation: Operation, answer: dict[str, object], color: str, context: Context) -> None:
    """Write the answer of a question as a table."""
    if operation.name == EXPOSURE.name:
        draw(_EXPOSED, [_exposed(each) for each in items(answer, "Exposures")], color, context)
        return
    events = items(answer, "Events")
    draw(_HEADINGS, [cells(_fields(each)) for each in events], color, context)
    if "NextToken" in answer:
        context.stderr.write("secretctl: hint: there are more: --max-items N\n")


def draw(
    headings: tuple[str, ...],
    rows: list[tuple[str, ...]],
    color: str,
    context: Context,
    whole: Sequence[str] = _WHOLE,
) -> None:
    """Draw *rows* as wide as the terminal; cells that are too long are folded, never cut.

    Those of *whole* columns last, as `audit_columns.table` does.

    That there are none is said: headings alone look like an answer that was cut off.
    """
    from secretctl.cli import audit_columns  # it takes Rich, 20 ms of a start, which tables need

    console = console_of(color, context)
    shown = [[safe(cell) for cell in row] for row in rows]
    console.print(audit_columns.table(headings, shown, whole, console.width), crop=False)
    if not rows:
        tell_person(context, "secretctl: note: there is none\n")


def console_of(color: str, context: Context) -> Console:
    """Return rich's view of standard output."""
    from rich.console import Console

    colored = wants_color(color, context.stdout, context.environ)
    return Console(
        file=context.stdout,
        width=width_of(context.stdout),
        no_color=not colored,
        color_system="standard" if colored else None,
        highlight=False,
        markup=False,
        emoji=False,
    )


def cells(fields: Fields) -> tuple[str, ...]:
    """Return what is shown of an event: time, event, who, about what, where from, result."""
    return (
        local_time(attributes.time_ms(fields)),
        attributes.text(fields, "eventName"),
        attributes.username(fields),
        attributes.secret_name(fields) or attributes.other_resource(fields) or "-",
        attributes.origin(fields) or "-",
        attributes.text(fields, "errorCode") or "ok",
    )


def line(fields: Fields) -> str:
    """Return an event as one line."""
    *padded, last = map(safe, cells(fields))
    parts = [
        cell + " " * (width - columns_of(cell)) for cell, width in zip(padded, _WIDTHS, strict=True)
    ]
    return "  ".join([*parts, last]) + "\n"


def local_time(now_ms: int) -> str:
    """Return a time as people of the local time zone write it, to the second."""
    return datetime.fromtimestamp(now_ms // 1000).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _exposed(entry: dict[str, object]) -> tuple[str, ...]:
    name = f"{entry['Name']} (deleted)" if entry["IsDeleted"] else str(entry["Name"])
    version = str(entry["VersionId"])[:_VERSION_DIGITS]
    via = entry["Via"]
    return (
        name,
        version if entry["IsCurrent"] else f"{version} (not current)",
        _moment(entry.get("LastChangedDate")),
        str(entry["Username"]),
        str(entry["Times"]),
        _moment(entry["LastReadDate"]),
        ", ".join(map(str, via)) if isinstance(via, list) else "",
    )


def _moment(value: object) -> str:
    return local_time(milliseconds(value)) if isinstance(value, datetime) else "-"


def items(answer: Fields, name: str) -> list[Fields]:
    """Return the structures in a list of the answer."""
    found = answer[name]
    return found if isinstance(found, list) else []


def _fields(event: object) -> Fields:
    said = json_text.read(attributes.text(event, "CloudTrailEvent"))
    return said if isinstance(said, dict) else {}
