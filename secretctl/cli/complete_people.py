"""What a shell may offer behind a command for people; see `complete`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from secretctl.cli import complete, complete_exec
from secretctl.cli.complete import (
    MANY_VALUES,
    OPTIONS,
    REGIONS,
    SETTINGS,
    SUBCOMMANDS,
    WITHOUT_VALUE,
)
from secretctl.cli.complete_exec import Names
from secretctl.cli.options import GLOBALS, flags
from secretctl.model.journal import QUESTIONS

_NAMED = {
    **dict.fromkeys(("audit hash", "policy who-can"), "secret"),
    **dict.fromkeys(("rotation retry", "rotation abandon", "rotation test"), "secret"),
    **dict.fromkeys(("rotation allow", "rotation settings"), "secret"),
    **dict.fromkeys(("rotation functions remove", "rotation functions test"), "function"),
    "policy apply": "policy-name",
    "unlock-slot remove": "slot",
}
"""Commands that are given names, and what these are of."""

_TAKING_ONE = ("audit hash", "rotation retry", "rotation abandon", "unlock-slot remove")
"""Those of them that take one name."""

_COMPLETERS = {
    "--principal-arn": "principal",
    "--action-names": "action",
    "--resource-arns": "secret",
    "--secret-id": "secret",
    "--principal": "user",
    "--into": "secret",
    "--read": "secret",
    "--environment": "environment",
    "--function": "function",
    "--profile": "profile",
    "--drop-slot": "slot",
}
"""What may stand behind options; see `shapes.Member`."""

_OF_FILES = ("backup", "restore", "import", "inject", "policy lint")
"""Commands whose argument is a file: where nothing is offered, the shell offers its own."""


def offered(command: str, before: list[str], prefix: str, names: Names) -> Iterable[str]:
    """Return what may stand behind *command* and the words *before*."""
    option, equals, value = prefix.partition("=")
    if equals and not value.startswith("-") and option in _taking(command, before):
        behind = _offered(command, [*before, option], value, names)
        return [f"{option}={each}" for each in behind]
    return _offered(command, before, prefix, names)


def _offered(command: str, before: list[str], prefix: str, names: Names) -> Iterable[str]:
    if command == "exec":
        return complete_exec.offered(before, prefix, names, _options(command, before))
    if command == "check":
        return complete_exec.check(before, prefix, names, _options(command, before))
    if command in ("get", "set", "unset"):
        options, is_read = _options(command, before), command == "get"
        return complete_exec.reference(before, prefix, names, options, is_read=is_read)
    if command == "audit" and before and before[0] in QUESTIONS:
        question = QUESTIONS[before[0]]
        table = {**flags(question), **GLOBALS}
        return complete.offered(before[1:], prefix, table, question, names, ())
    command, before = subcommand(command, before)
    if command in SUBCOMMANDS:
        return SUBCOMMANDS[command]
    found = None if prefix.startswith("-") else _words(command, before, prefix, names)
    return _options(command, before) if found is None else found


def subcommand(command: str, before: list[str]) -> tuple[str, list[str]]:
    """Return *command* with the words behind it that name it further, and those that are left."""
    while command in SUBCOMMANDS and before:
        command, before = f"{command} {before[0]}", before[1:]
    return command, before


def _taking(command: str, before: list[str]) -> set[str]:
    """Return the options of a command line that take a value; none behind ``--``."""
    named = OPTIONS.get(subcommand(command, before)[0], ())
    return set() if "--" in before else set(named) - set(WITHOUT_VALUE)


def _words(command: str, before: list[str], prefix: str, names: Names) -> Iterable[str] | None:
    """Return what may stand there, if it is no option; None where nothing is known of it."""
    given = [word for word in before if not word.startswith("-")]
    option = _waiting(command, before)
    if option in _COMPLETERS:
        return complete.named(_COMPLETERS[option], [*before, prefix], names)
    if command in _OF_FILES and not _arguments(command, before) and option in ("", *WITHOUT_VALUE):
        return ()
    is_given = command in _TAKING_ONE and _arguments(command, before)
    is_of_option = bool(_taking(command, before) & set(before[-1:]))
    if command in _NAMED and not (is_of_option or is_given):
        is_action = command == "policy who-can" and not given
        is_of_function = command == "rotation functions test" and given
        kind = "secret" if is_of_function else _NAMED[command]
        return _actions() if is_action else names(kind, [*before, prefix])
    if command in ("configure get", "configure set"):
        return _for_settings(given)
    if command == "export" and option in ("", *WITHOUT_VALUE):
        return complete_exec.sources(before, prefix, names)
    return None


def _arguments(command: str, before: list[str]) -> list[str]:
    """Return the words that are neither options nor values of them."""
    taking = _taking(command, [])
    behind = [None, *before]
    return [
        word
        for ahead, word in zip(behind, before, strict=False)
        if not word.startswith("-") and ahead not in taking
    ]


def _waiting(command: str, before: list[str]) -> str:
    """Return the option whose value may come next; empty if none waits for one."""
    last = next((word for word in reversed(before) if word.startswith("-")), "")
    is_many = last in MANY_VALUES.get(command, ())
    return last if is_many or before[-1:] == [last] else ""


def _actions() -> Iterable[str]:
    from secretctl.model.authorization import ACTIONS

    return ACTIONS


def _formats(command: str) -> Iterable[str]:
    if command == "import":
        from secretctl.delivery import readers

        return readers.FORMATS
    if command != "export":
        return ("jsonl", "csv", "ocsf")
    from secretctl.delivery.formats import FORMATS

    return FORMATS


def _conflict_policies(_command: str) -> Iterable[str]:
    from secretctl.service.importing import POLICIES

    return POLICIES


def _escapes(_command: str) -> Iterable[str]:
    from secretctl.delivery.escapes import CHOICES

    return CHOICES


def _for_settings(given: list[str]) -> Iterable[str]:
    """Offer settings, then what the one that stands there may be."""
    if not given:
        return SETTINGS
    choices = {
        "output": GLOBALS["output"].choices,
        "region": REGIONS,
        "audit.names": ("hmac", "plain"),
    }
    return choices.get(given[0], ()) if len(given) == 1 else ()


def _options(command: str, before: list[str]) -> Iterable[str]:
    last = before[-1] if before else ""
    if last in _CHOICES:
        return _CHOICES[last](command)
    if last in OPTIONS.get(command, ()) and last not in WITHOUT_VALUE:
        return ()
    return [option for option in (*OPTIONS.get(command, ()), "--help") if option not in before]


def _builtins(command: str) -> Iterable[str]:
    from secretctl.rotation.functions import BUILTINS, WITH_SETTINGS

    return WITH_SETTINGS if command == "rotation settings" else (*BUILTINS, *WITH_SETTINGS)


_CHOICES: Mapping[str, Callable[[str], Iterable[str]]] = {
    "--builtin": _builtins,
    "--region": lambda _command: REGIONS,
    "--format": _formats,
    "--on-conflict": _conflict_policies,
    "--escape": _escapes,
    "--from": lambda _command: ("aws", "vault"),
    "--to": lambda _command: ("aws", "vault"),
    "--type": lambda _command: ("identity", "resource", "trust"),
}
"""What the value of an option can be, by the option; given the command."""
