"""What a shell may offer next, from the declarations; never a value.

The scripts in ``completions/`` ask ``secretctl __complete -- WORD...``: the words of the command
line without the program's name, the last being what stands before the cursor (it may be empty).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from secretctl.cli.complete_exec import Names
from secretctl.cli.options import GLOBALS, flags
from secretctl.cli.terminal import safe
from secretctl.cli.words import MANY, NONE, Flag
from secretctl.model.operations import BY_COMMAND
from secretctl.model.services import SERVICES, operations_of
from secretctl.model.shapes import Member, Operation

PEOPLE_COMMANDS = (
    *("init", "status", "fsck", "backup", "restore", "accept-restore", "rekey", "rotation"),
    *("unlock-slot", "vouching", "audit", "policy", "configure"),
    *("exec", "get", "set", "unset", "check", "export", "import", "inject", "sync", "serve"),
    "completion",
)

COMMANDS = (*PEOPLE_COMMANDS, *SERVICES, *BY_COMMAND)
"""All that can stand at the beginning of a command line."""

REGIONS = (
    *("af-south-1", "ap-east-1", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3"),
    *("ap-south-1", "ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3"),
    *("ap-southeast-4", "ca-central-1", "ca-west-1", "eu-central-1", "eu-central-2"),
    *("eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3"),
    *("il-central-1", "me-central-1", "me-south-1", "sa-east-1", "us-east-1", "us-east-2"),
    *("us-west-1", "us-west-2"),
)

_VAULT = ("--vault", "--profile")
_ANYWHERE = (*_VAULT, "--endpoint-url", "--region", "--debug")
SUBCOMMANDS: Mapping[str, tuple[str, ...]] = {
    "unlock-slot": ("list", "add", "remove"),
    "vouching": ("list", "drop", "renew", "recount"),
    "audit": (
        *("lookup-events", "exposure", "stats", "tail", "export", "hash"),
        *("verify", "checkpoint", "prune"),
    ),
    "policy": ("lint", "simulate", "apply", "who-can", "explain", "generate"),
    "rotation": (
        *("status", "run-due", "test", "retry", "abandon"),
        *("allow", "functions", "settings", "install-timer"),
    ),
    "rotation functions": ("list", "add", "remove", "test"),
    "configure": ("get", "set", "list"),
    "completion": ("bash", "zsh", "fish"),
}
"""First word behind a command for people."""

OPTIONS: Mapping[str, tuple[str, ...]] = {
    "init": ("--account-id", "--passphrase", "--key-file", *_VAULT),
    "status": _VAULT,
    "fsck": _VAULT,
    "unlock-slot list": _VAULT,
    "unlock-slot add": ("--passphrase", "--key-file", *_VAULT),
    "unlock-slot remove": _VAULT,
    "vouching list": _VAULT,
    "vouching drop": ("--yes", *_VAULT),
    "vouching renew": ("--yes", *_VAULT),
    "vouching recount": ("--yes", *_VAULT),
    "backup": _VAULT,
    "restore": ("--replace", *_VAULT),
    "accept-restore": _VAULT,
    "rekey": ("--dry-run", "--drop-slot", "--key-file", "--same-key-files", *_VAULT),
    "rotation status": ("--region", *_VAULT),
    "rotation run-due": ("--dry-run", "--region", *_VAULT),
    "rotation install-timer": ("--remove", "--cron", "--dry-run", "--region", *_VAULT),
    "rotation test": ("--function", "--region", *_VAULT),
    "rotation allow": ("--read", "--remove", "--region", *_VAULT),
    "rotation settings": ("--builtin", "--file", "--remove"),
    "rotation functions list": (),
    "rotation functions add": (
        *("--path", "--executable", "--builtin", "--handler", "--python", "--pin", "--timeout"),
        *("--env", "--read", "--secrets", "--settings"),
    ),
    "rotation functions remove": (),
    "rotation functions test": ("--region", *_VAULT),
    "rotation retry": ("--region", *_VAULT),
    "rotation abandon": ("--region", *_VAULT),
    "audit verify": ("--checkpoint", "--deep", *_VAULT),
    "audit checkpoint": ("--out", "--key", *_VAULT),
    "audit prune": ("--before", *_VAULT),
    "audit export": ("--format", "--since", "--out", *_VAULT),
    "audit hash": _VAULT,
    "audit tail": ("--lines", "--follow", "--intents", *_VAULT),
    "policy lint": ("--type",),
    "policy simulate": (
        *("--input", "--principal-arn", "--action-names", "--resource-arns", "--context"),
        *_VAULT,
    ),
    "policy apply": ("--restore", "--drop-oldest", "--dry-run", "--yes", *_VAULT),
    "policy who-can": _VAULT,
    "policy generate": ("--from-audit", "--principal", "--since", *_VAULT),
    "policy explain": ("--event-id", "--principal", "--secret-id", *_VAULT),
    "configure get": ("--profile",),
    "configure set": ("--profile",),
    "configure list": ("--profile",),
    "exec": (
        *("--from-env", "--env-file", "--ecs-task-definition", "--container", "--buildspec"),
        *("--optional", "--on-conflict", "--prefix", "--keep-case", "--pristine", "--keep"),
        *("--file", "--optional-file", "--file-name", "--file-kind", "--mask", "--no-mask"),
        *("--manifest", "--environment", "--watch", "--watch-signal", "--watch-grace"),
        *("--no-hint", "--aws-endpoint", *_ANYWHERE),
    ),
    "get": ("-n", *_ANYWHERE),
    "set": ("--from-file", "--json", "--binary", "--keep-newline", "--create", *_ANYWHERE),
    "unset": _ANYWHERE,
    "check": ("--manifest", "--environment", "--output", *_ANYWHERE),
    "export": (
        *("--format", "--out", "--name", "--manifest", "--environment", "--region"),
        *("--endpoint-url", *_VAULT),
    ),
    "import": (
        *("--format", "--prefix", "--name", "--into", "--on-conflict", "--dry-run", "--tag"),
        *("--kms-key-id", "--first-line", "--region", *_VAULT),
    ),
    "sync": (
        *("--from", "--to", "--prefix", "--dry-run", "--without-policies", "--region"),
        *("--from-profile", "--to-profile", *_VAULT),
    ),
    "inject": ("--out", "--escape", "--region", "--endpoint-url", *_VAULT),
    "serve": (
        *("--listen", "--tls-cert", "--tls-key", "--allow-remote", "--allow-host", "--agent"),
        *("--agent-token-file", "--metrics", "--verbose", "--no-rotation"),
        *("--region", *_VAULT),
    ),
}
"""Options of the commands for people."""

MANY_VALUES: Mapping[str, tuple[str, ...]] = {
    "policy simulate": ("--action-names", "--resource-arns", "--context"),
}
"""Options of theirs behind which several values may stand, as with AWS's operations."""

