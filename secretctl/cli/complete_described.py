"""What a shell shows beside a command or an option: what help says of it, its first sentence.

Imported only for shells that show it, and never where names from the vault are offered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from secretctl.cli.complete import SUBCOMMANDS, command_place
from secretctl.cli.complete_texts import TEXTS
from secretctl.cli.help_options import COMMON, GLOBALS, PAGES, REMOTE
from secretctl.model.journal import QUESTIONS
from secretctl.model.operations import BY_COMMAND
from secretctl.model.services import SERVICES, operations_of
from secretctl.model.shapes import Operation, kebab

_EVERYWHERE = {words.partition(" ")[0]: text for words, text in (*GLOBALS, *REMOTE)}
_OF_OPERATIONS = {words.partition(" ")[0]: text for words, text in (*COMMON, *PAGES)}


def lines(words: list[str], found: Iterable[str]) -> list[str]:
    """Return each of *found*, and behind it a tab and what it is, if that is known.

    Args:
        words: The command line without the program's name, the last begun, as for
            `complete.candidates`.
        found: What that answers, none of it from the vault.
    """
    texts = _texts(words[1:] if words[0] == "help" and words[1:] else words)
    return [f"{each}\t{_short(each, texts[each])}" if each in texts else each for each in found]


def _texts(words: list[str]) -> Mapping[str, str]:
    """Return what is known of all that may be offered there."""
    before = words[:-1]
    place = command_place(before)
    if place is None:
        return {**_EVERYWHERE, **_commands()}
    command, behind = before[place], before[place + 1 :]
    if command in BY_COMMAND:
        return _options(BY_COMMAND[command])
    if command in SERVICES:
        return _of_group(operations_of(command), behind)
    if command == "audit" and behind and behind[0] in QUESTIONS:
        return _options(QUESTIONS[behind[0]])
    return _of_people(command, behind)


def _commands() -> Mapping[str, str]:
    ours = {name: texts[""] for name, texts in TEXTS.items() if " " not in name}
    return {**ours, **SERVICES, **{name: each.summary for name, each in BY_COMMAND.items()}}


def _of_group(operations: Mapping[str, Operation], behind: list[str]) -> Mapping[str, str]:
    place = command_place(behind)
    if place is None:
        return {**_EVERYWHERE, **{name: each.summary for name, each in operations.items()}}
    operation = operations.get(behind[place])
    return _options(operation) if operation else _EVERYWHERE


def _options(operation: Operation) -> Mapping[str, str]:
    members = (*operation.input, *operation.local)
    own = {f"--{kebab(member.name)}": member.doc for member in members if member.doc}
    return {**_EVERYWHERE, **_OF_OPERATIONS, **own}


def _of_people(command: str, behind: list[str]) -> Mapping[str, str]:
    """Return what is known of a group's commands, or of a command's options."""
    from secretctl.cli.complete_people import subcommand

    command, _ = subcommand(command, behind)
    below = {
        each: TEXTS[name][""]
        for each in SUBCOMMANDS.get(command, ())
        if (name := f"{command} {each}") in TEXTS
    }
    return {**_EVERYWHERE, **below, **TEXTS.get(command, {})}


def _short(name: str, text: str) -> str:
    """Return the first sentence of *text*, as lists of commands and of options have theirs."""
    sentence = text.partition(". ")[0]
    sentence = sentence if sentence.endswith("...") else sentence.removesuffix(".")
    if name.startswith("-") and not sentence[1:2].isupper():
        return sentence[:1].lower() + sentence[1:]
    return sentence
