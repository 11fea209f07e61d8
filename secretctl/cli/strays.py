"""Say which words of a command line nothing takes, and what they may have been meant as.

Only imported once something is wrong. No word is repeated that does not look like an option's name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from secretctl.cli import suggest
from secretctl.cli.paramfile import way_for_bytes
from secretctl.cli.words import MANY, NONE, Flag, Tables, find
from secretctl.errors import UsageError

_MOST_NAMED = 5


def unknown(words: Sequence[str], strays: Sequence[int], tables: Tables, before: int) -> UsageError:
    """Return the error for words that belong to no option.

    Args:
        words: The words that were read.
        strays: Indexes of those that belong to none.
        tables: The options there are.
        before: How many words of the command line stand before *words*.
    """
    names = [name for index in strays if (name := suggest.option_name(words[index]))]
    if names:
        said = ", ".join("--" + name for name in names)
    else:
        places = ", ".join(str(before + index + 1) for index in strays[:_MOST_NAMED])
        said = f"no option takes word {places} of the command line"
    return UsageError(f"Unknown options: {said}", *hints(words, strays, tables))


def no_option(word: str, tables: Tables, command: str) -> UsageError:
    """Return the error for a *word* behind *command* that looks like an option and is none."""
    known = [each for table in tables for each in table]
    behind = "a name that begins with '-' stands behind '--'"
    return unlike(word, known, behind, f"secretctl {command} --help")


def before_command(
    words: Sequence[str], strays: Sequence[int], known: Mapping[str, Flag]
) -> UsageError:
    """Return the error for words like options where a command is awaited; likewise."""
    error = unknown(words, strays, (known,), 0)
    is_version = words[strays[0]] in ("-v", "-V")  # as other programs call it
    command = "secretctl --version" if is_version else "secretctl --help"
    error.hints = (*_meant(words[strays[0]], known), command)
    return error


def unlike(word: str, known: Iterable[str], *others: str) -> UsageError:
    """Return the error for what looks like an option of a command of ours, which has none such.

    Args:
        word: What was typed; it is repeated only if it is surely no value.
        known: The options there are.
        others: Hints behind the option that was probably meant.
    """
    name = suggest.option_name(word)
    said = f"unknown option '--{name}'" if name else "unknown option"
    return UsageError(said, *_meant(word, known), *others)


def _meant(word: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return a hint at the option of *known* that *word* is nearly, if there is one."""
    near = suggest.option(word, known)
    return (f"did you mean --{near}?",) if near else ()


def hints(
    words: Sequence[str], strays: Sequence[int], tables: Tables, option: str = "--OPTION"
) -> tuple[str, ...]:
    """Say what stray words may have been meant as; *option* is one that lacks a value."""
    known = [name for table in tables for name in table]
    found: list[str] = []
    explained = -1  # what stands behind an option that does not exist is its value
    for index in strays:
        near = _meant(words[index], known)
        found += near
        if near or suggest.option_name(words[index]):
            explained = index + 1
        elif index != explained:
            found += _as_value(words, index, tables, option)
    return tuple(dict.fromkeys(found))


def _as_value(words: Sequence[str], index: int, tables: Tables, option: str) -> tuple[str, ...]:
    """Say how the word at *index* becomes a value."""
    for word in reversed(words[:index]):
        flag, explicit = find(word, tables) or (None, None)
        if flag is None:
            continue
        if flag.takes != MANY:
            break
        name = f"--{flag.name}"
        if explicit is not None:
            return (f"several values are divided by blanks: {name} VALUE VALUE",)
        if words[index].startswith("-"):
            return (
                f"a value that begins with '-' is written {name}=-VALUE",
                f'several are a list in JSON: {name} \'["-VALUE", "-VALUE"]\'',
            )
    return (f"a value stands behind its option: {option} VALUE",)


def not_text(words: Sequence[str], index: int, tables: Tables, before: int) -> UsageError:
    """Return the error for the word at *index*, which is not UTF-8."""
    around = (words[index].partition("=")[0], *reversed(words[max(index - 1, 0) : index]))
    for word in around:
        flags = [table[word[2:]] for table in tables if word[2:] in table]
        if word.startswith("--") and any(flag.takes != NONE for flag in flags):
            return UsageError(f"the value of {word} is not valid UTF-8", *way_for_bytes(word))
    return UsageError(f"word {before + index + 1} of the command line is not valid UTF-8")