SETTINGS = (
    *("account", "audit.names", "aws_access_key_id", "aws_secret_access_key", "aws_session_token"),
    *("output", "region", "vault"),
)
"""What ``configure`` knows."""

WITHOUT_VALUE = (
    *("--passphrase", "--pristine", "--from-env", "--keep-case", "--mask", "--no-mask"),
    *("--no-hint", "-n", "--follow", "--intents", "--deep", "--key", "--replace", "--restore"),
    *("--aws-endpoint", "--drop-oldest", "--dry-run", "--from-audit", "--same-key-files"),
    *("--first-line", "--yes", "--pin"),
    *("--without-policies", "--allow-remote", "--agent", "--metrics", "--verbose", "--no-rotation"),
    *("--remove", "--cron", "--json", "--binary", "--keep-newline", "--create"),
    *("--debug", "--help", "-h"),
)


def subcommands(command: str) -> Iterable[str]:
    """Return what can stand behind *command*: nothing for most."""
    return operations_of(command) if command in SERVICES else SUBCOMMANDS.get(command, ())


def own_options() -> frozenset[str]:
    """Return the options of commands for people that are no global ones."""
    every = {option for options in OPTIONS.values() for option in options}
    return frozenset(every - {f"--{name}" for name in GLOBALS})


def script(shell: str) -> str:
    """Return the completion script of ``bash``, ``zsh`` or ``fish``."""
    from secretctl.cli.completion_scripts import SCRIPTS

    return SCRIPTS[shell]


