"""A hint that is pasted acts where the command did that gave it.

What chose the vault or the endpoint on the command line is put behind the program's name in every
command that a hint names: there it may stand in front of any, and nobody has to tell where in the
sentence the command ends. What comes from the environment holds for the next command by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from secretctl.cli.argv import split_globals, with_given
from secretctl.cli.complete import OPTIONS, PEOPLE_COMMANDS, own_options
from secretctl.cli.endpoint import VARIABLE
from secretctl.cli.options import GLOBALS, Globals, flags
from secretctl.cli.people_words import command_of
from secretctl.cli.words import NONE, scan
from secretctl.context import Context
from secretctl.errors import UsageError
from secretctl.model.journal import QUESTIONS
from secretctl.model.operations import BY_COMMAND
from secretctl.model.services import SERVICES, operations_of
from secretctl.model.shapes import Operation

_OF_VAULT = ("--vault", "--profile", "--region")
_OF_ENDPOINT = ("--endpoint-url", "--ca-bundle", "--no-verify-ssl", "--allow-http")
_ALL = (*_OF_VAULT, *_OF_ENDPOINT, "--no-sign-request")
_COMMAND = r"(?<![\w'./-])secretctl(?P<words>(?: [a-z][a-z-]+){1,3})"


def carried(hint: str, context: Context) -> str:
    """Return *hint*, in whose commands stands what chose the vault on the command line."""
    if "secretctl " not in hint:
        return hint
    return "\n".join(_line(line, context) for line in hint.split("\n"))


def _line(hint: str, context: Context) -> str:
    if "--help" in hint:
        return hint
    import re

    given, _ = _read(context.argv)
    is_remote = _is_remote(given, context)

    def with_options(found: re.Match[str]) -> str:
        words = found["words"].split()
        known = _known(words, is_remote=is_remote)
        options = _spelled(given, [name for name in known if name not in hint])
        return " ".join(["secretctl", *options, *words])

    return re.sub(_COMMAND, with_options, hint)


def may_be_remote(context: Context) -> bool:
    """Tell whether what the command was answered may have come from an endpoint."""
    given, command = _read(context.argv)
    return command == "sync" or _is_remote(given, context)


def _is_remote(given: Globals, context: Context) -> bool:
    return bool(given.endpoint_url or (context.environ.get(VARIABLE) and not given.vault))


def _known(words: list[str], *, is_remote: bool) -> Iterable[str]:
    """Return the options that the command of these words takes, of those that choose a place.

    At an endpoint ``--profile`` is one of AWS's files: it means nothing to a command that is about
    a vault.
    """
    if words[0] in BY_COMMAND:
        return _ALL
    command = command_of(words)
    known: Iterable[str] = OPTIONS.get(command, ()) if words[0] in PEOPLE_COMMANDS else ()
    if words[0] in SERVICES:
        known = _OF_VAULT
    elif command.removeprefix("audit ") in QUESTIONS:
        known = ("--vault", "--profile")  # the journal is of all regions
    if "--endpoint-url" in known:
        return [name for name in _ALL if name in known or name not in _OF_VAULT]
    return () if is_remote else [name for name in _OF_VAULT if name in known]


def _spelled(given: Globals, names: Iterable[str]) -> list[str]:
    """Return the options of *names* that were given, as they are typed into a shell."""
    from shlex import quote

    words: list[str] = []
    for name in names:
        flag = GLOBALS[name[2:]]
        value = getattr(given, flag.target)
        if value != getattr(Globals(), flag.target):
            words += [name] if flag.takes == NONE else [name, quote(str(value))]
    return words


def _read(argv: Sequence[str]) -> tuple[Globals, str]:
    """Return the global options and the command of a whole line; nothing where it is no good."""
    try:
        before, words = split_globals(list(argv))
        operation, behind = _operation(words)
        if operation is None:
            others = own_options()
            end = behind.index("--") if "--" in behind else len(behind)
            behind = ["" if each.partition("=")[0] in others else each for each in behind[:end]]
        table = flags(operation) if operation else {}
        return with_given(before, scan(behind, (GLOBALS, table)).given), "".join(words[:1])
    except UsageError:
        return Globals(), ""


def _operation(words: list[str]) -> tuple[Operation | None, list[str]]:
    """Return the operation that *words* call, if they do, and the words behind its name."""
    command, below = (*words, "", "")[:2]
    if command in BY_COMMAND:
        return BY_COMMAND[command], words[1:]
    if command in SERVICES:
        return operations_of(command).get(below), words[2:]
    return QUESTIONS.get(below) if command == "audit" else None, words[1:]
