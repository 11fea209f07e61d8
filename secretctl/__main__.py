"""Route a command line to the cheapest code that serves it.

AWS operations, ``exec``, ``get``, ``set``, ``unset``, ``check`` and completion start without Typer;
everything else belongs to ``secretctl.cli.app``. Both ways read an operation's words with the same
reader.
"""

from __future__ import annotations

from secretctl import start

if __name__ == "__main__":  # before what takes longer to import
    start.begin()

import errno
import os
import sys
from collections.abc import Callable

from secretctl.context import Context, of_process, tell
from secretctl.errors import SecretctlError, UsageError
from secretctl.model.operations import BY_COMMAND
from secretctl.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NoReturn

    from secretctl.cli.options import Globals

_INTERRUPTED = 130
"""Nothing but an interrupt has it: see `run`."""

_PIPE_CLOSED = 141
_DIRECT = {
    "exec": "secretctl.cli.running",
    "get": "secretctl.cli.getting",
    "set": "secretctl.cli.setting",
    "unset": "secretctl.cli.unsetting",
    "check": "secretctl.cli.check",
}
"""Commands of our own that start without Typer, and the module whose ``run`` reads their words."""


def run() -> None:
    """Run the program's own command line, and leave without taking the interpreter down first.

    NOTE: ``os._exit`` saves the milliseconds of finalisation; everything durable is durable by
    then, and what was written has gone out.
    """
    context = of_process()
    context = context._replace(restore=_harden())
    status = main(list(map(_as_utf8, sys.argv[1:])), context)
    try:
        sys.stdout.flush()
    except OSError:
        status = status or _PIPE_CLOSED
    if status == _INTERRUPTED:
        _die_of_interrupt()
    os._exit(status)


def _die_of_interrupt() -> NoReturn:
    """End by SIGINT, which alone ends a script of bash around us; a shell calls that 130."""
    from signal import SIGINT

    from secretctl.delivery.ending import die_by

    die_by(SIGINT)


def _as_utf8(word: str) -> str:
    """Return a word of the command line read as UTF-8, whatever the locale: so is all we write."""
    return os.fsencode(word).decode("utf-8", "surrogateescape")


def main(argv: list[str], context: Context) -> int:
    """Run *argv* (without the program's name) and return the exit status."""
    from secretctl.cli.options import color_of, is_debugged
    from secretctl.cli.terminal import report

    context = context._replace(argv=argv)
    try:
        return _interruptible(argv, context)
    except SecretctlError as error:
        debug = is_debugged(argv)
        return report(error, None, context, color=color_of(argv), debug=debug)
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        _forget_stdout()
        return _PIPE_CLOSED
    except OSError as error:
        return _report_undelivered(error, argv, context)
    except Exception as error:  # noqa: BLE001 the last resort: a class name, never a message
        return _report_bug(error, context, debug=is_debugged(argv))


def _interruptible(argv: list[str], context: Context) -> int:
    """Run *argv*; an interrupt raises KeyboardInterrupt as long as there is something to undo."""
    is_new = start.raise_interrupts()
    try:
        return _flushed(_route(argv, context), context)
    finally:
        if is_new:
            start.be_interruptible()


def _route(argv: list[str], context: Context) -> int:
    from secretctl.cli.argv import split_globals

    if argv[:1] == ["__complete"]:
        from secretctl.cli.completing import run as complete

        return complete(argv[1:], context)
    given, words = split_globals(argv)
    if given.version:
        from secretctl import __version__

        context.stdout.write(f"secretctl {__version__}\n")
        return 0
    if words[:1] == ["help"] and words[1:]:
        return _route([*words[1:], "--help"], context)
    status = _directly(words, len(argv) - len(words), given, context)
    return _for_people(argv, context) if status is None else status


def _directly(words: list[str], before: int, given: Globals, context: Context) -> int | None:
    """Run a command that starts without Typer; None if *words* are another's.

    *before* is how many words of the command line stand before them.
    """
    command = words[0] if words else ""
    if command in BY_COMMAND:
        from secretctl.cli.api import run as run_operation

        return run_operation(BY_COMMAND[command], words[1:], given, context, before + 1)
    if command in _DIRECT:
        run: Callable[..., int] = __import__(_DIRECT[command], fromlist=["run"]).run
        return run(words[1:], given, context)
    if command == "audit" and words[1:]:
        from secretctl.model.journal import QUESTIONS

        if words[1] in QUESTIONS:
            from secretctl.cli.audit_asking import run as ask

            return ask(QUESTIONS[words[1]], words[2:], given, context, before + 2)
    from secretctl.model.services import SERVICES

    if command in SERVICES:
        from secretctl.cli.api import run_of_service

        return run_of_service(words, given, context, before)
    return None


