"""Sort the words of a command line into flags and their values.

The rules are those of the AWS command line, version 2 (Python's ``argparse``), written out because
importing ``argparse`` costs a noticeable part of a whole command:

* ``--flag value``, ``--flag=value``, the last of several wins;
* a flag may be cut short as long as one flag only begins so; global flags are looked at first;
* a list takes every word up to the next that begins with ``-`` (``-``, negative numbers and words
  with a blank are values);
* the first ``--`` is dropped.

One rule is wider than AWS's: a flag that takes one value takes the next word whatever it is,
unless that word is a flag in full, because passwords begin with ``-`` too. Behind ``--`` it takes
even that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from secretctl.errors import UsageError
from secretctl.record import NamedTuple

ONE, MANY, NONE, MAYBE = "one", "many", "none", "maybe"

LIMIT = 1 << 20
"""Most characters a command line may have, and most bytes a file named in it."""

_NEGATIVE = r"-[0-9]+|-[0-9]*\.[0-9]+"
_INTEGER = r"\s*[+-]?[0-9]{1,19}\s*"


class Flag(NamedTuple):
    """One option as it is typed."""

    name: str
    """Without the dashes."""

    target: str
    """What it sets; several flags may set one thing."""

    takes: str = ONE
    constant: object = None
    """Value of a flag that takes none, or was given none."""

    choices: tuple[str, ...] = ()
    number: bool = False


class Scan(NamedTuple):
    """What a command line holds."""

    given: dict[str, object]
    """Targets with a string, a list of strings, a number or the flag's constant."""

    strays: list[int]
    """Indexes of words that belong to no flag."""

    end: int
    """Index behind the last word looked at."""


Tables = tuple[Mapping[str, Flag], ...]


def check(words: Sequence[str], tables: Tables, before: int = 0) -> None:
    """Refuse words that no later step could handle.

    Args:
        words: The words.
        tables: The options there are, to name the one that a word belongs to.
        before: How many words of the command line stand before *words*.

    Raises:
        UsageError: a word is not UTF-8, or all of them together are too long.
    """
    if sum(map(len, words)) >= LIMIT:
        raise UsageError(
            f"the command line is longer than {LIMIT} characters",
            "give long values as file://PATH or fileb://PATH",
        )
    for index, word in enumerate(words):
        try:
            word.encode()
        except UnicodeEncodeError:
            from secretctl.cli import strays

            raise strays.not_text(words, index, tables, before) from None


def integer(text: str) -> int | None:
    """Return the whole number written in *text*, in ASCII digits, or None."""
    import re

    return int(text) if re.fullmatch(_INTEGER, text, flags=re.ASCII) else None


def scan(words: Sequence[str], tables: Tables, *, leading: bool = False) -> Scan:
    """Tell the flags among *words*, with their values, from the words that are none.

    Args:
        words: The words, without the command.
        tables: Flags by name; where a flag is cut short, the first table that has one wins.
        leading: Stop at the first word that is no flag.

    Raises:
        UsageError: a flag lacks its value, has one too many, or could be several.
    """
    given: dict[str, object] = {}
    strays: list[int] = []
    index = 0
    dropped = False
    while index < len(words):
        word = words[index]
        if word == "--" and not dropped:
            dropped = True
            index += 1
            continue
        found = find(word, tables)
        if found is None:
            if leading and not word.startswith("-"):
                break
            strays.append(index)
            index += 1
            continue
        flag, explicit = found
        given[flag.target], index, dropped = _take(
            flag, explicit, words, index + 1, tables, dropped
        )
    return Scan(given, strays, index)


def find(word: str, tables: Tables) -> tuple[Flag, str | None] | None:
    """Return the flag that *word* names and the value behind its ``=``.

    Raises:
        UsageError: several flags begin so.
    """
    if word == "-h":
        word = "--help"
    if not word.startswith("--") or word == "--":
        return None
    name, equals, value = word[2:].partition("=")
    explicit = value if equals else None
    for table in tables:
        if name in table:
            return table[name], explicit
    for table in tables:
        matches = [known for known in table if known.startswith(name)]
        if len(matches) > 1:
            could = ", ".join("--" + match for match in matches)
            raise UsageError(f"ambiguous option: --{name} could match {could}")
        if matches:
            return table[matches[0]], explicit
    return None


def _take(  # noqa: PLR0913 the state of the scan is passed, not kept
    flag: Flag,
    explicit: str | None,
    words: Sequence[str],
    index: int,
    tables: Tables,
    dropped: bool,  # noqa: FBT001 likewise
) -> tuple[object, int, bool]:
    """Return the value of *flag*, where the scan goes on, and whether a ``--`` was dropped."""
    if flag.takes == NONE:
        if explicit is not None:
            raise UsageError(f"argument --{flag.name}: ignored explicit argument")
        return flag.constant, index, dropped
    if explicit is not None:
        return _checked(flag, [explicit] if flag.takes == MANY else explicit), index, dropped
    if flag.takes == ONE:
        if index < len(words) and words[index] == "--" and not dropped:
            index += 1
            dropped = True
            literal = True
        else:
            literal = False
        if index >= len(words) or (not literal and _is_whole_flag(words[index], tables)):
            raise UsageError(
                f"argument --{flag.name}: expected one argument",
                f"a value that looks like an option is written --{flag.name}=VALUE",
            )
        return _checked(flag, words[index]), index + 1, dropped
    return _take_several(flag, words, index, tables, dropped)


def _take_several(
    flag: Flag,
    words: Sequence[str],
    index: int,
    tables: Tables,
    dropped: bool,  # noqa: FBT001 the state of the scan is passed, not kept
) -> tuple[object, int, bool]:
    values: list[str] = []
    while index < len(words) and (flag.takes == MANY or not values):
        word = words[index]
        if word == "--" and not dropped:
            dropped = True
        elif not _is_value(word, tables):
            break
        else:
            values.append(word)
        index += 1
    if flag.takes == MANY:
        return values, index, dropped
    return _checked(flag, values[0]) if values else flag.constant, index, dropped


def _is_whole_flag(word: str, tables: Tables) -> bool:
    # ``--help`` is no option of AWS's tool, so it may be a value.
    known = word.startswith("--") and word != "--help"
    return known and any(word[2:] in table for table in tables)


def _is_value(word: str, tables: Tables) -> bool:
    """State whether a list goes on with *word*, as ``argparse`` decides it."""
    if not word.startswith("-") or word == "-":
        return True
    if find(word, tables) is not None:
        return False
    import re

    return " " in word or re.fullmatch(_NEGATIVE, word) is not None


def _checked(flag: Flag, value: str | list[str]) -> object:
    if isinstance(value, list):
        return value
    if flag.number:
        number = integer(value)
        if number is None:
            raise UsageError(f"argument --{flag.name}: invalid int value")
        return number
    if flag.choices and value not in flag.choices:
        from secretctl.cli import suggest

        raise UsageError(
            f"argument --{flag.name}: Invalid choice, valid choices are: "
            + ", ".join(flag.choices),
            *suggest.hints(value, flag.choices),
        )
    return value
