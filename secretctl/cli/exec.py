"""``secretctl exec``: run a command with secrets in its environment."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence

from secretctl.cli import exec_masking, exec_options, exec_plan
from secretctl.cli.exec_options import Options
from secretctl.cli.options import GLOBALS
from secretctl.cli.terminal import is_terminal
from secretctl.cli.words import NONE
from secretctl.context import Context, tell_person
from secretctl.delivery import execute, references
from secretctl.delivery.references import Source, parameters, secret_of, shown
from secretctl.errors import SecretctlError, ServiceError, UsageError
from secretctl.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from secretctl.delivery.manifest import Need
    from secretctl.delivery.run_files import Wanted
    from secretctl.delivery.run_folder import Base
    from secretctl.delivery.supervise_start import Running

_OWN_FLAGS = ("--pristine", *exec_options.FLAGS, *exec_masking.FLAGS, "--help", "-h")
_WITH_VALUE = tuple(f"--{name}" for name, flag in GLOBALS.items() if flag.takes != NONE)
_GLOBAL_FLAGS = tuple(f"--{name}" for name, flag in GLOBALS.items() if flag.takes == NONE)
_KNOWN = (*_OWN_FLAGS, *exec_options.WITH_VALUE, *_WITH_VALUE, *_GLOBAL_FLAGS)
_NOT_THERE = "ResourceNotFoundException"
FORM = "secretctl exec SOURCE... -- COMMAND ARG..."


Read = Callable[[list[dict[str, object]]], Sequence[dict[str, object] | ServiceError]]
"""Answers GetSecretValue requests, each with its result or its error."""


class ExecRequest(NamedTuple):
    """The command line of ``exec``, read."""

    sources: tuple[Source, ...]
    command: tuple[str, ...]
    """Program and arguments, untouched."""

    pristine: bool
    globals_words: tuple[str, ...]
    """Global options among the words, in order, as they were given."""

    options: Options = Options()
    mask: bool | None = None
    """Whether to mask its output; None where nothing was said."""

    help: bool = False
    """Help was asked for: then nothing else was read."""


def split(words: list[str]) -> ExecRequest:
    """Read the words behind ``exec``.

    Raises:
        UsageError: an unknown option, no ``--``, no command, an unreadable source.
    """
    end = words.index("--") if "--" in words else len(words)
    before, command = words[:end], words[end + 1 :]
    given, globals_words, flags, values = _sorted(before)
    if flags & {"--help", "-h"} or words == ["help"]:
        return ExecRequest((), (), pristine=False, globals_words=tuple(globals_words), help=True)
    if end == len(words):
        raise UsageError("no '--' in front of the command", FORM)
    options = exec_options.read(flags, values)
    if not command:
        raise UsageError("no command stands behind '--'", FORM)
    return ExecRequest(
        sources=tuple(references.parse(word) for word in given),
        command=tuple(command),
        pristine="--pristine" in flags,
        mask=exec_masking.asked(flags),
        globals_words=tuple(globals_words),
        options=options,
    )


def perform(
    request: ExecRequest,
    program: bytes,
    read_all: Read,
    announce: Callable[[list[str], list[str]], None],
    context: Context,
) -> Running:
    """Read the secrets and become the command, or start it where it is to be looked after.

    Args:
        request: the command line.
        program: path of the command, absolute.
        read_all: answers requests.
        announce: records which variables the command is given, and which of them are files.
        context: streams and environment.

    Raises:
        UsageError: a file that was named cannot be read.
        DeliveryError: see delivery.environment's rules.
        ServiceError: a source could not be read; the first one's code, all of them named.
        CommandNotExecutableError: it cannot be run.
    """
    plan = planned(request, context)
    given = read(request, plan, read_all, context)
    announce([*given.secrets, *given.contents], list(given.contents))
    warn(request, given, context)
    command, files = ready(request, given, program, context)
    running = exec_masking.started(command, given.all(), request.mask, context, files)
    return running or execute.replace(command, context)


def planned(request: ExecRequest, context: Context) -> exec_plan.Plan:
    """Return what is to be read and set; raises as `exec_plan.made`."""
    return exec_plan.made(request.sources, request.options, context, pristine=request.pristine)


class Given(NamedTuple):
    """What a command is given."""

    variables: dict[str, str]
    secrets: dict[str, str]
    """Those of its variables whose values are secrets."""

    contents: dict[str, bytes]
    """What goes into files, by variable."""

    place: Base | None
    """Where the files are to lie; open, until `close`."""

    def all(self) -> dict[str, str | bytes]:
        """Return the secrets among it, by variable."""
        return {**self.secrets, **self.contents}

    def close(self) -> None:
        """Give back what is open of it, when its files are made."""
        if self.place is not None:
            os.close(self.place.handle)

    def __repr__(self) -> str:
        """Leave the values out."""
        return f"<what {', '.join(self.all())} hold>"


def read(request: ExecRequest, plan: exec_plan.Plan, read_all: Read, context: Context) -> Given:
    """Return what the command is given; raises as `perform`."""
    files = request.options.files
    place = files.place(context) if files and plan.files else None
    try:
        return _given(request, plan, read_all, place, context)
    except BaseException:
        Given({}, {}, {}, place).close()
        raise


def _given(
    request: ExecRequest, plan: exec_plan.Plan, read_all: Read, place: Base | None, context: Context
) -> Given:
    options, pristine = request.options, request.pristine
    sources = (*plan.sources, *plan.files)
    results = read_sources(sources, options.may_be_missing(), read_all, options.needs)
    of_files = [each for each in results if each[0] in plan.files]
    results = [each for each in results if each[0] not in plan.files]
    variables = exec_plan.delivered(plan, results, options, context, pristine=pristine)
    contents = exec_plan.in_files(plan, of_files, options, variables)
    secrets = {name: text for name, text in variables.items() if name not in plan.literals}
    return Given(variables, secrets, contents, place)


def ready(
    request: ExecRequest, given: Given, program: bytes, context: Context
) -> tuple[execute.Program, Wanted | None]:
    """Return the command with what it is given, and its files; raises as `perform`."""
    options, pristine = request.options, request.pristine
    command = execute.prepared(
        *(context, given.variables, program, list(request.command)),
        pristine=pristine,
        keep=options.keep,
    )
    if not options.files or not given.contents:
        return command, None
    return options.files.given(command, given.contents, given.place, context)


def warn(request: ExecRequest, given: Given, context: Context) -> None:
    """Tell a person of an argument that the shell seems to have replaced too soon."""
    if not request.options.hints or not is_terminal(context.stderr):
        return
    from secretctl.cli.exec_hints import expanded_too_soon

    variables = given.variables | dict.fromkeys(given.contents, "")
    hint = expanded_too_soon(request.command, context.environ, variables)
    if hint is not None:
        tell_person(context, f"secretctl: hint: {hint}\n")


def read_sources(
    sources: tuple[Source, ...],
    optional: frozenset[Source],
    read_all: Read,
    needs: Sequence[Need] = (),
) -> list[tuple[Source, dict[str, object]]]:
    """Read each secret once, so that two keys of one secret are of one version."""
    wanted = [(source, secret_of(source)) for source in sources]
    secrets = list(dict.fromkeys(secret for _, secret in wanted))
    required = required_of(sources, optional)
    results: dict[Source, dict[str, object]] = {}
    failures: dict[Source, ServiceError] = {}
    answers = read_all([parameters(secret) for secret in secrets]) if secrets else []
    if needs:
        from secretctl.cli.exec_manifest import refuse_unfit

        refuse_unfit(needs, sources, optional, dict(zip(secrets, answers, strict=True)))
    for secret, answer in zip(secrets, answers, strict=True):
        if not isinstance(answer, ServiceError):
            results[secret] = answer
        elif secret in required or not is_not_there(answer):
            failures[secret] = answer
    if failures:
        raise _combined(failures)
    return [(source, results[secret]) for source, secret in wanted if secret in results]


def required_of(sources: tuple[Source, ...], optional: frozenset[Source]) -> set[Source]:
    """Return the secrets that have to be there."""
    return {secret_of(source) for source in sources if source not in optional}


def is_not_there(error: SecretctlError) -> bool:
    """Tell whether an error says that there is no such secret, so that one may do without it."""
    return isinstance(error, ServiceError) and error.code == _NOT_THERE


def _combined(failures: dict[Source, ServiceError]) -> ServiceError:
    """Return AWS's error of the first source, naming it, and the others as hints."""
    named = [(shown(references.spelled(source)), error) for source, error in failures.items()]
    (name, error), *others = named
    also = [f"likewise '{other}': {its.code}" for other, its in others]
    return ServiceError(error.code, f"{error.message} (source '{name}')", *error.hints, *also)