def _for_people(argv: list[str], context: Context) -> int:
    import typer
    from typer.exceptions import TyperException

    from secretctl.cli import people_words
    from secretctl.cli.app import build, dress_help
    from secretctl.cli.argv import split_globals, take_globals
    from secretctl.cli.complete import own_options
    from secretctl.cli.terminal import wants_color

    before, words = split_globals(argv)
    if not words and not before.help:
        raise UsageError("the following arguments are required: command")
    people_words.check(words)
    given, left = take_globals(argv, own_options())
    _, words = split_globals(left)
    people_words.refuse_unused(given, words)
    if words[-1:] == ["help"]:  # as with aws: a word in the place of an option
        words = [*words[:-1], "--help"]
        left = words if words == ["--help"] else [*left[:-1], "--help"]
    arguments = _reordered(left[: len(left) - len(words)], people_words.spread(words))
    wants_help = bool({"--help", "-h"} & set(arguments))
    command = "" if wants_help else "".join(words[:1])
    built = build(context, given, lambda rest: _route(rest, context), command)
    app: Callable[..., object] = built
    examples = ""
    if wants_help:
        colored = wants_color(given.color, context.stdout, context.environ)
        dress_help(colored=colored)  # before what draws is imported
        from secretctl.cli.people_help import as_help

        app, examples = as_help(built, words, colored=colored)
    try:
        status = app(arguments, prog_name="secretctl", standalone_mode=False)
        context.stdout.write(examples)
    except TyperException as error:
        raise people_words.usage_error(error, words) from None
    except OSError as error:
        raise _undelivered(error) from None
    except SystemExit:  # raised by Rich and Typer where the reader has gone
        raise BrokenPipeError from None
    except typer.Abort:
        return _INTERRUPTED
    return status if isinstance(status, int) else 0


def _reordered(front: list[str], words: list[str]) -> list[str]:
    """Put global options that stand before a command behind it, where Typer reads them.

    A group of commands knows none, so before its help they are dropped.
    """
    from secretctl.cli.complete import subcommands

    depth = 1
    while words[depth:] and subcommands(" ".join(words[:depth])):
        if words[depth:] == ["--help"]:
            return words
        depth += 1
    return [*words[:depth], *front, *words[depth:]]


def _report_bug(error: Exception, context: Context, *, debug: bool) -> int:
    from secretctl.cli.terminal import trace

    hint = "" if debug else "secretctl: hint: add --debug to see where it happened\n"
    tell(
        context,
        f"{trace(error) if debug else ''}secretctl: error: unexpected {type(error).__name__}; "
        f"nothing more is shown, since it might hold a value\n{hint}",
    )
    return SecretctlError.exit_status


def _flushed(status: int, context: Context) -> int:
    """Return *status* once everything written to standard output has gone out."""
    try:
        context.stdout.flush()
    except OSError as error:
        raise _undelivered(error) from None
    return status


def _undelivered(error: OSError) -> Exception:
    """Return what is to be raised for a write to standard output that failed."""
    if isinstance(error, BrokenPipeError) or error.filename is not None:
        return error
    from secretctl.cli.terminal import undelivered

    return undelivered(error)


def _report_undelivered(error: OSError, argv: list[str], context: Context) -> int:
    from secretctl.cli.options import color_of, is_debugged
    from secretctl.cli.terminal import report

    found, debug = _undelivered(error), is_debugged(argv)
    if error.errno in (errno.EMFILE, errno.ENFILE):  # a module could not be read
        found = SecretctlError("too many files are open", "ulimit -n 256")
    if isinstance(found, SecretctlError):
        return report(found, None, context, color=color_of(argv), debug=debug)
    return _report_bug(error, context, debug=debug)


def _forget_stdout() -> None:
    """Keep the interpreter from writing to a closed pipe again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _harden() -> Callable[[], None]:
    """Make new files private and core dumps impossible; return what undoes both.

    NOTE: a limit of one byte also keeps Linux from piping a core to a handler, zero does not.
    """
    import resource

    if sys.platform == "linux":
        _hide_memory()

    umask = os.umask(0o077)
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0 if hard == 0 else 1, hard))

    def restore() -> None:
        os.umask(umask)
        resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))

    return restore


def _hide_memory() -> None:
    """Keep other processes of the same user from tracing this one and from reading its memory.

    A program that is executed is not bound by it.
    """
    from secretctl.prctl import DUMPABLE, prctl

    prctl(DUMPABLE, 0)


if __name__ == "__main__":
    run()
