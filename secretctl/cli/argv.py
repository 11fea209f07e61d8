"""Read the command line of an AWS operation: the one grammar of ``secretctl OPERATION``.

It takes what ``aws secretsmanager OPERATION`` (version 2) takes, driven by the declaration.
No message repeats a word that is not an option's name: any other word may be the secret.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from secretctl.cli import paramfile, values
from secretctl.cli.options import GLOBALS, Globals, flags
from secretctl.cli.words import Flag, Scan, Tables, check, scan
from secretctl.context import Context, uuid4
from secretctl.errors import UsageError
from secretctl.model.shapes import Member, Operation, command_of, kebab
from secretctl.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any

    from secretctl.service.paging import Paging

__all__ = ["GLOBALS", "Globals", "Request", "flags", "read", "split_globals", "uuid4"]


_SHARED = {
    name: flag
    for name, flag in GLOBALS.items()
    if name not in ("vault", "profile", "help", "version")
}


class Request(NamedTuple):
    """A command line, read."""

    parameters: dict[str, object]
    """By wire name; blobs are bytes."""

    globals: Globals
    skeleton: str | None = None
    """``input``, ``yaml-input`` or ``output``: print that and call nothing."""

    paging: Paging | None = None
    """What is wanted of an answer in pages; None where it is asked for as it is."""

    local: Mapping[str, object] = {}
    """What was said by options of ours, by the names of `shapes.Operation.local`."""


def split_globals(
    words: list[str],
    given: Globals | None = None,
    unknown: Callable[[str], UsageError] | None = None,
) -> tuple[Globals, list[str]]:
    """Read the global options before the command.

    Args:
        words: The command line, or what is left of it.
        given: Options that stood before *words*.
        unknown: Returns the error for a word that is no option of the command that is read; None
            where no command stands yet.

    Returns:
        The options, and the words from the command on.

    Raises:
        UsageError: an option is unknown or lacks its value.
    """
    found = scan(words, (GLOBALS,), leading=True)
    check(words[: found.end], (GLOBALS,))  # the rest may be the words of another program
    settings = with_given(given or Globals(), found.given)
    if found.strays and not settings.help:
        if unknown is not None:
            raise unknown(words[found.strays[0]])
        from secretctl.cli import strays

        raise strays.before_command(words, found.strays, GLOBALS)
    return settings, words[found.end :]


class Divided(NamedTuple):
    """The words behind a command of our own, read."""

    globals: Globals
    own: Mapping[str, object]
    """Its options, by what they set."""

    named: list[str]
    literal: list[str]
    """What stands behind ``--``."""


def divide(
    words: list[str], given: Globals, command: str, own: Mapping[str, Flag] | None = None
) -> Divided:
    """Divide the words behind *command* into options, global and its *own*, and what is named.

    Raises:
        UsageError: a word that begins with a hyphen is no option, or one lacks its value.
    """
    if words == ["help"]:  # as with aws; what has that name stands behind --
        return Divided(given._replace(help=True), {}, [], [])
    end = words.index("--") if "--" in words else len(words)
    tables = (own or {}, GLOBALS)
    check(words[:end], tables)
    found = scan(words[:end], tables)
    named = [words[index] for index in found.strays]
    for word in named:
        if word.startswith("-"):
            from secretctl.cli import strays

            raise strays.no_option(word, tables, command)
    return Divided(with_given(given, found.given), found.given, named, words[end + 1 :])


def take_globals(words: list[str], others: frozenset[str]) -> tuple[Globals, list[str]]:
    """Take the global options out of the words of a command made for people.

    Those that its own reader knows (vault, profile, help, version) stay.

    Args:
        words: The command line.
        others: Options of such commands: ``--out`` is not ``--output`` cut short.

    Raises:
        UsageError: an option lacks its value, or has one that means nothing.
    """
    check(words, (GLOBALS,))
    end = words.index("--") if "--" in words else len(words)
    found = scan(["-" if _name(word) in others else word for word in words[:end]], (_SHARED,))
    left = [words[index] for index in found.strays] + words[end:]
    return with_given(Globals(), found.given), left


def _name(word: str) -> str:
    return word.partition("=")[0]


def read(
    operation: Operation,
    words: list[str],
    context: Context,
    given: Globals | None = None,
    before: int = 1,
) -> Request:
    """Read the words behind the command.

    Args:
        operation: Its declaration.
        words: The words.
        context: Gives the environment for paths of files, and randomness for the request's token.
        given: Global options that stood before the command.
        before: How many words of the command line stand before *words*, the command one of them.

    Returns:
        The request. The limits of the declaration are not checked. After ``--help``, ``help`` or
        ``--version`` nothing but ``globals`` is set.

    Raises:
        UsageError: with the sentences of AWS's tool where it has one.
    """
    tables = (GLOBALS, flags(operation))
    check(words, tables, before)
    found = scan(words, tables)
    settings = with_given(given or Globals(), found.given)
    if any(words[index] == "help" for index in found.strays):
        settings = settings._replace(help=True)
    if settings.help or settings.version:
        return Request({}, settings)
    _check_complete(operation, words, found, tables, before)
    source = values.Source(context.environ, settings.binary_format == "raw-in-base64-out")
    parameters = _parameters(operation, found.given, source)
    skeleton = found.given.get("skeleton")
    pages = None
    if operation.pages is not None:
        from secretctl.cli import paging

        asked = _paging_words(found.given, context)
        pages = paging.read(operation.pages, asked, parameters, paginate=settings.paginate)
        if pages is None:
            parameters |= paging.limit_by_hand(operation.pages, found.given)
    for member in operation.input:
        if member.idempotency_token and member.name not in parameters:
            parameters[member.name] = uuid4(context.random(16))
    return Request(
        parameters,
        settings,
        skeleton if isinstance(skeleton, str) else None,
        pages,
        {member.name: found.given.get(member.name) for member in operation.local},
    )


def with_given(before: Globals, given: Mapping[str, object]) -> Globals:
    """Return *before* with those options that are *given*, by what they set.

    Raises:
        UsageError: one that names something is empty.
    """
    for name in ("vault", "region", "profile", "endpoint_url", "ca_bundle"):
        if given.get(name) == "":
            flag = name.replace("_", "-")
            raise UsageError(f"argument --{flag}: expected one argument")
    changed: dict[str, Any] = {name: given[name] for name in Globals._fields if name in given}
    return before._replace(**changed)


def _check_complete(
    operation: Operation, words: list[str], found: Scan, tables: Tables, before: int
) -> None:
    """Refuse missing and unknown options, in this order, as AWS's tool does."""
    relaxed = (
        "cli_input_json" in found.given
        or "cli_input_yaml" in found.given
        or found.given.get("skeleton") in ("input", "yaml-input")
    )
    missing = [
        "--" + kebab(member.name)
        for member in operation.input
        if member.required and not member.idempotency_token and member.name not in found.given
    ]
    missing = [] if relaxed else missing
    if not missing and not found.strays:
        return
    from secretctl.cli import strays

    if missing:
        raise UsageError(
            "the following arguments are required: " + ", ".join(missing),
            *strays.hints(words, found.strays, tables, missing[0]),
            f"secretctl {command_of(operation)} --help",
        )
    raise strays.unknown(words, found.strays, tables, before)


