"""The ``table`` format: boxes, one section for each structure or list, nested ones indented.

* All sections are as wide as the widest; too wide for the terminal, structures stand upright
  (a line for each member).
* A structure with one scalar member is a line of two cells; others get a line of headings.
* In a list of structures every line has the columns of all of them, sorted by name.
"""

import os
from collections.abc import Sequence
from typing import NamedTuple, TextIO

from secretctl.cli.terminal import safe
from secretctl.errors import OutputError

DEFAULT_WIDTH = 80
_PADDING = 4
"""Blanks and edges that a cell has beside its text."""

_CELL = "\x1b[1m\x1b[34m", "\x1b[0m"
_FRAME = "\x1b[2m\x1b[33m", "\x1b[0m"


class Section(NamedTuple):
    """One box of the table."""

    title: str
    level: int
    """How deeply it is nested; the top is 0."""

    headings: list[str]
    rows: list[list[str]]


def width_of(stream: TextIO | None) -> int:
    """Return how many columns the terminal behind *stream* has; 80 if there is none."""
    try:
        columns = os.get_terminal_size(stream.fileno()).columns if stream is not None else 0
    except (OSError, ValueError):
        columns = 0
    return columns or DEFAULT_WIDTH


def as_table(title: str, found: object, *, width: int, colored: bool, shown: bool) -> str:
    """Return *found* as a table.

    Args:
        title: Of the whole.
        found: Plain data; nothing that is empty is drawn.
        width: Columns of the terminal.
        colored: Add colors.
        shown: It goes to a terminal: write what would steer it as visible escapes.

    Raises:
        OutputError: lists in it differ in length or kind.
    """
    sections: list[Section] = []
    _collect(sections, title, found, 0)
    if shown:
        sections = [_safe_section(section) for section in sections]
    if not sections:
        return ""
    total = max(map(_total_width, sections))
    if total > width:
        sections = [_upright(section) for section in sections]
        total = max(map(_total_width, sections))
    return "-" * total + "\n" + "".join(_drawn(section, total, colored) for section in sections)


def _collect(sections: list[Section], title: str | None, found: object, level: int) -> None:
    if not found:
        return
    if title is not None:
        sections.append(Section(title, level, [], []))
    if isinstance(found, dict):
        _collect_structure(sections, found, level)
    elif isinstance(found, list) and isinstance(found[0], dict):
        _collect_structures(sections, title, found, level)
    elif isinstance(found, list):
        for element in found:
            _collect_element(sections, element)


def _collect_element(sections: list[Section], element: object) -> None:
    if not isinstance(element, list | dict):
        _add_row(sections, [element])
    elif not any(isinstance(part, list | dict) for part in element):
        _add_row(sections, list(element))
    else:
        _collect(sections, None, element, 0)


def _collect_structure(sections: list[Section], found: dict[str, object], level: int) -> None:
    names, rest = _names([found])
    if len(names) == 1:
        _add_row(sections, [names[0], found[names[0]]])
    elif names:
        _add_headings(sections, names)
        _add_row(sections, [found[name] for name in names])
    for name in rest:
        _collect(sections, name, found[name], level + 1)


def _collect_structures(
    sections: list[Section], title: str | None, found: list[object], level: int
) -> None:
    structures = [element for element in found if isinstance(element, dict)]
    if len(structures) < len(found):
        raise _misfit()
    names, rest = _names(structures)
    _add_headings(sections, names)
    for index, structure in enumerate(structures):
        if index and rest:
            sections.append(Section(title or "", level, list(names), []))
        _add_row(sections, [structure.get(name, "") for name in names])
        for name in rest:
            if name in structure:
                _collect(sections, name, structure[name], level + 1)


def _names(structures: list[dict[str, object]]) -> tuple[list[str], list[str]]:
    """Return the names of scalar members, and those of the others."""
    scalars: set[str] = set()
    others: set[str] = set()
    for structure in structures:
        for name, value in structure.items():
            (others if isinstance(value, list | dict) else scalars).add(name)
    return sorted(scalars), sorted(others)


def _add_headings(sections: list[Section], names: list[str]) -> None:
    last = sections[-1]
    if last.headings or last.rows:
        _check_columns(last, len(names))
    sections[-1] = last._replace(headings=list(names))


