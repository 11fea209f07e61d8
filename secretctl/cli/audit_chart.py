"""``audit stats`` on a terminal: a bar for each day and for each secret."""

from rich.bar import Bar
from rich.table import Table
from rich.text import Text

from secretctl.cli.audit_table import console_of, draw, items
from secretctl.cli.terminal import safe
from secretctl.context import Context
from secretctl.model.shapes import Fields

SHOWN_SECRETS = 20
"""The busiest secrets that are drawn; the others are counted."""

_COUNTS = ("Reads", "Changes", "Errors")
_NARROWEST = 60
"""Columns in which there is room for bars; in fewer, numbers alone are shown."""

_COLORS = ("cyan", "yellow", "red")


def write(answer: Fields, color: str, context: Context) -> None:
    """Draw what was counted."""
    console = console_of(color, context)
    days, secrets = items(answer, "Days"), items(answer, "Secrets")
    if not days:
        console.print("no reads, changes or errors")
        return
    for heading, name, rows in (("DAY", "Day", days), ("SECRET", "Name", secrets[:SHOWN_SECRETS])):
        if name == "Name":
            console.print()
        if console.width < _NARROWEST:
            draw((heading, *map(str.upper, _COUNTS)), _numbers(rows, name), color, context)
        else:
            console.print(_chart(heading, rows, name))
    if len(secrets) > SHOWN_SECRETS:
        console.print(f"and {len(secrets) - SHOWN_SECRETS} more: --output json")


def count(item: Fields, name: str) -> int:
    """Return a number of the answer."""
    found = item[name]
    return found if isinstance(found, int) else 0


def most(rows: list[Fields]) -> int:
    """Return what the longest bar stands for; 1 at least."""
    return max([1, *(sum(count(row, name) for name in _COUNTS) for row in rows)])


def _numbers(rows: list[Fields], name: str) -> list[tuple[str, ...]]:
    return [(str(row[name]), *(str(count(row, each)) for each in _COUNTS)) for row in rows]


def _chart(heading: str, rows: list[Fields], name: str) -> Table:
    """Return a table with a bar for each row: reads, changes and errors, one behind another."""
    table = Table(box=None, pad_edge=False, header_style="bold", expand=True, padding=(0, 2, 0, 0))
    table.add_column(heading, overflow="fold", ratio=2)
    for each in _COUNTS:
        table.add_column(each.upper(), justify="right", no_wrap=True)
    table.add_column("", ratio=3)
    longest = most(rows)
    for row in rows:
        numbers = [count(row, each) for each in _COUNTS]
        cells = [Text(str(number) if number else "·") for number in numbers]
        table.add_row(Text(safe(str(row[name]))), *cells, _bar(numbers, longest))
    return table


def _bar(numbers: list[int], longest: int) -> Table:
    """Return bars of three colors side by side, together as long as their sum."""
    line = Table.grid(expand=True)
    shares = [(n, color) for n, color in zip(numbers, _COLORS, strict=True) if n]
    for number, _ in shares:
        line.add_column(ratio=number)
    rest = longest - sum(numbers)
    if rest or not shares:
        line.add_column(ratio=max(rest, 1))
    line.add_row(*(Bar(1, 0, 1, color=color) for _, color in shares))
    return line