def _parameters(
    operation: Operation, given: Mapping[str, object], source: values.Source
) -> dict[str, object]:
    parameters: dict[str, object] = {}
    for member in operation.input:
        if member.name in given:
            flag = "--" + kebab(member.name)
            parameters[member.name] = values.from_words(
                flag, member.shape, given[member.name], source
            )
    for name, value in _cli_input(given, source).items():
        if name not in parameters:
            parameters[name] = _with_blobs(operation.input, name, value, source)
    return parameters


def _cli_input(given: Mapping[str, object], source: values.Source) -> dict[str, object]:
    both = [kind for kind in ("json", "yaml") if f"cli_input_{kind}" in given]
    if len(both) > 1:
        raise UsageError("Only one --cli-input- parameter may be specified.")
    if not both:
        return {}
    from secretctl.cli import cli_input

    return cli_input.read(both[0], str(given[f"cli_input_{both[0]}"]), source.environ)


def _with_blobs(
    members: tuple[Member, ...], name: str, value: object, source: values.Source
) -> object:
    for member in members:
        if member.name == name:
            return values.blobs("--" + kebab(name), member.shape, value, source)
    return value


def _paging_words(given: Mapping[str, object], context: Context) -> dict[str, object]:
    """Return *given* with the starting token read from its file, if it names one."""
    result = dict(given)
    token = result.get("starting_token")
    if isinstance(token, str):
        content = paramfile.load("--starting-token", token, context.environ)
        result["starting_token"] = content if isinstance(content, str) else token
    return result