def _add_row(sections: list[Section], values: Sequence[object]) -> None:
    last = sections[-1]
    _check_columns(last, len(values))
    last.rows.append([str(value) for value in values])


def _check_columns(section: Section, count: int) -> None:
    known = [section.headings] if section.headings else section.rows[:1]
    if known and len(known[0]) != count:
        raise _misfit()


def _misfit() -> OutputError:
    return OutputError(
        "the answer does not fit a table: its lists differ in length or kind",
        "use --output json or --output text",
    )


def _safe_section(section: Section) -> Section:
    return Section(
        safe(section.title),
        section.level,
        [safe(heading) for heading in section.headings],
        [[safe(cell) for cell in row] for row in section.rows],
    )


def _upright(section: Section) -> Section:
    """Turn a section of one row on its side: a line for each heading."""
    if len(section.rows) != 1 or not section.headings:
        return section
    pairs = zip(section.headings, section.rows[0], strict=True)
    return section._replace(headings=[], rows=[[name, cell] for name, cell in pairs])


def columns_of(text: str) -> int:
    """Return how many columns of a terminal *text* fills (Unicode Standard Annex 11)."""
    if text.isascii():
        return len(text)
    from unicodedata import east_asian_width

    return sum(2 if east_asian_width(letter) in "WFA" else 1 for letter in text)


def _widths(section: Section) -> list[int]:
    lines = [*([section.headings] if section.headings else []), *section.rows]
    return [max(map(columns_of, column)) for column in zip(*lines, strict=True)]


def _total_width(section: Section) -> int:
    outer = 2 + 2 * section.level
    cells = sum(width + _PADDING for width in _widths(section))
    return outer + max(columns_of(section.title), cells)


def _scaled(widths: list[int], total: int) -> list[int]:
    """Stretch the columns so that they fill *total* in proportion."""
    padded = [width + _PADDING for width in widths]
    factor = total / sum(padded)
    scaled = [round(factor * width) for width in padded]
    over = sum(scaled) - total
    while over:
        step = 1 if over > 0 else -1
        places = range(len(scaled)) if over > 0 else range(len(scaled) - 1, -1, -1)
        for place in list(places)[: abs(over)]:
            scaled[place] -= step
        over = sum(scaled) - total
    return scaled


def _drawn(section: Section, total: int, colored: bool) -> str:  # noqa: FBT001 passed on
    inner = total - 2 * section.level
    lines: list[str] = []
    if section.title:
        lines.append("|" + _centered(section.title, inner, 1))
        if not section.headings and not section.rows:
            lines.append(f"+{'-' * (inner - 2)}+")
    if natural := _widths(section):
        lines += _drawn_cells(section, _scaled(natural, inner), colored)
    frame = _FRAME[0] + "|" + _FRAME[1] if colored else "|"
    edge = frame * section.level
    return "".join(f"{edge}{line}{edge}\n" for line in lines)


def _drawn_cells(section: Section, widths: list[int], colored: bool) -> list[str]:  # noqa: FBT001 passed on
    # The first column's width counts the edges on both sides, the others' only the right one.
    edges = [int(index == 0) for index in range(len(widths))]
    columns = list(zip(widths, edges, strict=True))
    rule = "+" + "".join("-" * (width - edge - 1) + "+" for width, edge in columns)
    lines: list[str] = []
    if section.headings:
        cells = zip(section.headings, columns, strict=True)
        lines += [rule, "|" + "".join(_centered(text, *column) for text, column in cells)]
    if section.rows:
        lines.append(rule)
        for row in section.rows:
            cells = zip(row, columns, strict=True)
            lines.append("|" + "".join(_left(text, *column, colored) for text, column in cells))
        lines.append(rule)
    return lines


def _centered(text: str, width: int, edge: int) -> str:
    """Return a cell and its right edge, *width* wide with the *edge* on its left, not written."""
    size = columns_of(text)
    before = max(0, width // 2 - size // 2 - 1)
    return " " * before + text + " " * (width - 1 - edge - before - size) + "|"


def _left(text: str, width: int, edge: int, colored: bool) -> str:  # noqa: FBT001 passed on
    size = columns_of(text)
    before = 2 if size + 3 + edge <= width else 0
    after = " " * (width - 1 - edge - before - size)
    return " " * before + (text.join(_CELL) if colored else text) + after + "|"
