"""Route a command line to the cheapest code that serves it.

AWS operations, ``exec`` and completion start without Typer; everything else belongs to
``secretctl.cli.app``. Both ways read an operation's words with the same reader.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable

from secretctl.context import Context, of_process
from secretctl.errors import OutputError, SecretctlError, UsageError
from secretctl.model.operations import BY_COMMAND

_INTERRUPTED = 130
_PIPE_CLOSED = 141
_SAID_BY_TYPER = (
    ("No such command", "unknown subcommand"),
    ("Got unexpected extra argument", "there is a word too many"),
    ("Missing command.", "the following arguments are required: subcommand"),
)
"""How Typer's sentences begin, and what is said instead: they may repeat a value."""


def run() -> None:
    """Run the program's own command line, and leave without taking the interpreter down first.

    NOTE: ``os._exit`` saves the milliseconds of finalisation; everything durable is durable by
    then, and both streams are flushed.
    """
    gc.disable()  # a process that lives for one command is gone before garbage matters
    context = of_process(_harden())
    status = main(sys.argv[1:], context)
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:  # closed by whoever started us
                stream.flush()
    except OSError:
        status = status or _PIPE_CLOSED
    os._exit(status)


def main(argv: list[str], context: Context) -> int:
    """Run *argv* (without the program's name) and return the exit status."""
    from secretctl.cli.terminal import report

    try:
        return _flushed(_route(argv, context), context)
    except SecretctlError as error:
        return report(error, None, context.stderr, color=not context.environ.get("NO_COLOR"))
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        _forget_stdout()
        return _PIPE_CLOSED
    except Exception as error:  # noqa: BLE001 the last resort: a class name, never a message
        return _report_bug(error, context, debug="--debug" in argv)


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
    command = words[0] if words else ""
    if command in BY_COMMAND:
        from secretctl.cli.api import run as run_operation

        return run_operation(BY_COMMAND[command], words[1:], given, context)
    if command == "exec":
        from secretctl.cli.running import run as run_exec

        return run_exec(words[1:], given, context)
    if command == "audit" and len(words) > 1:
        from secretctl.model.journal import QUESTIONS

        if words[1] in QUESTIONS:
            from secretctl.cli.audit_asking import run as ask

            return ask(QUESTIONS[words[1]], words[2:], given, context)
    return _for_people(argv, context)


def _for_people(argv: list[str], context: Context) -> int:
    import typer
    from typer.exceptions import TyperException

    from secretctl.cli.app import build
    from secretctl.cli.argv import split_globals, take_globals
    from secretctl.cli.complete import own_options

    if not argv:
        raise UsageError("the following arguments are required: command")
    given, left = take_globals(argv, own_options())
    _, words = split_globals(left)
    if words[-1:] == ["help"]:  # as with aws: a word in the place of an option
        words = [*words[:-1], "--help"]
        left = words if words == ["--help"] else [*left[:-1], "--help"]
    arguments = _reordered(left[: len(left) - len(words)], words)
    app = build(context, given, lambda rest: _route(rest, context))
    try:
        status = app(arguments, prog_name="secretctl", standalone_mode=False)
    except TyperException as error:
        raise _usage_error(error, words) from None
    except OSError as error:
        raise _undelivered(error) from None
    except typer.Abort:
        return _INTERRUPTED
    except SystemExit:
        raise BrokenPipeError from None  # the one thing for which Typer leaves the program
    return status if isinstance(status, int) else 0


def _reordered(front: list[str], words: list[str]) -> list[str]:
    """Put global options that stand before a command behind it, where Typer reads them."""
    from secretctl.cli.complete import SUBCOMMANDS

    depth = 2 if words and words[0] in SUBCOMMANDS else 1
    return [*words[:depth], *front, *words[depth:]]


def _usage_error(error: Exception, words: list[str]) -> UsageError:
    """Say what is wrong without repeating a word that may be a value."""
    from secretctl.cli.app import commands
    from secretctl.cli.suggest import nearest

    help_hint = "add --help to see what it takes"
    kind = type(error).__name__
    if words and words[0] not in commands():
        if words[0] == "secretsmanager":
            return UsageError("unknown command", "leave out 'secretsmanager': secretctl COMMAND")
        near = nearest(words[0], commands())
        hints = (f"did you mean 'secretctl {near}'?",) if near else ()
        return UsageError("unknown command", *hints, "secretctl --help")
    if kind == "NoSuchOption":
        near_options = getattr(error, "possibilities", None) or ()
        return UsageError(
            "unknown option", *(f"did you mean {name}?" for name in near_options), help_hint
        )
    if kind == "MissingParameter":
        name = str(error).removeprefix("Missing parameter: ")  # static: never a given word
        return UsageError(f"the following arguments are required: {name}", help_hint)
    for beginning, message in _SAID_BY_TYPER:
        if str(error).startswith(beginning):
            return UsageError(message, help_hint)
    return UsageError("the command line cannot be read", help_hint)


def _report_bug(error: Exception, context: Context, *, debug: bool) -> int:
    if debug:
        import traceback

        context.stderr.writelines(traceback.format_tb(error.__traceback__))
    context.stderr.write(
        f"secretctl: error: unexpected {type(error).__name__}; nothing more is shown, since it "
        "might hold a value\nsecretctl: hint: add --debug to see where it happened\n"
    )
    return SecretctlError.exit_status


def _flushed(status: int, context: Context) -> int:
    """Return *status* once everything written to standard output has gone out."""
    if context.stdout is not None:  # closed by whoever started us
        try:
            context.stdout.flush()
        except OSError as error:
            raise _undelivered(error) from None
    return status


def _undelivered(error: OSError) -> Exception:
    """Return what is to be raised for a write to standard output that failed."""
    if isinstance(error, BrokenPipeError) or error.filename is not None:
        return error
    return OutputError(f"output not delivered: {error.strerror}")


def _forget_stdout() -> None:
    """Keep the interpreter from writing to a closed pipe again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _harden() -> Callable[[], None]:
    """Make new files private and core dumps impossible; return what undoes both.

    NOTE: a limit of one byte also keeps Linux from piping a core to a handler, zero does not.
    """
    import resource

    umask = os.umask(0o077)
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0 if hard == 0 else 1, hard))

    def restore() -> None:
        os.umask(umask)
        resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))

    return restore


if __name__ == "__main__":
    run()