def candidates(words: list[str], names: Names) -> list[str]:
    """Return what the last of *words* may become, sorted.

    Args:
        words: The command line without the program's name.
        names: Looks names up in the vault.
    """
    words = words[1:] if words[0] == "help" and words[1:] else words
    before, prefix = words[:-1], words[-1]
    place = command_place(before)
    if place is None:
        found = offered(before, prefix, GLOBALS, None, names, COMMANDS)
    elif before[place] in BY_COMMAND:
        operation = BY_COMMAND[before[place]]
        table = {**flags(operation), **GLOBALS}
        found = offered(before, prefix, table, operation, names, ())
    elif before[place] in SERVICES:
        found = _of_service(before[place], before[place + 1 :], prefix, names)
    else:
        from secretctl.cli import complete_people

        found = complete_people.offered(before[place], before[place + 1 :], prefix, names)
    return sorted({each for each in found if each.startswith(prefix) and _is_harmless(each)})


def _of_service(service: str, before: list[str], prefix: str, names: Names) -> Iterable[str]:
    """Offer a service's operations, then the options of the one that stands there."""
    operations = operations_of(service)
    place = command_place(before)
    if place is None:
        return offered(before, prefix, GLOBALS, None, names, operations)
    operation = operations.get(before[place])
    if operation is None:
        return ()
    return offered(before, prefix, {**flags(operation), **GLOBALS}, operation, names, ())


def _is_harmless(candidate: str) -> bool:
    """Tell whether a terminal shows *candidate* as it is."""
    return (candidate.isascii() and candidate.isprintable()) or safe(candidate) == candidate


def command_place(before: list[str]) -> int | None:
    """Return where the command stands, behind the global options; None where there is none."""
    place = 0
    while place < len(before):
        word = before[place]
        if not word.startswith("-"):
            return place
        flag = GLOBALS.get(word[2:])
        place += 2 if flag is not None and flag.takes != NONE else 1
    return None


def offered(  # noqa: PLR0913 what is known of the command line
    before: list[str],
    prefix: str,
    table: Mapping[str, Flag],
    operation: Operation | None,
    names: Names,
    others: Iterable[str],
) -> Iterable[str]:
    """Offer values of the flag that waits for one, else flags and *others*."""
    name, equals, value = prefix[2:].partition("=")
    if prefix.startswith("--") and equals and name in table:
        found = _values(table[name], operation, [*before, value], names)
        return [f"--{name}={each}" for each in found]
    waiting = _waiting(before, table)
    if waiting is not None and not (waiting.takes == MANY and prefix.startswith("-")):
        found = _values(waiting, operation, [*before, prefix], names)
        if waiting.takes != MANY or prefix or found:
            return found
    used = {flag.target for word in before if (flag := _flag(word, table)) and flag.target}
    unused = [f"--{name}" for name, flag in table.items() if flag.target not in used]
    return [*unused, *others] if prefix.startswith("-") or operation is not None else others


def _flag(word: str, table: Mapping[str, Flag]) -> Flag | None:
    return table.get(word[2:].partition("=")[0]) if word.startswith("--") else None


def _waiting(before: list[str], table: Mapping[str, Flag]) -> Flag | None:
    """Return the flag to which the next word belongs, if one does."""
    for distance, word in enumerate(reversed(before)):
        flag = _flag(word, table)
        if flag is not None:
            takes = flag.takes != NONE and "=" not in word
            return flag if takes and (distance == 0 or flag.takes == MANY) else None
    return None


def _values(flag: Flag, operation: Operation | None, words: list[str], names: Names) -> list[str]:
    if flag.choices:
        return list(flag.choices)
    if flag.name in ("region", "profile"):
        return list(REGIONS if flag.name == "region" else names("profile", words))
    member = _member(flag, operation)
    if member is None:
        return []
    shape = member.shape.item or member.shape
    if shape.enum:
        return list(shape.enum)
    if member.completer == "region":
        return list(REGIONS)
    return named(member.completer, words, names)


def named(completer: str, words: list[str], names: Names) -> list[str]:
    """Return what a completer of `shapes.Member` offers."""
    if completer == "action":
        from secretctl.model.authorization import ACTIONS, SERVICE

        return [f"{SERVICE}:{name}" for name in ACTIONS]
    return list(names(completer, words)) if completer else []


def _member(flag: Flag, operation: Operation | None) -> Member | None:
    members = operation.input if operation is not None else ()
    return next((member for member in members if member.name == flag.target), None)
