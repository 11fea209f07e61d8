"""How wide the columns of a table for a person are, and whether there is room for them at all."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from secretctl.cli.output_table import columns_of

GAP = 2
"""Blanks between columns."""

_NARROWEST = 10
"""Columns that a cell is folded to at least; a date fits."""

_LEAST_VALUE = 6


def table(headings: Sequence[str], rows: list[list[str]], whole: Sequence[str], room: int) -> Table:
    """Return *rows* as a table of at most *room* columns, as far as that is possible.

    Cells are folded, never cut: those of *whole* columns last, the first of them last of all. Where
    there is no room even so, each row stands upright, a line for each of its cells.
    """
    natural = [max(map(columns_of, cells)) for cells in zip(headings, *rows, strict=True)]
    for count in range(len(whole), -1, -1):
        kept = [heading in whole[:count] for heading in headings]
        least = [
            n if is_kept else min(n, _NARROWEST) for is_kept, n in zip(kept, natural, strict=True)
        ]
        if sum(least) + GAP * (len(least) - 1) <= room:
            return _lying(headings, rows, _widths(natural, least, room))
    return _upright(headings, rows, room)


def _widths(natural: list[int], least: list[int], room: int) -> list[int]:
    """Take from the widest column, as long as it may become narrower, until all fit."""
    widths = [max(few, min(many, room)) for many, few in zip(natural, least, strict=True)]
    while sum(widths) + GAP * (len(widths) - 1) > room:
        spare = [n for n, width in enumerate(widths) if width > least[n]]
        widths[max(spare, key=lambda n: widths[n])] -= 1
    return widths


def _lying(headings: Sequence[str], rows: list[list[str]], widths: list[int]) -> Table:
    lying = _table(widths)
    lying.header_style = "bold"
    for heading, width in zip(headings, widths, strict=True):
        lying.add_column(heading, overflow="fold", width=width)
    for row in rows:
        lying.add_row(*map(Text, row))
    return lying


def _upright(headings: Sequence[str], rows: list[list[str]], room: int) -> Table:
    label = max(map(columns_of, headings))
    value = max(_LEAST_VALUE, room - label - GAP)
    upright = _table([label, value])
    upright.show_header, upright.collapse_padding = False, True
    upright.add_column(style="bold", overflow="fold", width=label)
    upright.add_column(overflow="fold", width=value)
    for number, row in enumerate(rows):
        if number:
            upright.add_row("", "")
        for heading, cell in zip(headings, row, strict=True):
            upright.add_row(heading, Text(cell))
    return upright


def _table(widths: list[int]) -> Table:
    """Return an empty table of such columns.

    Its width is said: rich cuts cells of one that is wider than the terminal.
    """
    width = sum(widths) + GAP * (len(widths) - 1)
    return Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), width=width)
