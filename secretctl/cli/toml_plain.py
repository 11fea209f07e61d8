"""TOML of the plain kind, read without ``tomllib``, which takes a third of a start to load.

Plain is a line for each table and each key: keys and strings without escapes, whole numbers, truths
and, within the line, lists and tables of these. Most configurations and manifests are. Whatever
else a document holds, and whatever is wrong with it, is left to ``tomllib``.

See: https://toml.io/en/v1.0.0
"""

from __future__ import annotations

from secretctl.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    Table = dict[str, Any]

_BARE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
_CONTROLS = frozenset(map(chr, (*range(9), *range(11, 32), 127)))
_TRUTHS = {"true": True, "false": False}
_MOST_DIGITS = 18
_DEEPEST = 8
"""Lists and tables in one another, in a line."""


class _NotPlainError(Exception):
    """There is more to the document than is read here."""


def plain(text: str) -> Table | None:
    """Return what *text* says, as ``tomllib.loads`` would; None if it is not plain, or no TOML."""
    document: Table = {}
    table, open_tables = document, {id(document)}
    if not _CONTROLS.isdisjoint(text):
        return None
    try:
        for line in text.split("\n"):
            at = _over_blanks(line, 0)
            if line.startswith("[", at):
                table = _begun(document, line, at + 1, open_tables)
            elif line[at:] and line[at] != "#":
                _end(line, _pair(table, line, at, 0))
    except _NotPlainError:
        return None
    return document


def _begun(document: Table, line: str, at: int, open_tables: set[int]) -> Table:
    """Return the new table whose header goes on at *at*; those it lies in are made if need be.

    Args:
        document: What was read so far.
        line: With the header.
        at: Behind its bracket.
        open_tables: Ids of the tables that headers made: others may not be added to.
    """
    table, mark = document, "."
    while mark == ".":
        if id(table) not in open_tables:
            raise _NotPlainError
        key, at = _key(line, _over_blanks(line, at))
        at = _over_blanks(line, at)
        mark = line[at : at + 1]
        at += 1
        is_there = key in table
        table = table.setdefault(key, {})
        if not is_there:
            open_tables.add(id(table))
    if mark != "]" or is_there:
        raise _NotPlainError
    _end(line, at)
    return table


def _pair(table: Table, line: str, at: int, depth: int) -> int:
    """Read a key and its value into *table*; return where they end."""
    key, at = _key(line, at)
    at = _over_blanks(line, at)
    if key in table or not line.startswith("=", at):
        raise _NotPlainError
    table[key], at = _value(line, _over_blanks(line, at + 1), depth)
    return at


def _key(line: str, at: int) -> tuple[str, int]:
    return _quoted(line, at) if line.startswith(("'", '"'), at) else _word(line, at)


def _value(line: str, at: int, depth: int) -> tuple[object, int]:
    mark = line[at : at + 1]
    if mark in ("'", '"'):
        return _quoted(line, at)
    if mark in ("[", "{"):
        if depth == _DEEPEST:
            raise _NotPlainError
        return _list(line, at, depth + 1) if mark == "[" else _inline(line, at, depth + 1)
    word, at = _word(line, at)
    if word in _TRUTHS:
        return _TRUTHS[word], at
    if not word.isdigit() or (word[0] == "0" and word != "0") or len(word) > _MOST_DIGITS:
        raise _NotPlainError
    return int(word), at


def _list(line: str, at: int, depth: int) -> tuple[list[object], int]:
    found: list[object] = []
    at = _over_blanks(line, at + 1)
    while not line.startswith("]", at):
        item, at = _value(line, at, depth)
        found.append(item)
        at = _over_blanks(line, at)
        if line.startswith(",", at):
            at = _over_blanks(line, at + 1)
        elif not line.startswith("]", at):
            raise _NotPlainError
    return found, at + 1


def _inline(line: str, at: int, depth: int) -> tuple[Table, int]:
    found: Table = {}
    at = _over_blanks(line, at + 1)
    if line.startswith("}", at):
        return found, at + 1
    while True:
        at = _over_blanks(line, _pair(found, line, at, depth))
        if line.startswith("}", at):
            return found, at + 1
        if not line.startswith(",", at):
            raise _NotPlainError
        at = _over_blanks(line, at + 1)


def _quoted(line: str, at: int) -> tuple[str, int]:
    """Return the string that begins at *at*, and where it ends."""
    end = line.find(line[at], at + 1)
    text = line[at + 1 : end]
    if end < 0 or (line[at] == '"' and "\\" in text):
        raise _NotPlainError
    return text, end + 1


def _word(line: str, at: int) -> tuple[str, int]:
    """Return the letters, digits, ``_`` and ``-`` from *at* on, one or more, and where they end."""
    end = at
    while line[end : end + 1] in _BARE:
        end += 1
    if end == at:
        raise _NotPlainError
    return line[at:end], end


def _over_blanks(line: str, at: int) -> int:
    while line.startswith((" ", "\t"), at):
        at += 1
    return at


def _end(line: str, at: int) -> None:
    """See that nothing but a comment follows."""
    rest = line[at:].lstrip(" \t")
    if rest and not rest.startswith("#"):
        raise _NotPlainError
