"""The difference of two texts as a unified diff, harmless and colored for a terminal."""

from collections.abc import Iterator
from difflib import unified_diff

from secretctl.cli.terminal import BOLD, PLAIN, RED, safe_lines

GREEN, CYAN = "\x1b[32m", "\x1b[36m"
_NO_NEWLINE = "\\ No newline at end of file"
_COLORS = {"-": RED, "+": GREEN, "@": CYAN}


def unified(before: str, after: str, names: tuple[str, str]) -> str:
    """Return the difference, empty if there is none; *names* stand in its first two lines."""
    lines = unified_diff(_lines(before), _lines(after), *names, lineterm="")
    return "".join(f"{line}\n" for line in _marked(lines))


def shown(difference: str, *, colored: bool) -> str:
    """Return *difference* as a terminal may have it."""
    lines = safe_lines(difference).split("\n")
    return "\n".join(map(_colored, lines)) if colored else "\n".join(lines)


def _lines(text: str) -> list[str]:
    """Cut *text* at its newlines alone; a last line without one stays different from one with."""
    if not text:
        return []
    *whole, rest = text.split("\n")
    return [*whole, f"{rest}\n"] if rest else whole


def _marked(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if line.endswith("\n"):
            yield line[:-1]
            yield _NO_NEWLINE
        else:
            yield line


def _colored(line: str) -> str:
    if line.startswith(("--- ", "+++ ")):
        return f"{BOLD}{line}{PLAIN}"
    color = _COLORS.get(line[:1])
    return f"{color}{line}{PLAIN}" if color else line
