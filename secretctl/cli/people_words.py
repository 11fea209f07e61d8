"""The words of a command for people, looked at before and after Typer reads them.

Typer takes an option in the place of another's value, and its own sentences repeat words that may
be a value: what is wrong is said here instead.
"""

from __future__ import annotations

from secretctl.cli import options, strays, suggest
from secretctl.cli.complete import (
    COMMANDS,
    MANY_VALUES,
    OPTIONS,
    PEOPLE_COMMANDS,
    WITHOUT_VALUE,
    subcommands,
)
from secretctl.cli.options import GLOBALS, Globals
from secretctl.cli.words import NONE
from secretctl.errors import UsageError
from secretctl.model.services import SERVICES, operations_of

_EVERYWHERE = ("--region", "--color", "--debug", "--help")
_MAY_BE_EMPTY = (
    *("import --prefix", "import --into", "import --name", "export --out", "inject --out"),
    *("audit checkpoint --out", "audit export --out", "audit export --since"),
)
"""Options of which an empty value means something, or has an answer of its own."""

_NUMBERS = ("--lines", "--timeout")
_SAID_BY_TYPER = (
    ("Got unexpected extra argument", "there is a word too many"),
    ("Missing command.", "the following arguments are required: subcommand"),
)
"""How Typer's sentences begin, and what is said instead: they may repeat a value."""


def refuse_unused(given: Globals, words: list[str]) -> None:
    """Refuse global options that the command would ignore; see there.

    Raises:
        UsageError: the option is named.
    """
    if words and words[0] in PEOPLE_COMMANDS and not {"--help", "-h"} & set(words):
        options.refuse_unused(given, command_of(words))


def check(words: list[str]) -> None:
    """Refuse an option whose value is missing, or empty: nothing or another option follows it.

    An empty one is what a variable of the shell leaves that is not set: the default vault is not
    what was meant.

    Args:
        words: The command line from the command on.

    Raises:
        UsageError: with the sentence an operation has for it.
    """
    command = command_of(words)
    own = OPTIONS.get(command, ())
    known = {*own, *(f"--{name}" for name in GLOBALS), "--help", "-h"}
    without = {
        *WITHOUT_VALUE,
        *(f"--{name}" for name, flag in GLOBALS.items() if flag.takes == NONE),
    }
    rest = iter(words)
    for word in rest:
        if word == "--":
            return
        name, is_joined, value = word.partition("=")
        if name not in known - without:
            continue
        value = value if is_joined else next(rest, "--")
        if not value and f"{command} {name}" not in _MAY_BE_EMPTY:
            raise UsageError(
                f"argument {name}: expected one argument",
                "its value is empty: is a variable of the shell not set?",
            )
        if is_joined:
            continue
        if value == "--" or value.partition("=")[0] in known:
            raise UsageError(
                f"argument {word}: expected one argument",
                f"a value that looks like an option is written {word}=VALUE",
            )


def spread(words: list[str]) -> list[str]:
    """Repeat an option that takes several values before each of them, as Typer reads it.

    Args:
        words: The command line from the command on.
    """
    many = MANY_VALUES.get(command_of(words), ())
    found: list[str] = []
    option = ""
    is_first = False
    for word in words:
        if word.startswith("-"):
            option = word.partition("=")[0] if word.partition("=")[0] in many else ""
            is_first = "=" not in word
        elif option and is_first:
            is_first = False
        elif option:
            found.append(option)
        found.append(word)
    return found


def command_of(words: list[str]) -> str:
    """Return the command, with its subcommands where it has any."""
    depth = 1
    while words[depth:] and words[depth] in subcommands(" ".join(words[:depth])):
        depth += 1
    return " ".join(words[:depth])


def usage_error(error: Exception, words: list[str]) -> UsageError:
    """Return what is said in place of Typer's sentence, without a word that may be a value."""
    kind = type(error).__name__
    if words and words[0] not in COMMANDS:
        return _unknown_command(words[0])
    help_of_it = _help_of(command_of(words))
    if kind == "NoSuchOption":
        known = [name[2:] for name in (*OPTIONS.get(command_of(words), ()), *_EVERYWHERE)]
        return strays.unlike(getattr(error, "option_name", ""), known, help_of_it)
    if kind == "MissingParameter":
        options = getattr(getattr(error, "param", None), "opts", ())
        name = str(error).removeprefix("Missing parameter: ")  # static: never a given word
        name = next((each for each in options if each.startswith("--")), name)
        like = ("--format dotenv",) if name == "--format" else ()
        return UsageError(f"the following arguments are required: {name}", *like, help_of_it)
    if str(error).startswith("No such command"):
        command = command_of(words)
        return wrong_subcommand(command, words[len(command.split()) :])
    return UsageError(_message(error), help_of_it)


def _help_of(command: str) -> str:
    return " ".join(["secretctl", *command.split(), "--help"])


def _message(error: Exception) -> str:
    """Return our words for a sentence of Typer's that may repeat a value."""
    option = next(iter(getattr(getattr(error, "param", None), "opts", ())), "")
    if type(error).__name__ == "BadParameter" and option:
        is_number = option in _NUMBERS
        said = "expected a whole number, 0 or more" if is_number else "not a value it takes"
        return f"argument {option}: {said}"
    told = (ours for theirs, ours in _SAID_BY_TYPER if str(error).startswith(theirs))
    return next(told, "the command line cannot be read")


def wrong_subcommand(command: str, words: list[str]) -> UsageError:
    """Return the error for *words* behind *command* that begin with none of its subcommands."""
    help_of_it = _help_of(command)
    if not words:
        return UsageError("the following arguments are required: subcommand", help_of_it)
    near = suggest.command(words[0], subcommands(command))
    meant = f"'secretctl {command} {near}'" if near else ""
    return UsageError("unknown subcommand", *_meant(meant), help_of_it)


def _unknown_command(word: str) -> UsageError:
    if word == "secretsmanager":
        return UsageError("unknown command", "leave out 'secretsmanager': secretctl COMMAND")
    near = _of_service(word) or suggest.command(word, COMMANDS)
    meant = f"'secretctl {near}'" if near else ""
    return UsageError("unknown command", *_meant(meant), "secretctl --help")


def _of_service(word: str) -> str | None:
    """Return how an operation is called for which only the service's name was left out."""
    name = suggest.kebab(word[:80])
    return next((f"{each} {name}" for each in SERVICES if name in operations_of(each)), None)


def _meant(name: str) -> tuple[str, ...]:
    return (f"did you mean {name}?",) if name else ()