def _sorted(
    words: list[str],
) -> tuple[list[str], list[str], set[str], list[tuple[str, str]]]:
    """Divide *words* into sources, global options with their values, flags and options of ours."""
    sources: list[str] = []
    globals_words: list[str] = []
    flags: set[str] = set()
    values: list[tuple[str, str]] = []
    rest = iter(words)
    for word in rest:
        name, equals, behind = word.partition("=")
        if not word.startswith("-"):
            sources.append(word)
        elif word in _OWN_FLAGS:
            flags.add(word)
        elif word in _GLOBAL_FLAGS or (equals and name in _WITH_VALUE):
            globals_words.append(word)
        elif equals and name in (*_OWN_FLAGS, *_GLOBAL_FLAGS):
            raise UsageError(f"'{name}' takes no value", f"write {name} by itself")
        elif equals and name in exec_options.WITH_VALUE:
            values.append((name, behind))
        elif word in exec_options.WITH_VALUE:
            values.append((word, _value(word, rest)))
        elif word in _WITH_VALUE:
            globals_words += [word, _value(word, rest)]
        else:
            raise _unknown(word)
    return sources, globals_words, flags, values


def _value(word: str, rest: Iterator[str]) -> str:
    value = next(rest, None)
    if value is None or value in _KNOWN:
        raise UsageError(f"argument {word}: expected one argument", FORM)
    return value


def _unknown(word: str) -> UsageError:
    """Return the error for an unknown option, with the nearest that exists."""
    from secretctl.cli import strays

    known = [name.removeprefix("--") for name in _KNOWN]
    behind = "options of the command itself stand behind '--'"
    return strays.unlike(word, known, behind, FORM)
